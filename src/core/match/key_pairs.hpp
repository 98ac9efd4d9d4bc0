// Rules of nothing but equalities that must hold: the records of a block are interchangeable, and
// are paired in order, the k-th with the k-th.
#pragma once

#include <vector>

#include "core/match/row_pairs.hpp"
#include "core/match/join.hpp"
#include "core/match/row_order.hpp"

namespace recon::match {

struct KeyPairs {
    std::vector<Pair> pairs;                    // in order of the rows of A
    std::vector<std::uint32_t> left_a, left_b;  // rows whose block has too few on the other side
};

KeyPairs pair_blocks(const Blocks& blocks, RowOrder& order, Reservation& memory, StopToken& stop);

}  // namespace recon::match
