// Who gets which set: what is the only answer first, then what that makes the only one, then what
// several records can only have together.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/match/group/packing.hpp"
#include "core/match/group/set_finder.hpp"

namespace recon::match::group {

// Records of a single that get a set each.
struct Solved {
    std::uint32_t single, times;
    std::uint32_t first, last;  // in Solution::parts; of each set
    field::int128 sum;
    Billionths confidence;
};

// Of one problem. `left`: records without a set, and members' records in none.
struct Solution {
    std::vector<Solved> solved;
    std::vector<SetPart> parts;
    std::vector<std::uint32_t> singles_left, members_left;
    std::vector<Reason> singles, members;  // why these are left

    std::span<const SetPart> of(const Solved& set) const {
        return std::span(parts).subspan(set.first, set.last - set.first);
    }
};

// A record's set is the only answer where no other set of what is left fits it, however well. In
// rounds:
//
// 1. Of what is left, the only answers are looked for, for all records alike. Each is made unless
//    that of another record, of at least its confidence, wants the same members, and there are not
//    enough of them. What they take, others have no more, which may leave these one answer. Until
//    nothing changes.
// 2. Records that have several answers, or want the same members, are taken together where their
//    sets have members in common. Where all of them can get a set at once, what every way of that
//    has in common is made: see Packing. Records with more sets than can be listed are left out of
//    it, as if they were not there. Then again from 1.
//
// So no step depends on an order of records. Where a rule has "group_by", and all the members that
// can go with a record add up exactly, and go with no other, they are its answer, whatever parts of
// them add up as well.
class Solver {
  public:
    // Steps that the search for one record may take, all in all.
    Solver(const Weighing& weighing, const ScoreTable& scores, unsigned most_of_set, bool keyed,
           std::uint64_t steps, MemoryBudget& budget, StopToken& stop)
        : finder_(weighing, scores, most_of_set, budget, stop),
          packing_(stop),
          keyed_(keyed),
          steps_(steps),
          memory_(budget),
          stop_(stop) {}

    void solve(const Problem& problem, Solution& solution);
    SetFinder& finder() { return finder_; }

  private:
    // Of each single: what is known of it, its first sets included.
    struct State {
        Verdict verdict = Verdict::none;
        bool asked = false;  // and nothing changed since that matters
        bool had_set = false, below = false;
        std::uint64_t steps = 0;
        std::uint32_t sets = 0;  // of these two
        struct {
            std::vector<SetPart> parts;
            field::int128 sum = 0;
            Billionths confidence = 0;
        } set[2];
    };

    void begin();
    void ask();
    void ask(std::uint32_t single);
    bool make_only_answers();
    bool pack();
    bool pack(std::span<const std::uint32_t> cluster);
    void make(std::uint32_t single, std::span<const SetPart> parts, std::uint32_t times,
              field::int128 sum, Billionths confidence);
    bool is_left(std::span<const SetPart> parts) const;
    std::uint32_t times_left(std::uint32_t single, std::span<const SetPart> parts) const;
    void give_reasons();

    SetFinder finder_;
    Packing packing_;
    bool keyed_;
    std::uint64_t steps_;
    Reservation memory_;
    std::size_t held_ = 0;
    WorkCheck stop_;

    const Problem* problem_ = nullptr;
    Solution* solution_ = nullptr;
    std::vector<State> states_;
    // Of each member, what those want whose only answer has it: so many records; and the two best
    // of their confidences.
    struct Wanted {
        std::uint64_t records = 0;
        Billionths best = -1, second = -1;
    };
    std::vector<Wanted> wanted_;
    std::vector<std::uint32_t> users_, begins_;  // singles that each member is offered to
    Sets sets_;

    // All sets of a record, once they were asked for.
    struct Listing {
        Sets sets;
        bool is_listed = false;  // and nothing has changed since
        bool is_packed = false;  // as well as that goes
        std::uint32_t too_many =
            0;  // members' records that were left when there were too many sets
    };
    void list(std::uint32_t single);
    std::uint32_t records_left(const Single& single) const;
    std::vector<Listing> listings_;
    std::size_t listing_bytes_ = 0;
    std::vector<std::uint32_t> listed_;  // singles
    std::vector<std::uint32_t> root_;    // of each member, for joining
    std::vector<PackingUnit> units_;
    std::vector<std::span<const SetPart>> options_;
    std::vector<Packed> packed_;
};

}  // namespace recon::match::group
