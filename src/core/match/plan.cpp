#include "core/match/plan.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"

namespace recon::match {

namespace {

using rule::Algorithm;
using rule::Condition;
using rule::Op;

std::string quoted(const std::string& text) {
    return "\"" + text + "\"";
}

[[noreturn]] void unsupported(const std::string& path, const std::string& thing) {
    throw Error(sqlstate::feature_not_supported, thing + " at " + path + " is not supported yet");
}

void check_supported(const rule::Rule& rule) {
    if (rule.cardinality != rule::Cardinality::one_to_one)
        unsupported("$.cardinality",
                    "cardinality " + quoted(rule::cardinality_name(rule.cardinality)));
    for (const Condition& condition : rule.match) {
        if (condition.op == Op::contains || condition.op == Op::starts_with)
            unsupported(condition.path + ".op", "op " + quoted(rule::op_name(condition.op)));
        if (condition.op != Op::similar) continue;
        if (condition.word_tokens) unsupported(condition.path + ".tokens", "tokens \"word\"");
        if (condition.algorithm != Algorithm::levenshtein &&
            condition.algorithm != Algorithm::jaro_winkler)
            unsupported(condition.path + ".algorithm",
                        "algorithm " + quoted(rule::algorithm_name(condition.algorithm)));
    }
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
    if (condition.abs) needs(Type::decimal, "\"abs\"");
    if (condition.pct) needs(Type::decimal, "\"pct\"");
    if (condition.days_low)
        needs(Type::date, condition.business ? "\"business_days\"" : "\"days\"");
    if (condition.seconds) needs(Type::timestamp, "\"seconds\"");
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
}

Check bind(const Condition& condition, const Table& a, const Table& b, Calendars& calendars) {
    Check check;
    check.condition = &condition;
    check.column_a = find_column(a, condition, 'A');
    check.column_b = find_column(b, condition, 'B');
    const Column& column_a = a.columns[check.column_a];
    const Column& column_b = b.columns[check.column_b];
    check_type(condition, column_a.type, column_b.type);
    check.type = column_a.type;
    check.guarded = condition.a == "amount" || condition.b == "amount";
    if (check.type == Type::decimal) bind_decimals(check, column_a, column_b);
    if (condition.op == Op::similar) {
        check.kind = condition.algorithm == Algorithm::levenshtein ? CheckKind::levenshtein
                                                                   : CheckKind::jaro_winkler;
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

Billionths to_billionths(double share) {
    return std::llround(share * static_cast<double>(one));
}

}  // namespace

Plan make_plan(const Table& a, const Table& b, const rule::Rule& rule, Calendars& calendars) {
    check_supported(rule);
    Plan plan;
    plan.rule = &rule;
    plan.threshold = to_billionths(rule.threshold);
    plan.approve_at = to_billionths(rule.approve_at);
    for (const Condition& condition : rule.match)
        plan.checks.push_back(bind(condition, a, b, calendars));

    // Currencies that one side does not have are unknown.
    int currency_a = a.find("currency"), currency_b = b.find("currency");
    bool known = currency_a >= 0 && currency_b >= 0 &&
                 a.columns[static_cast<std::size_t>(currency_a)].type == Type::text &&
                 b.columns[static_cast<std::size_t>(currency_b)].type == Type::text;
    for (Check& check : plan.checks) {
        check.guarded = check.guarded && known;
        if (!check.guarded) continue;
        plan.currency_a = currency_a;
        plan.currency_b = currency_b;
    }
    return plan;
}

void check_selective(const Plan& plan) {
    for (const Check& check : plan.checks)
        if (check.required() && (check.kind == CheckKind::equal || check.is_range())) return;
    throw Error(sqlstate::feature_not_supported, "rule would have to compare all pairs of records",
                "No condition of $.match that must hold is of op \"equal\" or \"within\".",
                "Add an \"equal\" or \"within\" condition that is not optional.");
}

}  // namespace recon::match
