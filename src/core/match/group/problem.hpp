// Who may be in whose group: a connected component of records and the members that can go with
// them.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "core/field/decimal.hpp"
#include "core/match/group/group_plan.hpp"
#include "core/match/work_check.hpp"

namespace recon::match::group {

// A member that can go with a record, and the scores of the pair (of Problem::kinds).
struct Offer {
    std::uint32_t member, kind;
};

// Records of the side with one, interchangeable.
struct Single {
    field::int128 amount = 0;
    std::uint32_t records = 1;
    std::uint32_t currency = 0;         // 0 where it is unknown
    std::uint32_t first = 0, last = 0;  // offers
};

// What a member shares with the others of its set where the rule has "same"; else 0.
inline constexpr std::uint32_t shares_nothing = 0xFFFFFFFFu;

// Records of the side with many, interchangeable.
struct MemberClass {
    field::int128 value = 0;  // less the fee
    std::uint32_t records = 1;
    std::uint32_t same = 0, currency = 0;
};

// Lists are in an order that follows from values and offers, so that the work done on them does,
// too; only where these agree it follows the numbers of the classes.
struct Problem {
    std::vector<Single> singles;
    std::vector<MemberClass> members;
    std::vector<Offer> offers;         // of each single, by "same"
    std::vector<std::uint32_t> kinds;  // numbers of a ScoreTable, in order of the scores

    std::span<const Offer> of(const Single& single) const {
        return std::span(offers).subspan(single.first, single.last - single.first);
    }
    std::size_t bytes() const {
        return singles.size() * sizeof(Single) + members.size() * sizeof(MemberClass) +
               offers.size() * sizeof(Offer) + kinds.size() * sizeof(std::uint32_t);
    }
    static std::size_t bytes_for(std::size_t singles, std::size_t members, std::size_t offers) {
        return singles * sizeof(Single) + members * sizeof(MemberClass) + offers * sizeof(Offer);
    }
};

// Some records of each of some members.
struct SetPart {
    std::uint32_t member, count;
    bool operator==(const SetPart&) const = default;
};

// Puts a problem in order. numbers_*: where each single and member was before.
class Ordering {
  public:
    void order(Problem& problem, const ScoreTable& scores, StopToken& stop);
    std::vector<std::uint32_t> singles, members;

  private:
    struct Key {
        field::int128 value;
        std::uint64_t refined;
        std::uint32_t same, records, at;
    };

    void order_kinds(Problem& problem, const ScoreTable& scores, WorkCheck& stop);
    void refine(const Problem& problem, WorkCheck& stop);
    void order_same(Problem& problem);
    bool sort_all(const Problem& problem);  // whether no two agree in what comes before `refined`
    static bool sort_keys(std::vector<Key>& keys);

    Problem sorted_;
    std::vector<Key> keys_of_singles_, keys_of_members_;
    std::vector<std::uint64_t> of_single_, of_member_;
    std::vector<std::uint32_t> places_, kind_numbers_;
    std::vector<std::pair<std::uint32_t, std::uint64_t>> same_;
};

}  // namespace recon::match::group
