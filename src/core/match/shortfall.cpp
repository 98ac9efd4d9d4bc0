// By how much a condition misses, for a reader.
#include <cmath>
#include <cstdio>

#include "core/match/nearest.hpp"
#include "core/match/plan.hpp"
#include "core/match/relaxed.hpp"

namespace recon::match {

namespace {

using field::int128;
using field::uint128;

std::string rounded(double value, int digits) {
    char buffer[400];
    std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
    return buffer;
}

// Without zeros at the end.
std::string shortest(double value, int digits) {
    std::string text = rounded(value, digits);
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
    return text;
}

// Two decimals, or as many more as it takes.
std::string amount_text(uint128 value, int scale) {
    std::string text = field::to_text({static_cast<int128>(value), scale});
    for (int digits = scale; digits > 2 && text.back() == '0'; --digits) text.pop_back();
    return text;
}

std::string of_decimals(const Check& check, const Column& a, std::size_t row_a, const Column& b,
                        std::size_t row_b) {
    uint128 x_less_y = field::distance(field::at_scale(a.decimal(row_a), check.scale),
                                       field::at_scale(b.decimal(row_b), check.scale));
    std::string text = "differs by " + amount_text(x_less_y, check.scale);
    if (check.condition->op == rule::Op::equal) return text;
    double unit = std::pow(10.0, check.scale);
    double larger =
        std::max(std::fabs(static_cast<double>(a.coefficient(row_a))) / std::pow(10.0, a.scale),
                 std::fabs(static_cast<double>(b.coefficient(row_b))) / std::pow(10.0, b.scale));
    double by_abs = check.abs ? static_cast<double>(*check.abs) / unit : 0;
    double by_share = check.pct_whole != 0 ? larger * static_cast<double>(check.pct) /
                                                 static_cast<double>(check.pct_whole)
                                           : 0;
    if (by_abs >= by_share)
        return text + ", " + amount_text(x_less_y - check.abs.value_or(0), check.scale) +
               " more than allowed";
    int digits = std::max(check.scale, 2);
    std::string excess = rounded(static_cast<double>(x_less_y) / unit - by_share, digits);
    if (excess.find_first_of("123456789") == std::string::npos)
        return text + ", just more than allowed";
    for (int more = digits; more > 2 && excess.back() == '0'; --more) excess.pop_back();
    return text + ", " + excess + " more than allowed";
}

std::string of_days(const Check& check, field::Day a, field::Day b) {
    std::int64_t difference = check.calendar ? check.calendar->between(a, b) : std::int64_t{b} - a;
    const char* unit = check.calendar ? " business days" : " days";
    std::string text = "differs by " + std::to_string(difference) + unit;
    if (check.condition->op == rule::Op::equal) return text;
    std::int64_t outside =
        difference > check.high ? difference - check.high : check.low - difference;
    return text + ", " + std::to_string(outside) + " outside the window";
}

std::string of_times(const Check& check, std::int64_t a, std::int64_t b) {
    double seconds = std::fabs(static_cast<double>(b) - static_cast<double>(a)) / 1e6;
    std::string text = "differs by " + shortest(seconds, 6) + " seconds";
    if (check.condition->op == rule::Op::equal) return text;
    return text + ", " + shortest(seconds - *check.condition->seconds, 6) + " more than allowed";
}

std::string of_similarity(const rule::Condition& condition, double similarity) {
    // Never rounded up to what it misses.
    std::string text = "similarity " + shortest(std::floor(similarity * 10000) / 10000, 4);
    if (condition.min) return text + ", needs " + shortest(*condition.min, 9);
    return text + ", needs a distance of at most " + std::to_string(*condition.max_distance);
}

std::string text_at(const Table& table, int column, std::size_t row) {
    const Column& values = table.columns[static_cast<std::size_t>(column)];
    return values.is_known(row) ? std::string(values.text(row)) : std::string();
}

}  // namespace

std::vector<std::string> shortfalls(const Table& a, std::size_t row_a, const Table& b,
                                    std::size_t row_b, const rule::Rule& rule,
                                    Calendars& calendars) {
    PairResult pair = explain(a, row_a, b, row_b, rule, calendars);
    Plan plan = make_plan(a, b, rule, calendars);
    PairResult relaxed = explain(a, row_a, b, row_b, relax(plan), calendars);
    CurrencyColumns currencies = currency_columns(a, b);
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < plan.checks.size(); ++i) {
        const Check& check = plan.checks[i];
        const ConditionResult& line = pair.conditions[i];
        const Column& column_a = a.columns[check.column_a];
        const Column& column_b = b.columns[check.column_b];
        std::string& text = texts.emplace_back();
        if (line.passed) continue;
        if (line.of_period) {
            text = "both are of the closed period";
            continue;
        }
        if (!line.a_known || !line.b_known) {
            text = !line.a_known && !line.b_known ? "no value on either side"
                   : !line.a_known                ? "no value on side A"
                                                  : "no value on side B";
            continue;
        }
        if (check.on_amount && currencies.a >= 0) {
            std::string currency_a = text_at(a, currencies.a, row_a),
                        currency_b = text_at(b, currencies.b, row_b);
            if (!currency_a.empty() && !currency_b.empty() && currency_a != currency_b) {
                text = "currencies " + currency_a + " and " + currency_b + " differ";
                continue;
            }
        }
        if (check.type == Type::decimal) {
            text = of_decimals(check, column_a, row_a, column_b, row_b);
        } else if (check.type == Type::date) {
            text = of_days(check, column_a.days[row_a], column_b.days[row_b]);
        } else if (check.type == Type::timestamp) {
            text = of_times(check, column_a.numbers[row_a], column_b.numbers[row_b]);
        } else if (check.condition->op == rule::Op::similar) {
            text = of_similarity(*check.condition, relaxed.conditions[i].score);
        } else {
            text = "texts differ, similarity " +
                   shortest(std::floor(relaxed.conditions[i].score * 10000) / 10000, 4);
        }
    }
    return texts;
}

}  // namespace recon::match
