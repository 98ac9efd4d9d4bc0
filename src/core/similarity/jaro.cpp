#include "core/similarity/jaro.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/similarity/codepoints.hpp"

namespace recon::similarity {

namespace {

constexpr double prefix_scale = 0.1, bonus_above = 0.7;
constexpr std::size_t longest_prefix = 4;

template <class Char>
using Text = std::span<const Char>;

std::size_t window_of(std::size_t a, std::size_t b) {
    std::size_t half = std::max(a, b) / 2;
    return half > 0 ? half - 1 : 0;
}

struct Common {
    std::size_t characters = 0, out_of_order = 0;
};

// Each character of `a` takes the first equal one of `b` in its window that is still free.
template <class Char>
Common common_short(Text<Char> a, Text<Char> b, std::size_t window) {
    PatternBits<Char> bits(b);
    std::uint64_t free = ~std::uint64_t{0};
    std::uint64_t taken_a = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t first = i > window ? i - window : 0, end = i + window + 1;
        if (first >= 64) break;
        std::uint64_t inside = ~std::uint64_t{0} << first;
        if (end < 64) inside &= (std::uint64_t{1} << end) - 1;
        std::uint64_t found = bits[a[i]] & free & inside;
        if (found == 0) continue;
        free &= ~(found & (0 - found));
        taken_a |= std::uint64_t{1} << i;
    }
    Common common;
    std::uint64_t taken_b = ~free;
    while (taken_a != 0) {
        auto i = static_cast<std::size_t>(std::countr_zero(taken_a));
        auto j = static_cast<std::size_t>(std::countr_zero(taken_b));
        common.out_of_order += a[i] != b[j];
        ++common.characters;
        taken_a &= taken_a - 1;
        taken_b &= taken_b - 1;
    }
    return common;
}

// The same in linear time: as the window only moves on, the places of one character in `b` are
// taken in order.
template <class Char>
Common common_long(Text<Char> a, Text<Char> b, std::size_t window) {
    struct Places {
        std::size_t next, end;
    };
    std::vector<std::size_t> places(b.size());
    for (std::size_t j = 0; j < b.size(); ++j) places[j] = j;
    std::stable_sort(places.begin(), places.end(),
                     [&](std::size_t x, std::size_t y) { return b[x] < b[y]; });
    std::unordered_map<Char, Places> of;
    for (std::size_t k = 0; k < places.size(); ++k) {
        auto [entry, is_new] = of.try_emplace(b[places[k]], Places{k, k});
        entry->second.end = k + 1;
    }
    std::vector<Char> taken_a;
    std::vector<bool> taken_b(b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        auto entry = of.find(a[i]);
        if (entry == of.end()) continue;
        Places& at = entry->second;
        while (at.next < at.end && places[at.next] + window < i) ++at.next;
        if (at.next == at.end || places[at.next] > i + window) continue;
        taken_b[places[at.next++]] = true;
        taken_a.push_back(a[i]);
    }
    Common common;
    for (std::size_t j = 0; j < b.size(); ++j)
        if (taken_b[j]) common.out_of_order += taken_a[common.characters++] != b[j];
    return common;
}

template <class Char>
double jaro_of(Text<Char> a, Text<Char> b) {
    if (a.empty() && b.empty()) return 1;
    if (a.empty() || b.empty()) return 0;
    std::size_t window = window_of(a.size(), b.size());
    Common common =
        a.size() <= 64 && b.size() <= 64 ? common_short(a, b, window) : common_long(a, b, window);
    if (common.characters == 0) return 0;
    auto m = static_cast<double>(common.characters);
    auto transpositions = static_cast<double>(common.out_of_order / 2);
    return (m / static_cast<double>(a.size()) + m / static_cast<double>(b.size()) +
            (m - transpositions) / m) /
           3;
}

double with_bonus(double jaro, std::size_t prefix) {
    return jaro > bonus_above ? jaro + static_cast<double>(prefix) * prefix_scale * (1 - jaro)
                              : jaro;
}

}  // namespace

double jaro(std::string_view a, std::string_view b) {
    return with_characters(a, b, [](auto x, auto y) { return jaro_of(x, y); });
}

double jaro_winkler(std::string_view a, std::string_view b, double min) {
    return with_characters(a, b, [min](auto x, auto y) {
        std::size_t shorter = std::min(x.size(), y.size()), longer = std::max(x.size(), y.size());
        std::size_t prefix = 0;
        while (prefix < std::min(shorter, longest_prefix) && x[prefix] == y[prefix]) ++prefix;
        if (min > 0 && shorter > 0) {
            // At best all of the shorter text is common and in order; the slack covers rounding.
            double best = (2 + static_cast<double>(shorter) / static_cast<double>(longer)) / 3;
            if (with_bonus(best, prefix) + 1e-9 < min) return 0.0;
        }
        return with_bonus(jaro_of(x, y), prefix);
    });
}

}  // namespace recon::similarity
