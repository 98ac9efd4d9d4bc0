#include <algorithm>

#include "core/rule/rule.hpp"

namespace recon::rule {

void keep_period_closed(Rule& rule) {
    Condition condition;
    condition.path = "$.match";
    condition.a = period_field_a;
    condition.b = period_field_b;
    condition.op = Op::within;
    condition.days_low = 1;
    condition.days_high = 2;
    condition.edge = 1;
    condition.weight = 0;
    condition.period = true;
    rule.match.push_back(std::move(condition));
}

bool keeps_period_closed(const Rule& rule) {
    return std::any_of(rule.match.begin(), rule.match.end(),
                       [](const Condition& condition) { return condition.period; });
}

}  // namespace recon::rule
