#include "core/match/explain_plan.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "core/match/compared.hpp"
#include "core/rule/condition.hpp"

namespace recon::match {

namespace {

std::string describe(const Check& check) {
    const rule::Condition& condition = *check.condition;
    std::string field =
        condition.a == condition.b ? condition.a : condition.a + " = " + condition.b;
    if (condition.summed) return field + " known, of one currency";
    return field + " " + rule::describe(condition) + (condition.optional ? ", optional" : "");
}

std::string counted(std::uint64_t count, const char* one, const char* more) {
    return std::to_string(count) + " " + (count == 1 ? one : more);
}

std::uint64_t rounded(double pairs) {
    return static_cast<std::uint64_t>(std::llround(pairs));
}

class Explainer {
  public:
    Explainer(const Plan& plan, Context& context)
        : plan_(plan), context_(context), memory_(context.budget) {}
    std::vector<PlanStep> run();

  private:
    std::vector<std::uint32_t> all_rows(const Table& table);
    void add_hash(const Blocks& blocks);
    void add_cut(const Index& index, double estimated);
    void add_ways(const Index& index, const Ways& ways);
    void search(const Index& index);
    void add_assignment(EdgeStore& edges);
    const Check& check(int i) const { return plan_.checks[static_cast<std::size_t>(i)]; }
    PlanStep& add(std::string operation, std::string detail) {
        steps_.push_back({std::move(operation), std::move(detail), {}, {}, {}, {}});
        return steps_.back();
    }
    // The cut's step, which knows its pairs when the search has ended.
    PlanStep& cut_step() { return steps_[cut_step_]; }

    const Plan& plan_;
    Context& context_;
    Reservation memory_;
    std::vector<PlanStep> steps_;
    std::size_t cut_step_ = 0;
};

std::vector<std::uint32_t> Explainer::all_rows(const Table& table) {
    memory_.take(table.rows() * sizeof(std::uint32_t));
    std::vector<std::uint32_t> rows(table.rows());
    std::iota(rows.begin(), rows.end(), 0u);
    return rows;
}

void Explainer::add_hash(const Blocks& blocks) {
    std::string keys;
    for (const Check& check : plan_.checks) {
        bool prefix = check.required() && check.kind == CheckKind::starts_with;
        if (!is_key(check) && !prefix) continue;
        keys += (keys.empty() ? "" : ", ") + describe(check);
    }
    if (keys.empty()) return;
    ByBlock a = by_block(blocks.rows_a, blocks.of_a, blocks.count);
    ByBlock b = by_block(blocks.rows_b, blocks.of_b, blocks.count);
    std::uint64_t pairs = 0, least = 0, largest = 0;
    StopCheck stop(context_.stop);
    for (std::uint32_t k = 0; k < blocks.count; ++k) {
        stop();
        std::uint64_t of_block = std::uint64_t{a.size(k)} * b.size(k);
        pairs += of_block;
        largest = std::max(largest, of_block);
        least += std::min(a.size(k), b.size(k));
    }
    PlanStep& hash = add("hash join", keys + ": " + counted(blocks.count, "block", "blocks") +
                                          ", the largest of " + counted(largest, "pair", "pairs"));
    hash.rows_a = blocks.rows_a.size();
    hash.rows_b = blocks.rows_b.size();
    hash.pairs = pairs;
    if (!plan_.is_exact()) return;
    PlanStep& paired = add("assignment", "records of a block in their order");
    paired.pairs = least;
}

void Explainer::add_cut(const Index& index, double estimated) {
    PlanStep& classes = add("merge equal records", "that agree in all that the rule reads");
    classes.rows_a = index.a.classes();
    classes.rows_b = index.b.classes();
    const Cut& cut = index.cut;
    if (cut.bucket >= 0) {
        PlanStep& buckets = add("buckets by days", describe(check(cut.bucket)));
        buckets.rows_a = index.a.groups.size() - 1;
        buckets.rows_b = index.b.groups.size() - 1;
    }
    PlanStep& sweep = cut.sweep >= 0 ? add("sort and sweep", describe(check(cut.sweep)))
                                     : add("compare all", "pairs of a block");
    sweep.estimated_pairs = rounded(estimated);
    cut_step_ = steps_.size() - 1;
}

void Explainer::add_ways(const Index& index, const Ways& ways) {
    if (ways.joined_groups != 0) {
        std::string texts;
        for (std::size_t i = 0; i < plan_.checks.size(); ++i) {
            const auto& groups = index.text_pairs.groups;
            bool used = std::any_of(groups.begin(), groups.end() - 1,
                                    [&](const auto& group) { return group.check == i; });
            if (used) texts += (texts.empty() ? "" : ", ") + describe(plan_.checks[i]);
        }
        PlanStep& join = add(
            "text join", texts + ": " + counted(ways.joined_groups, "group", "groups") + ", " +
                             counted(ways.joined.texts, "pair", "pairs") + " of texts looked at, " +
                             std::to_string(ways.joined.alike) + " alike, instead of " +
                             counted(ways.swept_pairs, "pair", "pairs") + " to compare");
        join.pairs = ways.joined.pairs;
    }
    if (ways.left_groups == 0) return;
    auto records = [](const Side& side, const std::vector<std::uint32_t>& classes) {
        std::uint64_t count = 0;
        for (std::uint32_t c : classes) count += side.size(c);
        return count;
    };
    PlanStep& left = add("leave out", counted(ways.left_groups, "group", "groups") + " of " +
                                          counted(ways.left_pairs, "pair", "pairs") +
                                          ": more than \"recon.max_comparisons\"");
    left.rows_a = records(index.a, ways.left_a);
    left.rows_b = records(index.b, ways.left_b);
}

void Explainer::search(const Index& index) {
    EdgeStore edges(index.a.classes(), index.b.classes(), context_.budget);
    Below below(index, memory_);
    EdgeSink sink(edges);
    CandidateSearch search(plan_, index, sink, below, memory_, context_.stop);
    search.run(0, index.a.classes());
    std::uint64_t joined = 0;
    for (const PlanStep& step : steps_)
        if (step.operation == "text join") joined = step.pairs.value_or(0);
    cut_step().pairs = search.compared() - joined;
    for (const Scored& scored : search.scored())
        add("filter", describe(plan_.checks[scored.check])).pairs = scored.left;
    char threshold[64];
    std::snprintf(threshold, sizeof threshold, "confidence of at least %.9g",
                  static_cast<double>(plan_.threshold) / static_cast<double>(one));
    add("candidates", threshold).pairs = edges.size();
    add_assignment(edges);
}

void Explainer::add_assignment(EdgeStore& edges) {
    edges.finish(context_.stop);
    Component component;
    std::uint64_t count = 0, largest = 0, approximate = 0;
    StopCheck stop(context_.stop);
    while (edges.next(component)) {
        stop();
        ++count;
        largest = std::max(largest, component.candidates);
        approximate += component.candidates > context_.limits.max_exact_candidates ? 1 : 0;
    }
    std::string detail = counted(count, "connected component", "connected components");
    if (count != 0)
        detail += ", the largest of " + counted(largest, "candidate", "candidates") + "; ";
    if (is_group_rule(plan_)) {
        detail += "sets of up to " +
                  counted(static_cast<std::uint64_t>(plan_.rule->max_group), "member", "members") +
                  " within \"recon.group_budget\"";
        add("sums", count == 0 ? "no connected components" : detail);
        return;
    }
    if (count != 0)
        detail += approximate == 0
                      ? std::string("exact")
                      : std::to_string(approximate) + " beyond \"recon.max_exact_candidates\"";
    add("assignment", detail);
}

std::vector<PlanStep> Explainer::run() {
    const Table &a = *plan_.a, &b = *plan_.b;
    PlanStep& open = add("open records", "of both sources");
    open.rows_a = a.rows();
    open.rows_b = b.rows();
    open.pairs = std::uint64_t{a.rows()} * b.rows();
    if (a.rows() == 0 || b.rows() == 0) return std::move(steps_);
    check_selective(plan_, a.rows(), b.rows(), context_.limits.max_comparisons);
    TextsGrowth growth(a.texts(), memory_);
    std::vector<std::uint32_t> rows_a = all_rows(a), rows_b = all_rows(b);
    Operands operands = bind_operands(plan_, rows_a, rows_b, memory_, context_.stop);
    Blocks blocks = join(plan_, operands, rows_a, rows_b, memory_, context_.stop);
    add_hash(blocks);
    if (plan_.is_exact()) return std::move(steps_);
    Compared compared = prepare(plan_, operands, std::move(blocks), growth, memory_, context_);
    add_cut(compared.index, compared.of_cut);
    add_ways(compared.index, compared.ways);
    search(compared.index);
    return std::move(steps_);
}

}  // namespace

std::vector<PlanStep> explain_plan(const Table& a, const Table& b, const rule::Rule& rule,
                                   Context& context) {
    Plan plan = make_plan(a, b, rule, context.calendars);
    return Explainer(plan, context).run();
}

}  // namespace recon::match
