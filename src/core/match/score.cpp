#include "core/match/score.hpp"

#include "core/field/text.hpp"

namespace recon::match {

namespace {

using field::uint128;

double as_double(uint128 value) {
    return static_cast<double>(value);
}

}  // namespace

double score_decimal(const Check& check, field::int128 a, field::int128 b) {
    uint128 difference = field::distance(a, b);
    if (difference == 0) return 1;
    bool holds = false;
    double share = 1;
    if (check.abs && difference <= *check.abs) {
        holds = true;
        share = as_double(difference) / as_double(*check.abs);
    }
    if (check.pct_whole != 0) {
        uint128 larger = std::max(field::magnitude(a), field::magnitude(b));
        if (field::product_at_most(difference, check.pct_whole, check.pct, larger)) {
            holds = true;
            share = std::min(share, as_double(difference) * as_double(check.pct_whole) /
                                        (as_double(check.pct) * as_double(larger)));
        }
    }
    return holds ? fall(share, check.condition->edge) : not_held;
}

double score_days(const Check& check, std::int64_t a, std::int64_t b) {
    std::int64_t difference = b - a;
    if (difference < check.low || difference > check.high) return not_held;
    std::int64_t best = std::clamp<std::int64_t>(0, check.low, check.high);
    std::int64_t farthest = std::max(check.high - best, best - check.low);
    if (farthest == 0) return 1;
    return fall(static_cast<double>(std::abs(difference - best)) / static_cast<double>(farthest),
                check.condition->edge);
}

double score_micros(const Check& check, std::int64_t a, std::int64_t b) {
    auto x = static_cast<std::uint64_t>(a), y = static_cast<std::uint64_t>(b);
    std::uint64_t difference = a > b ? x - y : y - x;
    if (difference == 0) return 1;
    if (difference > check.micros) return not_held;
    return fall(static_cast<double>(difference) / static_cast<double>(check.micros),
                check.condition->edge);
}

bool contains(std::string_view a, std::string_view b) {
    return a.size() >= b.size() ? a.find(b) != std::string_view::npos
                                : b.find(a) != std::string_view::npos;
}

bool starts_with(std::string_view a, std::string_view b, int min_length) {
    std::string_view shorter = a.size() <= b.size() ? a : b;
    if (a.substr(0, shorter.size()) != b.substr(0, shorter.size())) return false;
    for (int left = min_length; left > 0; --left) {
        if (shorter.empty()) return false;
        shorter.remove_prefix(field::first_code_point(shorter).bytes);
    }
    return true;
}

similarity::Measure measure_of(const rule::Condition& condition) {
    return {condition.algorithm, condition.word_tokens, condition.min, condition.max_distance};
}

double sum_of_weights(const Plan& plan) {
    double sum = 0;
    for (const Check& check : plan.checks) sum += check.condition->weight;
    return sum;
}

}  // namespace recon::match
