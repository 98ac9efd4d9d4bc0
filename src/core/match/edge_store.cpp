#include "core/match/edge_store.hpp"

#include <algorithm>

namespace recon::match {

EdgeStore::EdgeStore(std::size_t classes_a, std::size_t classes_b, MemoryBudget& budget)
    : shift_(static_cast<std::uint32_t>(classes_a)),
      memory_(budget),
      joined_((memory_.take(UnionFind::bytes(classes_a + classes_b) +
                            classes_a * (sizeof(std::uint64_t) + sizeof(std::uint32_t))),
               classes_a + classes_b)),
      begin_(classes_a),
      degree_(classes_a),
      last_(shift_) {}

void EdgeStore::begin_class(std::uint32_t a) {
    if (degree_[a] != 0)
        throw Error(sqlstate::internal_error, "candidates of a class came in two places");
    join_last();
    begin_[a] = edges_.size();
    last_ = a;
}

// Joins the class that is complete with its partners.
void EdgeStore::join_last() {
    if (last_ == shift_) return;
    std::span<const Edge> edges = of(last_);
    constexpr std::size_t ahead = 12;
    std::uint32_t root = joined_.find(last_);
    for (std::size_t i = 0; i < edges.size(); ++i) {
        if (i + ahead < edges.size()) joined_.prefetch(shift_ + edges[i + ahead].b);
        std::uint32_t other = joined_.find(shift_ + edges[i].b);
        if (other != root) root = joined_.join(root, other);
    }
}

void EdgeStore::grow() {
    std::size_t before = edges_.capacity(),
                after = std::max<std::size_t>(before + before / 2, 4096);
    memory_.take((after - before) * sizeof(Edge));
    edges_.reserve(after);
}

void EdgeStore::finish(StopToken& token) {
    StopCheck stop(token);
    join_last();
    constexpr std::uint32_t none = 0xFFFFFFFFu;
    std::size_t all = joined_.nodes();
    Reservation passing(memory_.budget());
    passing.take(2 * all * sizeof(std::uint32_t));
    std::vector<std::uint32_t> number(all, none);  // by root
    std::vector<std::uint32_t> component_of(all, none);
    // Numbers by first class of A; classes without candidates have none.
    std::size_t used = 0;
    for (std::uint32_t a = 0; a < shift_; ++a) {
        stop();
        if (degree_[a] == 0) continue;
        std::uint32_t& found = number[joined_.find(a)];
        if (found == none) {
            found = static_cast<std::uint32_t>(ends_.size());
            if (ends_.size() == ends_.capacity()) {
                memory_.take((ends_.size() + 64) * sizeof(Ends));
                ends_.reserve(2 * ends_.size() + 64);
            }
            ends_.emplace_back();
        }
        component_of[a] = found;
        ends_[found].candidates += degree_[a];
        ++ends_[found].a;
        ++used;
    }
    for (std::uint32_t node = shift_; node < all; ++node) {
        stop();
        std::uint32_t found = number[joined_.find(node)];
        if (found == none) continue;
        component_of[node] = found;
        ++ends_[found].b;
        ++used;
    }
    std::uint32_t at = 0;
    for (Ends& ends : ends_) {
        std::uint32_t begin = at;
        at += ends.a + ends.b;
        ends.b = begin + ends.a;  // for now the places of the next class of each side
        ends.a = begin;
    }
    memory_.take(used * sizeof(std::uint32_t));
    nodes_.resize(used);
    for (std::uint32_t node = 0; node < all; ++node) {
        stop();
        if (component_of[node] == none) continue;
        Ends& ends = ends_[component_of[node]];
        if (node < shift_) {
            nodes_[ends.a++] = node;
        } else {
            nodes_[ends.b++] = node - shift_;
        }
    }
}

bool EdgeStore::next(Component& component) {
    if (at_ == ends_.size()) return false;
    std::uint32_t begin = at_ == 0 ? 0 : ends_[at_ - 1].b;
    const Ends& ends = ends_[at_++];
    component.a = std::span(nodes_).subspan(begin, ends.a - begin);
    component.b = std::span(nodes_).subspan(ends.a, ends.b - ends.a);
    component.candidates = ends.candidates;
    return true;
}

}  // namespace recon::match
