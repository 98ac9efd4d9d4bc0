// Who gets whom: the assignment of the highest total confidence.
#pragma once

#include <cstdint>
#include <vector>

#include "core/match/edge_store.hpp"
#include "core/match/engine.hpp"
#include "core/match/index.hpp"
#include "core/match/row_pairs.hpp"

namespace recon::match {

struct Assignment {
    std::vector<Pair> pairs;                   // in no particular order
    std::vector<Reason> reasons_a, reasons_b;  // of each class, for its records without a pair
    Gap gap;
};

// Each connected component of candidates on its own. Records of a class are interchangeable: the
// first in order are paired. A pair is ambiguous where another assignment, as good as this one,
// has it not, or has its classes paired another number of times. Under "skip" such pairs are not
// made, and the records concerned are left open as ambiguous; under "propose" and "take" the first
// assignment in the contract's order is made: A's records in order, each with the first partner
// with which the rest can be as good. Under "take" no pair is called ambiguous.
//
// Components of more than limits.max_exact_candidates candidates: see Auction.
Assignment assign(const Side& a, const Side& b, EdgeStore& edges, rule::Ambiguous ambiguous,
                  Context& context);

}  // namespace recon::match
