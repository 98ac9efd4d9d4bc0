// Which sets several records get, where each has several that fit and they want the same members:
// whether all can get one, and in how many ways.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/match/engine.hpp"
#include "core/match/group/problem.hpp"
#include "core/match/work_check.hpp"

namespace recon::match::group {

// Interchangeable records, and the sets that each of them may get.
struct PackingUnit {
    std::uint32_t records = 1;
    std::uint32_t first = 0, last = 0;  // options
};
struct Packed {
    std::uint32_t unit, option, times;
    bool certain;  // no packing has the option less often
};

// A packing gives each record a set, so that no member is in more sets than it has records. It is
// searched for by backtracking: the record with the fewest sets left is next.
class Packing {
  public:
    explicit Packing(StopToken& stop) : stop_(stop) {}

    // `left` of each member. False where there is no packing, or `steps` did not suffice to know
    // what all have in common; a step is a look at a set.
    bool solve(std::span<const PackingUnit> units,
               std::span<const std::span<const SetPart>> options, std::vector<std::uint32_t>& left,
               std::uint64_t steps, std::vector<Packed>& packed);
    std::uint64_t spent() const { return spent_; }

  private:
    struct State {
        std::uint32_t open;  // records still to decide
        std::uint32_t next;  // options of equal records are taken in order
    };

    bool fits(std::uint32_t option) const;
    bool complete();
    bool take(std::uint32_t unit, std::uint32_t option);

    std::span<const PackingUnit> units_;
    std::span<const std::span<const SetPart>> options_;
    std::vector<std::uint32_t>* left_ = nullptr;
    WorkCheck stop_;
    std::vector<State> states_;
    std::vector<std::uint32_t> times_, found_;  // of each option
    std::uint32_t rare_ = 0, most_times_ = 0;   // an option that is to be less often
    bool exhausted_ = false;
    std::uint64_t spent_ = 0, steps_ = 0;
};

}  // namespace recon::match::group
