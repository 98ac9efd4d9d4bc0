// Disjoint sets by size with path halving: R. Tarjan and J. van Leeuwen, "Worst-case analysis of
// set union algorithms" (1984).
#pragma once

#include <cstdint>
#include <utility>

#include "core/match/large_memory.hpp"

namespace recon::match {

// Below 2^31 nodes.
class UnionFind {
  public:
    explicit UnionFind(std::size_t nodes) : links_(nodes, -1) {}
    static std::size_t bytes(std::size_t nodes) { return nodes * sizeof(std::int32_t); }

    void prefetch(std::uint32_t node) const { __builtin_prefetch(&links_[node]); }
    std::uint32_t find(std::uint32_t node) {
        for (std::int32_t parent; (parent = links_[node]) >= 0;) {
            std::int32_t above = links_[static_cast<std::uint32_t>(parent)];
            if (above < 0) return static_cast<std::uint32_t>(parent);
            links_[node] = above;
            node = static_cast<std::uint32_t>(above);
        }
        return node;
    }
    // Of two roots, the root of both.
    std::uint32_t join(std::uint32_t x, std::uint32_t y) {
        if (x == y) return x;
        if (links_[x] > links_[y]) std::swap(x, y);
        links_[x] += links_[y];
        links_[y] = static_cast<std::int32_t>(x);
        return x;
    }
    std::size_t nodes() const { return links_.size(); }

  private:
    LargeVector<std::int32_t> links_;  // parent, or of a root the negative number of its nodes
};

}  // namespace recon::match
