// Strongly connected components of a directed graph: R. Tarjan, "Depth-first search and linear
// graph algorithms" (1972), without recursion.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace recon::match {

struct Arc {
    std::uint32_t from, to;
};

// The component's number of each node.
std::vector<std::uint32_t> strong_components(std::uint32_t nodes, std::span<const Arc> arcs);

}  // namespace recon::match
