#include "core/match/exchanges.hpp"

#include <algorithm>

namespace recon::match {

Exchanges::Exchanges(const Side& a, const Side& b, const EdgeStore& edges, MemoryBudget& budget,
                     WorkCheck& stop)
    : a_(a),
      b_(b),
      edges_(edges),
      stop_(stop),
      memory_(budget),
      place_b_(b.classes()),
      count_b_(b.classes()) {}

void Exchanges::add_links(const Component& component, const Solution& optimum) {
    links_.clear();
    tight_.clear();
    auto nodes_a = static_cast<std::uint32_t>(component.a.size());
    for (std::uint32_t i = 0; i < component.b.size(); ++i) place_b_[component.b[i]] = nodes_a + i;
    for (std::uint32_t i = 0; i < component.a.size(); ++i) {
        std::uint32_t a = component.a[i];
        const Flows& flows = optimum.flows;
        for (std::uint32_t f = flows.first_of_a(a); f != no_flow; f = flows[f].next_a)
            count_b_[flows[f].b] = flows[f].count;
        std::span<const Edge> edges = edges_.of(a);
        stop_(edges.size());
        for (const Edge& edge : edges) {
            if (optimum.u[a] + optimum.v[edge.b] != optimum.worth(edge.confidence)) continue;
            std::uint32_t count = count_b_[edge.b];
            links_.push_back({i, place_b_[edge.b], true, count > 0});
            tight_.push_back({a, edge.b, edge.confidence, count, false, optimum.u[a] == 0,
                              optimum.v[edge.b] == 0});
        }
        for (std::uint32_t f = flows.first_of_a(a); f != no_flow; f = flows[f].next_a)
            count_b_[flows[f].b] = 0;
    }
}

// Links of classes whose price is 0 with the node of what has no partner.
void Exchanges::add_left(const Component& component, const Solution& optimum) {
    auto nodes_a = static_cast<std::uint32_t>(component.a.size());
    auto outside = nodes_a + static_cast<std::uint32_t>(component.b.size());
    for (std::uint32_t i = 0; i < component.a.size(); ++i) {
        std::uint32_t a = component.a[i], left = optimum.left_a[a];
        if (optimum.u[a] == 0) links_.push_back({outside, i, left > 0, left < a_.size(a)});
    }
    for (std::uint32_t i = 0; i < component.b.size(); ++i) {
        std::uint32_t b = component.b[i], left = optimum.left_b[b];
        if (optimum.v[b] == 0)
            links_.push_back({nodes_a + i, outside, left > 0, left < b_.size(b)});
    }
}

void Exchanges::list(const Component& component, const Solution& optimum,
                     std::vector<Choice>& choices) {
    std::size_t nodes = component.a.size() + component.b.size() + 1;
    // Room is kept from component to component.
    std::size_t needed =
        component.candidates * (sizeof(Choice) + sizeof(Link) + CycleFinder::bytes_per_link) +
        nodes * (CycleFinder::bytes_per_node + sizeof(Link));
    if (needed > reserved_) {
        memory_.take(needed - reserved_);
        reserved_ = needed;
    }
    add_links(component, optimum);
    add_left(component, optimum);
    cycles_.find(static_cast<std::uint32_t>(nodes), links_, on_cycle_, stop_);
    for (std::size_t i = 0; i < tight_.size(); ++i) {
        tight_[i].ambiguous = on_cycle_[i] != 0;
        if (tight_[i].count > 0 || tight_[i].ambiguous) choices.push_back(tight_[i]);
    }
}

}  // namespace recon::match
