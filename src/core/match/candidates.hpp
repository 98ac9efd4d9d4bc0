// The pairs of classes that a rule allows, with their confidences.
#pragma once

#include <cstdint>
#include <vector>

#include "core/match/operands.hpp"

namespace recon::match {

struct Candidate {
    std::uint32_t a, b;        // classes
    std::uint32_t confidence;  // billionths: fits, as they are at most 10^9
};

struct Candidates {
    std::vector<Candidate> list;  // at or above the threshold, in order of a
    std::vector<std::uint8_t> below_a,
        below_b;  // classes with a pair that holds, but is below the threshold
};

// Takes the memory of the list from the budget as it grows.
Candidates find_candidates(const Plan& plan, const Operands& operands, Reservation& memory,
                           StopToken& stop);

}  // namespace recon::match
