// Packings against trying all choices.
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "core/match/group/packing.hpp"
#include "match_support.hpp"

namespace recon::match::group {
namespace {

struct Case {
    std::vector<PackingUnit> units;
    std::vector<std::vector<SetPart>> sets;
    std::vector<std::uint32_t> left;
};

Case random_case(std::mt19937& random) {
    Case c;
    std::size_t members = 3 + random() % 7;
    for (std::size_t i = 0; i < members; ++i)
        c.left.push_back(1 + (random() % 3 == 0 ? random() % 3 : 0));
    for (std::size_t u = 0; u < 1 + random() % 4; ++u) {
        PackingUnit unit;
        unit.records = random() % 4 == 0 ? 2 : 1;
        unit.first = static_cast<std::uint32_t>(c.sets.size());
        for (std::size_t k = 0; k < 1 + random() % 4; ++k) {
            std::vector<SetPart> set;
            for (std::uint32_t m = 0; m < members; ++m)
                if (random() % 3 == 0)
                    set.push_back({m, 1 + static_cast<std::uint32_t>(random() % c.left[m])});
            if (set.empty()) set.push_back({0, 1});
            if (std::find(c.sets.begin() + unit.first, c.sets.end(), set) == c.sets.end())
                c.sets.push_back(set);
        }
        unit.last = static_cast<std::uint32_t>(c.sets.size());
        c.units.push_back(unit);
    }
    return c;
}

// How often each option is in each packing.
std::vector<std::vector<std::uint32_t>> all_packings(const Case& c) {
    std::vector<std::vector<std::uint32_t>> found;
    std::vector<std::uint32_t> times(c.sets.size()), left = c.left;
    std::function<void(std::size_t, std::uint32_t, std::uint32_t)> walk =
        [&](std::size_t unit, std::uint32_t record, std::uint32_t next) {
            if (unit == c.units.size()) {
                found.push_back(times);
                return;
            }
            if (record == c.units[unit].records) {
                walk(unit + 1, 0, unit + 1 < c.units.size() ? c.units[unit + 1].first : 0);
                return;
            }
            for (std::uint32_t o = next; o < c.units[unit].last; ++o) {
                bool fits = true;
                for (const SetPart& part : c.sets[o])
                    fits = fits && left[part.member] >= part.count;
                if (!fits) continue;
                for (const SetPart& part : c.sets[o]) left[part.member] -= part.count;
                ++times[o];
                walk(unit, record + 1, o);
                --times[o];
                for (const SetPart& part : c.sets[o]) left[part.member] += part.count;
            }
        };
    walk(0, 0, 0);
    return found;
}

TEST(GroupPacking, AgreesWithTryingAllChoices) {
    std::mt19937 random(9);
    test_support::StopAfter stop;
    Packing packing(stop);
    int possible = 0, certain = 0;
    for (int i = 0; i < 5000; ++i) {
        Case c = random_case(random);
        std::vector<std::vector<std::uint32_t>> all = all_packings(c);
        std::vector<std::span<const SetPart>> options(c.sets.begin(), c.sets.end());
        std::vector<Packed> packed;
        std::vector<std::uint32_t> left = c.left;
        EXPECT_EQ(packing.solve(c.units, options, left, 1 << 30, packed), !all.empty());
        EXPECT_EQ(left, c.left);
        if (all.empty()) continue;
        ++possible;
        std::vector<std::uint32_t> times(c.sets.size());
        for (const Packed& one : packed) {
            times[one.option] = one.times;
            bool in_all = std::all_of(all.begin(), all.end(), [&](const auto& packed_so) {
                return packed_so[one.option] >= one.times;
            });
            EXPECT_EQ(one.certain, in_all);
            certain += one.certain ? 1 : 0;
        }
        EXPECT_NE(std::find(all.begin(), all.end(), times), all.end());
        // With too few steps it says so, or the same.
        std::vector<Packed> bounded;
        if (packing.solve(c.units, options, left, 8, bounded)) {
            EXPECT_EQ(bounded.size(), packed.size());
        }
        EXPECT_EQ(left, c.left);
    }
    EXPECT_GT(possible, 1000);
    EXPECT_GT(certain, 500);
}

}  // namespace
}  // namespace recon::match::group
