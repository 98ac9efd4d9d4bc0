// Sets that add up, against trying all sets.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <random>
#include <set>

#include "core/match/group/subset_search.hpp"
#include "match_support.hpp"

namespace recon::match::group {
namespace {

using field::int128;

// Records of each member.
using Counts = std::vector<std::uint32_t>;
// Of each value and kind, whichever members they are.
using Merged = std::map<std::pair<int128, std::uint32_t>, std::uint32_t>;

constexpr std::uint64_t ample = std::uint64_t{1} << 40;

struct Case {
    std::vector<Member> members;
    int128 low = 0, high = 0;
    unsigned least = 1, most = 8;
    Question question() const { return {members, low, high, least, most}; }
};

int128 distance(const Case& c, int128 sum) {
    return sum < c.low ? c.low - sum : sum > c.high ? sum - c.high : 0;
}

// All sets that fit, and the least distance from the interval.
struct Oracle {
    std::vector<Counts> sets;
    bool any = false;
    int128 nearest = 0;

    explicit Oracle(const Case& c) {
        Counts counts(c.members.size(), 0);
        walk(c, counts, 0, 0, 0);
    }
    void walk(const Case& c, Counts& counts, std::size_t at, int128 sum, unsigned size) {
        if (at == c.members.size()) {
            if (size < c.least || size > c.most) return;
            int128 off = distance(c, sum);
            nearest = any ? std::min(nearest, off) : off;
            any = true;
            if (off == 0) sets.push_back(counts);
            return;
        }
        for (std::uint32_t n = 0; n <= c.members[at].count && size + n <= c.most; ++n) {
            counts[at] = n;
            walk(c, counts, at + 1, sum + c.members[at].value * n, size + n);
        }
        counts[at] = 0;
    }
    std::map<Merged, std::uint64_t> merged(const Case& c) const {
        std::map<Merged, std::uint64_t> result;
        for (const Counts& counts : sets) {
            Merged key;
            for (std::size_t i = 0; i < counts.size(); ++i)
                if (counts[i] > 0) key[{c.members[i].value, c.members[i].kind}] += counts[i];
            ++result[key];
        }
        return result;
    }
};

class Collect final : public SumVisitor {
  public:
    Collect(const Case& c, const SubsetSearch& search) : case_(c), search_(search) {}
    void restart() override { sets.clear(); }
    bool visit(const Sum& sum) override {
        Merged key;
        int128 total = 0;
        unsigned size = 0;
        for (const Part& part : sum.parts) {
            const Member& member = case_.members[search_.members(part.item)[0]];
            EXPECT_EQ(member.kind, part.kind);
            key[{member.value, member.kind}] += part.count;
            total += member.value * part.count;
            size += part.count;
        }
        EXPECT_TRUE(total == sum.value);
        EXPECT_TRUE(distance(case_, total) == 0);
        EXPECT_GE(size, case_.least);
        EXPECT_LE(size, case_.most);
        EXPECT_TRUE(sets.emplace(key, sum.ways).second) << "visited twice";
        return sets.size() < most;
    }

    std::map<Merged, std::uint64_t> sets;
    std::size_t most = std::numeric_limits<std::size_t>::max();

  private:
    const Case& case_;
    const SubsetSearch& search_;
};

class Searcher {
  public:
    MemoryBudget budget{std::size_t{1} << 30, "recon.work_mem"};
    test_support::StopAfter stop;
    SubsetSearch search{budget, stop};
};

void compare(Searcher& searcher, const Case& c) {
    Oracle oracle(c);
    std::map<Merged, std::uint64_t> expected = oracle.merged(c);
    Collect all(c, searcher.search);
    Searched searched = searcher.search.search(c.question(), ample, all);
    EXPECT_TRUE(searched.complete);
    EXPECT_EQ(all.sets, expected);

    // A smaller budget: what it finds is right, and what it says to be all is all.
    for (std::uint64_t steps : {1u, 20u, 200u, 2000u, 20000u}) {
        Collect some(c, searcher.search);
        Searched bounded = searcher.search.search(c.question(), steps, some);
        // It stops at a visit, each of which counts the choices of members.
        EXPECT_LE(bounded.steps, 2 * steps + 64 * (c.members.size() + 8) + 64);
        for (const auto& [key, ways] : some.sets) EXPECT_EQ(expected.at(key), ways);
        EXPECT_TRUE(!bounded.complete || some.sets.size() == expected.size());
    }

    Nearest nearest = searcher.search.nearest(c.question(), ample);
    ASSERT_EQ(nearest.found, oracle.any);
    if (!nearest.found) return;
    EXPECT_TRUE(nearest.proven);
    EXPECT_TRUE(distance(c, nearest.sum) == oracle.nearest);
    int128 total = 0;
    unsigned size = 0;
    for (const Part& part : nearest.parts) {
        total += c.members[searcher.search.members(part.item)[0]].value * part.count;
        size += part.count;
    }
    EXPECT_TRUE(total == nearest.sum);
    EXPECT_TRUE(size >= c.least && size <= c.most);
}

// Values of one sort: each makes searching hard, or easy to get wrong, in its own way.
int128 value(std::mt19937_64& random, int sort) {
    auto below = [&](std::uint64_t n) { return static_cast<int128>(random() % n); };
    switch (sort) {
        case 0:  // few different ones
            return 1 + below(4);
        case 1:  // cents
            return 1 + below(5000);
        case 2:  // both signs, and zero
            return below(41) - 20;
        case 3:  // multiples of a divisor, but for a few
            return (1 + below(30)) * 700 + (below(8) == 0 ? 35 : 0);
        case 4:  // near the bounds of 64 bits
            return (below(2) == 0 ? 1 : -1) *
                   (static_cast<int128>(std::numeric_limits<std::int64_t>::max()) - below(3));
        case 5:  // near those of amounts
            return (below(2) == 0 ? 1 : -1) * (most_magnitude - below(5));
        case 6:  // powers: sums are told apart
            return int128{1} << below(24);
        case 7:  // large ones of both signs that cancel
            return (below(2) == 0 ? 1 : -1) * 1'000'000'007 + below(3);
        default:  // some large, many small
            return below(4) == 0 ? 100'000 + below(100) : 1 + below(100);
    }
}

Case random_case(std::mt19937_64& random, std::size_t most_members_here) {
    Case c;
    int sort = static_cast<int>(random() % 9);
    std::size_t members = 1 + random() % most_members_here;
    c.most = 1 + static_cast<unsigned>(random() % 12);
    c.least = random() % 4 == 0 ? 1 + static_cast<unsigned>(random() % c.most) : 1;
    for (std::size_t i = 0; i < members; ++i)
        c.members.push_back({value(random, sort),
                             static_cast<std::uint32_t>(random() % 4 == 0 ? random() % 3 : 0),
                             static_cast<std::uint32_t>(random() % 5 == 0 ? 1 + random() % 3 : 1)});
    // What some set adds up to, or misses by little, or nothing in particular.
    int128 target = 0;
    for (unsigned i = 0; i < 1 + random() % c.most; ++i)
        target += c.members[random() % members].value;
    if (random() % 3 == 0) target += static_cast<int128>(random() % 5) - 2;
    int128 wide = random() % 3 == 0 ? static_cast<int128>(random() % 50) : 0;
    c.low = target - wide;
    c.high = target + (random() % 2 == 0 ? wide : 0);
    return c;
}

TEST(GroupSubsetSearch, AgreesWithTryingAllSets) {
    std::mt19937_64 random(5);
    Searcher searcher;
    for (int i = 0; i < 6000 && !HasFailure(); ++i) compare(searcher, random_case(random, 9));
    for (int i = 0; i < 300 && !HasFailure(); ++i) compare(searcher, random_case(random, 14));
    for (int i = 0; i < 20 && !HasFailure(); ++i) compare(searcher, random_case(random, 18));
}

TEST(GroupSubsetSearch, TheOrderOfMembersChangesNothing) {
    std::mt19937_64 random(6);
    Searcher searcher;
    for (int i = 0; i < 500; ++i) {
        Case c = random_case(random, 12), shuffled = c;
        std::shuffle(shuffled.members.begin(), shuffled.members.end(), random);
        for (std::uint64_t steps : {std::uint64_t{30}, std::uint64_t{300}, ample}) {
            Collect first(c, searcher.search), second(shuffled, searcher.search);
            first.most = second.most = 2;
            Searched one = searcher.search.search(c.question(), steps, first);
            Searched other = searcher.search.search(shuffled.question(), steps, second);
            EXPECT_EQ(first.sets, second.sets);
            EXPECT_EQ(one.complete, other.complete);
            EXPECT_EQ(one.steps, other.steps);
        }
    }
}

TEST(GroupSubsetSearch, EqualMembersAreOneChoice) {
    Searcher searcher;
    for (std::uint32_t count : {13u, 1000u}) {
        Case c{{{100, 0, count}}, 700, 700, 1, 8};
        Collect found(c, searcher.search);
        Searched searched = searcher.search.search(c.question(), ample, found);
        EXPECT_TRUE(searched.complete);
        EXPECT_EQ(found.sets, (std::map<Merged, std::uint64_t>{{{{{100, 0}, 7}}, 1}}));
        EXPECT_LT(searched.steps, 200u);
    }
    // Equal values of members that differ: 1000 over 7.
    Case c{std::vector<Member>(1000, Member{100, 0, 1}), 700, 700, 1, 8};
    Collect found(c, searcher.search);
    Searched searched = searcher.search.search(c.question(), ample, found);
    EXPECT_TRUE(searched.complete);
    EXPECT_EQ(found.sets.size(), 1u);
    EXPECT_EQ(found.sets.begin()->second, 194'280'608'456'793'000u);
    EXPECT_LT(searched.steps, 20'000u);
}

// Sums are so far apart that none comes by chance.
TEST(GroupSubsetSearch, FortyMembersWithoutAnAnswerStayInTheBudget) {
    std::mt19937_64 random(7);
    Searcher searcher;
    Case c;
    for (int i = 0; i < 40; ++i)
        c.members.push_back({static_cast<int128>(1 + random() % 1'000'000'000'000), 0, 1});
    c.low = c.high = 3'000'000'000'001;
    Collect found(c, searcher.search);
    Searched searched = searcher.search.search(c.question(), 2'000'000, found);
    EXPECT_TRUE(searched.complete);
    EXPECT_TRUE(found.sets.empty());
    Searched bounded = searcher.search.search(c.question(), 50'000, found);
    EXPECT_FALSE(bounded.complete);
    EXPECT_LE(bounded.steps, 51'000u);
    // All even, and an odd sum.
    for (Member& member : c.members) member.value *= 2;
    searched = searcher.search.search(c.question(), 2'000'000, found);
    EXPECT_TRUE(searched.complete);
    EXPECT_LT(searched.steps, 100u);
    // Round amounts that coincide in few sums, and one that is not round.
    for (std::size_t i = 0; i < c.members.size(); ++i)
        c.members[i].value = static_cast<int128>(100 * (i + 1));
    c.members[20].value += 1;
    c.low = c.high = 4'050;
    searched = searcher.search.search(c.question(), 2'000'000, found);
    EXPECT_TRUE(searched.complete);
    EXPECT_TRUE(found.sets.empty());
}

TEST(GroupSubsetSearch, AsksToStop) {
    MemoryBudget budget{std::size_t{1} << 30, "recon.work_mem"};
    test_support::StopAfter stop(3);
    SubsetSearch search(budget, stop);
    std::mt19937_64 random(8);
    Case c;
    for (int i = 0; i < 60; ++i) c.members.push_back({static_cast<int128>(random() >> 4), 0, 1});
    c.most = 30;
    c.low = c.high = 12345;
    for (const Member& member : c.members) c.high = c.low += member.value / 3;
    Collect found(c, search);
    EXPECT_THROW(search.search(c.question(), ample, found), Stopped);
}

}  // namespace
}  // namespace recon::match::group
