// Jaro and Jaro-Winkler similarity over characters.
//
// As in W. E. Winkler's strcmp95.c (US Census Bureau): characters are common within half the longer
// length less one, half the common characters out of order (rounded down) count as transpositions,
// and Winkler's bonus (0.1 for each of at most four equal first characters) applies where Jaro is
// above 0.7. Without strcmp95's adjustments for similar characters and long strings.
#pragma once

#include <algorithm>
#include <string_view>

#include "core/limits.hpp"
#include "core/similarity/pattern_bits.hpp"

namespace recon::similarity {

inline constexpr std::size_t longest_winkler_prefix = 4;

// Jaro similarity from counts; `common` is not 0.
inline double jaro_of(std::size_t common, std::size_t transpositions, std::size_t length_a,
                      std::size_t length_b) {
    auto m = static_cast<double>(common);
    return (m / static_cast<double>(length_a) + m / static_cast<double>(length_b) +
            (m - static_cast<double>(transpositions)) / m) /
           3;
}

// `prefix`: equal first characters, at most four.
inline double with_winkler_bonus(double jaro, std::size_t prefix) {
    return jaro > 0.7 ? jaro + static_cast<double>(prefix) * 0.1 * (1 - jaro) : jaro;
}

// What jaro_can_reach() asks for a similarity of `min` with a prefix: a Jaro similarity of J needs
// common / a + common / b >= 3 J - 1, all of them in order. Less a slack for rounding.
inline double jaro_share(double min, std::size_t prefix) {
    double bonus = static_cast<double>(prefix) * 0.1;
    double jaro = min > 0.7 ? std::max(0.7, (min - bonus) / (1 - bonus)) : min;
    return 3 * jaro - 1 - 1e-8;
}

// Whether texts with at most `common` characters in common can have the similarity of the share.
inline bool jaro_can_reach(double share, std::size_t common, std::size_t length_a,
                           std::size_t length_b) {
    auto a = static_cast<double>(length_a), b = static_cast<double>(length_b);
    return static_cast<double>(common) * (a + b) >= share * a * b;
}

// The similarity, Winkler's with a `prefix` above 0; where it is below `min`, some value below.
// Long texts ask `stop` (may be null) on the way. For Byte and char32_t.
template <class Char>
double jaro_similarity(Text<Char> a, Text<Char> b, std::size_t prefix, double min,
                       PatternBits<Char>& bits, StopToken* stop);

template <class Char>
std::size_t winkler_prefix(Text<Char> a, Text<Char> b) {
    std::size_t most = std::min({a.size(), b.size(), longest_winkler_prefix}), at = 0;
    while (at < most && a[at] == b[at]) ++at;
    return at;
}

// 1 for two empty texts, 0 where only one is.
double jaro(std::string_view a, std::string_view b, StopToken* stop = nullptr);

// Where it is below `min`, some value below `min`.
double jaro_winkler(std::string_view a, std::string_view b, double min = 0,
                    StopToken* stop = nullptr);

}  // namespace recon::similarity
