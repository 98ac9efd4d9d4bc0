// Pairs of records by texts that are alike, for groups in which a join of texts leaves fewer pairs
// to compare than the order of the index does.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "core/match/buffer.hpp"
#include "core/match/reservation.hpp"
#include "core/similarity/prepared_texts.hpp"

namespace recon::match {

struct Index;
struct Plan;

// For each text of A in such a group, the classes of B whose texts are alike.
class TextPairs {
  public:
    struct Group {
        std::uint32_t number;  // of A's groups
        std::uint32_t check;   // the "similar" one whose texts were joined
        std::uint32_t begin;   // of its texts; they end where those of the next group begin
    };

    bool empty() const { return groups.empty(); }
    const Group& group(std::uint32_t number) const {
        return *std::lower_bound(groups.begin(), groups.end(), number,
                                 [](const Group& g, std::uint32_t n) { return g.number < n; });
    }
    // Calls each(b) for the classes of B that go with a text of the group.
    template <class Each>
    void for_each(const Group& group, std::uint32_t text, Each each) const {
        const std::uint32_t* end = texts.begin() + (&group + 1)->begin;
        const std::uint32_t* found = std::lower_bound(texts.begin() + group.begin, end, text);
        if (found == end || *found != text) return;
        auto at = static_cast<std::size_t>(found - texts.begin());
        for (std::uint64_t k = partner_begins[at]; k < partner_begins[at + 1]; ++k)
            for (std::uint32_t c = run_begins[partners[k]]; c < run_begins[partners[k] + 1]; ++c)
                each(classes[c]);
    }

    // Public, as it is sent to other processes as it is.
    Buffer<Group> groups;                  // ascending, and one past the end
    Buffer<std::uint32_t> texts;           // of A that have partners, ascending in a group
    Buffer<std::uint64_t> partner_begins;  // of each text, and the end of the last
    Buffer<std::uint32_t> partners;        // runs of classes with one text
    Buffer<std::uint32_t> run_begins;      // and the end of the last
    Buffer<std::uint32_t> classes;         // of B
};

// Joins the texts of groups one after the other. One for each index.
class TextPairFinder {
  public:
    // What a join looks at: pairs of texts, to find which are alike, and the pairs of classes that
    // these stand for.
    struct Joined {
        std::uint64_t texts = 0, alike = 0, pairs = 0;
    };

    TextPairFinder(const Plan& plan, Index& index, Reservation& memory, StopToken& stop);

    // Whether a condition joins at all.
    bool is_possible() const { return !checks_.empty(); }
    // Adds the group's pairs to those of the index, by the condition that leaves the fewest pairs
    // of texts to look at. Adds nothing where these, or the pairs that they stand for, would be
    // more than `most`. `b`: ranges of classes of B.
    using Range = std::pair<std::uint32_t, std::uint32_t>;
    std::optional<Joined> add(std::uint32_t group, std::span<const Range> b, std::uint64_t most);
    void finish();

  private:
    struct Found;
    std::optional<Joined> look(Found& found, std::uint64_t most);
    void keep(std::uint32_t group, const Found& found);

    const Plan& plan_;
    Index& index_;
    Reservation& memory_;
    StopToken& stop_;
    Buffer<std::uint32_t> checks_;  // "similar" ones that must hold
};

}  // namespace recon::match
