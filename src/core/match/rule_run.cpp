#include "core/match/rule_run.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "core/match/compared.hpp"
#include "core/match/key_pairs.hpp"
#include "core/match/numbering.hpp"
#include "core/match/rejected_filter.hpp"

namespace recon::match {

namespace {

void leave(std::span<const std::uint32_t> rows, Reason reason,
           std::vector<RuleResult::Left>& left) {
    for (std::uint32_t row : rows) left.push_back({row, reason});
}

// By class, for its rows without a pair; those with one are matched, whatever is said of them here.
void leave_classes(const Side& side, const std::vector<Reason>& of_class,
                   std::vector<RuleResult::Left>& left) {
    for (std::size_t c = 0; c < side.classes(); ++c)
        if (of_class[c] != Reason::no_candidate) leave(rows_of(side, c), of_class[c], left);
}

void raise(std::vector<Reason>& of_class, const std::vector<std::uint8_t>& below) {
    for (std::size_t c = 0; c < below.size(); ++c)
        if (below[c] != 0) of_class[c] = std::max(of_class[c], Reason::below_threshold);
}

}  // namespace

void RuleResult::count_uncompared() {
    for (const std::vector<Left>* left : {&left_a, &left_b}) {
        std::vector<std::uint32_t> rows;
        for (const Left& row : *left)
            if (row.reason == Reason::budget) rows.push_back(row.row);
        std::sort(rows.begin(), rows.end());
        uncompared +=
            static_cast<std::uint64_t>(std::unique(rows.begin(), rows.end()) - rows.begin());
    }
}

RuleResult run_rule(const Plan& plan, Rows open_a, Rows open_b, Reservation& texts,
                    Context& context) {
    RuleResult result;
    if (open_a.empty() || open_b.empty()) return result;
    context.progress.begin("candidates", 0);
    Reservation memory(context.budget);
    TextsGrowth growth(plan.a->texts(), texts);
    Side a, b;
    std::optional<EdgeStore> edges;
    std::vector<std::uint8_t> below_a, below_b;
    {
        // Values are not held while records are assigned.
        Reservation passing(context.budget);
        Operands operands = bind_operands(plan, open_a, open_b, passing, context.stop);
        growth.count();
        Blocks blocks = join(plan, operands, open_a, open_b, passing, context.stop);
        if (plan.is_exact()) {
            KeyPairs found = pair_blocks(blocks, context.order, passing, context.stop);
            leave(found.left_a, Reason::taken_by_better, result.left_a);
            leave(found.left_b, Reason::taken_by_better, result.left_b);
            result.pairs = std::move(found.pairs);
            return result;
        }
        Compared compared = prepare(plan, operands, std::move(blocks), growth, passing, context);
        for (std::uint32_t c : compared.ways.left_a)
            leave(rows_of(compared.index.a, c), Reason::budget, result.left_a);
        for (std::uint32_t c : compared.ways.left_b)
            leave(rows_of(compared.index.b, c), Reason::budget, result.left_b);
        result.count_uncompared();
        edges.emplace(compared.index.a.classes(), compared.index.b.classes(), context.budget,
                      context.files);
        EdgeSink sink(*edges);
        Below below(compared.index, passing);
        RejectedFilter filter(context.rejected, plan, compared.index, sink);
        find_candidates(plan, compared, filter, below, passing, context);
        for (std::uint32_t c : filter.left_a())
            leave(rows_of(compared.index.a, c), Reason::rejected, result.left_a);
        for (std::uint32_t c : filter.left_b())
            leave(rows_of(compared.index.b, c), Reason::rejected, result.left_b);
        for (auto [to, from] :
             {std::pair{&a, &compared.index.a}, std::pair{&b, &compared.index.b}}) {
            to->rows = std::move(from->rows);
            to->begins = std::move(from->begins);
            memory.take((to->rows.size() + to->begins.size()) * sizeof(std::uint32_t));
        }
        below_a = std::move(below.a);
        below_b = std::move(below.b);
    }
    context.progress.begin("assignment", 0);
    Assignment assignment = assign(a, b, *edges, plan.rule->ambiguous, context);
    raise(assignment.reasons_a, below_a);
    raise(assignment.reasons_b, below_b);
    leave_classes(a, assignment.reasons_a, result.left_a);
    leave_classes(b, assignment.reasons_b, result.left_b);
    result.pairs = std::move(assignment.pairs);
    result.gap = assignment.gap;
    return result;
}

namespace {

// To the candidates of all parts.
class PartSink final : public CandidateSink {
  public:
    PartSink(Numbering a, Numbering b, std::size_t classes_a, std::vector<std::uint32_t>& of_b,
             EdgeStore& edges, Reservation& memory)
        : a_(a), b_(b), of_b_(of_b), edges_(edges) {
        memory.take(classes_a * sizeof(std::uint32_t));
        of_a_.assign(classes_a, no_id);
    }
    void add(std::span<const Candidate> candidates) override {
        for (const Candidate& candidate : candidates) {
            std::uint32_t& a = of_a_[candidate.a];
            if (a == no_id) a = a_.add(candidate.a);
            std::uint32_t& b = of_b_[b_.first_row(candidate.b)];
            if (b == no_id) b = b_.add(candidate.b);
            edges_.add(a, b, candidate.confidence);
        }
    }

  private:
    Numbering a_, b_;
    std::vector<std::uint32_t> of_a_;
    std::vector<std::uint32_t>& of_b_;
    EdgeStore& edges_;
};

void leave_numbered(const Side& side, std::size_t c, std::span<const std::uint32_t> numbers,
                    Reason reason, std::vector<RuleResult::Left>& left) {
    for (std::uint32_t row : rows_of(side, c)) left.push_back({numbers[row], reason});
}

}  // namespace

PartedRule::PartedRule(std::uint32_t rows_a, std::uint32_t rows_b, Context& context)
    : context_(context),
      memory_(context.budget),
      edges_(rows_a, rows_b, context.budget, context.files) {
    memory_.take(rows_b * sizeof(std::uint32_t));
    class_of_b_.assign(rows_b, no_id);
    a_.begins = b_.begins = {0};
}

void PartedRule::add(const Plan& plan, std::span<const std::uint32_t> numbers_a,
                     std::span<const std::uint32_t> numbers_b) {
    if (numbers_a.empty() || numbers_b.empty()) return;
    context_.progress.begin("candidates", 0);
    Reservation passing(context_.budget);
    TextsGrowth growth(plan.a->texts(), passing);
    passing.take((numbers_a.size() + numbers_b.size()) * sizeof(std::uint32_t));
    std::vector<std::uint32_t> open_a(numbers_a.size()), open_b(numbers_b.size());
    std::iota(open_a.begin(), open_a.end(), 0u);
    std::iota(open_b.begin(), open_b.end(), 0u);
    Operands operands = bind_operands(plan, open_a, open_b, passing, context_.stop);
    growth.count();
    Compared compared =
        prepare(plan, operands, join(plan, operands, open_a, open_b, passing, context_.stop),
                growth, passing, context_);
    const Side &a = compared.index.a, &b = compared.index.b;
    for (std::uint32_t c : compared.ways.left_a)
        leave_numbered(a, c, numbers_a, Reason::budget, result_.left_a);
    for (std::uint32_t c : compared.ways.left_b)
        leave_numbered(b, c, numbers_b, Reason::budget, result_.left_b);

    PartSink sink(Numbering(a_, a, numbers_a, memory_), Numbering(b_, b, numbers_b, memory_),
                  a.classes(), class_of_b_, edges_, passing);
    Below below(compared.index, passing);
    RejectedFilter filter(context_.rejected, plan, compared.index, sink);
    find_candidates(plan, compared, filter, below, passing, context_);
    for (std::uint32_t c : filter.left_a())
        leave_numbered(a, c, numbers_a, Reason::rejected, result_.left_a);
    for (std::uint32_t c : filter.left_b())
        leave_numbered(b, c, numbers_b, Reason::rejected, result_.left_b);
    for (std::size_t c = 0; c < below.a.size(); ++c)
        if (below.a[c] != 0)
            leave_numbered(a, c, numbers_a, Reason::below_threshold, result_.left_a);
    for (std::size_t c = 0; c < below.b.size(); ++c)
        if (below.b[c] != 0)
            leave_numbered(b, c, numbers_b, Reason::below_threshold, result_.left_b);
}

RuleResult PartedRule::finish(rule::Ambiguous ambiguous) {
    context_.progress.begin("assignment", 0);
    memory_.give(class_of_b_.size() * sizeof(std::uint32_t));
    class_of_b_ = std::vector<std::uint32_t>();
    result_.count_uncompared();
    Assignment assignment = assign(a_, b_, edges_, ambiguous, context_);
    leave_classes(a_, assignment.reasons_a, result_.left_a);
    leave_classes(b_, assignment.reasons_b, result_.left_b);
    result_.pairs = std::move(assignment.pairs);
    result_.gap = assignment.gap;
    return std::move(result_);
}

}  // namespace recon::match
