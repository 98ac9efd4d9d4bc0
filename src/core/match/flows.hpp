// How often the classes of a component are paired with one another: the flow of a transportation
// problem, as lists of the pairs of classes that have any. Classes go by their places.
#pragma once

#include <cstdint>
#include <vector>

#include "core/match/reservation.hpp"

namespace recon::match {

inline constexpr std::uint32_t no_flow = 0xFFFFFFFFu;

struct Flow {
    std::uint32_t a, b, confidence, count;
    std::uint32_t next_a, prev_a, next_b, prev_b;  // in the lists of a and of b
};

class Flows {
  public:
    explicit Flows(MemoryBudget& budget) : memory_(budget) {}

    // None yet. Room is kept from component to component.
    void begin(std::size_t classes_a, std::size_t classes_b) {
        if (classes_a + classes_b > room_) {
            memory_.take((classes_a + classes_b - room_) * sizeof(std::uint32_t));
            room_ = classes_a + classes_b;
        }
        first_a_.assign(classes_a, no_flow);
        first_b_.assign(classes_b, no_flow);
        pool_.clear();
        free_.clear();
    }

    const Flow& operator[](std::uint32_t flow) const { return pool_[flow]; }
    std::uint32_t first_of_a(std::uint32_t a) const { return first_a_[a]; }
    std::uint32_t first_of_b(std::uint32_t b) const { return first_b_[b]; }

    // More pairs of a and b, which may have some.
    void add(std::uint32_t a, std::uint32_t b, std::uint32_t confidence, std::uint32_t count) {
        // The shorter list is not known beforehand: both are walked in step.
        std::uint32_t x = first_a_[a], y = first_b_[b];
        for (; x != no_flow && y != no_flow; x = pool_[x].next_a, y = pool_[y].next_b) {
            std::uint32_t found = pool_[x].b == b ? x : pool_[y].a == a ? y : no_flow;
            if (found == no_flow) continue;
            pool_[found].count += count;
            return;
        }
        insert({a, b, confidence, count, first_a_[a], no_flow, first_b_[b], no_flow});
    }
    void remove(std::uint32_t flow, std::uint32_t count) {
        Flow& it = pool_[flow];
        if ((it.count -= count) != 0) return;
        (it.prev_a != no_flow ? pool_[it.prev_a].next_a : first_a_[it.a]) = it.next_a;
        (it.prev_b != no_flow ? pool_[it.prev_b].next_b : first_b_[it.b]) = it.next_b;
        if (it.next_a != no_flow) pool_[it.next_a].prev_a = it.prev_a;
        if (it.next_b != no_flow) pool_[it.next_b].prev_b = it.prev_b;
        free_.push_back(flow);
    }

  private:
    void insert(const Flow& flow) {
        std::uint32_t at;
        if (free_.empty()) {
            at = static_cast<std::uint32_t>(pool_.size());
            if (pool_.size() == pool_.capacity()) {
                std::size_t more = pool_.size() / 2 + 64;
                memory_.take(more * (sizeof(Flow) + sizeof(std::uint32_t)));
                pool_.reserve(pool_.size() + more);
                free_.reserve(pool_.capacity());
            }
            pool_.push_back(flow);
        } else {
            at = free_.back();
            free_.pop_back();
            pool_[at] = flow;
        }
        if (flow.next_a != no_flow) pool_[flow.next_a].prev_a = at;
        if (flow.next_b != no_flow) pool_[flow.next_b].prev_b = at;
        first_a_[flow.a] = first_b_[flow.b] = at;
    }

    Reservation memory_;
    std::size_t room_ = 0;
    std::vector<Flow> pool_;
    std::vector<std::uint32_t> first_a_, first_b_, free_;
};

}  // namespace recon::match
