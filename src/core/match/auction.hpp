// An assignment of nearly the highest total confidence in a component too large for an exact one,
// and a bound that no assignment exceeds: an auction (D. Bertsekas, "The auction algorithm: a
// distributed relaxation method for the assignment problem", 1988; for classes as D. Bertsekas and
// D. Castanon, "The auction algorithm for the transportation problem", 1989).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/match/choice.hpp"
#include "core/match/edge_store.hpp"
#include "core/match/engine.hpp"
#include "core/match/index.hpp"
#include "core/match/large_memory.hpp"
#include "core/match/work_check.hpp"

namespace recon::match {

// Classes of A bid for records of B in rounds, all at the prices of the round before, so that the
// order of bidding is no matter: for the best, by as much as the next best is worse and a little
// more. Among equals the signature of a class decides: a sum over its candidates' confidences, and
// the contract's order among classes with the same. After a bounded number of steps, those that
// still have records take what is free. The bound is the sum of the prices (weak duality).
//
// A pair is ambiguous where a record without a partner would be as good, or where two pairs could
// exchange partners at the same sum; longer exchanges are not looked for.
class Auction {
  public:
    Auction(const Side& a, const Side& b, const EdgeStore& edges, Context& context,
            WorkCheck& stop);

    // Once. Appends the pairs made, adds value and bound to the gap.
    void solve(const Component& component, Choices& choices, Gap& gap);

  private:
    struct Bid {
        std::uint32_t a, b, price, confidence;
        std::uint32_t count;
    };
    struct Offer {  // an edge as its class of A sees it at the prices of the round
        std::int64_t value;
        Edge edge;
    };
    static constexpr std::size_t most_kept = 4;
    struct Kept {
        std::array<Edge, most_kept> edges{};
        std::uint32_t degree = 0;                                        // of all its candidates
        std::uint32_t bids = 0;                                          // that it made
        std::int32_t others = std::numeric_limits<std::int32_t>::max();  // no other is worth more
        std::span<const Edge> best() const {
            return {edges.data(), std::min<std::size_t>(degree, most_kept)};
        }
    };
    struct Look {
        Edge first{0, 0};
        std::int32_t best = -1, next = -1;
    };
    struct Room {                 // of a class of B
        std::uint32_t begin = 0;  // in slots_
        std::uint32_t size = 0, filled = 0;
    };
    struct Slot {  // a record of B
        std::uint32_t price, owner, confidence;
    };

    void begin(const Component& component);
    void sign(const Component& component);
    void rank_equal(const Component& component);
    void keep_best(std::uint32_t a);
    void prefetch(std::uint32_t a) const;
    void look(std::span<const Edge> edges, Look& found) const;
    void bid(std::uint32_t a);
    std::uint32_t gain(std::uint32_t a);
    void bid_for_many(std::uint32_t a);
    void accept(const Bid& bid);
    void run_rounds();
    void take_free();
    void list_pairs(Choices& choices);
    void judge(std::vector<Choice>& choices);
    void exchange(Choice& mine, Choice& other, std::uint32_t confidence) const;
    std::int32_t value_of(const Edge& edge) const {
        return static_cast<std::int32_t>(edge.confidence - prices_[edge.b]);
    }
    bool better(const Slot& x, const Slot& y) const {
        return x.price != y.price ? x.price > y.price : signs_a_[x.owner] > signs_a_[y.owner];
    }

    std::span<const Edge> edges_of(std::uint32_t a) const { return edges_.of(component_->a[a]); }
    std::uint32_t count_a() const { return static_cast<std::uint32_t>(component_->a.size()); }
    std::uint32_t count_b() const { return static_cast<std::uint32_t>(component_->b.size()); }

    const Side& a_;
    const Side& b_;
    const EdgeStore& edges_;
    Context& context_;
    WorkCheck& stop_;
    Reservation memory_;
    const Component* component_ = nullptr;
    // Classes by place from here on.
    LargeVector<std::uint32_t> size_a_;  // records
    LargeVector<Room> rooms_;
    LargeVector<std::uint64_t> signs_a_, signs_b_;
    LargeVector<std::uint32_t> prices_;  // of each class of B: of its cheapest record
    LargeVector<Slot> slots_;            // of each record of B: heaps, the cheapest first
    LargeVector<std::uint32_t> left_;    // records of each class of A without a partner
    LargeVector<std::uint32_t> most_;    // price of a class of A: what its next record would gain
    LargeVector<std::int64_t> reach_;    // for judge(), of each class of B
    LargeVector<Bid> bids_;
    std::vector<Offer> offers_;
    std::vector<std::uint32_t> bidders_, outbid_;
    LargeVector<Kept> kept_;                 // of each class of A
    LargeVector<std::uint8_t> queued_;       // bids in the next round
    LargeVector<std::uint32_t> begins_a_;    // choices of each class of A
    LargeVector<std::uint32_t> partners_b_;  // of each class of B
};

}  // namespace recon::match
