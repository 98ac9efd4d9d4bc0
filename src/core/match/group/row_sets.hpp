// From classes to rows: which records of its class each group gets.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/match/group/group_side.hpp"
#include "core/match/group/problem.hpp"
#include "core/match/row_order.hpp"
#include "core/match/rule_run.hpp"

namespace recon::match::group {

// A group of classes: so many records of each, of either side.
struct ClassGroup {
    std::uint32_t first, middle, last;  // in ClassGroups::parts: those of A, then those of B
    std::uint32_t times;                // groups that are like it
    field::int128 sum_a, sum_b;
    Billionths confidence;
    bool ambiguous;
};

struct ClassGroups {
    std::vector<ClassGroup> list;
    std::vector<SetPart> parts;  // classes
    std::span<const SetPart> of_a(const ClassGroup& group) const {
        return std::span(parts).subspan(group.first, group.middle - group.first);
    }
    std::span<const SetPart> of_b(const ClassGroup& group) const {
        return std::span(parts).subspan(group.middle, group.last - group.middle);
    }
};

// The rows of one side, of which the first of each class in order that were not taken are next.
class ClassRows {
  public:
    ClassRows(GroupSide& side, MemoryBudget& budget) : side_(side), memory_(budget) {}

    // The order of the class's rows will matter.
    void want(std::uint32_t c);
    void sort(RowOrder& order);

    // Places in the order of all wanted rows; 0 for a class that was not wanted.
    std::uint32_t rank(std::uint32_t row) const;
    std::uint32_t next_rank(std::uint32_t c) const {
        return is_wanted(c) ? rank(side_.classes.rows[side_.classes.begins[c] + taken_[c]]) : 0;
    }
    // Rows of the class that are next, after the first `skip` of them.
    std::uint32_t peek(std::uint32_t c, std::uint32_t skip) const {
        return side_.classes.rows[side_.classes.begins[c] + taken_[c] + skip];
    }
    void take(std::span<const SetPart> parts, std::vector<std::uint32_t>& rows);
    const GroupSide& side() const { return side_; }

  private:
    bool is_wanted(std::uint32_t c) const { return c < wanted_.size() && wanted_[c] != 0; }

    GroupSide& side_;
    Reservation memory_;
    std::vector<std::uint8_t> wanted_;
    std::vector<std::uint32_t> taken_;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> ranks_;  // row, place; by row
};

// Marks the classes of the groups whose rows are told apart by their order: those of which not all
// go to one group.
void want_shared(const ClassGroups& groups, ClassRows& a, ClassRows& b);

// The groups' rows, in order of the first record of the side that has one.
void take_rows(const ClassGroups& groups, ClassRows& a, ClassRows& b, bool one_is_a,
               RuleResult& result);

}  // namespace recon::match::group
