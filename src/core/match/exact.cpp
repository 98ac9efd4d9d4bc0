#include "core/match/exact.hpp"

#include <algorithm>
#include <functional>

namespace recon::match {

ExactSolver::ExactSolver(const Side& a, const Side& b, const EdgeStore& edges, WorkCheck& stop)
    : a_(a),
      b_(b),
      edges_(edges),
      stop_(stop),
      seen_a_(a.classes()),
      seen_b_(b.classes()),
      via_(a.classes()),
      distance_a_(a.classes()),
      distance_b_(b.classes()),
      from_(b.classes()) {}

void ExactSolver::pair(std::uint32_t a, const Edge& edge, std::uint32_t count) {
    it_->flows.add(a, edge.b, edge.confidence, count);
    it_->left_a[a] -= count;
    it_->left_b[edge.b] -= count;
}

void ExactSolver::solve(const Component& component, Solution& solution) {
    it_ = &solution;
    std::uint64_t records_a = 0, records_b = 0;
    for (std::uint32_t a : component.a) {
        solution.u[a] = 0;
        records_a += solution.left_a[a] = a_.size(a);
    }
    for (std::uint32_t b : component.b) {
        solution.v[b] = 0;
        records_b += solution.left_b[b] = b_.size(b);
    }
    solution.worth = {};
    if (edges_.has_zeros())
        solution.worth = {static_cast<std::int64_t>(std::min(records_a, records_b)) + 1, 1};
    stop_(component.candidates);
    if (component.a.size() == 1) {
        star_of_a(component);
    } else if (component.b.size() == 1) {
        star_of_b(component);
    } else {
        reduce(component);
        for (std::uint32_t a : component.a) augment(a);
    }
}

// One class with all the others: the best ones first. The price is that of the last one it got.
void ExactSolver::star_of_a(const Component& component) {
    std::uint32_t a = component.a[0];
    std::span<const Edge> edges = edges_.of(a);
    leaves_.clear();
    for (std::uint32_t i = 0; i < edges.size(); ++i) leaves_.emplace_back(edges[i].confidence, i);
    std::sort(leaves_.begin(), leaves_.end(), std::greater<>());
    std::int64_t price = 0;
    for (auto [confidence, i] : leaves_) {
        if (it_->left_a[a] == 0) break;
        price = it_->worth(confidence);
        pair(a, edges[i], std::min(it_->left_a[a], it_->left_b[edges[i].b]));
    }
    it_->u[a] = it_->left_a[a] > 0 ? 0 : price;
    for (const Edge& edge : edges)
        it_->v[edge.b] = std::max<std::int64_t>(it_->worth(edge.confidence) - it_->u[a], 0);
}

void ExactSolver::star_of_b(const Component& component) {
    std::uint32_t b = component.b[0];
    leaves_.clear();
    for (std::uint32_t a : component.a) leaves_.emplace_back(edges_.of(a)[0].confidence, a);
    std::sort(leaves_.begin(), leaves_.end(), std::greater<>());
    std::int64_t price = 0;
    for (auto [confidence, a] : leaves_) {
        if (it_->left_b[b] == 0) break;
        price = it_->worth(confidence);
        pair(a, {b, confidence}, std::min(it_->left_a[a], it_->left_b[b]));
    }
    it_->v[b] = it_->left_b[b] > 0 ? 0 : price;
    for (auto [confidence, a] : leaves_)
        it_->u[a] = std::max<std::int64_t>(it_->worth(confidence) - it_->v[b], 0);
}

// Each class of A takes its best partner where that is free. Single records also outbid one
// another, by as much as the next best partner is worse, a few times each.
void ExactSolver::reduce(const Component& component) {
    std::size_t bids = 12 * component.a.size();
    for (std::uint32_t start : component.a) {
        for (std::uint32_t a = start; a != none;) {
            std::uint32_t bidder = a;
            a = none;
            Edge first{none, 0}, second{none, 0};
            std::int64_t most = -1, next = 0;
            std::span<const Edge> edges = edges_.of(bidder);
            stop_(edges.size());
            for (const Edge& edge : edges) {
                std::int64_t value = it_->worth(edge.confidence) - it_->v[edge.b];
                if (value > most) {
                    if (first.b != none) {
                        next = std::max<std::int64_t>(most, 0);
                        second = first;
                    }
                    most = value;
                    first = edge;
                } else if (value >= next) {
                    next = value;
                    second = edge;
                }
            }
            it_->u[bidder] = std::max<std::int64_t>(most, 0);
            if (most <= 0) break;
            std::uint32_t free = it_->left_b[first.b];
            if (free > 0) {
                pair(bidder, first, std::min(it_->left_a[bidder], free));
            } else if (next == most && second.b != none && it_->left_b[second.b] > 0) {
                pair(bidder, second, std::min(it_->left_a[bidder], it_->left_b[second.b]));
            } else if (most > next && bids > 0 && a_.size(bidder) == 1 && b_.size(first.b) == 1) {
                --bids;
                std::uint32_t flow = it_->flows.first_of_b(first.b);
                a = it_->flows[flow].a;
                if (a_.size(a) != 1) {  // its other records pay the same
                    a = none;
                    break;
                }
                it_->flows.remove(flow, 1);
                it_->left_a[a] = it_->left_b[first.b] = 1;
                it_->v[first.b] += most - next;
                it_->u[bidder] = next;
                pair(bidder, first, 1);
            }
        }
    }
}

void ExactSolver::augment(std::uint32_t a) {
    while (it_->left_a[a] > 0 && it_->u[a] > 0 && find_path(a)) apply_path(a);
}

void ExactSolver::scan(std::uint32_t a, std::int64_t distance) {
    seen_a_[a] = search_;
    distance_a_[a] = distance;
    tree_a_.push_back(a);
    std::int64_t base = distance + it_->u[a];
    if (base < best_) {
        best_ = base;
        end_a_ = a;
    }
    std::span<const Edge> edges = edges_.of(a);
    stop_(edges.size());
    for (const Edge& edge : edges) {
        std::int64_t found = base + it_->v[edge.b] - it_->worth(edge.confidence);
        if (found >= best_ || (seen_b_[edge.b] == search_ && found >= distance_b_[edge.b]))
            continue;
        seen_b_[edge.b] = search_;
        distance_b_[edge.b] = found;
        from_[edge.b] = {a, edge.confidence};
        if (found == distance) {
            ready_.push_back(edge.b);
        } else {
            heap_.emplace_back(found, edge.b);
            std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
        }
    }
}

// The nearest class of B that is not in the tree, where it is nearer than the best end.
bool ExactSolver::nearest(std::uint32_t& b) {
    if (!ready_.empty()) {
        b = ready_.back();
        ready_.pop_back();
        return true;
    }
    while (!heap_.empty()) {
        auto [distance, found] = heap_.front();
        if (distance >= best_) return false;
        std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
        heap_.pop_back();
        if (distance != distance_b_[found]) continue;  // it came nearer since
        b = found;
        return true;
    }
    return false;
}

// Dijkstra's search from a class of A; false where its records stay without a partner.
bool ExactSolver::find_path(std::uint32_t a) {
    ++search_;
    tree_a_.clear();
    tree_b_.clear();
    ready_.clear();
    heap_.clear();
    best_ = it_->u[a] + 1;
    end_b_ = none;
    scan(a, 0);
    for (std::uint32_t b = none; nearest(b);) {
        std::int64_t distance = distance_b_[b];
        if (distance >= best_) break;
        if (it_->left_b[b] > 0) {
            best_ = distance;
            end_b_ = b;
            break;
        }
        tree_b_.push_back(b);
        for (std::uint32_t f = it_->flows.first_of_b(b); f != no_flow; f = it_->flows[f].next_b) {
            std::uint32_t owner = it_->flows[f].a;
            if (seen_a_[owner] == search_) continue;
            via_[owner] = f;
            scan(owner, distance);
        }
    }
    for (std::uint32_t x : tree_a_) it_->u[x] -= best_ - distance_a_[x];
    for (std::uint32_t y : tree_b_) it_->v[y] += best_ - distance_b_[y];
    return end_b_ != none || end_a_ != a;
}

void ExactSolver::apply_path(std::uint32_t a) {
    std::uint32_t count = it_->left_a[a];
    if (end_b_ != none) count = std::min(count, it_->left_b[end_b_]);
    for (std::uint32_t node = end_b_ != none ? from_[end_b_].a : end_a_; node != a;) {
        const Flow& flow = it_->flows[via_[node]];
        count = std::min(count, flow.count);
        node = from_[flow.b].a;
    }
    it_->left_a[a] -= count;
    std::uint32_t node = end_a_, b = end_b_;
    if (b != none) {
        it_->left_b[b] -= count;
    } else {
        it_->left_a[node] += count;
    }
    for (;;) {
        if (b == none) {
            b = it_->flows[via_[node]].b;
            it_->flows.remove(via_[node], count);
        }
        node = from_[b].a;
        it_->flows.add(node, b, from_[b].confidence, count);
        if (node == a) return;
        b = none;
    }
}

}  // namespace recon::match
