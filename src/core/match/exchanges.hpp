// Which pairs of an optimal assignment another optimum would not have, or another number of times.
#pragma once

#include <cstdint>
#include <vector>

#include "core/match/choice.hpp"
#include "core/match/optimum.hpp"
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
    Exchanges(MemoryBudget& budget, WorkCheck& stop) : stop_(stop), memory_(budget) {}

    // Appends the pairs that the optimum has, and those that can be exchanged for them.
    void list(const Optimum& optimum, Choices& choices);

  private:
    bool is_forest(std::size_t nodes);
    void add_links(const Optimum& optimum);

    WorkCheck& stop_;
    Reservation memory_;
    std::vector<Link> links_;  // those of the tight candidates first
    std::vector<std::uint8_t> on_cycle_;
    std::vector<std::uint32_t> roots_;
    std::size_t room_nodes_ = 0, room_links_ = 0, for_cycles_ = 0;
    CycleFinder cycles_;
};

}  // namespace recon::match
