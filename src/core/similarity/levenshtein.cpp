#include "core/similarity/levenshtein.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/similarity/affixes.hpp"

namespace recon::similarity {

namespace {

template <class Char>
std::size_t distance_short(Text<Char> pattern, Text<Char> text, std::size_t cutoff,
                           const PatternBits<Char>& bits) {
    std::uint64_t plus = ~std::uint64_t{0}, minus = 0;
    auto last = static_cast<int>(pattern.size() - 1);
    std::size_t score = pattern.size();
    // Each character left can take off one at most.
    std::size_t allowed = cutoff > no_cutoff - text.size() ? no_cutoff : cutoff + text.size();
    for (Char c : text) {
        std::uint64_t equal = bits[c];
        std::uint64_t diagonal = (((equal & plus) + plus) ^ plus) | equal | minus;
        std::uint64_t horizontal_plus = minus | ~(diagonal | plus);
        std::uint64_t horizontal_minus = diagonal & plus;
        score += (horizontal_plus >> last) & 1;
        score -= (horizontal_minus >> last) & 1;
        if (score > --allowed) return cutoff + 1;
        horizontal_plus = (horizontal_plus << 1) | 1;
        horizontal_minus <<= 1;
        plus = horizontal_minus | ~(diagonal | horizontal_plus);
        minus = horizontal_plus & diagonal;
    }
    return score;
}

// Strips of 64 pattern rows over the whole text; `steps` carries the horizontal differences from
// strip to strip.
template <class Char>
std::size_t distance_long(Text<Char> pattern, Text<Char> text, std::size_t cutoff,
                          PatternBits<Char>& bits, StopToken* stop) {
    std::vector<std::int8_t> steps(text.size(), 1);
    std::size_t score = 0;
    for (std::size_t row = 0; row < pattern.size(); row += word_bits) {
        if (stop != nullptr) check_stop(*stop);
        Text<Char> strip = pattern.subspan(row, std::min(word_bits, pattern.size() - row));
        bits.set(strip);
        std::uint64_t plus = ~std::uint64_t{0}, minus = 0;
        std::uint64_t last = std::uint64_t{1} << (strip.size() - 1);
        std::size_t rows_left = pattern.size() - row - strip.size();
        score = row + strip.size();
        auto bound = [&](std::size_t column) {
            std::size_t columns_left = text.size() - column;
            return score +
                   (rows_left > columns_left ? rows_left - columns_left : columns_left - rows_left);
        };
        std::size_t lowest = bound(0);
        for (std::size_t j = 0; j < text.size(); ++j) {
            std::uint64_t equal = bits[text[j]];
            int in = steps[j];
            std::uint64_t vertical = equal | minus;
            if (in < 0) equal |= 1;
            std::uint64_t horizontal = (((equal & plus) + plus) ^ plus) | equal;
            std::uint64_t horizontal_plus = minus | ~(horizontal | plus);
            std::uint64_t horizontal_minus = plus & horizontal;
            int out = (horizontal_plus & last) != 0 ? 1 : (horizontal_minus & last) != 0 ? -1 : 0;
            horizontal_plus <<= 1;
            horizontal_minus <<= 1;
            if (in < 0) horizontal_minus |= 1;
            if (in > 0) horizontal_plus |= 1;
            plus = horizontal_minus | ~(vertical | horizontal_plus);
            minus = horizontal_plus & vertical;
            steps[j] = static_cast<std::int8_t>(out);
            score += static_cast<std::size_t>(out);
            lowest = std::min(lowest, bound(j + 1));
        }
        bits.clear(strip);
        if (lowest > cutoff) return cutoff + 1;
    }
    return score;
}

}  // namespace

template <class Char>
std::size_t levenshtein_distance(Text<Char> a, Text<Char> b, std::size_t cutoff,
                                 PatternBits<Char>& bits, StopToken* stop) {
    strip_affixes(a, b);
    if (a.size() > b.size()) std::swap(a, b);
    if (b.size() - a.size() > cutoff) return cutoff + 1;
    if (a.empty()) return b.size();
    if (a.size() > word_bits) return distance_long(a, b, cutoff, bits, stop);
    bits.set(a);
    std::size_t distance = distance_short(a, b, cutoff, bits);
    bits.clear(a);
    return distance;
}

template std::size_t levenshtein_distance(Text<Byte>, Text<Byte>, std::size_t, PatternBits<Byte>&,
                                          StopToken*);
template std::size_t levenshtein_distance(Text<char32_t>, Text<char32_t>, std::size_t,
                                          PatternBits<char32_t>&, StopToken*);

Edits edits(std::string_view a, std::string_view b, std::size_t cutoff, StopToken* stop) {
    return with_characters(a, b, [&]<class Char>(Text<Char> x, Text<Char> y) {
        PatternBits<Char> bits;
        return Edits{levenshtein_distance(x, y, cutoff, bits, stop), std::max(x.size(), y.size())};
    });
}

double levenshtein(std::string_view a, std::string_view b, double min, StopToken* stop) {
    return with_characters(a, b, [&]<class Char>(Text<Char> x, Text<Char> y) {
        PatternBits<Char> bits;
        std::size_t length = std::max(x.size(), y.size());
        std::size_t distance = levenshtein_distance(x, y, cutoff_of(length, min), bits, stop);
        return Edits{distance, length}.similarity();
    });
}

}  // namespace recon::similarity
