// The plan by which classes are paired while their records choose: which pairs it still has to
// make, and whether it can be changed so that it has one more of a kind.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "core/match/choice.hpp"
#include "core/match/index.hpp"
#include "core/match/reservation.hpp"
#include "core/match/work_check.hpp"

namespace recon::match {

// Nodes are the classes of the choices, numbered by side.
class Rerouting {
  public:
    // Choices of a class of A come together.
    Rerouting(std::span<const Choice> choices, const Side& a, const Side& b, WorkCheck& stop);
    static std::size_t bytes(std::size_t choices) { return choices * 24 * sizeof(std::uint32_t); }

    const std::vector<std::uint32_t>& classes_a() const { return classes_a_; }
    const std::vector<std::uint32_t>& classes_b() const { return classes_b_; }
    std::uint32_t b(std::uint32_t choice) const { return ends_[choice].b - nodes_a(); }
    // Choices of a node of A: from and to.
    std::pair<std::uint32_t, std::uint32_t> of_a(std::uint32_t x) const {
        return {begins_a_[x], begins_a_[x + 1]};
    }

    // Makes one pair of this choice, if the rest can still be as good: if the plan has one, or can
    // be changed along a path of what can be moved from the pair's B to its A, with records that
    // are left without a partner, or get one that had none, as ends on the way.
    bool commit(std::uint32_t choice);
    // The other records of this node of A stay without a partner.
    void leave_open(std::uint32_t x) { spare_[x] = 0; }

  private:
    struct Ends {
        std::uint32_t a, b;  // nodes
    };
    static constexpr std::uint32_t none = 0xFFFFFFFFu;
    // A search from one end: forth from the pair's B, back from its A.
    struct Front {
        std::vector<std::uint32_t> queue;
        std::size_t at = 0;
        std::uint32_t mark = 0, end = none;
        bool done() const { return at == queue.size(); }
    };
    struct Junction {
        std::uint32_t from = none, choice = none, to = none;
    };

    bool reroute(std::uint32_t choice);
    void begin(Front& front, std::uint32_t node);
    void enter(Front& front, std::uint32_t node, std::uint32_t choice);
    void step(Front& front);
    void change(std::uint32_t choice, bool into_a);
    void change_way(std::uint32_t node, bool forth);

    std::uint32_t nodes_a() const { return static_cast<std::uint32_t>(classes_a_.size()); }
    bool is_a(std::uint32_t node) const { return node < nodes_a(); }
    // Whether a way may end here: forth, where a record of A can be left without a partner or one
    // of B is; back, the other way round.
    bool is_end(const Front& front, std::uint32_t node) const {
        return (&front == &forth_) == is_a(node) ? frees_[node] != 0 : spare_[node] > 0;
    }

    WorkCheck& stop_;
    std::vector<std::uint32_t> classes_a_, classes_b_;  // nodes: those of B come behind
    std::vector<Ends> ends_;                            // of each choice
    std::vector<std::uint32_t> planned_;                // of each choice
    std::vector<std::uint32_t> begins_a_, begins_b_;    // choices of each node
    std::vector<std::uint32_t> around_b_;
    std::vector<std::uint32_t> spare_;  // records that the plan leaves without a partner, by node
    std::vector<std::uint8_t> frees_;   // the plan may leave more of them
    std::vector<std::uint32_t> mark_, via_;  // search that came to a node, and by which choice
    std::uint32_t marks_ = 0;
    Front forth_, back_;
    Junction junction_;
};

// The records of some classes, by rank in the contract's order.
class RankedRows {
  public:
    static constexpr std::uint32_t none = 0xFFFFFFFFu;

    RankedRows(const Side& side, const std::vector<std::uint32_t>& classes, Reservation& memory);
    // After `rows` was put in order.
    void take_ranks();

    std::uint32_t node_of_rank(std::uint32_t rank) const { return node_of_row_[rows[rank]]; }
    // Rank of the first record of a class that is not taken.
    std::uint32_t next(std::uint32_t node) const {
        return next_[node] < begins_[node + 1] ? ranks_[next_[node]] : none;
    }
    void take(std::uint32_t node) { ++next_[node]; }

    std::vector<std::uint32_t> rows;

  private:
    std::vector<std::uint32_t> begins_, next_, ranks_, node_of_row_;
};

}  // namespace recon::match
