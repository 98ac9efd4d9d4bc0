// The solvers against one another, in components that are too large to try all.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <tuple>

#include "core/match/exact.hpp"
#include "core/match/exchanges.hpp"
#include "core/match/single_solver.hpp"
#include "core/match/two_sided.hpp"
#include "match_support.hpp"

namespace recon::match {
namespace {

using namespace test_support;

struct Shape {
    std::uint32_t most_a, most_b, most_each;
};

Side singles(std::uint32_t records) {
    Side side;
    side.rows.resize(records);
    side.begins.resize(records + 1);
    std::iota(side.rows.begin(), side.rows.end(), 0u);
    std::iota(side.begins.begin(), side.begins.end(), 0u);
    return side;
}

// All confidences alike, few, unlike, near one another, near the most that there is, or of both
// ends.
std::uint32_t confidence(std::mt19937& random, std::uint32_t kind) {
    constexpr std::uint32_t most = 1'000'000'000;
    switch (kind) {
        case 0:
            return 7;
        case 1:
            return 1 + random() % 5;
        case 2:
            return 1 + random() % most;
        case 3:
            return most / 2 + random() % 500;
        case 4:
            return most - random() % 3;
        default:
            return random() % 2 == 0 ? 1 + random() % 3 : most - random() % 3;
    }
}

void fill(EdgeStore& edges, std::mt19937& random, std::uint32_t count_a, std::uint32_t count_b,
          std::uint32_t most_each) {
    std::uint32_t each = 1 + random() % most_each, kind = random() % 6;
    for (std::uint32_t a = 0; a < count_a; ++a) {
        std::vector<std::uint32_t> partners;
        for (std::uint32_t k = 0; k < each; ++k) partners.push_back(random() % count_b);
        std::sort(partners.begin(), partners.end());
        partners.erase(std::unique(partners.begin(), partners.end()), partners.end());
        for (std::uint32_t b : partners) edges.add(a, b, confidence(random, kind));
    }
}

// The total, after a proof that no other is higher: its prices.
std::int64_t proven_total(const EdgeStore& edges, const Component& component,
                          const Optimum& optimum) {
    std::int64_t total = 0, prices = 0;
    std::vector<std::uint32_t> left_a(component.a.size(), 1), left_b(component.b.size(), 1);
    for (const Tight& it : optimum.tight) {
        total += std::int64_t{it.confidence} * it.count;
        left_a[it.a] -= it.count;
        left_b[it.b] -= it.count;
        EXPECT_EQ(optimum.u[it.a] + optimum.v[it.b], it.confidence);
    }
    EXPECT_EQ(left_a, optimum.left_a);
    EXPECT_EQ(left_b, optimum.left_b);
    std::size_t tight = 0;
    for (std::size_t a = 0; a < component.a.size(); ++a) {
        prices += optimum.u[a];
        EXPECT_GE(optimum.u[a], 0);
        for (const Edge& edge : edges.of(component.a[a])) {
            std::int64_t over = optimum.u[a] + optimum.v[edge.b] - edge.confidence;
            EXPECT_GE(over, 0);
            tight += over == 0 ? 1 : 0;
        }
    }
    for (std::int64_t price : optimum.v) {
        prices += price;
        EXPECT_GE(price, 0);
    }
    EXPECT_EQ(total, prices);
    EXPECT_EQ(tight, optimum.tight.size());
    return total;
}

// The pairs that every optimum has, and those that can be exchanged: the same for any optimum.
std::vector<std::tuple<std::uint32_t, std::uint32_t, bool>> choices_of(const Optimum& optimum,
                                                                       MemoryBudget& budget,
                                                                       WorkCheck& stop) {
    Choices choices(budget);
    Exchanges(budget, stop).list(optimum, choices);
    std::vector<std::tuple<std::uint32_t, std::uint32_t, bool>> result;
    for (const Choice& it : choices.list) result.emplace_back(it.a, it.b, it.ambiguous);
    std::sort(result.begin(), result.end());
    return result;
}

void compare(std::uint32_t seed, const Shape& shape) {
    std::mt19937 random(seed);
    std::uint32_t count_a = 1 + random() % shape.most_a, count_b = 1 + random() % shape.most_b;
    Side a = singles(count_a), b = singles(count_b);
    MemoryBudget budget(std::size_t{1} << 30, "recon.work_mem");
    {
        StopAfter token(std::numeric_limits<long>::max());
        WorkCheck stop(token);
        EdgeStore edges(count_a, count_b, budget);
        fill(edges, random, count_a, count_b, shape.most_each);
        edges.finish(token);
        ExactSolver exact(edges, budget, stop);
        SingleSolver single(edges, budget, stop);
        TwoSidedSolver two_sided(edges, budget, stop);
        for (Component component; edges.next(component);) {
            Optimum expected(budget), optimum(budget);
            expected.begin(component, a, b);
            exact.solve(component, expected);
            std::int64_t total = proven_total(edges, component, expected);
            auto choices = choices_of(expected, budget, stop);
            optimum.begin(component, a, b);
            single.solve(component, optimum);
            ASSERT_EQ(proven_total(edges, component, optimum), total);
            ASSERT_EQ(choices_of(optimum, budget, stop), choices);
            optimum.begin(component, a, b);
            two_sided.solve(component, optimum);
            ASSERT_EQ(proven_total(edges, component, optimum), total);
            ASSERT_EQ(choices_of(optimum, budget, stop), choices);
        }
    }
    ASSERT_EQ(budget.used(), 0u);
}

TEST(MatchSolvers, FindTheSame) {
    std::uint32_t seed = 0;
    for (const Shape& shape : {Shape{12, 12, 12}, Shape{60, 60, 8}, Shape{60, 20, 12},
                               Shape{20, 60, 12}, Shape{300, 300, 12}})
        for (int round = 0; round < (shape.most_a == 300 ? 120 : 600); ++round) {
            compare(++seed, shape);
            if (HasFailure()) {
                ADD_FAILURE() << "seed " << seed;
                return;
            }
        }
}

TEST(MatchSolvers, Stop) {
    MemoryBudget budget(std::size_t{1} << 30, "recon.work_mem");
    Side side = singles(1000);
    StopAfter never(std::numeric_limits<long>::max()), at_once(0);
    WorkCheck stop(at_once);
    std::mt19937 random(1);
    EdgeStore edges(1000, 1000, budget);
    for (std::uint32_t a = 0; a < 1000; ++a)
        for (std::uint32_t k = 0; k < 6; ++k)
            edges.add(a, (a + k * k) % 1000, 1 + random() % 1'000'000);
    edges.finish(never);
    Component component;
    ASSERT_TRUE(edges.next(component));
    Optimum optimum(budget);
    optimum.begin(component, side, side);
    TwoSidedSolver solver(edges, budget, stop);
    EXPECT_THROW(solver.solve(component, optimum), Stopped);
}

}  // namespace
}  // namespace recon::match
