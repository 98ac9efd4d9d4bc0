#include "core/match/score.hpp"

#include <algorithm>
#include <cmath>

#include "core/similarity/jaro.hpp"
#include "core/similarity/levenshtein.hpp"

namespace recon::match {

namespace {

using field::uint128;

// From 1 at no difference in a straight line to `edge` at the bound; `share` is the part of the
// bound.
double fall(double share, double edge) {
    return 1 - (1 - edge) * std::min(share, 1.0);
}

double as_double(uint128 value) {
    return static_cast<double>(value);
}

double score_decimal(const Check& check, field::int128 a, field::int128 b, bool& holds) {
    uint128 difference = field::distance(a, b);
    holds = difference == 0;
    if (holds) return 1;
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
    return holds ? fall(share, check.condition->edge) : 0;
}

double score_days(const Check& check, std::int64_t a, std::int64_t b, bool& holds) {
    std::int64_t difference = b - a;
    holds = difference >= check.low && difference <= check.high;
    if (!holds) return 0;
    std::int64_t best = std::clamp<std::int64_t>(0, check.low, check.high);
    std::int64_t farthest = std::max(check.high - best, best - check.low);
    if (farthest == 0) return 1;
    return fall(static_cast<double>(std::abs(difference - best)) / static_cast<double>(farthest),
                check.condition->edge);
}

double score_micros(const Check& check, std::int64_t a, std::int64_t b, bool& holds) {
    auto x = static_cast<std::uint64_t>(a), y = static_cast<std::uint64_t>(b);
    std::uint64_t difference = a > b ? x - y : y - x;
    holds = difference <= check.micros;
    if (!holds) return 0;
    if (difference == 0) return 1;
    return fall(static_cast<double>(difference) / static_cast<double>(check.micros),
                check.condition->edge);
}

double score_similar(const Check& check, std::string_view a, std::string_view b, StopToken& stop,
                     bool& holds) {
    const rule::Condition& condition = *check.condition;
    double similarity = 0;
    if (condition.max_distance) {
        auto cutoff = static_cast<std::size_t>(*condition.max_distance);
        similarity::Edits edits = similarity::edits(a, b, cutoff, &stop);
        holds = edits.distance <= cutoff;
        similarity = edits.similarity();
    } else {
        similarity = check.kind == CheckKind::levenshtein
                         ? similarity::levenshtein(a, b, *condition.min, &stop)
                         : similarity::jaro_winkler(a, b, *condition.min);
        holds = similarity >= *condition.min;
    }
    return holds ? similarity : 0;
}

int cost(const Check& check) {
    switch (check.kind) {
        case CheckKind::equal:
            return 0;
        case CheckKind::days:
        case CheckKind::micros:
            return 1;
        case CheckKind::decimal:
            return 2;
        case CheckKind::levenshtein:
        case CheckKind::jaro_winkler:
            break;
    }
    return 3;
}

}  // namespace

bool implied_by_block(const Check& check) {
    return check.required() && check.kind == CheckKind::equal && !check.guarded;
}

Scorer::Scorer(const Plan& plan, const Operands& operands, StopToken& stop, bool blocked)
    : plan_(plan), operands_(operands), stop_(stop) {
    for (std::size_t i = 0; i < plan.checks.size(); ++i) {
        weights_ += plan.checks[i].condition->weight;
        scores_[i] = 1;
        if (!blocked || !implied_by_block(plan.checks[i])) order_.push_back(i);
    }
    std::stable_sort(order_.begin(), order_.end(), [&](std::size_t x, std::size_t y) {
        const Check &first = plan.checks[x], &second = plan.checks[y];
        if (first.required() != second.required()) return first.required();
        return cost(first) < cost(second);
    });
}

double Scorer::score(std::size_t i, std::uint32_t a, std::uint32_t b, bool& holds) const {
    const Check& check = plan_.checks[i];
    const Operand& x = operands_.a.operands[i];
    const Operand& y = operands_.b.operands[i];
    holds = false;
    if (!x.is_known(a) || !y.is_known(b)) return 0;
    if (check.guarded) {
        std::uint32_t currency_a = operands_.a.currency[a], currency_b = operands_.b.currency[b];
        if (currency_a != 0 && currency_b != 0 && currency_a != currency_b) return 0;
    }
    switch (check.kind) {
        case CheckKind::equal:
            holds = x.ids[a] == y.ids[b];
            return holds ? 1 : 0;
        case CheckKind::decimal:
            return score_decimal(check, x.decimals[a], y.decimals[b], holds);
        case CheckKind::days:
            return score_days(check, x.numbers[a], y.numbers[b], holds);
        case CheckKind::micros:
            return score_micros(check, x.numbers[a], y.numbers[b], holds);
        case CheckKind::levenshtein:
        case CheckKind::jaro_winkler:
            break;
    }
    if (x.ids[a] == y.ids[b]) {
        holds = true;
        return 1;
    }
    const TextDictionary& texts = *operands_.texts[i];
    return score_similar(check, texts.text(x.ids[a]), texts.text(y.ids[b]), stop_, holds);
}

Billionths Scorer::mean(const double* scores) const {
    double sum = 0;
    for (std::size_t i = 0; i < plan_.checks.size(); ++i)
        sum += plan_.checks[i].condition->weight * scores[i];
    return std::llround(sum / weights_ * static_cast<double>(one));
}

Billionths Scorer::confidence(std::uint32_t a, std::uint32_t b) {
    for (std::size_t i : order_) {
        bool holds = false;
        scores_[i] = score(i, a, b, holds);
        if (!holds && plan_.checks[i].required()) return -1;
    }
    return mean(scores_.data());
}

}  // namespace recon::match
