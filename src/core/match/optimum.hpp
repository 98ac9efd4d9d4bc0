// An assignment of the highest total confidence in a component, with the prices that prove it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/match/edge_store.hpp"
#include "core/match/index.hpp"
#include "core/match/reservation.hpp"

namespace recon::match {

// What a pair is worth: its confidence in billionths. A pair of confidence 0 is worth less than any
// billionth and more than nothing, so that it is made where it takes nothing from the sum; then all
// are scaled by more than the number of pairs that there can be.
struct Worth {
    std::int64_t scale = 1, zero = 0;
    std::int64_t operator()(std::uint32_t confidence) const {
        return static_cast<std::int64_t>(confidence) * scale + (confidence == 0 ? zero : 0);
    }
};

// A candidate worth as much as its two prices together.
struct Tight {
    std::uint32_t a, b;  // places in the component
    std::uint32_t confidence;
    std::uint32_t count;  // pairs in the assignment
};

// Everything by place in the component. u, v >= 0, u[a] + v[b] >= worth for each candidate, with
// equality where there is a pair, and a price is 0 where a class has records left.
class Optimum {
  public:
    explicit Optimum(MemoryBudget& budget) : memory_(budget) {}

    // All records without a partner, all prices 0. Room is kept from component to component.
    void begin(const Component& component, const Side& a, const Side& b) {
        std::size_t nodes = component.a.size() + component.b.size();
        if (nodes > room_) {
            memory_.take((nodes - room_) * (sizeof(std::int64_t) + 2 * sizeof(std::uint32_t)));
            room_ = nodes;
        }
        singles = true;
        auto fill = [&](std::span<const std::uint32_t> classes, const Side& side,
                        std::vector<std::int64_t>& prices, std::vector<std::uint32_t>& sizes,
                        std::vector<std::uint32_t>& left) {
            prices.assign(classes.size(), 0);
            sizes.resize(classes.size());
            for (std::size_t i = 0; i < classes.size(); ++i) {
                sizes[i] = side.size(classes[i]);
                singles = singles && sizes[i] == 1;
            }
            left = sizes;
        };
        fill(component.a, a, u, size_a, left_a);
        fill(component.b, b, v, size_b, left_b);
        tight.clear();
    }
    void add_tight(const Tight& it) {
        if (tight.size() == tight.capacity()) {
            std::size_t more = tight.size() / 2 + 256;
            memory_.take(more * sizeof(Tight));
            tight.reserve(tight.size() + more);
        }
        tight.push_back(it);
    }

    // Room for so many and one more.
    Tight* extend_tight(std::size_t count) {
        std::size_t size = tight.size(), more = count + 1;
        if (size + more > tight.capacity()) {
            memory_.take((size + more - tight.capacity()) * sizeof(Tight));
            tight.reserve(size + more);
        }
        tight.resize(size + more);
        return tight.data() + size;
    }

    std::vector<std::int64_t> u, v;
    std::vector<std::uint32_t> size_a, size_b;  // records
    std::vector<std::uint32_t> left_a, left_b;  // records without a partner
    bool singles = false;                       // all classes are of one record
    std::vector<Tight> tight;                   // all of them, those of a class of A together

  private:
    Reservation memory_;
    std::size_t room_ = 0;
};

}  // namespace recon::match
