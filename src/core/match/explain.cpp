// One pair under one rule, by the scoring of the engine.
#include <cstdio>
#include <limits>

#include "core/match/engine.hpp"
#include "core/match/operands.hpp"
#include "core/match/plan.hpp"
#include "core/match/score.hpp"
#include "core/rule/condition.hpp"

namespace recon::match {

namespace {

class NeverStops : public StopToken {
  public:
    bool should_stop() override { return false; }
};

std::string date_text(field::Day day) {
    field::YearMonthDay date = field::to_year_month_day(day);
    char buffer[48];
    std::snprintf(buffer, sizeof buffer, "%04d-%02d-%02d", date.year, date.month, date.day);
    return buffer;
}

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
    std::string text = date_text(static_cast<field::Day>(day)) + buffer;
    if (fraction != 0) {
        std::snprintf(buffer, sizeof buffer, ".%06d", fraction);
        text += buffer;
        while (text.back() == '0') text.pop_back();
    }
    return text + "+00";
}

// As PostgreSQL writes them, dates in ISO form and times in UTC.
std::string value_text(const Column& column, std::size_t row) {
    if (column.present[row] == 0) return {};
    switch (column.type) {
        case Type::text:
            return std::string(column.text(row));
        case Type::decimal:
            return field::to_text({column.decimals[row], column.scale});
        case Type::date:
            return date_text(column.days[row]);
        case Type::timestamp:
            return timestamp_text(column.micros[row]);
    }
    return {};
}

}  // namespace

PairResult explain(const Table& a, std::size_t row_a, const Table& b, std::size_t row_b,
                   const rule::Rule& rule, Calendars& calendars) {
    Plan plan = make_plan(a, b, rule, calendars);
    MemoryBudget budget(std::numeric_limits<std::size_t>::max(), "none");
    Reservation memory(budget);
    NeverStops stop;
    const auto open_a = static_cast<std::uint32_t>(row_a),
               open_b = static_cast<std::uint32_t>(row_b);
    Operands operands = prepare(plan, a, {&open_a, 1}, b, {&open_b, 1}, memory, stop);
    Scorer scorer(plan, operands, stop, false);

    PairResult result;
    result.holds = true;
    std::vector<double> scores;
    for (std::size_t i = 0; i < plan.checks.size(); ++i) {
        const Check& check = plan.checks[i];
        const rule::Condition& condition = *check.condition;
        const Column& column_a = a.columns[check.column_a];
        const Column& column_b = b.columns[check.column_b];
        ConditionResult line;
        line.field = condition.a == condition.b ? condition.a : condition.a + " = " + condition.b;
        line.op = rule::describe(condition);
        line.a_known = column_a.present[row_a] != 0;
        line.b_known = column_b.present[row_b] != 0;
        line.value_a = value_text(column_a, row_a);
        line.value_b = value_text(column_b, row_b);
        line.score = scorer.score(i, 0, 0, line.passed);
        line.weight = condition.weight;
        line.optional = condition.optional;
        result.holds = result.holds && (line.passed || line.optional);
        scores.push_back(line.score);
        result.conditions.push_back(std::move(line));
    }
    result.confidence = scorer.mean(scores.data());
    return result;
}

}  // namespace recon::match
