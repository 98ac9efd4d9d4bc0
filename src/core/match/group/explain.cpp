// One group under its rule, and what the search for one record's members finds.
#include <algorithm>
#include <limits>
#include <numeric>

#include "core/match/group/group_run.hpp"
#include "core/match/value_text.hpp"
#include "core/rule/condition.hpp"

namespace recon::match {

namespace {

using field::int128;
using group::GroupPlan;

class NeverStops : public StopToken {
  public:
    bool should_stop() override { return false; }
};

// The pair of members with the least score of a condition.
struct Weakest {
    double score = std::numeric_limits<double>::infinity();
    std::uint32_t a = 0, b = 0;
};

bool within_bounds(std::size_t rows_a, std::size_t rows_b, const rule::Rule& rule) {
    auto fits = [&](std::size_t rows, bool many) {
        return rows >= 1 && rows <= (many ? static_cast<std::size_t>(rule.max_group) : 1);
    };
    return fits(rows_a, group::many_on(true, rule.cardinality)) &&
           fits(rows_b, group::many_on(false, rule.cardinality));
}

}  // namespace

GroupResult explain_group(const Table& a, std::span<const std::uint32_t> rows_a, const Table& b,
                          std::span<const std::uint32_t> rows_b, const rule::Rule& rule,
                          Calendars& calendars) {
    Plan plan = make_plan(a, b, rule, calendars);
    GroupPlan group(plan, calendars);
    GroupResult result;
    result.holds = within_bounds(rows_a.size(), rows_b.size(), rule);
    int128 sums[2] = {0, 0};
    bool fees_of_a = group::fees_on_a(rule.cardinality), known = true;
    for (bool of_a : {true, false})
        for (std::uint32_t row : of_a ? rows_a : rows_b) {
            std::optional<int128> amount = group.amount(of_a, row);
            known = known && amount.has_value();
            sums[of_a ? 0 : 1] += amount.value_or(0);
            if (group.has_fees() && of_a == fees_of_a)
                result.fees.push_back(
                    {amount ? group.gross(of_a, row) - *amount : 0, group.scale()});
        }
    result.holds = result.holds && known;
    result.sum_a = {sums[0], group.scale()};
    result.sum_b = {sums[1], group.scale()};
    result.difference = {sums[0] - sums[1], group.scale()};

    NeverStops stop;
    RowScorer scorer(plan, stop);
    double total = 0;
    std::size_t sum_number = 0;
    for (std::size_t i = 0; i < plan.checks.size(); ++i) {
        const Check& check = plan.checks[i];
        const bool is_sum = check.condition->summed;
        // Equality in "group_by" follows the conditions of the rule.
        const rule::Condition& condition = i < rule.match.size() ? rule.match[i] : *check.condition;
        Weakest weakest;
        for (std::uint32_t row_a : rows_a)
            for (std::uint32_t row_b : rows_b) {
                double score = scorer.score(i, row_a, row_b);
                if (score < weakest.score) weakest = {score, row_a, row_b};
            }
        ConditionResult line;
        line.field = condition.a == condition.b ? condition.a : condition.a + " = " + condition.b;
        line.op = rule::describe(condition);
        line.weight = condition.weight;
        line.optional = condition.optional;
        double score = weakest.score;
        if (is_sum) {
            // Not held by a pair: an amount is NULL, or currencies differ.
            if (score >= 0 && known)
                score = group.weighing().sums.score(sum_number, sums[0], sums[1]);
            ++sum_number;
            line.a_known = line.b_known = known;
            line.value_a = field::to_text(result.sum_a);
            line.value_b = field::to_text(result.sum_b);
        } else if (!rows_a.empty() && !rows_b.empty()) {
            const Column &column_a = a.columns[check.column_a],
                         &column_b = b.columns[check.column_b];
            line.a_known = column_a.is_known(weakest.a);
            line.b_known = column_b.is_known(weakest.b);
            line.value_a = value_text(column_a, weakest.a);
            line.value_b = value_text(column_b, weakest.b);
            if (condition.period)
                show_period(line, column_a.days[weakest.a], column_b.days[weakest.b]);
        }
        line.passed = score >= 0 && score <= 1;
        line.score = line.passed ? score : 0;
        result.holds = result.holds && (line.passed || line.optional);
        total += condition.weight * line.score;
        result.conditions.push_back(std::move(line));
    }
    result.confidence = confidence_of(total, sum_of_weights(plan));
    return result;
}

GroupAnswers explain_answers(const Table& a, const Table& b, bool of_a, std::uint32_t row,
                             const rule::Rule& rule, std::uint64_t most, Context& context) {
    Plan plan = make_plan(a, b, rule, context.calendars);
    Reservation texts(context.budget);
    group::GroupRun run(static_cast<std::uint32_t>(a.rows()), static_cast<std::uint32_t>(b.rows()),
                        rule, context);
    bool with_others = rule.cardinality == rule::Cardinality::many_to_many;
    auto rows = [&](bool side_a) {
        if (side_a == of_a && !with_others) return std::vector<std::uint32_t>{row};
        std::vector<std::uint32_t> all((side_a ? a : b).rows());
        std::iota(all.begin(), all.end(), 0u);
        return all;
    };
    run.add(plan, rows(true), rows(false), {}, {}, texts);
    return run.answers(of_a, row, most);
}

}  // namespace recon::match
