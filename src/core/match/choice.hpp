// A pair of classes that an assignment has, or could have instead of others.
#pragma once

#include <cstdint>
#include <vector>

#include "core/match/reservation.hpp"

namespace recon::match {

struct Choice {
    std::uint32_t a, b;  // classes: where not said otherwise, by place in the component
    std::uint32_t confidence;
    std::uint32_t count;  // times in the assignment at hand
    bool ambiguous;       // an assignment that is as good has it another number of times
    bool frees_a,
        frees_b;  // one as good may have fewer records of the class, for any of its pairs
};

// Those of a component. Takes its memory as it grows, and keeps it.
class Choices {
  public:
    explicit Choices(MemoryBudget& budget) : memory_(budget) {}
    void push_back(const Choice& choice) {
        if (list.size() == list.capacity()) {
            std::size_t more = list.size() / 2 + 64;
            memory_.take(more * sizeof(Choice));
            list.reserve(list.size() + more);
        }
        list.push_back(choice);
    }
    void reserve(std::size_t size) {
        if (size <= list.capacity()) return;
        memory_.take((size - list.capacity()) * sizeof(Choice));
        list.reserve(size);
    }
    void resize(std::size_t size) {
        reserve(size);
        list.resize(size);
    }

    std::vector<Choice> list;

  private:
    Reservation memory_;
};

}  // namespace recon::match
