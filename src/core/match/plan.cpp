#include "core/match/plan.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/match/group/group_plan.hpp"

namespace recon::match {

namespace {

using rule::Algorithm;
using rule::Condition;
using rule::Op;

std::string quoted(const std::string& text) {
    return "\"" + text + "\"";
}

std::string field_path(const Condition& condition, char side) {
    return condition.path + (condition.a == condition.b ? ".field" : side == 'A' ? ".a" : ".b");
}

std::size_t find_column(const Table& table, const Condition& condition, char side) {
    const std::string& name = side == 'A' ? condition.a : condition.b;
    int found = table.find(name);
    if (found >= 0) return static_cast<std::size_t>(found);
    std::string meant = json::nearest(name, table.names);
    throw Error(sqlstate::undefined_column,
                "field " + quoted(name) + " at " + field_path(condition, side) +
                    " does not exist on side " + side,
                {}, meant.empty() ? std::string() : "Perhaps you meant " + quoted(meant) + ".");
}

[[noreturn]] void mismatch(const Condition& condition, const std::string& problem) {
    throw Error(datatype_mismatch, "rule at " + condition.path + ": " + problem);
}

void check_type(const Condition& condition, Type a, Type b) {
    if (a != b)
        mismatch(condition, "field " + quoted(condition.a) + " of side A is of type " +
                                type_name(a) + ", field " + quoted(condition.b) +
                                " of side B of type " + type_name(b));
    auto needs = [&](Type wanted, const char* what) {
        if (a != wanted)
            mismatch(condition, std::string(what) + " needs a field of type " + type_name(wanted) +
                                    ", " + quoted(condition.a) + " is of type " + type_name(a));
    };
    if (!condition.normalize.empty()) needs(Type::text, "\"normalize\"");
    if (condition.op == Op::similar) needs(Type::text, "op \"similar\"");
    if (condition.op == Op::contains) needs(Type::text, "op \"contains\"");
    if (condition.op == Op::starts_with) needs(Type::text, "op \"starts_with\"");
    if (condition.abs) needs(Type::decimal, "\"abs\"");
    if (condition.pct) needs(Type::decimal, "\"pct\"");
    if (condition.days_low)
        needs(Type::date, condition.business ? "\"business_days\"" : "\"days\"");
    if (condition.seconds) needs(Type::timestamp, "\"seconds\"");
}

// Whether all coefficients of a column fit into 64 bits at the scale.
bool fits(const Column& column, int scale) {
    if (column.is_wide) return false;
    if (column.scale == scale) return true;
    auto most = static_cast<field::uint128>(std::numeric_limits<std::int64_t>::max() - 1) /
                field::power_of_ten(scale - column.scale);
    return std::all_of(column.numbers.begin(), column.numbers.end(), [&](std::int64_t number) {
        return number == null_number || field::magnitude(number) <= most;
    });
}

void bind_decimals(Check& check, const Column& a, const Column& b) {
    const Condition& condition = *check.condition;
    check.scale = std::max(a.scale, b.scale);
    if (condition.abs) {
        check.scale = std::max(check.scale, condition.abs->scale);
        check.abs = static_cast<field::uint128>(field::at_scale(*condition.abs, check.scale));
    }
    if (condition.pct) {
        check.pct = static_cast<field::uint128>(condition.pct->coefficient);
        check.pct_whole = field::power_of_ten(condition.pct->scale + 2);
    }
    check.form = fits(a, check.scale) && fits(b, check.scale) ? Form::numbers : Form::wide;
    // No two values are farther apart.
    if (condition.summed)
        check.abs = check.form == Form::numbers ? std::numeric_limits<std::uint64_t>::max()
                                                : ~field::uint128{0};
}

Billionths to_billionths(double share) {
    return std::llround(share * static_cast<double>(one));
}

// Where currencies must be equal anyway, nothing is left to guard.
void guard_amounts(Plan& plan) {
    CurrencyColumns currency = currency_columns(*plan.a, *plan.b);
    bool open = currency.a >= 0 &&
                std::none_of(plan.checks.begin(), plan.checks.end(), [&](const Check& check) {
                    return is_key(check) && check.condition->normalize.empty() &&
                           check.column_a == static_cast<std::size_t>(currency.a) &&
                           check.column_b == static_cast<std::size_t>(currency.b);
                });
    for (Check& check : plan.checks) {
        check.guarded = check.on_amount && open;
        if (!check.guarded) continue;
        plan.currency_a = currency.a;
        plan.currency_b = currency.b;
    }
}

}  // namespace

Check bind(const Condition& condition, const Table& a, const Table& b, Calendars& calendars) {
    Check check;
    check.condition = &condition;
    check.column_a = find_column(a, condition, 'A');
    check.column_b = find_column(b, condition, 'B');
    const Column& column_a = a.columns[check.column_a];
    const Column& column_b = b.columns[check.column_b];
    check_type(condition, column_a.type, column_b.type);
    check.type = column_a.type;
    check.on_amount = rule::is_on_amount(condition);
    check.form = check.type == Type::text ? Form::ids : Form::numbers;
    if (check.type == Type::decimal) bind_decimals(check, column_a, column_b);
    if (condition.op == Op::similar) {
        check.kind = CheckKind::similar;
    } else if (condition.op == Op::contains) {
        check.kind = CheckKind::contains;
    } else if (condition.op == Op::starts_with) {
        check.kind = CheckKind::starts_with;
    } else if (condition.op == Op::within) {
        if (condition.seconds) {
            check.kind = CheckKind::micros;
            check.micros = static_cast<std::uint64_t>(std::llround(*condition.seconds * 1e6));
        } else if (condition.days_low) {
            check.kind = CheckKind::days;
            check.low = *condition.days_low;
            check.high = *condition.days_high;
            if (condition.business && condition.calendar.empty()) check.calendar.emplace();
            if (condition.business && !condition.calendar.empty())
                check.calendar.emplace(calendars.holidays(condition.calendar));
        } else {
            check.kind = CheckKind::decimal;
        }
    }
    return check;
}

// Currencies that one side does not have are unknown.
CurrencyColumns currency_columns(const Table& a, const Table& b) {
    int in_a = a.find("currency"), in_b = b.find("currency");
    auto is_text = [](const Table& table, int i) {
        return i >= 0 && table.columns[static_cast<std::size_t>(i)].type == Type::text;
    };
    if (!is_text(a, in_a) || !is_text(b, in_b)) return {};
    return {in_a, in_b};
}

Plan make_plan(const Table& a, const Table& b, const rule::Rule& rule, Calendars& calendars) {
    Plan plan;
    plan.rule = &rule;
    if (rule.cardinality != rule::Cardinality::one_to_one) {
        group::check_fields(a, b, rule, calendars);
        plan.of_pairs = std::make_shared<rule::Rule>(rule::pair_rule(rule));
    }
    plan.a = &a;
    plan.b = &b;
    plan.threshold = to_billionths(rule.threshold);
    plan.approve_at = to_billionths(rule.approve_at);
    for (const Condition& condition : plan.of_pairs ? plan.of_pairs->match : rule.match)
        plan.checks.push_back(bind(condition, a, b, calendars));

    guard_amounts(plan);
    return plan;
}

bool Plan::is_exact() const {
    return std::all_of(checks.begin(), checks.end(), is_implied);
}

bool Plan::is_selective() const {
    return std::any_of(checks.begin(), checks.end(), [](const Check& check) {
        return check.required() && (check.kind == CheckKind::equal || check.is_range() ||
                                    check.kind == CheckKind::starts_with);
    });
}

bool Plan::has_keys() const {
    return std::any_of(checks.begin(), checks.end(),
                       [](const Check& check) { return is_key(check) || is_prefix_key(check); });
}

void check_selective(const Plan& plan, std::uint64_t rows_a, std::uint64_t rows_b,
                     std::uint64_t most) {
    if (plan.is_selective() || rows_a == 0 || rows_b <= most / rows_a ||
        std::any_of(plan.checks.begin(), plan.checks.end(), joins_texts))
        return;
    refuse_all_pairs(
        "No condition of $.match that must hold is of op \"equal\", \"within\", \"starts_with\" or "
        "\"similar\", and " +
        std::to_string(rows_a) + " x " + std::to_string(rows_b) + " open records are more than " +
        std::to_string(most) + " pairs.");
}

void refuse_all_pairs(const std::string& detail) {
    throw Error(sqlstate::feature_not_supported, "rule would have to compare all pairs of records",
                detail,
                "Add an \"equal\" or \"within\" condition that is not optional, or raise "
                "\"recon.max_comparisons\".");
}

}  // namespace recon::match
