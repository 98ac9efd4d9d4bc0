#include "core/match/exchanges.hpp"

#include <algorithm>
#include <numeric>

namespace recon::match {

// The tight candidates, and classes whose price is 0 with the node of what has no partner.
void Exchanges::add_links(const Optimum& optimum) {
    auto nodes_a = static_cast<std::uint32_t>(optimum.u.size());
    auto outside = nodes_a + static_cast<std::uint32_t>(optimum.v.size());
    std::size_t most = optimum.tight.size() + outside;
    if (most > room_links_) {
        memory_.take((most - room_links_) * (sizeof(Link) + 1));
        links_.reserve(room_links_ = most);
    }
    links_.clear();
    for (const Tight& it : optimum.tight)
        links_.push_back({it.a, nodes_a + it.b, true, it.count > 0});
    for (std::uint32_t i = 0; i < nodes_a; ++i) {
        std::uint32_t left = optimum.left_a[i];
        if (optimum.u[i] == 0) links_.push_back({outside, i, left > 0, left < optimum.size_a[i]});
    }
    for (std::uint32_t i = 0; i < optimum.v.size(); ++i) {
        std::uint32_t left = optimum.left_b[i];
        if (optimum.v[i] == 0)
            links_.push_back({nodes_a + i, outside, left > 0, left < optimum.size_b[i]});
    }
}

// Without a cycle there is nothing to exchange; most components of unlike confidences have none.
bool Exchanges::is_forest(std::size_t nodes) {
    if (links_.size() >= nodes) return false;
    if (nodes > room_nodes_) {
        memory_.take((nodes - room_nodes_) * sizeof(std::uint32_t));
        room_nodes_ = nodes;
    }
    roots_.resize(nodes);
    std::iota(roots_.begin(), roots_.end(), 0u);
    auto find = [&](std::uint32_t node) {
        while (roots_[node] != node) node = roots_[node] = roots_[roots_[node]];
        return node;
    };
    for (const Link& link : links_) {
        std::uint32_t x = find(link.from), y = find(link.to);
        if (x == y) return false;
        roots_[y] = x;
    }
    return true;
}

void Exchanges::list(const Optimum& optimum, Choices& choices) {
    std::size_t nodes = optimum.u.size() + optimum.v.size() + 1;
    add_links(optimum);
    stop_(links_.size());
    bool none = is_forest(nodes);
    if (!none) {
        std::size_t needed =
            links_.size() * CycleFinder::bytes_per_link + nodes * CycleFinder::bytes_per_node;
        if (needed > for_cycles_) {
            memory_.take(needed - for_cycles_);
            for_cycles_ = needed;
        }
        cycles_.find(static_cast<std::uint32_t>(nodes), links_, on_cycle_, stop_);
    }
    if (none && optimum.singles)
        choices.reserve(choices.list.size() + std::min(optimum.u.size(), optimum.v.size()));
    for (std::size_t i = 0; i < optimum.tight.size(); ++i) {
        const Tight& it = optimum.tight[i];
        bool ambiguous = !none && on_cycle_[i] != 0;
        if (it.count > 0 || ambiguous)
            choices.push_back({it.a, it.b, it.confidence, it.count, ambiguous, optimum.u[it.a] == 0,
                               optimum.v[it.b] == 0});
    }
}

}  // namespace recon::match
