#include "core/match/relaxed.hpp"

namespace recon::match {

namespace {

// Beyond this, dates and times are as far apart as can be.
constexpr std::int64_t far_days = 365;
constexpr double far_seconds = 365.0 * 86400;

rule::Condition relaxed(const Check& check) {
    rule::Condition condition = *check.condition;
    condition.optional = true;
    condition.edge = 0;
    if (check.type == Type::text) {
        if (condition.op != rule::Op::similar) condition.algorithm = rule::Algorithm::jaro_winkler;
        condition.op = rule::Op::similar;
        condition.min = 0;
        condition.max_distance.reset();
        return condition;
    }
    condition.op = rule::Op::within;
    switch (check.type) {
        case Type::decimal:
            condition.abs.reset();
            condition.pct = field::Decimal{100, 0};
            break;
        case Type::date:
            condition.days_low = condition.days_low.value_or(0) - far_days;
            condition.days_high = condition.days_high.value_or(0) + far_days;
            break;
        case Type::timestamp:
            condition.seconds = condition.seconds.value_or(0) + far_seconds;
            break;
        case Type::text:
            break;
    }
    return condition;
}

}  // namespace

rule::Rule relax(const Plan& plan) {
    rule::Rule rule = *plan.rule;
    rule.threshold = 0;
    rule.match.clear();
    for (const Check& check : plan.checks) rule.match.push_back(relaxed(check));
    return rule;
}

}  // namespace recon::match
