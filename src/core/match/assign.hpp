// Who gets whom: best first, each record once.
#pragma once

#include <cstdint>
#include <vector>

#include "core/match/candidates.hpp"
#include "core/match/operands.hpp"

namespace recon::match {

struct Pair {
    std::uint32_t a, b;  // rows
    std::uint32_t confidence;
    bool ambiguous;
};

struct Assignment {
    std::vector<Pair> pairs;
    std::vector<std::uint32_t> used_a,
        used_b;  // rows of each class that are in a pair: its first ones
    std::vector<std::uint8_t> aside_a,
        aside_b;  // classes whose other rows are left open as ambiguous
};

// Candidates in order of confidence (highest first), row of A, row of B. Those of one confidence
// are a level: ambiguity is decided in it. Sorts the candidates.
Assignment assign(const Side& a, const Side& b, std::vector<Candidate>& candidates,
                  rule::Ambiguous ambiguous, Reservation& memory, StopToken& stop);

}  // namespace recon::match
