// The assignment on graphs made by hand and at random, against trying all.
#include <gtest/gtest.h>

#include <numeric>
#include <random>
#include <set>

#include "core/match/assign.hpp"
#include "match_best_choice.hpp"
#include "match_support.hpp"

namespace recon::match {
namespace {

using namespace test_support;

struct Arrow {
    std::uint32_t a, b, confidence;  // classes
};

// Records number from 0 in the contract's order; rows are where they stand in the tables.
struct Problem {
    std::vector<std::size_t> class_of_a, class_of_b;  // of each record
    std::vector<Arrow> arrows;
};

struct Made {
    std::uint32_t a, b, confidence;
    bool ambiguous;
    bool operator==(const Made&) const = default;
    bool operator<(const Made& other) const { return a < other.a; }
};

void PrintTo(const Made& made, std::ostream* out) {
    *out << made.a << "-" << made.b << "@" << made.confidence << (made.ambiguous ? "?" : "");
}

struct Outcome {
    std::vector<Made> made;
    std::vector<Reason> reasons_a, reasons_b;  // of each record
    Gap gap;
    int sorts = 0;
};

class Shuffled final : public RowOrder {
  public:
    std::vector<std::uint32_t> record_a, record_b;  // of each row
    int sorts = 0;
    void sort_a(std::vector<std::uint32_t>& rows) override { sort(rows, record_a); }
    void sort_b(std::vector<std::uint32_t>& rows) override { sort(rows, record_b); }

  private:
    void sort(std::vector<std::uint32_t>& rows, const std::vector<std::uint32_t>& record) {
        ++sorts;
        std::sort(rows.begin(), rows.end(),
                  [&](std::uint32_t x, std::uint32_t y) { return record[x] < record[y]; });
    }
};

std::vector<std::uint32_t> permutation(std::size_t size, std::mt19937* random) {
    std::vector<std::uint32_t> result(size);
    std::iota(result.begin(), result.end(), 0u);
    if (random != nullptr) std::shuffle(result.begin(), result.end(), *random);
    return result;
}

// Classes in a random order, their rows ascending as the engine has them.
Side side_of(const std::vector<std::size_t>& class_of, const std::vector<std::uint32_t>& record,
             std::vector<std::uint32_t>& number, std::mt19937* random) {
    std::size_t classes =
        class_of.empty() ? 0 : *std::max_element(class_of.begin(), class_of.end()) + 1;
    number = permutation(classes, random);
    std::vector<std::vector<std::uint32_t>> rows(classes);
    for (std::uint32_t row = 0; row < record.size(); ++row)
        rows[number[class_of[record[row]]]].push_back(row);
    Side side;
    side.begins.push_back(0);
    for (const std::vector<std::uint32_t>& of_class : rows) {
        side.rows.insert(side.rows.end(), of_class.begin(), of_class.end());
        side.begins.push_back(static_cast<std::uint32_t>(side.rows.size()));
    }
    return side;
}

Outcome assign_it(const Problem& problem, rule::Ambiguous mode, std::mt19937* random,
                  Limits limits = {}, long polls = std::numeric_limits<long>::max()) {
    Shuffled order;
    order.record_a = permutation(problem.class_of_a.size(), random);
    order.record_b = permutation(problem.class_of_b.size(), random);
    std::vector<std::uint32_t> number_a, number_b;
    Side a = side_of(problem.class_of_a, order.record_a, number_a, random);
    Side b = side_of(problem.class_of_b, order.record_b, number_b, random);
    std::vector<Arrow> arrows = problem.arrows;
    if (random != nullptr) std::shuffle(arrows.begin(), arrows.end(), *random);
    std::stable_sort(arrows.begin(), arrows.end(),
                     [&](const Arrow& x, const Arrow& y) { return number_a[x.a] < number_a[y.a]; });
    FakeCalendars calendars;
    MemoryBudget budget(std::size_t{1} << 30, "recon.work_mem");
    StopAfter stop(polls);
    NoProgress progress;
    Context context{calendars, order, budget, stop, progress, limits};
    Outcome outcome;
    {
        EdgeStore edges(a.classes(), b.classes(), budget);
        for (const Arrow& arrow : arrows)
            edges.add(number_a[arrow.a], number_b[arrow.b], arrow.confidence);
        Assignment result = assign(a, b, edges, mode, context);
        for (const Pair& pair : result.pairs)
            outcome.made.push_back(
                {order.record_a[pair.a], order.record_b[pair.b], pair.confidence, pair.ambiguous});
        for (std::size_t c : problem.class_of_a)
            outcome.reasons_a.push_back(result.reasons_a[number_a[c]]);
        for (std::size_t c : problem.class_of_b)
            outcome.reasons_b.push_back(result.reasons_b[number_b[c]]);
        outcome.gap = result.gap;
    }
    EXPECT_EQ(budget.used(), 0u);
    std::sort(outcome.made.begin(), outcome.made.end());
    outcome.sorts = order.sorts;
    return outcome;
}

Confidences by_record(const Problem& problem) {
    Confidences confidences(problem.class_of_a.size(),
                            std::vector<std::int64_t>(problem.class_of_b.size(), -1));
    for (std::size_t x = 0; x < problem.class_of_a.size(); ++x)
        for (std::size_t y = 0; y < problem.class_of_b.size(); ++y)
            for (const Arrow& arrow : problem.arrows)
                if (arrow.a == problem.class_of_a[x] && arrow.b == problem.class_of_b[y])
                    confidences[x][y] = arrow.confidence;
    return confidences;
}

std::vector<std::size_t> random_classes(std::mt19937& random, std::size_t records) {
    std::vector<std::size_t> class_of;
    std::size_t classes = 1 + random() % records, used = 0;
    for (std::size_t i = 0; i < records; ++i) {
        // Numbered by first record, so that none is empty.
        std::size_t c = std::min<std::size_t>(random() % classes, used);
        used = std::max(used, c + 1);
        class_of.push_back(c);
    }
    return class_of;
}

Problem random_problem(std::mt19937& random, std::size_t most, bool zeros) {
    Problem problem;
    problem.class_of_a = random_classes(random, 1 + random() % most);
    problem.class_of_b = random_classes(random, 1 + random() % most);
    std::size_t classes_a =
        *std::max_element(problem.class_of_a.begin(), problem.class_of_a.end()) + 1;
    std::size_t classes_b =
        *std::max_element(problem.class_of_b.begin(), problem.class_of_b.end()) + 1;
    std::uint32_t density = 1 + random() % 4, values = 1 + random() % 5;
    for (std::uint32_t a = 0; a < classes_a; ++a)
        for (std::uint32_t b = 0; b < classes_b; ++b)
            if (random() % 4 < density)
                problem.arrows.push_back(
                    {a, b, static_cast<std::uint32_t>(random() % values + (zeros ? 0 : 1))});
    return problem;
}

void compare(const Problem& problem, std::mt19937& random) {
    BestChoice best(by_record(problem), problem.class_of_a, problem.class_of_b);
    Confidences confidences = by_record(problem);
    std::vector<Made> expected;
    std::vector<int> first = best.first();
    for (std::uint32_t x = 0; x < first.size(); ++x)
        if (first[x] >= 0) {
            auto y = static_cast<std::uint32_t>(first[x]);
            expected.push_back(
                {x, y, static_cast<std::uint32_t>(confidences[x][y]), best.ambiguous(x, y)});
        }
    Outcome proposed = assign_it(problem, rule::Ambiguous::propose, &random);
    ASSERT_EQ(proposed.made, expected);
    ASSERT_LE(proposed.sorts, 2);
    ASSERT_EQ(proposed.gap.components, 0u);

    Outcome taken = assign_it(problem, rule::Ambiguous::take, &random);
    for (Made& made : expected) made.ambiguous = false;
    ASSERT_EQ(taken.made, expected);

    // What all of the best have, and nothing else; classes of what they differ in are ambiguous.
    Outcome skipped = assign_it(problem, rule::Ambiguous::skip, &random);
    std::map<BestChoice::ClassPair, std::size_t> times;
    for (const Made& made : skipped.made) {
        ASSERT_FALSE(made.ambiguous);
        ++times[{problem.class_of_a[made.a], problem.class_of_b[made.b]}];
    }
    std::set<std::size_t> aside_a, aside_b;
    for (auto& [pair, range] : best.all_times()) {
        bool certain = range.first == range.second;
        ASSERT_EQ(times[pair], certain ? range.first : 0);
        if (certain) continue;
        aside_a.insert(pair.first);
        aside_b.insert(pair.second);
    }
    ASSERT_EQ(skipped.made, assign_it(problem, rule::Ambiguous::skip, &random).made);
    for (std::size_t x = 0; x < problem.class_of_a.size(); ++x)
        if (aside_a.count(problem.class_of_a[x]) != 0) {
            ASSERT_EQ(skipped.reasons_a[x], Reason::ambiguous);
        }
    for (std::size_t y = 0; y < problem.class_of_b.size(); ++y)
        if (aside_b.count(problem.class_of_b[y]) != 0) {
            ASSERT_EQ(skipped.reasons_b[y], Reason::ambiguous);
        }
}

TEST(MatchAssign, AsTryingAllSingleRecords) {
    std::mt19937 random(1);
    for (int round = 0; round < 3000; ++round) {
        Problem problem = random_problem(random, 6, round % 3 == 0);
        std::iota(problem.class_of_a.begin(), problem.class_of_a.end(), std::size_t{0});
        std::iota(problem.class_of_b.begin(), problem.class_of_b.end(), std::size_t{0});
        problem.arrows.clear();
        std::uint32_t density = 1 + random() % 4, values = 1 + random() % 5;
        for (std::uint32_t a = 0; a < problem.class_of_a.size(); ++a)
            for (std::uint32_t b = 0; b < problem.class_of_b.size(); ++b)
                if (random() % 4 < density)
                    problem.arrows.push_back(
                        {a, b,
                         static_cast<std::uint32_t>(random() % values + (round % 3 == 0 ? 0 : 1))});
        compare(problem, random);
        if (HasFatalFailure()) return;
    }
}

TEST(MatchAssign, AsTryingAllWithClasses) {
    std::mt19937 random(2);
    for (int round = 0; round < 3000; ++round) {
        compare(random_problem(random, 6, round % 3 == 0), random);
        if (HasFatalFailure()) return;
    }
}

// Beyond the bound: never above the optimum, its bound never below, and the same whatever the order
// of rows, classes and candidates.
TEST(MatchAssign, BeyondTheBoundItIsNearAndSaysHowNear) {
    std::mt19937 random(3);
    Limits limits;
    limits.max_exact_candidates = 0;
    std::int64_t reached = 0, possible = 0;
    for (int round = 0; round < 2000; ++round) {
        Problem problem = random_problem(random, 6, round % 3 == 0);
        for (Arrow& arrow : problem.arrows) arrow.confidence *= 100'000'000;
        BestChoice best(by_record(problem), problem.class_of_a, problem.class_of_b);
        Outcome near = assign_it(problem, rule::Ambiguous::propose, &random, limits);
        Outcome again = assign_it(problem, rule::Ambiguous::propose, &random, limits);
        ASSERT_EQ(near.made, again.made);
        ASSERT_EQ(near.gap.bound, again.gap.bound);
        std::int64_t total = 0, single = 0;
        for (const Made& made : near.made) total += made.confidence;
        std::set<std::uint32_t> once_a, once_b;
        for (const Made& made : near.made) {
            ASSERT_TRUE(once_a.insert(made.a).second);
            ASSERT_TRUE(once_b.insert(made.b).second);
        }
        ASSERT_GE(total, near.gap.value);  // single candidates are not in the gap
        single = total - near.gap.value;
        ASSERT_LE(total, best.total());
        ASSERT_GE(near.gap.bound + single, best.total());
        reached += total;
        possible += best.total();
    }
    EXPECT_GT(static_cast<double>(reached), 0.98 * static_cast<double>(possible));
}

Problem dense(std::uint32_t count_a, std::uint32_t count_b, std::uint32_t confidence) {
    Problem problem;
    problem.class_of_a.resize(count_a);
    problem.class_of_b.resize(count_b);
    std::iota(problem.class_of_a.begin(), problem.class_of_a.end(), std::size_t{0});
    std::iota(problem.class_of_b.begin(), problem.class_of_b.end(), std::size_t{0});
    for (std::uint32_t a = 0; a < count_a; ++a)
        for (std::uint32_t b = 0; b < count_b; ++b) problem.arrows.push_back({a, b, confidence});
    return problem;
}

TEST(MatchAssign, InterchangeableRecordsAreNoProblem) {
    std::mt19937 random(4);
    for (std::uint32_t count : {64u, 20'000u}) {
        Problem problem;
        problem.class_of_a.assign(count, 0);
        problem.class_of_b.assign(count, 0);
        problem.arrows.push_back({0, 0, 7});
        Outcome outcome = assign_it(problem, rule::Ambiguous::skip, &random);
        ASSERT_EQ(outcome.made.size(), count);
        for (std::uint32_t i = 0; i < count; ++i)
            ASSERT_EQ(outcome.made[i], (Made{i, i, 7, false}));
    }
}

TEST(MatchAssign, AllAsGoodAsOneAnother) {
    std::mt19937 random(5);
    Outcome square = assign_it(dense(64, 64, 5), rule::Ambiguous::propose, &random);
    ASSERT_EQ(square.made.size(), 64u);
    for (std::uint32_t i = 0; i < 64; ++i) ASSERT_EQ(square.made[i], (Made{i, i, 5, true}));
    EXPECT_TRUE(assign_it(dense(64, 64, 5), rule::Ambiguous::skip, &random).made.empty());
    Outcome wide = assign_it(dense(300, 400, 5), rule::Ambiguous::propose, &random);
    ASSERT_EQ(wide.made.size(), 300u);
    for (std::uint32_t i = 0; i < 300; ++i) ASSERT_EQ(wide.made[i], (Made{i, i, 5, true}));
    Outcome tall = assign_it(dense(400, 300, 5), rule::Ambiguous::propose, &random);
    ASSERT_EQ(tall.made.size(), 300u);
    for (std::uint32_t i = 0; i < 300; ++i) ASSERT_EQ(tall.made[i], (Made{i, i, 5, true}));
}

TEST(MatchAssign, BeyondTheBoundExchangesNearbyAreAmbiguous) {
    std::mt19937 random(7);
    Limits limits;
    limits.max_exact_candidates = 0;
    Outcome square = assign_it(dense(2, 2, 500), rule::Ambiguous::propose, &random, limits);
    EXPECT_EQ(square.made, (std::vector<Made>{{0, 0, 500, true}, {1, 1, 500, true}}));
    Outcome wide = assign_it(dense(1, 2, 500), rule::Ambiguous::propose, &random, limits);
    EXPECT_EQ(wide.made, (std::vector<Made>{{0, 0, 500, true}}));
    Outcome tall = assign_it(dense(2, 1, 500), rule::Ambiguous::skip, &random, limits);
    EXPECT_TRUE(tall.made.empty());
    EXPECT_EQ(tall.reasons_a[1], Reason::ambiguous);
}

TEST(MatchAssign, AChainHasOneBestWay) {
    std::mt19937 random(6);
    Problem chain;
    constexpr std::uint32_t length = 5000;
    for (std::uint32_t i = 0; i < length; ++i) {
        chain.class_of_a.push_back(i);
        chain.class_of_b.push_back(i);
        // Best first would take the second of each and leave the last of A alone.
        chain.arrows.push_back({i, i, 600'000});
        if (i + 1 < length) chain.arrows.push_back({i, i + 1, 600'001});
    }
    Outcome outcome = assign_it(chain, rule::Ambiguous::propose, &random);
    ASSERT_EQ(outcome.made.size(), length);
    for (std::uint32_t i = 0; i < length; ++i)
        ASSERT_EQ(outcome.made[i], (Made{i, i, 600'000, false}));
}

TEST(MatchAssign, NothingToAssign) {
    Problem problem;
    EXPECT_TRUE(assign_it(problem, rule::Ambiguous::propose, nullptr).made.empty());
    problem.class_of_a = {0, 1};
    EXPECT_TRUE(assign_it(problem, rule::Ambiguous::skip, nullptr).made.empty());
}

TEST(MatchAssign, Stops) {
    Problem problem = dense(200, 200, 5);
    Limits approximate;
    approximate.max_exact_candidates = 10;
    for (long polls : {0L, 2L, 5L}) {
        EXPECT_THROW(assign_it(problem, rule::Ambiguous::propose, nullptr, {}, polls), Stopped);
        EXPECT_THROW(assign_it(problem, rule::Ambiguous::propose, nullptr, approximate, polls),
                     Stopped);
    }
}

}  // namespace
}  // namespace recon::match
