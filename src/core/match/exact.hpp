// The assignment of the highest total confidence in a component, with the dual prices that prove
// it: successive shortest augmenting paths on reduced costs (R. Jonker and A. Volgenant, "A
// shortest augmenting path algorithm for dense and sparse linear assignment problems", 1987) after
// their augmenting row reduction, for classes of several records as a transportation problem.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "core/match/edge_store.hpp"
#include "core/match/flows.hpp"
#include "core/match/optimum.hpp"
#include "core/match/work_check.hpp"

namespace recon::match {

class ExactSolver {
  public:
    ExactSolver(const EdgeStore& edges, MemoryBudget& budget, WorkCheck& stop)
        : edges_(edges), stop_(stop), memory_(budget), flows_(budget) {}

    void solve(const Component& component, Optimum& optimum);

  private:
    void reserve();
    void room_for_leaves(std::size_t leaves);
    void star_of_a();
    void star_of_b();
    void list_tight();
    void reduce();
    void augment(std::uint32_t a);
    bool find_path(std::uint32_t a);
    void scan(std::uint32_t a, std::int64_t distance);
    bool nearest(std::uint32_t& b);
    void pair(std::uint32_t a, const Edge& edge, std::uint32_t count);
    void apply_path(std::uint32_t a);

    std::span<const Edge> edges_of(std::uint32_t a) const { return edges_.of(component_->a[a]); }
    std::uint32_t count_a() const { return static_cast<std::uint32_t>(component_->a.size()); }
    std::uint32_t count_b() const { return static_cast<std::uint32_t>(component_->b.size()); }

    const EdgeStore& edges_;
    WorkCheck& stop_;
    Reservation memory_;
    std::size_t room_a_ = 0, room_b_ = 0, room_heap_ = 0;
    const Component* component_ = nullptr;
    Optimum* it_ = nullptr;
    Worth worth_;
    Flows flows_;
    std::vector<std::uint32_t> pairs_b_;  // flow of the class of A at hand to each class of B

    // One search: `best` is the length of the best path so far, which ends at a class of B with
    // records left, or at one of A that gives a partner up.
    static constexpr std::uint32_t none = 0xFFFFFFFFu;
    std::uint32_t search_ = 0;
    std::int64_t best_ = 0;
    std::uint32_t end_a_ = none, end_b_ = none;
    std::vector<std::uint32_t> seen_a_, seen_b_;  // search that came here
    std::vector<std::uint32_t> via_;              // flow by which it came to a class of A
    std::vector<std::int64_t> distance_a_, distance_b_;
    struct Step {
        std::uint32_t a, confidence;
    };
    std::vector<Step> from_;  // by which it came to a class of B
    std::vector<std::uint32_t> tree_a_, tree_b_, ready_;
    std::vector<std::pair<std::int64_t, std::uint32_t>> heap_;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> leaves_;
};

}  // namespace recon::match
