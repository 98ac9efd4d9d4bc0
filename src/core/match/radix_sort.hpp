// Sorts by 64 + 32 bits, least significant digit first (Knuth, The Art of Computer Programming 3,
// 5.2.5); digits that all entries share cost nothing.
#pragma once

#include <array>
#include <cstdint>

#include "core/match/buffer.hpp"

namespace recon::match {

struct SortEntry {
    std::uint64_t low;   // the lesser part of the key
    std::uint32_t high;  // the greater part
    std::uint32_t value;
};

namespace radix {

inline constexpr unsigned bits = 11;
inline constexpr std::size_t digits = std::size_t{1} << bits;

template <class Digit>
void pass(Buffer<SortEntry>& entries, Buffer<SortEntry>& other, Digit digit) {
    std::array<std::size_t, digits + 1> begins{};
    for (const SortEntry& entry : entries) ++begins[digit(entry) + 1];
    for (std::size_t i = 1; i < begins.size(); ++i) begins[i] += begins[i - 1];
    for (const SortEntry& entry : entries) other[begins[digit(entry)]++] = entry;
    std::swap(entries, other);
}

}  // namespace radix

// Equal keys keep their order. Holds the entries twice.
inline void radix_sort(Buffer<SortEntry>& entries) {
    if (entries.size() < 2) return;
    std::uint64_t low = 0;
    std::uint32_t high = 0;
    for (const SortEntry& entry : entries) {
        low |= entry.low ^ entries[0].low;
        high |= entry.high ^ entries[0].high;
    }
    Buffer<SortEntry> other;
    other.resize(entries.size());
    for (unsigned shift = 0; shift < 64; shift += radix::bits)
        if (((low >> shift) & (radix::digits - 1)) != 0)
            radix::pass(entries, other, [shift](const SortEntry& entry) {
                return (entry.low >> shift) & (radix::digits - 1);
            });
    for (unsigned shift = 0; shift < 32; shift += radix::bits)
        if (((high >> shift) & (radix::digits - 1)) != 0)
            radix::pass(entries, other, [shift](const SortEntry& entry) {
                return std::size_t{(entry.high >> shift) & (radix::digits - 1)};
            });
}

}  // namespace recon::match
