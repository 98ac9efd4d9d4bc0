// One pair under one rule, by the scoring of the engine.
#include <cstdio>

#include "core/match/engine.hpp"
#include "core/match/plan.hpp"
#include "core/match/score.hpp"
#include "core/rule/condition.hpp"
#include "core/rule/normalize.hpp"

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
    if (!column.is_known(row)) return {};
    switch (column.type) {
        case Type::text:
            return std::string(column.text(row));
        case Type::decimal:
            return field::to_text(column.decimal(row));
        case Type::date:
            return date_text(column.days[row]);
        case Type::timestamp:
            return timestamp_text(column.numbers[row]);
    }
    return {};
}

std::string text_of(const Check& check, const Column& column, std::size_t row) {
    std::string text(column.text(row));
    rule::normalize(check.condition->normalize, text);
    return text;
}

double score_texts(const Check& check, const std::string& a, const std::string& b,
                   StopToken& stop) {
    bool holds = false;
    switch (check.kind) {
        case CheckKind::similar: {
            const std::string_view both[] = {a, b};
            return similarity::PreparedTexts(measure_of(*check.condition), both, stop).score(0, 1);
        }
        case CheckKind::contains:
            holds = contains(a, b);
            break;
        case CheckKind::starts_with:
            holds = starts_with(a, b, check.condition->min_length);
            break;
        default:
            holds = a == b;
    }
    return holds ? 1 : not_held;
}

double score_numbers(const Check& check, std::int64_t a, std::int64_t b) {
    if (check.kind == CheckKind::equal) return a == b ? 1 : not_held;
    return check.kind == CheckKind::days ? score_days(check, a, b) : score_micros(check, a, b);
}

bool guard_holds(const Plan& plan, std::size_t row_a, std::size_t row_b) {
    return !currencies_differ(
        plan.a->columns[static_cast<std::size_t>(plan.currency_a)].ids[row_a],
        plan.b->columns[static_cast<std::size_t>(plan.currency_b)].ids[row_b]);
}

// not_held where a value is NULL.
double score(const Plan& plan, const Check& check, std::size_t row_a, std::size_t row_b,
             StopToken& stop) {
    const Column& a = plan.a->columns[check.column_a];
    const Column& b = plan.b->columns[check.column_b];
    if (!a.is_known(row_a) || !b.is_known(row_b)) return not_held;
    if (check.guarded && !guard_holds(plan, row_a, row_b)) return not_held;
    switch (check.type) {
        case Type::text:
            return score_texts(check, text_of(check, a, row_a), text_of(check, b, row_b), stop);
        case Type::decimal: {
            field::int128 x = field::at_scale(a.decimal(row_a), check.scale);
            field::int128 y = field::at_scale(b.decimal(row_b), check.scale);
            if (check.kind == CheckKind::equal) return x == y ? 1 : not_held;
            return score_decimal(check, x, y);
        }
        case Type::date:
            if (check.calendar)
                return score_numbers(check, check.calendar->number(a.days[row_a]),
                                     check.calendar->number(b.days[row_b]));
            return score_numbers(check, a.days[row_a], b.days[row_b]);
        case Type::timestamp:
            break;
    }
    return score_numbers(check, a.numbers[row_a], b.numbers[row_b]);
}

}  // namespace

PairResult explain(const Table& a, std::size_t row_a, const Table& b, std::size_t row_b,
                   const rule::Rule& rule, Calendars& calendars) {
    Plan plan = make_plan(a, b, rule, calendars);
    NeverStops stop;
    PairResult result;
    result.holds = true;
    double sum = 0;
    for (const Check& check : plan.checks) {
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
        double found = score(plan, check, row_a, row_b, stop);
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
