// Which sets several records get, where each has several that fit and they want the same members:
// set packing, exactly, with what all best packings have in common.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/match/engine.hpp"
#include "core/match/group/problem.hpp"
#include "core/match/work_check.hpp"

namespace recon::match::group {

// A set that a record may get.
struct PackingOption {
    std::span<const SetPart> parts;
    Billionths confidence = 0;
};
// Interchangeable records that have the same options.
struct PackingUnit {
    std::uint32_t records = 1;
    std::uint32_t first = 0, last = 0;  // options
};
struct Packed {
    std::uint32_t unit, option, times;
    bool certain;  // no packing that is as good differs in it
};

// The best packing matches as many records as can be matched together, and of those that do, has
// the greatest total confidence. A record's set is certain where no packing that matches as many
// gives it another one, whatever the confidences, and none that is as good leaves it out.
//
// Branch and bound: the record with the fewest sets left is decided next.
class Packing {
  public:
    explicit Packing(StopToken& stop) : stop_(stop) {}

    // `left` of each member. False where `steps` did not suffice; one is a look at a set.
    bool solve(std::span<const PackingUnit> units, std::span<const PackingOption> options,
               std::vector<std::uint32_t>& left, std::uint64_t steps, std::vector<Packed>& packed);
    std::uint64_t spent() const { return spent_; }

  private:
    struct Value {
        std::uint32_t records = 0;
        Billionths confidence = 0;
        bool operator>(const Value& other) const {
            return records != other.records ? records > other.records
                                            : confidence > other.confidence;
        }
    };
    struct State {
        std::uint32_t open, matched;  // records still to decide, and matched
        std::uint32_t next;           // options of equal records are taken in order
    };
    // What a packing must be, besides better than best_.
    struct Limits {
        std::uint32_t unit = 0xFFFFFFFFu, option = 0, most_times = 0;
        std::uint32_t least_matched = 0, most_matched = 0xFFFFFFFFu;
        bool by_records = false;  // confidences do not count
    };

    bool improve(Value value);
    bool fits(std::uint32_t option) const;
    void use(std::uint32_t option, bool back);
    bool may_use(std::size_t unit, std::uint32_t option) const;
    bool better(const Value& value) const;
    bool exists(const Value& goal, const Limits& limits);

    std::span<const PackingUnit> units_;
    std::span<const PackingOption> options_;
    std::vector<std::uint32_t>* left_ = nullptr;
    WorkCheck stop_;
    std::vector<State> states_;
    std::vector<std::uint32_t> times_, best_times_;  // of each option
    std::vector<Billionths> most_confidence_;        // of each unit
    Value best_;
    bool found_ = false;  // a packing, since the search began
    bool first_ends_ = false;
    bool exhausted_ = false;
    Limits limits_;
    std::uint64_t spent_ = 0, steps_ = 0;
};

}  // namespace recon::match::group
