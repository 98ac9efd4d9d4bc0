#include "core/match/window.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace recon::match {

namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();

std::int64_t saturated(field::int128 value) {
    return static_cast<std::int64_t>(std::clamp<field::int128>(value, least, most));
}

std::int64_t saturated(double value) {
    if (value >= 9.2e18) return most;
    if (value <= -9.2e18) return least;
    return static_cast<std::int64_t>(value);
}

std::int64_t key_of_double(double value) {
    auto bits = std::bit_cast<std::int64_t>(value);
    return bits ^ static_cast<std::int64_t>(static_cast<std::uint64_t>(bits >> 63) >> 1);
}

struct Bounds {
    double low, high;
};

Bounds decimal_bounds(const Check& check, double a) {
    Bounds bounds{a, a};
    if (check.abs) {
        auto abs = static_cast<double>(*check.abs);
        bounds = {a - abs, a + abs};
    }
    if (check.pct_whole != 0) {
        // |a - b| <= p max(|a|, |b|): b from a (1 - p) to a / (1 - p); with p = 1 all of one sign,
        // 0 to anything.
        double rest =
            static_cast<double>(check.pct_whole - check.pct) / static_cast<double>(check.pct_whole);
        double outer = rest > 0 ? std::fabs(a) / rest : std::numeric_limits<double>::infinity();
        double inner = rest > 0 ? std::fabs(a) * rest : a == 0 ? -outer : 0;
        Bounds share = a >= 0 ? Bounds{inner, outer} : Bounds{-outer, -inner};
        bounds = {std::min(bounds.low, share.low), std::max(bounds.high, share.high)};
    }
    // Well above the rounding errors of the steps above, and of the sort keys.
    double slack = (std::fabs(a) + std::fabs(bounds.high - bounds.low)) * 1e-13;
    return {bounds.low - slack, bounds.high + slack};
}

}  // namespace

std::int64_t sort_key(field::int128 value) {
    return key_of_double(static_cast<double>(value));
}

Window window_of(const Check& check, std::int64_t a) {
    if (check.kind == CheckKind::days)
        return {saturated(field::int128{a} + check.low), saturated(field::int128{a} + check.high)};
    if (check.kind == CheckKind::micros)
        return {saturated(field::int128{a} - check.micros),
                saturated(field::int128{a} + check.micros)};
    Bounds bounds = decimal_bounds(check, static_cast<double>(a));
    return {saturated(std::ceil(bounds.low)), saturated(std::floor(bounds.high))};
}

Window window_of(const Check& check, field::int128 a) {
    Bounds bounds = decimal_bounds(check, static_cast<double>(a));
    return {key_of_double(bounds.low), key_of_double(bounds.high)};
}

}  // namespace recon::match
