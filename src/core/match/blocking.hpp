// Which pairs of records are looked at: those that agree in every required "equal", cut further by
// a required range.
#pragma once

#include <cstdint>
#include <vector>

#include "core/match/operands.hpp"

namespace recon::match {

// Blocks of each class; no_id where it can have no partner.
struct Blocks {
    std::vector<std::uint32_t> a, b;
    std::uint32_t count = 0;
};
Blocks make_blocks(const Plan& plan, const Operands& operands, StopToken& stop);

// Within a block: cut into buckets by the days of one check, sorted by the value of another; -1 for
// neither.
struct Cut {
    int bucket = -1, sweep = -1;
};
// The cut with the fewest expected steps, by a sample of pairs at fixed distances. All cuts find
// the same pairs.
Cut choose_cut(const Plan& plan, const Operands& operands, const Blocks& blocks);

// The value of B by which a range check sorts, and those values that one of A can go with: never
// too narrow, but perhaps wider by rounding.
struct Window {
    double low = 0, high = 0;
};
double sort_key(const Check& check, const Operand& b, std::size_t at);
Window window_of(const Check& check, const Operand& a, std::size_t at);

}  // namespace recon::match
