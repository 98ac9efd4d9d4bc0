#include "core/similarity/levenshtein.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "core/similarity/codepoints.hpp"

namespace recon::similarity {

namespace {

constexpr std::size_t word = 64;

template <class Char>
using Text = std::span<const Char>;

template <class Char>
std::size_t distance_short(Text<Char> pattern, Text<Char> text, std::size_t cutoff) {
    PatternBits<Char> bits(pattern);
    std::uint64_t plus = ~std::uint64_t{0}, minus = 0;
    std::uint64_t last = std::uint64_t{1} << (pattern.size() - 1);
    std::size_t score = pattern.size(), remaining = text.size();
    for (Char c : text) {
        std::uint64_t equal = bits[c];
        std::uint64_t diagonal = (((equal & plus) + plus) ^ plus) | equal | minus;
        std::uint64_t horizontal_plus = minus | ~(diagonal | plus);
        std::uint64_t horizontal_minus = diagonal & plus;
        score += (horizontal_plus & last) != 0;
        score -= (horizontal_minus & last) != 0;
        --remaining;
        // Each character left can take off one at most.
        if (score > cutoff && score - cutoff > remaining) return cutoff + 1;
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
                          StopToken* stop) {
    std::vector<std::int8_t> steps(text.size(), 1);
    std::size_t score = 0;
    for (std::size_t row = 0; row < pattern.size(); row += word) {
        if (stop != nullptr) check_stop(*stop);
        std::size_t height = std::min(word, pattern.size() - row);
        PatternBits<Char> bits(pattern.subspan(row, height));
        std::uint64_t plus = ~std::uint64_t{0}, minus = 0;
        std::uint64_t last = std::uint64_t{1} << (height - 1);
        std::size_t rows_left = pattern.size() - row - height;
        score = row + height;
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
        if (lowest > cutoff) return cutoff + 1;
    }
    return score;
}

template <class Char>
std::size_t distance(Text<Char> a, Text<Char> b, std::size_t cutoff, StopToken* stop) {
    while (!a.empty() && !b.empty() && a.front() == b.front()) {
        a = a.subspan(1);
        b = b.subspan(1);
    }
    while (!a.empty() && !b.empty() && a.back() == b.back()) {
        a = a.first(a.size() - 1);
        b = b.first(b.size() - 1);
    }
    if (a.size() > b.size()) std::swap(a, b);
    if (b.size() - a.size() > cutoff) return cutoff + 1;
    if (a.empty()) return b.size();
    return a.size() <= word ? distance_short(a, b, cutoff) : distance_long(a, b, cutoff, stop);
}

// The largest distance that leaves a similarity of `min`.
std::size_t cutoff_of(std::size_t length, double min) {
    if (min <= 0) return no_cutoff;
    auto cutoff = static_cast<std::size_t>((1 - min) * static_cast<double>(length)) + 1;
    cutoff = std::min(cutoff, length);
    while (cutoff > 0 && Edits{cutoff, length}.similarity() < min) --cutoff;
    return cutoff;
}

}  // namespace

Edits edits(std::string_view a, std::string_view b, std::size_t cutoff, StopToken* stop) {
    return with_characters(a, b, [&](auto x, auto y) {
        return Edits{distance(x, y, cutoff, stop), std::max(x.size(), y.size())};
    });
}

double levenshtein(std::string_view a, std::string_view b, double min, StopToken* stop) {
    return with_characters(a, b, [&](auto x, auto y) {
        std::size_t length = std::max(x.size(), y.size());
        return Edits{distance(x, y, cutoff_of(length, min), stop), length}.similarity();
    });
}

}  // namespace recon::similarity
