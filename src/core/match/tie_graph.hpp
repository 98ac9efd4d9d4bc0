// Candidates of equal confidence as a bipartite graph of classes, and its connected parts.
#pragma once

#include <cstdint>
#include <vector>

#include "core/match/candidates.hpp"

namespace recon::match {

// Nodes are classes, those of A first.
struct TieGraph {
    struct Edge {
        std::uint32_t a, b;  // nodes
    };
    std::vector<std::uint32_t> classes_a, classes_b;  // ascending
    std::vector<Edge> edges;                          // one for each candidate
    std::vector<std::uint32_t> begins, around;        // edges of each node

    explicit TieGraph(const std::vector<Candidate>& tied);  // in order of (a, b)

    std::uint32_t nodes() const {
        return static_cast<std::uint32_t>(classes_a.size() + classes_b.size());
    }
    bool is_a(std::uint32_t node) const { return node < classes_a.size(); }
    std::uint32_t class_of(std::uint32_t node) const {
        return is_a(node) ? classes_a[node] : classes_b[node - classes_a.size()];
    }
};

// A connected part; `place` says where in `nodes` a node is.
struct TiePart {
    std::vector<std::uint32_t> nodes, edges;
};
inline constexpr std::uint32_t no_place = 0xFFFFFFFFu;
TiePart connected_part(const TieGraph& graph, std::uint32_t start,
                       std::vector<std::uint32_t>& place);

}  // namespace recon::match
