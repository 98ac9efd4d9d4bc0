// Which sets of values add up: the subset sum problem with values of both signs, few members, and
// an interval of sums.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/field/decimal.hpp"
#include "core/match/reservation.hpp"

namespace recon::match::group {

// Beyond it the work on sums of 64 members could overflow 128 bits.
inline constexpr field::int128 most_magnitude = field::int128{1} << 111;
inline constexpr unsigned most_members = 64;

// Records that can stand for one another.
struct Member {
    field::int128 value = 0;  // at most most_magnitude, either sign
    std::uint32_t kind = 0;   // what else the asker tells sets apart by
    std::uint32_t count = 1;  // records, at least one
};

// Sets of `least` to `most` (1 .. most_members) records whose sum lies in [low, high].
struct Question {
    std::span<const Member> members;
    field::int128 low = 0, high = 0;
    unsigned least = 1, most = 8;
};

// Members of one value and kind, whichever they are.
struct Part {
    std::uint32_t item;  // see SubsetSearch::members()
    std::uint32_t kind;
    std::uint32_t count;  // records, at least one
};
struct Sum {
    field::int128 value;
    std::span<const Part> parts;
    // How many choices of members these are, saturated.
    std::uint64_t ways;
};

class SumVisitor {
  public:
    virtual ~SumVisitor() = default;
    // What follows is found from the start again.
    virtual void restart() = 0;
    // Sets differ in their parts. False ends the search.
    virtual bool visit(const Sum& sum) = 0;
};

struct Searched {
    bool complete = false;    // every set there is was visited
    std::uint64_t steps = 0;  // spent; the same for the same question, in whatever order
};

struct Nearest {
    bool found = false;   // some set has between `least` and `most` records
    bool proven = false;  // and none is nearer
    field::int128 sum = 0;
    std::vector<Part> parts;
    std::uint64_t steps = 0;
};

// Keeps its memory from question to question, counted in the budget. A step is some nanoseconds;
// the token is asked each few thousand.
//
// Values in order of magnitude are split in two: the sums of the smaller ones are listed, each
// distinct one once with each number of members (E. Horowitz and S. Sahni, "Computing partitions
// with applications to the knapsack problem", 1974; where sums coincide, this is dynamic
// programming over those that occur), and sets of the larger ones are walked, as far as the rest
// can still reach the interval, and looked up. The list is short first, and grows where the walk
// turns out long.
class SubsetSearch {
  public:
    SubsetSearch(MemoryBudget& budget, StopToken& stop);
    ~SubsetSearch();
    SubsetSearch(const SubsetSearch&) = delete;
    SubsetSearch& operator=(const SubsetSearch&) = delete;

    // Spends at most about `steps`. The order of the visits follows from values, kinds and counts
    // alone, but for members that agree in value and kind.
    Searched search(const Question& question, std::uint64_t steps, SumVisitor& visitor);

    // The set whose sum is nearest to the interval; of several, any one, but always the same.
    Nearest nearest(const Question& question, std::uint64_t steps);

    // Of the last question, in the question's order.
    std::span<const std::uint32_t> members(std::uint32_t item) const;

  private:
    class Memory;
    std::unique_ptr<Memory> memory_;
};

}  // namespace recon::match::group
