// Which pairs of an optimal assignment another optimum would not have, or another number of times.
#pragma once

#include <cstdint>
#include <vector>

#include "core/match/choice.hpp"
#include "core/match/edge_store.hpp"
#include "core/match/exact.hpp"
#include "core/match/strong.hpp"

namespace recon::match {

// All optima have the same tight candidates, whose worth is the sum of the prices, and leave
// records over only where the price is 0. So they differ by cycles in the graph of what can be
// moved along tight candidates, with one more node from which records without a partner come and to
// which they go (the decomposition of A. Dulmage and N. Mendelsohn, "Coverings of bipartite
// graphs", 1958, for weights and classes). Finding them takes steps in proportion to the
// candidates.
class Exchanges {
  public:
    Exchanges(const Side& a, const Side& b, const EdgeStore& edges, MemoryBudget& budget,
              WorkCheck& stop);
    static std::size_t bytes(const Side& a, const Side& b) {
        return a.classes() * sizeof(std::uint32_t) + 2 * b.classes() * sizeof(std::uint32_t);
    }

    // Appends the pairs that the optimum has, and those that can be exchanged for them.
    void list(const Component& component, const Solution& optimum, std::vector<Choice>& choices);

  private:
    void add_link(const Link& link);
    void add_links(const Component& component, const Solution& optimum);
    void add_left(const Component& component, const Solution& optimum);

    const Side& a_;
    const Side& b_;
    const EdgeStore& edges_;
    WorkCheck& stop_;
    Reservation memory_;
    std::vector<std::uint32_t> place_b_;  // of each class of B among the component's
    std::vector<std::uint32_t> count_b_;  // flow of the class of A at hand to each class of B
    std::vector<Link> links_;
    std::vector<Choice> tight_;  // of the first links
    std::vector<std::uint8_t> on_cycle_;
    CycleFinder cycles_;
    std::size_t for_cycles_ = 0;  // bytes taken
};

}  // namespace recon::match
