// Candidates beyond their share of memory come back from files as they were.
#include "core/match/edge_store.hpp"

#include <gtest/gtest.h>

#include <random>

#include "match_support.hpp"
#include "memory_files.hpp"

namespace recon::match {
namespace {

using namespace test_support;

struct Arrow {
    std::uint32_t a, b, confidence;
    bool operator==(const Arrow&) const = default;
};

// Components of one to some hundred classes, and one of `large` candidates.
std::vector<Arrow> random_graph(std::mt19937& random, std::uint32_t classes, std::uint32_t large) {
    std::vector<Arrow> arrows;
    std::uint32_t begin = 0, a = 0;
    while (a < classes) {
        std::uint32_t size = std::min(1 + static_cast<std::uint32_t>(random()) % 100, classes - a);
        for (std::uint32_t end = a + size; a < end; ++a)
            for (std::uint32_t degree = random() % 12; degree > 0; --degree)
                arrows.push_back({a, begin + static_cast<std::uint32_t>(random()) % size,
                                  static_cast<std::uint32_t>(random() % 1'000'000'001)});
        begin += size;
    }
    for (; large > 0; ++a)
        for (std::uint32_t degree = std::min(large, 50u); degree > 0; --degree, --large)
            arrows.push_back({a, begin + large % 97, 500});
    return arrows;
}

std::vector<std::vector<Arrow>> components(const std::vector<Arrow>& arrows, std::size_t limit,
                                           ScratchFiles* files, std::size_t& peak) {
    MemoryBudget budget(limit, "recon.work_mem");
    StopAfter stop;
    std::vector<std::vector<Arrow>> result;
    {
        EdgeStore store(20'000, 20'000, budget, files);
        for (const Arrow& arrow : arrows) store.add(arrow.a, arrow.b, arrow.confidence);
        EXPECT_EQ(store.size(), arrows.size());
        store.finish(stop);
        for (Component component; store.next(component);) {
            std::vector<Arrow>& all = result.emplace_back();
            for (std::uint32_t a : component.a)
                for (const Edge& edge : store.of(a))
                    all.push_back({a, component.b[edge.b], edge.confidence});
            EXPECT_EQ(component.candidates, all.size());
        }
    }
    EXPECT_EQ(budget.used(), 0u);
    peak = budget.peak();
    return result;
}

TEST(EdgeStore, GivesBackFromFilesWhatItGivesFromMemory) {
    std::mt19937 random(7);
    constexpr std::size_t limit = 1'400'000;
    for (std::uint32_t large : {0u, 60'000u}) {
        std::vector<Arrow> arrows = random_graph(random, 15'000, large);
        std::size_t in_memory = 0, in_files = 0;
        MemoryFiles files;
        auto expected = components(arrows, std::size_t{1} << 30, nullptr, in_memory);
        auto found = components(arrows, limit, &files, in_files);
        EXPECT_EQ(found, expected);
        EXPECT_GT(files.files, 2u);
        EXPECT_GT(files.bytes, 2 * arrows.size() * sizeof(Edge));  // split once
        EXPECT_LE(in_files, limit);
        EXPECT_GT(in_memory, in_files);
    }
}

TEST(EdgeStore, NeedsNoFilesForWhatMemoryHolds) {
    std::mt19937 random(8);
    std::size_t peak = 0;
    MemoryFiles files;
    components(random_graph(random, 15'000, 0), std::size_t{1} << 30, &files, peak);
    EXPECT_EQ(files.files, 0u);
}

TEST(EdgeStore, NamesTheLimitWhereAComponentDoesNotFit) {
    std::mt19937 random(9);
    std::vector<Arrow> arrows = random_graph(random, 100, 200'000);
    std::size_t peak = 0;
    MemoryFiles files;
    try {
        components(arrows, 1'400'000, &files, peak);
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_STREQ(error.code(), sqlstate::configuration_limit_exceeded);
    }
}

}  // namespace
}  // namespace recon::match
