#include "core/match/tie_graph.hpp"

#include <algorithm>
#include <numeric>

namespace recon::match {

TieGraph::TieGraph(const std::vector<Candidate>& tied) {
    for (const Candidate& candidate : tied) {
        if (classes_a.empty() || classes_a.back() != candidate.a) classes_a.push_back(candidate.a);
        classes_b.push_back(candidate.b);
    }
    std::sort(classes_b.begin(), classes_b.end());
    classes_b.erase(std::unique(classes_b.begin(), classes_b.end()), classes_b.end());
    auto shift = static_cast<std::uint32_t>(classes_a.size());
    std::uint32_t a = 0;
    edges.reserve(tied.size());
    for (const Candidate& candidate : tied) {
        while (classes_a[a] != candidate.a) ++a;
        auto found = std::lower_bound(classes_b.begin(), classes_b.end(), candidate.b);
        edges.push_back({a, shift + static_cast<std::uint32_t>(found - classes_b.begin())});
    }
    begins.assign(nodes() + 1, 0);
    for (const Edge& edge : edges) {
        ++begins[edge.a + 1];
        ++begins[edge.b + 1];
    }
    std::partial_sum(begins.begin(), begins.end(), begins.begin());
    around.resize(edges.size() * 2);
    std::vector<std::uint32_t> next(begins.begin(), begins.end() - 1);
    for (std::uint32_t e = 0; e < edges.size(); ++e) {
        around[next[edges[e].a]++] = e;
        around[next[edges[e].b]++] = e;
    }
}

TiePart connected_part(const TieGraph& graph, std::uint32_t start,
                       std::vector<std::uint32_t>& place) {
    TiePart part;
    auto enter = [&](std::uint32_t node) {
        if (place[node] != no_place) return;
        place[node] = static_cast<std::uint32_t>(part.nodes.size());
        part.nodes.push_back(node);
    };
    enter(start);
    for (std::size_t at = 0; at < part.nodes.size(); ++at) {
        std::uint32_t node = part.nodes[at];
        for (std::uint32_t k = graph.begins[node]; k < graph.begins[node + 1]; ++k) {
            const TieGraph::Edge& edge = graph.edges[graph.around[k]];
            if (graph.is_a(node)) part.edges.push_back(graph.around[k]);
            enter(edge.a == node ? edge.b : edge.a);
        }
    }
    return part;
}

}  // namespace recon::match
