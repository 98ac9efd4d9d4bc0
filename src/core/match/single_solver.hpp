// The best assignment in a component whose classes are single records: successive shortest
// augmenting paths on reduced costs (R. Jonker and A. Volgenant, "A shortest augmenting path
// algorithm for dense and sparse linear assignment problems", 1987) after their augmenting row
// reduction. Where this does not end soon, as TwoSidedSolver does it.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "core/match/edge_store.hpp"
#include "core/match/optimum.hpp"
#include "core/match/reservation.hpp"
#include "core/match/two_sided.hpp"
#include "core/match/work_check.hpp"

namespace recon::match {

// Confidences are 1 .. 10^9.
class SingleSolver {
  public:
    SingleSolver(const EdgeStore& edges, MemoryBudget& budget, WorkCheck& stop)
        : edges_(edges), stop_(stop), memory_(budget), two_sided_(edges, budget, stop) {}

    void solve(const Component& component, Optimum& optimum);

  private:
    static constexpr std::uint32_t none = 0xFFFFFFFFu;
    static constexpr std::int32_t far = std::numeric_limits<std::int32_t>::max();
    // Prices and distances are at most 10^9 + 1, a distance and one price together below 2^31.
    struct NodeA {
        const Edge* edges;
        std::uint32_t count;
        std::int32_t price;
        std::uint32_t mate;
        std::int32_t distance;
    };
    struct NodeB {
        std::int32_t price, distance;
        std::uint32_t mate, from;  // from: by which class of A a search came to it
    };

    void reserve(std::size_t a, std::size_t b);
    bool reduce();
    bool augment(std::uint32_t a);
    void scan(std::uint32_t a, std::int32_t distance);
    bool nearest(std::uint32_t& b);

    const EdgeStore& edges_;
    WorkCheck& stop_;
    Reservation memory_;
    std::size_t room_a_ = 0, room_b_ = 0, room_heap_ = 0;
    std::vector<NodeA> a_;
    std::vector<NodeB> b_;
    // One search: `best` is the length of the best path so far, which ends at a free class of B, or
    // at one of A that gives its partner up.
    std::int32_t best_ = 0;
    std::uint32_t end_a_ = none, end_b_ = none;
    std::vector<std::uint32_t> tree_a_, reached_, ready_;
    std::vector<std::uint64_t> heap_;  // distance and class of B
    TwoSidedSolver two_sided_;
};

}  // namespace recon::match
