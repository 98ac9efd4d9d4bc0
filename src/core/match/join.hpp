// Semi-join of the two sides by what a pair must agree in: blocks of records that do, and nothing
// of the records that have no partner.
#pragma once

#include <cstdint>
#include <span>

#include "core/match/operands.hpp"

namespace recon::match {

// Open rows whose required values are known and whose block has rows of the other side, too;
// ascending, with the block of each.
struct Blocks {
    Buffer<std::uint32_t> rows_a, rows_b;
    Buffer<std::uint32_t> of_a, of_b;
    std::uint32_t count = 0;
};

// Without keys, all records are one block.
Blocks join(const Plan& plan, const Operands& operands, Rows open_a, Rows open_b,
            Reservation& memory, StopToken& stop);

// The rows of each block in turn: of block k, rows[begins[k] .. begins[k + 1]).
struct ByBlock {
    Buffer<std::uint32_t> rows, begins;
    std::uint32_t size(std::uint32_t block) const { return begins[block + 1] - begins[block]; }
};
ByBlock by_block(const Buffer<std::uint32_t>& rows, const Buffer<std::uint32_t>& of,
                 std::uint32_t count);

}  // namespace recon::match
