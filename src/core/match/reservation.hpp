// Bytes taken from the budget for as long as this lives.
#pragma once

#include <cstddef>

#include "core/limits.hpp"

namespace recon::match {

class Reservation {
  public:
    explicit Reservation(MemoryBudget& budget) : budget_(budget) {}
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;
    ~Reservation() { budget_.give(held_); }

    void take(std::size_t bytes) {
        budget_.take(bytes);
        held_ += bytes;
    }
    void give(std::size_t bytes) noexcept {
        budget_.give(bytes);
        held_ -= bytes;
    }

    MemoryBudget& budget() { return budget_; }

  private:
    MemoryBudget& budget_;
    std::size_t held_ = 0;
};

}  // namespace recon::match
