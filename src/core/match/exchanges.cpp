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

// Room is kept from component to component.
void Exchanges::add_link(const Link& link) {
    if (links_.size() == links_.capacity()) {
        std::size_t more = links_.size() / 2 + 256;
        memory_.take(more * (sizeof(Link) + sizeof(Choice) + 1));
        links_.reserve(links_.size() + more);
        tight_.reserve(links_.capacity());
    }
    links_.push_back(link);
}

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
            add_link({i, place_b_[edge.b], true, count > 0});
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
        if (optimum.u[a] == 0) add_link({outside, i, left > 0, left < a_.size(a)});
    }
    for (std::uint32_t i = 0; i < component.b.size(); ++i) {
        std::uint32_t b = component.b[i], left = optimum.left_b[b];
        if (optimum.v[b] == 0) add_link({nodes_a + i, outside, left > 0, left < b_.size(b)});
    }
}

void Exchanges::list(const Component& component, const Solution& optimum,
                     std::vector<Choice>& choices) {
    std::size_t nodes = component.a.size() + component.b.size() + 1;
    add_links(component, optimum);
    add_left(component, optimum);
    std::size_t needed =
        links_.size() * CycleFinder::bytes_per_link + nodes * CycleFinder::bytes_per_node;
    if (needed > for_cycles_) {
        memory_.take(needed - for_cycles_);
        for_cycles_ = needed;
    }
    cycles_.find(static_cast<std::uint32_t>(nodes), links_, on_cycle_, stop_);
    for (std::size_t i = 0; i < tight_.size(); ++i) {
        tight_[i].ambiguous = on_cycle_[i] != 0;
        if (tight_[i].count > 0 || tight_[i].ambiguous) choices.push_back(tight_[i]);
    }
}

}  // namespace recon::match
