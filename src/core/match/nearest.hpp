// The records of one side that come nearest to a single one of the other under a 1:1 rule, whether
// they may match or not.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/match/engine.hpp"

namespace recon::match {

enum class Single : std::uint8_t { a, b };  // the side whose table has one row

struct Neighbour {
    std::uint32_t row = 0;   // of the other table
    std::uint32_t held = 0;  // required conditions that hold
    bool holds = false;      // all of them do
    Billionths score = 0;    // the confidence where all hold, else how near the values are
};

// Finds them, under one rule after the other. Tables and rules must outlive it.
class NearestRows {
  public:
    // One of the tables has a single row: `single`.
    NearestRows(const Table& a, const Table& b, Single single, Calendars& calendars,
                MemoryBudget& budget, StopToken& stop);
    ~NearestRows();

    // The nearest rows, at most `most`, nearest first: by the number of required conditions that
    // hold, then by confidence, or where some do not hold by how near the values of all conditions
    // are, then by record id. Those for which fewer than `least_held` hold may be left out. Looks
    // at every row, but only as closely as it takes; the time grows with the rows of the table.
    // Throws as make_plan.
    std::vector<Neighbour> under(const rule::Rule& rule, std::size_t most,
                                 std::size_t least_held = 0);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// By how much each condition that does not hold for a pair misses, as text for a reader: "differs
// by 3.20, 2.70 more than allowed", "similarity 0.71, needs 0.85"; "" where it holds. In order of
// the rule.
std::vector<std::string> shortfalls(const Table& a, std::size_t row_a, const Table& b,
                                    std::size_t row_b, const rule::Rule& rule,
                                    Calendars& calendars);

}  // namespace recon::match
