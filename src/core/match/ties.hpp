// Candidates of equal confidence that share a record: which are paired, and which pairs another
// choice, as good as this one, would not have.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "core/match/assign.hpp"

namespace recon::match {

// The rows that classes still have to give, in order.
struct Free {
    const Side& a;
    const Side& b;
    Assignment& taken;

    std::uint32_t left_a(std::uint32_t c) const {
        return taken.aside_a[c] != 0 ? 0 : a.size(c) - taken.used_a[c];
    }
    std::uint32_t left_b(std::uint32_t c) const {
        return taken.aside_b[c] != 0 ? 0 : b.size(c) - taken.used_b[c];
    }
    std::uint32_t next_a(std::uint32_t c) const { return a.rows[a.begins[c] + taken.used_a[c]]; }
    std::uint32_t next_b(std::uint32_t c) const { return b.rows[b.begins[c] + taken.used_b[c]]; }
    std::pair<std::uint32_t, std::uint32_t> take(std::uint32_t x, std::uint32_t y) {
        std::pair<std::uint32_t, std::uint32_t> rows{next_a(x), next_b(y)};
        ++taken.used_a[x];
        ++taken.used_b[y];
        return rows;
    }
};

// `tied`: all candidates of one confidence with free rows at both ends and an end in common with
// another, in order of (a, b). Pairs them in order of their rows. A pair is ambiguous where another
// set of as many pairs of these candidates has it not, or has its classes paired another number of
// times. Under "skip" such pairs are not made and their classes, with those they could be exchanged
// for, are set aside.
void pair_tied(const std::vector<Candidate>& tied, Free& free, rule::Ambiguous ambiguous,
               MemoryBudget& budget, StopCheck& stop, Assignment& result);

}  // namespace recon::match
