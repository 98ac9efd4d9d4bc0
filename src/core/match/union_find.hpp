// Disjoint sets by size with path halving: R. Tarjan and J. van Leeuwen, "Worst-case analysis of
// set union algorithms" (1984).
#pragma once

#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace recon::match {

class UnionFind {
  public:
    explicit UnionFind(std::size_t nodes) : parent_(nodes), size_(nodes, 1) {
        std::iota(parent_.begin(), parent_.end(), 0u);
    }

    void prefetch(std::uint32_t node) const { __builtin_prefetch(&parent_[node]); }
    std::uint32_t find(std::uint32_t node) {
        while (parent_[node] != node) node = parent_[node] = parent_[parent_[node]];
        return node;
    }
    // The root of both.
    std::uint32_t join(std::uint32_t x, std::uint32_t y) {
        x = find(x);
        y = find(y);
        if (x == y) return x;
        if (size_[x] < size_[y]) std::swap(x, y);
        parent_[y] = x;
        size_[x] += size_[y];
        return x;
    }
    std::size_t nodes() const { return parent_.size(); }
    static std::size_t bytes(std::size_t nodes) { return nodes * 2 * sizeof(std::uint32_t); }

  private:
    std::vector<std::uint32_t> parent_, size_;
};

}  // namespace recon::match
