// The records of one side that have candidates, as the search for groups needs them, once their
// tables may be gone.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "core/match/buffer.hpp"
#include "core/match/group/group_plan.hpp"
#include "core/match/numbering.hpp"

namespace recon::match::group {

// Values to numbers from 1 on, whatever table they come from.
class ValueNumbers {
  public:
    explicit ValueNumbers(MemoryBudget& budget) : memory_(budget) {}

    void start() { key_.clear(); }
    void add(const Column& column, std::size_t row);  // a known value
    std::uint32_t number();                           // of those added since start()

  private:
    Reservation memory_;
    std::string key_;
    std::unordered_map<std::string, std::uint32_t> numbers_;
};

// Classes of the index, and each of them split by "same".
class GroupSide {
  public:
    struct Range {
        std::uint32_t first = 0, count = 0;
    };

    GroupSide(bool of_a, MemoryBudget& budget) : of_a_(of_a), memory_(budget) {
        classes.begins = {0};
    }

    // Adds a class of a part. Without an amount to count with, it has no classes here.
    Range add(const Plan& plan, const GroupPlan& group, const Side& part, std::uint32_t c,
              std::span<const std::uint32_t> numbers, ValueNumbers& same, ValueNumbers& currencies);

    bool of_a() const { return of_a_; }
    std::uint32_t first_row(std::uint32_t c) const { return classes.rows[classes.begins[c]]; }

    Side classes;                           // rows and begins alone
    std::vector<field::int128> amounts;     // of each class, less the fee
    std::vector<field::int128> fees;        // likewise, where the side bears fees
    std::vector<std::uint32_t> same;        // 0 without such a rule, shares_nothing for NULL
    std::vector<std::uint32_t> currencies;  // 0 where unknown, or the same for all that is compared

  private:
    std::uint32_t same_of(const Table& table, const std::vector<std::size_t>& columns,
                          std::uint32_t row, ValueNumbers& numbers) const;
    void append(field::int128 amount, field::int128 fee, std::uint32_t same_as,
                std::uint32_t currency, bool bears_fees);

    bool of_a_;
    Reservation memory_;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> by_same_;
};

}  // namespace recon::match::group
