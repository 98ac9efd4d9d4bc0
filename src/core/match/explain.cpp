// One pair under one rule, by the scoring of the engine.
#include <cstdio>

#include "core/match/engine.hpp"
#include "core/match/plan.hpp"
#include "core/match/row_scorer.hpp"
#include "core/match/value_text.hpp"
#include "core/rule/condition.hpp"

namespace recon::match {

namespace {

class NeverStops : public StopToken {
  public:
    bool should_stop() override { return false; }
};

std::string timestamp_text(std::int64_t micros) {
    constexpr std::int64_t day_micros = 86'400'000'000;
    std::int64_t day = micros / day_micros, rest = micros % day_micros;
    if (rest < 0) {
        rest += day_micros;
        --day;
    }
    auto seconds = static_cast<int>(rest / 1'000'000),
         fraction = static_cast<int>(rest % 1'000'000);
    char buffer[48];
    std::snprintf(buffer, sizeof buffer, " %02d:%02d:%02d", seconds / 3600, seconds / 60 % 60,
                  seconds % 60);
    std::string text = field::to_text(static_cast<field::Day>(day)) + buffer;
    if (fraction != 0) {
        std::snprintf(buffer, sizeof buffer, ".%06d", fraction);
        text += buffer;
        while (text.back() == '0') text.pop_back();
    }
    return text + "+00";
}

}  // namespace

std::string value_text(const Column& column, std::size_t row) {
    if (!column.is_known(row)) return {};
    switch (column.type) {
        case Type::text:
            return std::string(column.text(row));
        case Type::decimal:
            return field::to_text(column.decimal(row));
        case Type::date:
            return field::to_text(column.days[row]);
        case Type::timestamp:
            return timestamp_text(column.numbers[row]);
    }
    return {};
}

void show_period(ConditionResult& line, field::Day a, field::Day b) {
    auto text = [](bool closed) { return closed ? "closed" : "open"; };
    line.of_period = true;
    line.field = "period";
    line.value_a = text(a == rule::period_day(true, true));
    line.value_b = text(b == rule::period_day(false, true));
}

PairResult explain(const Table& a, std::size_t row_a, const Table& b, std::size_t row_b,
                   const rule::Rule& rule, Calendars& calendars) {
    Plan plan = make_plan(a, b, rule, calendars);
    NeverStops stop;
    RowScorer scorer(plan, stop);
    PairResult result;
    result.holds = true;
    double sum = 0;
    for (std::size_t i = 0; i < plan.checks.size(); ++i) {
        const Check& check = plan.checks[i];
        const rule::Condition& condition = *check.condition;
        const Column& column_a = a.columns[check.column_a];
        const Column& column_b = b.columns[check.column_b];
        ConditionResult line;
        line.field = condition.a == condition.b ? condition.a : condition.a + " = " + condition.b;
        line.op = rule::describe(condition);
        line.a_known = column_a.is_known(row_a);
        line.b_known = column_b.is_known(row_b);
        line.value_a = value_text(column_a, row_a);
        line.value_b = value_text(column_b, row_b);
        if (condition.period) show_period(line, column_a.days[row_a], column_b.days[row_b]);
        double found = scorer.score(i, row_a, row_b);
        line.passed = found >= 0;
        line.score = std::max(found, 0.0);
        line.weight = condition.weight;
        line.optional = condition.optional;
        result.holds = result.holds && (line.passed || line.optional);
        sum += condition.weight * line.score;
        result.conditions.push_back(std::move(line));
    }
    result.confidence = confidence_of(sum, sum_of_weights(plan));
    return result;
}

}  // namespace recon::match
