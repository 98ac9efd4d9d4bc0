// Which links of a directed graph lie on a cycle that passes through no link twice: what can be
// exchanged in an optimum. A link that can be passed both ways is on such a cycle where it is in a
// strongly connected component (R. Tarjan, "Depth-first search and linear graph algorithms", 1972)
// and no bridge of it (F. Boesch and R. Tindell, "Robbins's theorem for mixed multigraphs", 1980:
// then it can be given either direction, and the rest stays strongly connected).
#pragma once

#include <cstdint>
#include <vector>

#include "core/match/work_check.hpp"

namespace recon::match {

struct Link {
    std::uint32_t from, to;
    bool forth, back;  // whether it can be passed from `from` to `to`, and the other way
};

// Holds its memory from call to call.
class CycleFinder {
  public:
    static constexpr std::size_t bytes_per_link = 3 * sizeof(std::uint32_t);
    static constexpr std::size_t bytes_per_node = 7 * sizeof(std::uint32_t);

    // Sets on_cycle of each link to 1 or 0.
    void find(std::uint32_t nodes, const std::vector<Link>& links,
              std::vector<std::uint8_t>& on_cycle, WorkCheck& stop);

  private:
    void find_components(std::uint32_t nodes, const std::vector<Link>& links, WorkCheck& stop);
    void find_bridges(std::uint32_t nodes, const std::vector<Link>& links,
                      std::vector<std::uint8_t>& on_cycle, WorkCheck& stop);

    std::vector<std::uint32_t> begins_, around_, next_, order_, low_, component_, path_, stack_,
        entered_by_;
};

}  // namespace recon::match
