#include "core/match/rejected.hpp"

#include <algorithm>

namespace recon::match {

void tell_rejected_apart(rule::Rule& rule) {
    if (rule.cardinality != rule::Cardinality::one_to_one) return;
    rule::Condition condition;
    condition.path = "$.match";
    condition.a = condition.b = rejected_field;
    condition.op = rule::Op::equal;
    condition.optional = true;  // it leaves nothing out by itself
    condition.weight = 0;
    rule.match.push_back(std::move(condition));
}

bool reads_rejected(const rule::Rule& rule) {
    return std::any_of(rule.match.begin(), rule.match.end(), [](const rule::Condition& condition) {
        return condition.a == rejected_field;
    });
}

void Rejected::add(std::vector<std::int64_t> a, std::vector<std::int64_t> b) {
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    matches_.emplace(std::move(a), std::move(b));
}

bool Rejected::has(std::vector<std::int64_t> a, std::vector<std::int64_t> b) const {
    if (matches_.empty()) return false;
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    return matches_.contains({std::move(a), std::move(b)});
}

std::vector<std::int64_t> Rejected::records(bool of_a) const {
    std::vector<std::int64_t> ids;
    for (const auto& [a, b] : matches_) {
        const std::vector<std::int64_t>& own = of_a ? a : b;
        ids.insert(ids.end(), own.begin(), own.end());
    }
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return ids;
}

}  // namespace recon::match
