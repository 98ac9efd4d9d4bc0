// The sets of members that fit a record, of those that are left.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/match/group/problem.hpp"
#include "core/match/group/subset_search.hpp"

namespace recon::match::group {

enum class Verdict : std::uint8_t { none, one, several, budget };

// Sets that fit, each with its members in order.
struct Sets {
    struct Set {
        std::uint32_t first, last;  // in parts
        field::int128 sum;
        Billionths confidence;
    };
    std::vector<Set> list;
    std::vector<SetPart> parts;

    std::uint64_t count = 0;  // those seen, of which the first are listed
    bool complete = false;    // there are no others
    bool below = false;       // one that adds up, but is below the threshold
    std::uint64_t steps = 0;

    std::span<const SetPart> of(const Set& set) const {
        return std::span(parts).subspan(set.first, set.last - set.first);
    }
    Verdict verdict() const {
        if (count > 1) return Verdict::several;
        if (!complete) return Verdict::budget;
        return count == 1 ? Verdict::one : Verdict::none;
    }
    void clear() {
        list.clear();
        parts.clear();
        count = steps = 0;
        complete = below = false;
    }
};

struct NearestSet {
    bool found = false, proven = false;  // see Nearest
    field::int128 sum = 0;
    std::vector<SetPart> parts;
};

class SetFinder {
  public:
    SetFinder(const Weighing& weighing, const ScoreTable& scores, unsigned most_of_set,
              MemoryBudget& budget, StopToken& stop)
        : weighing_(weighing), scores_(scores), most_(most_of_set), search_(budget, stop) {}

    // Of the members' records that are `left`; ends after `most` sets or about so many steps.
    void find(const Problem& problem, const Single& single, std::span<const std::uint32_t> left,
              std::uint64_t most, std::uint64_t steps, Sets& sets);

    // About how many sets there are: as many as sums of members, were they spread as normal ones
    // are, would fall into the interval. By basic arithmetic alone, so the same on every machine.
    double expect(const Problem& problem, const Single& single,
                  std::span<const std::uint32_t> left);

    // The set of all that are left for the record, where these add up exactly.
    bool find_whole(const Problem& problem, const Single& single,
                    std::span<const std::uint32_t> left, Sets& sets);

    // The sum nearest to those that fit, where none does; members of several currencies count too.
    NearestSet nearest(const Problem& problem, const Single& single,
                       std::span<const std::uint32_t> left, std::uint64_t steps);

  private:
    class Collector;

    // Offers that can be in one set: [first, last) of the single's.
    struct Range {
        std::size_t first, last;
        unsigned most;  // members of a set
    };
    template <class Each>
    void for_each_range(const Problem& problem, const Single& single, Each each);
    void gather(const Problem& problem, std::span<const Offer> offers, const Single& single,
                std::span<const std::uint32_t> left, unsigned most);
    std::uint32_t kind_with(const Offer& offer, std::uint32_t currency);
    void start_least();
    void add_least(const Problem& problem, std::uint32_t kind);

    const Weighing& weighing_;
    const ScoreTable& scores_;
    unsigned most_;
    SubsetSearch search_;

    // Of the search at hand: its members, and which they are. Where their currencies differ, which
    // is possible where that of the record is unknown, a set's may not: kinds then stand for both.
    struct Kind {
        std::uint32_t offered, currency;
    };
    std::vector<Member> members_;
    std::vector<std::uint32_t> of_members_;
    std::vector<Kind> kinds_;
    bool mixes_currencies_ = false;
    std::vector<double> least_;
};

}  // namespace recon::match::group
