#include "core/match/engine.hpp"

#include <algorithm>
#include <numeric>

#include "core/match/assign.hpp"
#include "core/match/candidates.hpp"
#include "core/match/lanes.hpp"
#include "core/match/key_pairs.hpp"
#include "core/match/plan.hpp"
#include "core/match/reservation.hpp"

namespace recon::match {

namespace {

// Why the rows of one side that a rule left open are open.
void store_reasons(const Side& side, const std::vector<Reason>& of_class,
                   const std::vector<std::uint8_t>& below, std::vector<Reason>& reasons) {
    for (std::size_t c = 0; c < of_class.size(); ++c) {
        Reason reason =
            std::max(of_class[c], below[c] != 0 ? Reason::below_threshold : Reason::no_candidate);
        for (std::uint32_t k = side.begins[c]; k < side.begins[c + 1]; ++k)
            reasons[side.rows[k]] = std::max(reasons[side.rows[k]], reason);
    }
}

// Candidates go straight to the assignment.
class EdgeSink final : public CandidateSink {
  public:
    explicit EdgeSink(EdgeStore& edges) : edges_(edges) {}
    void add(std::span<const Candidate> candidates) override {
        for (const Candidate& candidate : candidates)
            edges_.add(candidate.a, candidate.b, candidate.confidence);
    }

  private:
    EdgeStore& edges_;
};

void remove_matched(std::vector<std::uint32_t>& open, const std::vector<std::uint8_t>& matched) {
    open.erase(std::remove_if(open.begin(), open.end(),
                              [&](std::uint32_t row) { return matched[row] != 0; }),
               open.end());
}

// Takes the memory of the texts that conditions derive, until the run ends.
class TextsGrowth {
  public:
    TextsGrowth(const Texts& texts, Reservation& memory)
        : texts_(texts), memory_(memory), before_(texts.bytes()) {}
    void count() {
        std::size_t now = texts_.bytes();
        memory_.take(now - before_);
        before_ = now;
    }

  private:
    const Texts& texts_;
    Reservation& memory_;
    std::size_t before_;
};

class Run {
  public:
    Run(const Table& a, const Table& b, std::size_t rules, Context& context)
        : a_(a),
          b_(b),
          context_(context),
          held_(context.budget),
          open_a_(a.rows()),
          open_b_(b.rows()),
          matched_a_(a.rows()),
          matched_b_(b.rows()) {
        held_.take((a.rows() + b.rows()) *
                   (sizeof(std::uint32_t) + sizeof(std::uint8_t) + sizeof(Reason)));
        std::iota(open_a_.begin(), open_a_.end(), 0u);
        std::iota(open_b_.begin(), open_b_.end(), 0u);
        result_.reasons_a.assign(a.rows(), Reason::no_candidate);
        result_.reasons_b.assign(b.rows(), Reason::no_candidate);
        result_.gaps.resize(rules);
    }

    void apply(const Plan& plan, std::uint32_t number);
    void leave_out(const Plan& plan, std::uint32_t number, Index& index);
    void store(const Plan& plan, std::uint32_t number, const std::vector<Pair>& pairs);
    Result take_result() { return std::move(result_); }

  private:
    const Table& a_;
    const Table& b_;
    Context& context_;
    Reservation held_;
    std::vector<std::uint32_t> open_a_, open_b_;
    std::vector<std::uint8_t> matched_a_, matched_b_;
    Result result_;
};

void Run::apply(const Plan& plan, std::uint32_t number) {
    if (open_a_.empty() || open_b_.empty()) return;
    context_.progress.begin("candidates", 0);
    check_selective(plan, open_a_.size(), open_b_.size(), context_.limits.max_comparisons);
    Reservation memory(context_.budget);
    TextsGrowth growth(a_.texts(), held_);
    Operands operands = bind_operands(plan, open_a_, open_b_, memory, context_.stop);
    growth.count();
    Blocks blocks = join(plan, operands, open_a_, open_b_, memory, context_.stop);
    if (plan.is_exact()) {
        KeyPairs found = pair_blocks(blocks, context_.order, memory, context_.stop);
        for (std::uint32_t row : found.left_a)
            result_.reasons_a[row] = std::max(result_.reasons_a[row], Reason::taken_by_better);
        for (std::uint32_t row : found.left_b)
            result_.reasons_b[row] = std::max(result_.reasons_b[row], Reason::taken_by_better);
        store(plan, number, found.pairs);
        return;
    }
    derive_texts(plan, operands, {blocks.rows_a.data(), blocks.rows_a.size()},
                 {blocks.rows_b.data(), blocks.rows_b.size()}, memory, context_.stop);
    growth.count();
    CutChoice choice = choose_cut(plan, operands, blocks);
    Index index = make_index(plan, operands, std::move(blocks), choice.cut, memory, context_.stop);
    leave_out(plan, number, index);
    EdgeStore edges(index.a.classes(), index.b.classes(), context_.budget);
    Below below(index, memory);
    EdgeSink sink(edges);
    if (context_.finder != nullptr)
        context_.finder->find(plan, index, choice.comparisons, sink, below, memory, context_.stop);
    else
        CandidateSearch(plan, index, sink, below, memory, context_.stop).run(0, index.a.classes());
    context_.progress.begin("assignment", 0);
    Assignment assignment = assign(index.a, index.b, edges, plan.rule->ambiguous, context_);
    store_reasons(index.a, assignment.reasons_a, below.a, result_.reasons_a);
    store_reasons(index.b, assignment.reasons_b, below.b, result_.reasons_b);
    result_.gaps[number] = assignment.gap;

    std::sort(assignment.pairs.begin(), assignment.pairs.end(),
              [](const Pair& x, const Pair& y) { return x.a < y.a; });
    store(plan, number, assignment.pairs);
}

// Records of blocks that are too large to compare stay open.
void Run::leave_out(const Plan& plan, std::uint32_t number, Index& index) {
    LeftOut left = leave_out_large(plan, index, context_.limits.max_comparisons, context_.stop);
    if (left.a.empty()) return;
    Uncompared uncompared{number, 0};
    auto mark = [&](const Side& side, const std::vector<std::uint32_t>& classes,
                    std::vector<Reason>& reasons) {
        for (std::uint32_t c : classes)
            for (std::uint32_t k = side.begins[c]; k < side.begins[c + 1]; ++k) {
                Reason& reason = reasons[side.rows[k]];
                reason = std::max(reason, Reason::budget);
                ++uncompared.records;
            }
    };
    mark(index.a, left.a, result_.reasons_a);
    mark(index.b, left.b, result_.reasons_b);
    result_.uncompared.push_back(uncompared);
}

void Run::store(const Plan& plan, std::uint32_t number, const std::vector<Pair>& pairs) {
    bool never_approve = plan.rule->ambiguous == rule::Ambiguous::propose;
    for (const Pair& pair : pairs) {
        bool approved = pair.confidence >= plan.approve_at && !(pair.ambiguous && never_approve);
        result_.matches.push_back(
            {number, pair.a, pair.b, pair.confidence, pair.ambiguous, approved});
        matched_a_[pair.a] = matched_b_[pair.b] = 1;
    }
    remove_matched(open_a_, matched_a_);
    remove_matched(open_b_, matched_b_);
    context_.progress.matched(2 * result_.matches.size());
}

}  // namespace

const char* reason_text(Reason reason) {
    switch (reason) {
        case Reason::no_candidate:
            return "no candidate";
        case Reason::below_threshold:
            return "below threshold";
        case Reason::budget:
            return "budget";
        case Reason::ambiguous:
            return "ambiguous";
        case Reason::taken_by_better:
            return "taken by a better match";
    }
    return "";
}

Result run(const Table& a, const Table& b, const std::vector<rule::Rule>& rules, Context& context) {
    // All rules are bound before any runs, so that a fault in the last costs no work.
    std::vector<Plan> plans;
    for (const rule::Rule& rule : rules) plans.push_back(make_plan(a, b, rule, context.calendars));
    Run state(a, b, plans.size(), context);
    for (std::uint32_t i = 0; i < plans.size(); ++i) {
        check_stop(context.stop);
        context.progress.rule(i + 1, static_cast<std::uint32_t>(plans.size()));
        state.apply(plans[i], i);
    }
    return state.take_result();
}

}  // namespace recon::match
