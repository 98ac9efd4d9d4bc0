// What two texts have in common at their ends, which no edit distance depends on.
#pragma once

#include <bit>
#include <cstring>

#include "core/similarity/characters.hpp"

namespace recon::similarity {

template <class Char>
std::size_t common_prefix(Text<Char> a, Text<Char> b) {
    std::size_t length = a.size() < b.size() ? a.size() : b.size(), at = 0;
    if constexpr (sizeof(Char) == 1 && std::endian::native == std::endian::little) {
        for (; at + 8 <= length; at += 8) {
            std::uint64_t x, y;
            std::memcpy(&x, a.data() + at, 8);
            std::memcpy(&y, b.data() + at, 8);
            if (x != y) return at + static_cast<std::size_t>(std::countr_zero(x ^ y)) / 8;
        }
    }
    while (at < length && a[at] == b[at]) ++at;
    return at;
}

template <class Char>
std::size_t common_suffix(Text<Char> a, Text<Char> b) {
    std::size_t length = a.size() < b.size() ? a.size() : b.size(), at = 0;
    const Char *end_a = a.data() + a.size(), *end_b = b.data() + b.size();
    if constexpr (sizeof(Char) == 1 && std::endian::native == std::endian::little) {
        for (; at + 8 <= length; at += 8) {
            std::uint64_t x, y;
            std::memcpy(&x, end_a - at - 8, 8);
            std::memcpy(&y, end_b - at - 8, 8);
            if (x != y) return at + static_cast<std::size_t>(std::countl_zero(x ^ y)) / 8;
        }
    }
    while (at < length && end_a[-1 - static_cast<std::ptrdiff_t>(at)] ==
                              end_b[-1 - static_cast<std::ptrdiff_t>(at)])
        ++at;
    return at;
}

// Takes both off; returns how many characters that were.
template <class Char>
std::size_t strip_affixes(Text<Char>& a, Text<Char>& b) {
    std::size_t prefix = common_prefix(a, b);
    a = a.subspan(prefix);
    b = b.subspan(prefix);
    std::size_t suffix = common_suffix(a, b);
    a = a.first(a.size() - suffix);
    b = b.first(b.size() - suffix);
    return prefix + suffix;
}

}  // namespace recon::similarity
