// How each group of A is compared with its part of B.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/match/index.hpp"

namespace recon::match {

struct Limits;

// What is not swept, and how much is to be compared there.
struct Ways {
    std::vector<std::uint32_t> left_a, left_b;  // classes of groups that are too large to compare
    std::uint64_t left_groups = 0, left_pairs = 0;
    std::uint64_t joined_groups = 0;
    std::uint64_t swept_pairs = 0;  // that the joined groups would have taken
    TextPairFinder::Joined joined;

    // What is left of the comparisons of the cut.
    double comparisons(double of_cut) const {
        auto saved = static_cast<double>(left_pairs + swept_pairs);
        return std::max(of_cut - saved, 0.0) + static_cast<double>(joined.pairs);
    }
};

// Chooses the way of each group and sets index.ways: those of many pairs are answered by a join of
// texts, where that leaves fewer; those of more than limits.max_comparisons either way are left
// out. Refuses (0A000) to leave out records of a rule none of whose conditions makes blocks.
Ways choose_ways(const Plan& plan, Index& index, const Limits& limits, Reservation& memory,
                 StopToken& stop);

}  // namespace recon::match
