#include "core/match/pair_scorer.hpp"

#include <algorithm>
#include <limits>

namespace recon::match {

namespace {

constexpr std::int64_t widest_table = 1024;
constexpr std::size_t seen_slots = 1 << 15;
constexpr int dear = 3;  // costs from here on are worth a bound first

int cost(const Check& check) {
    switch (check.kind) {
        case CheckKind::equal:
            return 0;
        case CheckKind::days:
        case CheckKind::micros:
            return 1;
        case CheckKind::decimal:
            return 2;
        case CheckKind::contains:
        case CheckKind::starts_with:
            return 3;
        case CheckKind::similar:
            break;
    }
    return 4;
}

// Bounds of a decimal check that fit into 64 bits, as nearly all do.
struct NarrowBounds {
    std::uint64_t abs = 0, pct = 0, pct_whole = 0;
    bool has_abs = false, fit = true;

    explicit NarrowBounds(const Check& check) {
        constexpr auto most = std::numeric_limits<std::uint64_t>::max();
        has_abs = check.abs.has_value();
        fit = (!has_abs || *check.abs <= most) && check.pct <= most && check.pct_whole <= most;
        if (has_abs) abs = static_cast<std::uint64_t>(*check.abs);
        pct = static_cast<std::uint64_t>(check.pct);
        pct_whole = static_cast<std::uint64_t>(check.pct_whole);
    }
};

std::uint64_t magnitude(std::int64_t value) {
    auto bits = static_cast<std::uint64_t>(value);
    return value < 0 ? 0 - bits : bits;
}

// As score_decimal(), step for step, in fewer bits.
double score_narrow(const NarrowBounds& bounds, double edge, std::int64_t a, std::int64_t b) {
    auto x = static_cast<std::uint64_t>(a), y = static_cast<std::uint64_t>(b);
    std::uint64_t difference = a >= b ? x - y : y - x;
    if (difference == 0) return 1;
    bool holds = false;
    double share = 1;
    if (bounds.has_abs && difference <= bounds.abs) {
        holds = true;
        share = static_cast<double>(difference) / static_cast<double>(bounds.abs);
    }
    if (bounds.pct_whole != 0) {
        std::uint64_t larger = std::max(magnitude(a), magnitude(b));
        if (field::uint128{difference} * bounds.pct_whole <= field::uint128{bounds.pct} * larger) {
            holds = true;
            share = std::min(
                share, static_cast<double>(difference) * static_cast<double>(bounds.pct_whole) /
                           (static_cast<double>(bounds.pct) * static_cast<double>(larger)));
        }
    }
    return holds ? fall(share, edge) : not_held;
}

}  // namespace

PairScorer::PairScorer(const Plan& plan, const Index& index, const Below& below,
                       Reservation& memory, StopToken& stop)
    : plan_(plan),
      index_(index),
      below_(below),
      texts_(plan.a->texts()),
      slots_(plan.checks.size(), -1),
      day_scores_(plan.checks.size()),
      prepared_(plan.checks.size()),
      seen_(plan.checks.size()),
      weights_(sum_of_weights(plan)) {
    for (std::size_t i = 0; i < plan.checks.size(); ++i) {
        const Check& check = plan.checks[i];
        if (!is_implied(check)) order_.push_back(i);
        if (check.kind == CheckKind::similar) use_texts(i, memory, stop);
        if (check.kind != CheckKind::days || check.high - check.low > widest_table) continue;
        for (std::int64_t difference = check.low; difference <= check.high; ++difference)
            day_scores_[i].push_back(score_days(check, 0, difference));
    }
    std::stable_sort(order_.begin(), order_.end(), [&](std::size_t x, std::size_t y) {
        const Check &first = plan.checks[x], &second = plan.checks[y];
        if (first.required() != second.required()) return first.required();
        return cost(first) < cost(second);
    });
    for (std::size_t i : order_) scored_.push_back({i});
    scores_.resize(order_.size());
    for (std::size_t n = 0; n < order_.size(); ++n) slots_[order_[n]] = static_cast<int>(n);

    // A little less than the threshold, so that rounding leaves nothing out.
    needed_ = (static_cast<double>(plan.threshold) - 2) / static_cast<double>(one) * weights_;
    bounded_ = order_.size();
    if (plan.threshold <= 2) return;
    for (std::size_t n = order_.size(); n-- > 0;)
        if (cost(plan.checks[order_[n]]) >= dear) bounded_ = n;
}

std::shared_ptr<const similarity::PreparedTexts> prepare_texts(const Plan& plan, const Index& index,
                                                               std::size_t check,
                                                               Reservation& memory,
                                                               StopToken& stop) {
    const Buffer<std::uint32_t>& ids = index.similar[check];
    Reservation passing(memory.budget());
    passing.take(ids.size() * sizeof(std::string_view));
    std::vector<std::string_view> texts;
    texts.reserve(ids.size());
    for (std::uint32_t id : ids) texts.push_back(plan.a->texts().view(id));
    auto prepared = std::make_shared<const similarity::PreparedTexts>(
        measure_of(*plan.checks[check].condition), texts, stop);
    memory.take(prepared->bytes());
    return prepared;
}

void PairScorer::use_texts(std::size_t i, Reservation& memory, StopToken& stop) {
    const Buffer<std::uint32_t>& ids = index_.similar[i];
    prepared_[i] = index_.prepared[i] != nullptr ? index_.prepared[i]
                                                 : prepare_texts(plan_, index_, i, memory, stop);
    // Half as many texts as classes: the same pair of texts comes again.
    if (ids.size() > (index_.a.classes() + index_.b.classes()) / 2) return;
    memory.take(seen_slots * sizeof(Seen));
    seen_[i].resize(seen_slots);
}

// Pairs in which a required check does not hold drop out.
template <class Score>
void PairScorer::score_each(std::size_t i, PairBatch& batch, Scores& scores, Score score) {
    const Check& check = plan_.checks[i];
    const std::uint32_t* currency_a = index_.a.currency.data();
    const std::uint32_t* currency_b = index_.b.currency.data();
    bool required = check.required();
    std::size_t kept = 0;
    for (std::size_t k = 0; k < batch.held; ++k) {
        std::uint16_t at = batch.which[k];
        std::uint32_t a = batch.a[at], b = batch.b[at];
        double found = check.guarded && currencies_differ(currency_a[a], currency_b[b])
                           ? not_held
                           : score(a, b);
        scores[at] = std::max(found, 0.0);
        batch.which[kept] = at;
        kept += !required || found >= 0 ? 1 : 0;
    }
    batch.held = kept;
}

// What each pair can still reach, once the cheap checks are scored.
void PairScorer::start_bounds(std::size_t next, PairBatch& batch) {
    for (std::size_t k = 0; k < batch.held; ++k) {
        std::uint16_t at = batch.which[k];
        most_[at] = weights_;
        for (std::size_t n = 0; n < next; ++n)
            most_[at] -= plan_.checks[order_[n]].condition->weight * (1 - scores_[n][at]);
    }
}

// The least score of the next check with which the pair at `at` can reach the threshold.
double PairScorer::least_score(double weight, std::size_t at) const {
    return 1 - (most_[at] - needed_) / weight - 1e-9;
}

template <class Values>
void PairScorer::score_equal(std::size_t i, PairBatch& batch, Scores& scores, const Values& x,
                             const Values& y, typename Values::value_type null) {
    score_each(i, batch, scores, [&](std::uint32_t a, std::uint32_t b) {
        return x[a] != null && x[a] == y[b] ? 1.0 : not_held;
    });
}

void PairScorer::score_decimals(std::size_t i, PairBatch& batch, Scores& scores) {
    const Check& check = plan_.checks[i];
    const Values &x = index_.a.values[i], &y = index_.b.values[i];
    NarrowBounds bounds(check);
    double edge = check.condition->edge;
    if (check.form == Form::wide) {
        score_each(i, batch, scores, [&](std::uint32_t a, std::uint32_t b) {
            return x.wide[a] == null_wide || y.wide[b] == null_wide
                       ? not_held
                       : score_decimal(check, x.wide[a], y.wide[b]);
        });
    } else if (!bounds.fit) {
        score_each(i, batch, scores, [&](std::uint32_t a, std::uint32_t b) {
            return x.numbers[a] == null_number || y.numbers[b] == null_number
                       ? not_held
                       : score_decimal(check, x.numbers[a], y.numbers[b]);
        });
    } else {
        score_each(i, batch, scores, [&](std::uint32_t a, std::uint32_t b) {
            return x.numbers[a] == null_number || y.numbers[b] == null_number
                       ? not_held
                       : score_narrow(bounds, edge, x.numbers[a], y.numbers[b]);
        });
    }
}

void PairScorer::score_day_differences(std::size_t i, PairBatch& batch, Scores& scores) {
    const Check& check = plan_.checks[i];
    const std::int64_t* x = index_.a.values[i].numbers.data();
    const std::int64_t* y = index_.b.values[i].numbers.data();
    const std::vector<double>& table = day_scores_[i];
    score_each(i, batch, scores, [&](std::uint32_t a, std::uint32_t b) {
        if (x[a] == null_number || y[b] == null_number) return not_held;
        if (table.empty()) return score_days(check, x[a], y[b]);
        std::int64_t difference = y[b] - x[a];
        return difference < check.low || difference > check.high
                   ? not_held
                   : table[static_cast<std::size_t>(difference - check.low)];
    });
}

void PairScorer::score_texts(std::size_t i, PairBatch& batch, Scores& scores) {
    const Check& check = plan_.checks[i];
    const std::uint32_t* x = index_.a.values[i].ids.data();
    const std::uint32_t* y = index_.b.values[i].ids.data();
    score_each(i, batch, scores, [&](std::uint32_t a, std::uint32_t b) {
        if (x[a] == 0 || y[b] == 0) return not_held;
        std::string_view text_a = texts_.view(x[a]), text_b = texts_.view(y[b]);
        bool holds = check.kind == CheckKind::contains
                         ? contains(text_a, text_b)
                         : starts_with(text_a, text_b, check.condition->min_length);
        return holds ? 1.0 : not_held;
    });
}

void PairScorer::score_similar(std::size_t i, PairBatch& batch, Scores& scores) {
    const Check& check = plan_.checks[i];
    const std::uint32_t* x = index_.a.values[i].ids.data();
    const std::uint32_t* y = index_.b.values[i].ids.data();
    const similarity::PreparedTexts& texts = *prepared_[i];
    std::vector<Seen>& seen = seen_[i];
    double weight = check.condition->weight;
    std::size_t kept = 0;
    for (std::size_t k = 0; k < batch.held; ++k) {
        std::uint16_t at = batch.which[k];
        std::uint32_t a = batch.a[at], b = batch.b[at];
        std::uint32_t text_a = x[a], text_b = y[b];
        bool known =
            text_a != 0 && text_b != 0 &&
            !(check.guarded && currencies_differ(index_.a.currency[a], index_.b.currency[b]));
        double least = 0, found = not_held;
        bool may_drop = bounded_ < order_.size() && below_.a[a] != 0 && below_.b[b] != 0;
        if (may_drop) {
            least = std::max(least_score(weight, at), 0.0);
            if (least > 1 || (!known && least > 0)) continue;
        }
        if (known && seen.empty()) {
            found = texts.score(text_a - 1, text_b - 1, least);
        } else if (known) {
            std::uint64_t pair = std::uint64_t{text_a} << 32 | text_b;
            Seen& entry = seen[mix(pair) % seen_slots];
            if (entry.a != text_a || entry.b != text_b)
                entry = {text_a, text_b, texts.score(text_a - 1, text_b - 1)};
            found = entry.score;
        }
        if (found < 0 && (check.required() || least > 0)) continue;
        scores[at] = std::max(found, 0.0);
        if (bounded_ < order_.size()) most_[at] -= weight * (1 - scores[at]);
        batch.which[kept++] = at;
    }
    batch.held = kept;
}

void PairScorer::score_check(std::size_t i, PairBatch& batch, Scores& scores) {
    const Check& check = plan_.checks[i];
    const Values &x = index_.a.values[i], &y = index_.b.values[i];
    switch (check.kind) {
        case CheckKind::equal:
            if (check.form == Form::ids)
                score_equal(i, batch, scores, x.ids, y.ids, 0);
            else if (check.form == Form::numbers)
                score_equal(i, batch, scores, x.numbers, y.numbers, null_number);
            else
                score_equal(i, batch, scores, x.wide, y.wide, null_wide);
            break;
        case CheckKind::days:
            score_day_differences(i, batch, scores);
            break;
        case CheckKind::micros:
            score_each(i, batch, scores, [&](std::uint32_t a, std::uint32_t b) {
                return x.numbers[a] == null_number || y.numbers[b] == null_number
                           ? not_held
                           : score_micros(check, x.numbers[a], y.numbers[b]);
            });
            break;
        case CheckKind::decimal:
            score_decimals(i, batch, scores);
            break;
        case CheckKind::contains:
        case CheckKind::starts_with:
            score_texts(i, batch, scores);
            break;
        case CheckKind::similar:
            score_similar(i, batch, scores);
            break;
    }
}

void PairScorer::score(PairBatch& batch) {
    batch.held = batch.size;
    for (std::size_t k = 0; k < batch.size; ++k) batch.which[k] = static_cast<std::uint16_t>(k);
    for (std::size_t n = 0; n < order_.size() && batch.held > 0; ++n) {
        if (n == bounded_) start_bounds(n, batch);
        score_check(order_[n], batch, scores_[n]);
        scored_[n].left += batch.held;
        if (n < bounded_ || plan_.checks[order_[n]].kind == CheckKind::similar) continue;
        double weight = plan_.checks[order_[n]].condition->weight;
        for (std::size_t k = 0; k < batch.held; ++k)
            most_[batch.which[k]] -= weight * (1 - scores_[n][batch.which[k]]);
    }
    if (batch.held == 0) return;
    // Sums in order of the rule, so that they are the same for any order of scoring.
    std::array<double, PairBatch::most> sums;
    std::fill_n(sums.begin(), batch.held, 0.0);
    for (std::size_t i = 0; i < plan_.checks.size(); ++i) {
        double weight = plan_.checks[i].condition->weight;
        if (slots_[i] < 0) {
            for (std::size_t k = 0; k < batch.held; ++k) sums[k] += weight;
            continue;
        }
        const Scores& scores = scores_[static_cast<std::size_t>(slots_[i])];
        for (std::size_t k = 0; k < batch.held; ++k) sums[k] += weight * scores[batch.which[k]];
    }
    for (std::size_t k = 0; k < batch.held; ++k)
        batch.confidence[k] = static_cast<std::uint32_t>(confidence_of(sums[k], weights_));
}

}  // namespace recon::match
