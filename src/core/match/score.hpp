// The score of a condition and the confidence of a pair, as the contract defines them. All scoring
// is here.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "core/match/plan.hpp"
#include "core/similarity/prepared_texts.hpp"

namespace recon::match {

// Scores of conditions that hold; not_held where they do not.
inline constexpr double not_held = -1;

// From 1 at no difference in a straight line to `edge` at the bound; `share` is the part of the
// bound.
inline double fall(double share, double edge) {
    return 1 - (1 - edge) * std::min(share, 1.0);
}

double score_decimal(const Check& check, field::int128 a, field::int128 b);
double score_days(const Check& check, std::int64_t a, std::int64_t b);
double score_micros(const Check& check, std::int64_t a, std::int64_t b);
bool contains(std::string_view a, std::string_view b);
bool starts_with(std::string_view a, std::string_view b, int min_length);
similarity::Measure measure_of(const rule::Condition& condition);  // of op "similar"

// Of a sum of weighted scores, each 0 where its condition does not hold: the weighted mean in
// billionths, rounded half up.
inline Billionths confidence_of(double sum, double weights) {
    double billionths = sum / weights * static_cast<double>(one);
    auto whole = static_cast<Billionths>(billionths);
    return whole + (billionths - static_cast<double>(whole) >= 0.5 ? 1 : 0);
}

double sum_of_weights(const Plan& plan);

// Whether currencies known on both sides differ.
inline bool currencies_differ(std::uint32_t a, std::uint32_t b) {
    return a != 0 && b != 0 && a != b;
}

}  // namespace recon::match
