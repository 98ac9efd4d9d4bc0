#include "core/match/single_solver.hpp"

#include <algorithm>
#include <functional>

namespace recon::match {

void SingleSolver::reserve(std::size_t a, std::size_t b) {
    if (a > room_a_) {
        memory_.take((a - room_a_) * (sizeof(NodeA) + sizeof(std::uint32_t)));
        room_a_ = a;
        tree_a_.reserve(a);
    }
    if (b > room_b_) {
        memory_.take((b - room_b_) * (sizeof(NodeB) + 2 * sizeof(std::uint32_t)));
        room_b_ = b;
        reached_.reserve(b);
        ready_.reserve(b);
    }
}

void SingleSolver::solve(const Component& component, Optimum& optimum) {
    reserve(component.a.size(), component.b.size());
    a_.clear();
    for (std::uint32_t a : component.a) {
        std::span<const Edge> edges = edges_.of(a);
        a_.push_back({edges.data(), static_cast<std::uint32_t>(edges.size()), 0, none, 0});
    }
    b_.assign(component.b.size(), {0, far, none, none});
    if (!reduce()) {
        two_sided_.solve(component, optimum);
        return;
    }
    for (std::uint32_t a = 0; a < a_.size(); ++a)
        if (a_[a].mate == none && a_[a].price > 0) augment(a);

    for (std::uint32_t a = 0; a < a_.size(); ++a) {
        const NodeA& node = a_[a];
        optimum.u[a] = node.price;
        optimum.left_a[a] = node.mate == none ? 1 : 0;
        stop_(node.count);
        for (std::uint32_t k = 0; k < node.count; ++k) {
            const Edge& edge = node.edges[k];
            if (node.price + b_[edge.b].price == static_cast<std::int32_t>(edge.confidence))
                optimum.add_tight({a, edge.b, edge.confidence, node.mate == edge.b ? 1u : 0u});
        }
    }
    for (std::uint32_t b = 0; b < b_.size(); ++b) {
        optimum.v[b] = b_[b].price;
        optimum.left_b[b] = b_[b].mate == none ? 1 : 0;
    }
}

// Each class of A takes its best partner; those who want the same outbid one another, by as much as
// the next best partner is worse. False where this does not end soon: then good partners are scarce
// and the searches for what is left would be long.
bool SingleSolver::reduce() {
    bool ample = a_.size() < 20 || b_.size() > a_.size() + a_.size() / 16;
    std::size_t bids = ample ? 8 * a_.size() : 2 * a_.size() + 16;
    for (std::uint32_t start = 0; start < a_.size(); ++start) {
        std::size_t bids_on = ample ? bids : 12;  // that follow from the first
        for (std::uint32_t a = start; a != none;) {
            NodeA& node = a_[a];
            stop_(node.count);
            std::int32_t most = 0, next = 0;
            std::uint32_t first = none, second = none;
            for (const Edge *edge = node.edges, *end = edge + node.count; edge != end; ++edge) {
                std::int32_t value =
                    static_cast<std::int32_t>(edge->confidence) - b_[edge->b].price;
                if (value <= next) continue;
                if (value > most) {
                    next = most;
                    second = first;
                    most = value;
                    first = edge->b;
                } else {
                    next = value;
                    second = edge->b;
                }
            }
            node.price = most;
            if (first == none) break;
            std::uint32_t owner = b_[first].mate;
            if (owner != none) {
                if (next == most && b_[second].mate == none) {
                    first = second;
                    owner = none;
                } else if (next == most) {
                    break;
                } else {
                    if (bids-- == 0 || bids_on-- == 0) return false;
                    node.price = next;
                    b_[first].price += most - next;
                    a_[owner].mate = none;
                }
            }
            node.mate = first;
            b_[first].mate = a;
            a = owner;
        }
    }
    return true;
}

void SingleSolver::scan(std::uint32_t a, std::int32_t distance) {
    NodeA& node = a_[a];
    node.distance = distance;
    tree_a_.push_back(a);
    std::int32_t base = distance + node.price, best = best_;
    if (base < best) {
        best = base;
        end_a_ = a;
        end_b_ = none;
    }
    stop_(node.count);
    for (const Edge *edge = node.edges, *end = edge + node.count; edge != end; ++edge) {
        NodeB& to = b_[edge->b];
        std::int64_t sum = std::int64_t{base} + to.price - edge->confidence;
        if (sum >= best || sum >= to.distance) continue;
        auto found = static_cast<std::int32_t>(sum);
        if (to.distance == far) reached_.push_back(edge->b);
        to.distance = found;
        to.from = a;
        if (to.mate == none) {
            best = found;
            end_b_ = edge->b;
        } else if (found == distance) {
            ready_.push_back(edge->b);
        } else {
            if (heap_.size() == room_heap_) {
                std::size_t more = room_heap_ / 2 + 256;
                memory_.take(more * sizeof(std::uint64_t));
                heap_.reserve(room_heap_ += more);
            }
            heap_.push_back((static_cast<std::uint64_t>(found) << 32) | edge->b);
            std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
        }
    }
    best_ = best;
}

// The nearest class of B that is not in the tree, where it is nearer than the best end.
bool SingleSolver::nearest(std::uint32_t& b) {
    if (!ready_.empty()) {
        b = ready_.back();
        ready_.pop_back();
        return b_[b].distance < best_;
    }
    while (!heap_.empty()) {
        std::uint64_t top = heap_.front();
        auto distance = static_cast<std::int32_t>(top >> 32);
        if (distance >= best_) return false;
        std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
        heap_.pop_back();
        b = static_cast<std::uint32_t>(top);
        if (distance == b_[b].distance) return true;  // else it came nearer since
    }
    return false;
}

// Dijkstra's search from a class of A, and what it found; false where that stays without a partner.
bool SingleSolver::augment(std::uint32_t a) {
    tree_a_.clear();
    best_ = a_[a].price + 1;
    scan(a, 0);
    for (std::uint32_t b = none; nearest(b);) scan(b_[b].mate, b_[b].distance);
    for (std::uint32_t x : tree_a_) {
        NodeA& node = a_[x];
        node.price -= best_ - node.distance;
        if (node.mate != none) b_[node.mate].price += best_ - node.distance;
    }
    for (std::uint32_t b : reached_) b_[b].distance = far;
    reached_.clear();
    ready_.clear();
    heap_.clear();
    std::uint32_t b = end_b_;
    if (b == none) {
        if (end_a_ == a) return false;
        b = a_[end_a_].mate;
        a_[end_a_].mate = none;
    }
    for (;;) {
        std::uint32_t x = b_[b].from;
        std::uint32_t lost = a_[x].mate;
        a_[x].mate = b;
        b_[b].mate = x;
        if (x == a) return true;
        b = lost;
    }
}

}  // namespace recon::match
