// Ranges as intervals of sort keys: which values of B one of A can go with.
#pragma once

#include <cstdint>

#include "core/match/plan.hpp"

namespace recon::match {

// The numbers themselves; for 128 bits, doubles as integers in the same order.
std::int64_t sort_key(field::int128 value);
inline std::int64_t sort_key(std::int64_t value) {
    return value;
}

// Both ends belong to it. Never too narrow, but perhaps wider by rounding.
struct Window {
    std::int64_t low = 0, high = 0;
    bool holds(std::int64_t key) const { return key >= low && key <= high; }
};
// Neither end descends where `a` ascends.
Window window_of(const Check& check, std::int64_t a);
Window window_of(const Check& check, field::int128 a);

}  // namespace recon::match
