// The pairs of classes that a rule allows, with their confidences.
#pragma once

#include <cstdint>
#include <vector>

#include "core/match/edge_store.hpp"
#include "core/match/operands.hpp"

namespace recon::match {

struct Candidates {
    std::vector<std::uint8_t> below_a,
        below_b;  // classes with a pair that holds, but is below the threshold
};

// Adds those at or above the threshold to `edges`, in order of their classes of A.
Candidates find_candidates(const Plan& plan, const Operands& operands, EdgeStore& edges,
                           Reservation& memory, StopToken& stop);

}  // namespace recon::match
