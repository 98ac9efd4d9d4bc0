// The best assignment in a component whose classes are single records and compete for partners.
//
// Half of what is worth most is at first the price of each class of B. Then both sides bid for one
// another in turn (D. Bertsekas and D. Castanon, "A forward/reverse auction algorithm for
// asymmetric assignment problems", 1992), which leaves few without a partner. From all of these at
// once grow trees of tight candidates, until two meet; only those two are lost (G. Schaefer and K.
// Mehlhorn, "Implementation of O(nm log n) weighted matchings in general graphs: the power of data
// structures", 2002; here the graph is bipartite). Trees that grow from both sides stay small,
// where a search from one side goes through much of the component for each of the last.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/match/buffer.hpp"
#include "core/match/edge_store.hpp"
#include "core/match/optimum.hpp"
#include "core/match/reservation.hpp"
#include "core/match/work_check.hpp"

namespace recon::match {

// Confidences are 1 .. 10^9; below 2^30 classes a side. Takes 8 bytes a candidate.
class TwoSidedSolver {
  public:
    TwoSidedSolver(const EdgeStore& edges, MemoryBudget& budget, WorkCheck& stop)
        : edges_(edges), stop_(stop), memory_(budget) {}

    void solve(const Component& component, Optimum& optimum);

  private:
    // Nodes are the classes of A, then those of B.
    static constexpr std::uint32_t none = 0xFFFFFFFFu;
    // Worths and prices are doubled, so that trees meet at whole times: prices and times are at
    // most 2 * 10^9 + 2.
    //
    // In a tree, prices fall or rise as time goes on; the root and all that would give up their
    // partners for better ones fall. Outside of trees nodes are still. `next` of a still node is
    // when a tree comes to it, as far as is known; of one that falls the complement of when
    // something happens to it.
    static constexpr std::int32_t never = std::numeric_limits<std::int32_t>::max();
    static constexpr std::int32_t rising = std::numeric_limits<std::int32_t>::min();
    static constexpr std::int32_t too_late = never - 1;  // all roots have come to price 0 before
    static bool falls(std::int32_t next) { return next < 0 && next != rising; }

    struct List {
        const Edge* edges;  // they count the nodes of the other side
        std::uint32_t count;
    };
    // With which neighbour something happens. A node falls until it comes to itself: price 0.
    struct Way {
        std::uint32_t by, confidence;
    };
    // The members of a tree are a list that begins at its root.
    struct Member {
        std::uint32_t root, after;
    };

    void reserve(const Component& component);
    void begin(const Component& component);
    void bid(std::uint32_t begin, std::uint32_t end);
    std::uint32_t bid_once(std::uint32_t x, int& bids);
    void search();
    bool advance(std::uint32_t x, std::uint32_t time);
    void grow(std::uint32_t y);
    void scan(std::uint32_t x);
    void look_again(std::uint32_t x);
    void refill();
    bool is_over(std::uint64_t event) const;
    void make_room(std::vector<std::uint64_t>& events, std::size_t& room);
    void push(std::uint32_t time, std::uint32_t x);
    void give_up(std::uint32_t x);
    void fell(std::uint32_t root);
    void store(Optimum& optimum);

    std::span<const Edge> edges_of(std::uint32_t x) const {
        return {lists_[x].edges, lists_[x].count};
    }
    // Where the nodes of the other side begin.
    std::uint32_t across(std::uint32_t x) const { return x < count_a_ ? count_a_ : 0; }

    const EdgeStore& edges_;
    WorkCheck& stop_;
    Reservation memory_;
    std::size_t room_nodes_ = 0, room_edges_ = 0, room_heap_ = 0, room_far_ = 0;
    std::uint32_t count_a_ = 0, count_ = 0;
    std::vector<List> lists_;
    Buffer<Edge> edges_b_;  // as the classes of B see them
    // While there are bids, the price from bit 31 on, where it can be taken from the confidence
    // that begins at bit 32, and less a bit below where the node has no partner.
    static constexpr int price_shift = 31;
    static constexpr std::int64_t if_free = std::int64_t{1} << 30;
    std::vector<std::int64_t> asked_;
    // Then, if it falls, with the time added; if it rises, without the time.
    std::vector<std::uint32_t> prices_;
    std::vector<std::uint32_t> mates_;
    bool turn_ = false;

    std::vector<std::int32_t> next_;
    std::vector<Way> ways_;
    std::vector<Member> members_;
    std::uint32_t time_ = 0, trees_ = 0, near_ = 0;
    std::vector<std::uint32_t> felled_;
    std::vector<std::uint64_t> heap_, far_;  // time and node: before near_, and from then on
};

}  // namespace recon::match
