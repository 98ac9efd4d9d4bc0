// Merges the records of one side that no condition of the rule can tell apart.
#pragma once

#include <cstdint>
#include <span>

#include "core/match/operands.hpp"

namespace recon::match {

// Comes with the operands by position in `open`, leaves them by class, with the rows of each.
void merge_equal(Side& side, std::span<const std::uint32_t> open, Reservation& memory,
                 StopCheck& stop);

}  // namespace recon::match
