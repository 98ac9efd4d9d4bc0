// From classes to records: of all assignments as good as the one given, the first in the contract's
// order, whatever the numbers of rows and classes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/match/choice.hpp"
#include "core/match/edge_store.hpp"
#include "core/match/index.hpp"
#include "core/match/row_order.hpp"
#include "core/match/work_check.hpp"

namespace recon::match {

struct Pair {
    std::uint32_t a, b;  // rows
    std::uint32_t confidence;
    bool ambiguous;
};

// Collects the choices of all components, and pairs the records of their classes at the end, so
// that their order is asked for once.
class RowPairs {
  public:
    RowPairs(const Side& a, const Side& b, MemoryBudget& budget, WorkCheck& stop)
        : a_(a), b_(b), stop_(stop), memory_(budget) {}

    // The choices of a component; those of a class of A come together.
    void add(const Component& component, std::span<const Choice> choices, std::vector<Pair>& pairs);

    // Pairs what add() did not at once. A's records take turns in order; each takes the first
    // partner with which the rest can still be as good.
    void finish(RowOrder& order, std::vector<Pair>& pairs);

  private:
    const Side& a_;
    const Side& b_;
    WorkCheck& stop_;
    Reservation memory_;
    std::vector<Choice> held_;                          // of classes by their numbers
    std::vector<std::uint32_t> choices_a_, choices_b_;  // of each class, by place
    std::size_t room_ = 0;
};

}  // namespace recon::match
