#include "core/match/exact.hpp"

#include <algorithm>
#include <functional>

namespace recon::match {

// All at once, by the component; the heap grows in a search.
void ExactSolver::reserve() {
    if (count_a() > room_a_) {
        memory_.take((count_a() - room_a_) * (4 * sizeof(std::uint32_t) + sizeof(std::int64_t)));
        room_a_ = count_a();
        tree_a_.reserve(room_a_);
    }
    if (count_b() > room_b_) {
        memory_.take((count_b() - room_b_) *
                     (4 * sizeof(std::uint32_t) + sizeof(std::int64_t) + sizeof(Step)));
        room_b_ = count_b();
        tree_b_.reserve(room_b_);
        ready_.reserve(room_b_);
    }
    search_ = 0;
    seen_a_.assign(count_a(), 0);
    seen_b_.assign(count_b(), 0);
    pairs_b_.assign(count_b(), 0);
    via_.resize(count_a());
    distance_a_.resize(count_a());
    distance_b_.resize(count_b());
    from_.resize(count_b());
}

void ExactSolver::pair(std::uint32_t a, const Edge& edge, std::uint32_t count) {
    flows_.add(a, edge.b, edge.confidence, count);
    it_->left_a[a] -= count;
    it_->left_b[edge.b] -= count;
}

void ExactSolver::solve(const Component& component, Optimum& optimum) {
    component_ = &component;
    it_ = &optimum;
    reserve();
    flows_.begin(count_a(), count_b());
    worth_ = {};
    if (edges_.has_zeros()) {
        std::uint64_t records_a = 0, records_b = 0;
        for (std::uint32_t size : optimum.size_a) records_a += size;
        for (std::uint32_t size : optimum.size_b) records_b += size;
        worth_ = {static_cast<std::int64_t>(std::min(records_a, records_b)) + 1, 1};
    }
    stop_(component.candidates);
    if (count_a() == 1) {
        star_of_a();
    } else if (count_b() == 1) {
        star_of_b();
    } else {
        reduce();
        for (std::uint32_t a = 0; a < count_a(); ++a) augment(a);
    }
    list_tight();
}

void ExactSolver::list_tight() {
    for (std::uint32_t a = 0; a < count_a(); ++a) {
        for (std::uint32_t f = flows_.first_of_a(a); f != no_flow; f = flows_[f].next_a)
            pairs_b_[flows_[f].b] = flows_[f].count;
        std::span<const Edge> edges = edges_of(a);
        stop_(edges.size());
        for (const Edge& edge : edges)
            if (it_->u[a] + it_->v[edge.b] == worth_(edge.confidence))
                it_->add_tight({a, edge.b, edge.confidence, pairs_b_[edge.b]});
        for (std::uint32_t f = flows_.first_of_a(a); f != no_flow; f = flows_[f].next_a)
            pairs_b_[flows_[f].b] = 0;
    }
}

void ExactSolver::room_for_leaves(std::size_t leaves) {
    leaves_.clear();
    if (leaves <= leaves_.capacity()) return;
    memory_.take((leaves - leaves_.capacity()) * sizeof(leaves_[0]));
    leaves_.reserve(leaves);
}

// One class with all the others: the best ones first. The price is that of the last one it got.
void ExactSolver::star_of_a() {
    std::uint32_t a = 0;
    std::span<const Edge> edges = edges_of(a);
    room_for_leaves(edges.size());
    for (std::uint32_t i = 0; i < edges.size(); ++i) leaves_.emplace_back(edges[i].confidence, i);
    std::sort(leaves_.begin(), leaves_.end(), std::greater<>());
    std::int64_t price = 0;
    for (auto [confidence, i] : leaves_) {
        if (it_->left_a[a] == 0) break;
        price = worth_(confidence);
        pair(a, edges[i], std::min(it_->left_a[a], it_->left_b[edges[i].b]));
    }
    it_->u[a] = it_->left_a[a] > 0 ? 0 : price;
    for (const Edge& edge : edges)
        it_->v[edge.b] = std::max<std::int64_t>(worth_(edge.confidence) - it_->u[a], 0);
}

void ExactSolver::star_of_b() {
    std::uint32_t b = 0;
    room_for_leaves(count_a());
    for (std::uint32_t a = 0; a < count_a(); ++a)
        leaves_.emplace_back(edges_of(a)[0].confidence, a);
    std::sort(leaves_.begin(), leaves_.end(), std::greater<>());
    std::int64_t price = 0;
    for (auto [confidence, a] : leaves_) {
        if (it_->left_b[b] == 0) break;
        price = worth_(confidence);
        pair(a, {b, confidence}, std::min(it_->left_a[a], it_->left_b[b]));
    }
    it_->v[b] = it_->left_b[b] > 0 ? 0 : price;
    for (auto [confidence, a] : leaves_)
        it_->u[a] = std::max<std::int64_t>(worth_(confidence) - it_->v[b], 0);
}

// Each class of A takes its best partner where that is free. Single records also outbid one
// another, by as much as the next best partner is worse, a few times each.
void ExactSolver::reduce() {
    std::size_t bids = 4 * component_->a.size();
    for (std::uint32_t start = 0; start < count_a(); ++start) {
        for (std::uint32_t a = start; a != none;) {
            std::uint32_t bidder = a;
            a = none;
            Edge first{none, 0}, second{none, 0};
            std::int64_t most = -1, next = 0;
            std::span<const Edge> edges = edges_of(bidder);
            stop_(edges.size());
            for (const Edge& edge : edges) {
                std::int64_t value = worth_(edge.confidence) - it_->v[edge.b];
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
            } else if (most > next && bids > 0 && it_->size_a[bidder] == 1 &&
                       it_->size_b[first.b] == 1) {
                --bids;
                std::uint32_t flow = flows_.first_of_b(first.b);
                a = flows_[flow].a;
                if (it_->size_a[a] != 1) {  // its other records pay the same
                    a = none;
                    break;
                }
                flows_.remove(flow, 1);
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
    std::span<const Edge> edges = edges_of(a);
    stop_(edges.size());
    for (const Edge& edge : edges) {
        std::int64_t found = base + it_->v[edge.b] - worth_(edge.confidence);
        if (found >= best_ || (seen_b_[edge.b] == search_ && found >= distance_b_[edge.b]))
            continue;
        seen_b_[edge.b] = search_;
        distance_b_[edge.b] = found;
        from_[edge.b] = {a, edge.confidence};
        if (found == distance) {
            ready_.push_back(edge.b);
        } else {
            if (heap_.size() == room_heap_) {
                std::size_t more = room_heap_ / 2 + 256;
                memory_.take(more * sizeof(heap_[0]));
                heap_.reserve(room_heap_ += more);
            }
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
        for (std::uint32_t f = flows_.first_of_b(b); f != no_flow; f = flows_[f].next_b) {
            std::uint32_t owner = flows_[f].a;
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
        const Flow& flow = flows_[via_[node]];
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
            b = flows_[via_[node]].b;
            flows_.remove(via_[node], count);
        }
        node = from_[b].a;
        flows_.add(node, b, from_[b].confidence, count);
        if (node == a) return;
        b = none;
    }
}

}  // namespace recon::match
