// Lists of numbers by key, in one piece.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/match/reservation.hpp"

namespace recon::match {

class Postings {
  public:
    // `emit(add)` calls add(key, number) for every entry, twice the same; keys are below `keys`. A
    // list has its numbers in the order in which they came.
    template <class Emit>
    Postings(std::size_t keys, Reservation& memory, Emit emit) {
        memory.take((keys + 1) * sizeof(std::uint32_t));
        begins_.assign(keys + 1, 0);
        std::uint64_t count = 0;
        emit([&](std::size_t key, std::uint32_t) {
            ++begins_[key];
            ++count;
        });
        if (count > std::numeric_limits<std::uint32_t>::max())
            throw Error(sqlstate::program_limit_exceeded, "too many texts to join by similarity");
        memory.take(count * sizeof(std::uint32_t));
        numbers_.resize(count);
        // Each list's end first, which filling from behind brings down to its begin.
        std::uint32_t end = 0;
        for (std::uint32_t& begin : begins_) {
            end += begin;
            begin = end;
        }
        emit([&](std::size_t key, std::uint32_t number) { numbers_[--begins_[key]] = number; });
    }

    std::span<const std::uint32_t> operator[](std::size_t key) const {
        return {numbers_.data() + begins_[key], begins_[key + 1] - begins_[key]};
    }

  private:
    std::vector<std::uint32_t> begins_, numbers_;
};

// Which numbers were seen since the last clear(), which costs nothing.
class Seen {
  public:
    Seen(std::size_t count, MemoryBudget& budget) : memory_(budget) {
        memory_.take(count * sizeof(std::uint32_t));
        rounds_.assign(count, 0);
    }
    void clear() {
        if (++round_ != 0) return;
        rounds_.assign(rounds_.size(), 0);
        round_ = 1;
    }
    // Whether it is new.
    bool add(std::size_t number) {
        if (rounds_[number] == round_) return false;
        rounds_[number] = round_;
        return true;
    }

  private:
    Reservation memory_;
    std::vector<std::uint32_t> rounds_;
    std::uint32_t round_ = 0;
};

}  // namespace recon::match
