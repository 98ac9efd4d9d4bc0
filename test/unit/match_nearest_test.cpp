// The nearest records of one side, against looking at each pair by itself; and what is said of a
// condition that misses.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/match/nearest.hpp"
#include "core/match/relaxed.hpp"
#include "match_support.hpp"

namespace recon::match {
namespace {

using namespace test_support;

std::vector<Neighbour> by_pairs(const Table& a, const Table& b, Single single,
                                const rule::Rule& rule, std::size_t most) {
    FakeCalendars calendars;
    rule::Rule relaxed = relax(make_plan(a, b, rule, calendars));
    const Table& others = single == Single::a ? b : a;
    std::vector<Neighbour> all;
    for (std::uint32_t row = 0; row < others.rows(); ++row) {
        auto pair_under = [&](const rule::Rule& under) {
            return single == Single::a ? explain(a, 0, b, row, under, calendars)
                                       : explain(a, row, b, 0, under, calendars);
        };
        PairResult pair = pair_under(rule);
        Neighbour neighbour{row, 0, pair.holds, pair.confidence};
        for (const ConditionResult& condition : pair.conditions)
            neighbour.held += condition.passed && !condition.optional;
        if (!pair.holds) neighbour.score = pair_under(relaxed).confidence;
        all.push_back(neighbour);
    }
    std::sort(all.begin(), all.end(), [&](const Neighbour& x, const Neighbour& y) {
        if (x.held != y.held) return x.held > y.held;
        if (x.score != y.score) return x.score > y.score;
        return others.record_ids[x.row] < others.record_ids[y.row];
    });
    all.resize(std::min(all.size(), most));
    return all;
}

void expect_same(const std::vector<Neighbour>& found, const std::vector<Neighbour>& wanted) {
    ASSERT_EQ(found.size(), wanted.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(found[i].row, wanted[i].row) << i;
        EXPECT_EQ(found[i].held, wanted[i].held) << i;
        EXPECT_EQ(found[i].holds, wanted[i].holds) << i;
        EXPECT_EQ(found[i].score, wanted[i].score) << i;
    }
}

std::vector<Neighbour> search(const Table& a, const Table& b, Single single, const rule::Rule& rule,
                              std::size_t most, std::size_t least_held = 0) {
    FakeCalendars calendars;
    MemoryBudget budget(std::size_t{1} << 30, "recon.work_mem");
    StopAfter stop;
    std::vector<Neighbour> found =
        NearestRows(a, b, single, calendars, budget, stop).under(rule, most, least_held);
    EXPECT_EQ(budget.used(), 0u);
    return found;
}

const std::vector<Spec> specs = {{"amount", Type::decimal},
                                 {"currency", Type::text},
                                 {"day", Type::date},
                                 {"reference", Type::text}};

class Records {
  public:
    explicit Records(unsigned seed) : random_(seed) {}

    Table make(std::size_t rows) {
        std::vector<std::vector<Cell>> cells;
        for (std::size_t i = 0; i < rows; ++i)
            cells.push_back({some(std::to_string(pick(40)) + "." + std::to_string(pick(10))),
                             some(pick(2) == 0 ? "EUR" : "USD"),
                             some("2024-01-" + std::to_string(10 + pick(20))), some(text())});
        Table made = table(specs, cells);
        std::shuffle(made.record_ids.begin(), made.record_ids.end(), random_);
        return made;
    }
    std::size_t pick(std::size_t below) { return random_() % below; }

  private:
    Cell some(const std::string& value) { return pick(12) == 0 ? null : Cell(value); }
    std::string text() {
        std::string result;
        for (std::size_t i = 0, length = 1 + pick(6); i < length; ++i)
            result += static_cast<char>('a' + pick(3));
        return result;
    }
    std::mt19937 random_;
};

constexpr std::size_t required = 4;  // the first ones of these are
const char* const conditions[] = {
    R"({"field": "amount", "op": "equal"})",
    R"({"field": "amount", "op": "within", "abs": 0.5, "pct": 2, "weight": 2})",
    R"({"field": "currency", "op": "equal"})",
    R"({"field": "day", "op": "within", "days": [-1, 3]})",
    R"({"field": "day", "op": "within", "business_days": 1, "optional": true})",
    R"({"field": "reference", "op": "equal", "normalize": ["upper"]})",
    R"({"field": "reference", "op": "similar", "algorithm": "levenshtein", "min": 0.7})",
    R"({"field": "reference", "op": "similar", "algorithm": "levenshtein", "max_distance": 1})",
    R"({"field": "reference", "op": "equal"})",
    R"({"field": "amount", "op": "within", "abs": 0.5})",
    R"({"field": "amount", "op": "within", "pct": 5, "optional": true})",
    R"({"field": "day", "op": "within", "days": [-1, 2]})",
    R"({"field": "reference", "op": "starts_with", "min_length": 1})",
    R"({"field": "reference", "op": "starts_with", "min_length": 2, "weight": 3})",
    R"({"a": "reference", "b": "currency", "op": "similar", "algorithm": "jaro_winkler", "min": 0.5, "optional": true})",
};

rule::Rule some_rule(Records& records) {
    std::string text = conditions[records.pick(required)];
    for (std::size_t i = 0, count = records.pick(4); i < count; ++i)
        text += std::string(", ") + conditions[records.pick(std::size(conditions))];
    return rule_of(R"({"match": [)" + text + "]}");
}

TEST(MatchNearest, SameAsPairByPair) {
    for (unsigned seed = 0; seed < 150; ++seed) {
        SCOPED_TRACE(seed);
        Records records(seed);
        rule::Rule rule = some_rule(records);
        Single single = seed % 2 == 0 ? Single::a : Single::b;
        Table one = records.make(1), many = records.make(records.pick(60));
        const Table& a = single == Single::a ? one : many;
        const Table& b = single == Single::a ? many : one;
        for (std::size_t most : {1u, 3u, 100u}) {
            std::vector<Neighbour> wanted = by_pairs(a, b, single, rule, most);
            expect_same(search(a, b, single, rule, most), wanted);
            std::size_t least_held = records.pick(5);
            auto is_less = [&](const Neighbour& found) { return found.held < least_held; };
            std::vector<Neighbour> bounded = search(a, b, single, rule, most, least_held);
            std::erase_if(bounded, is_less);
            std::erase_if(wanted, is_less);
            expect_same(bounded, wanted);
        }
    }
}

// What was found under one rule serves the next.
TEST(MatchNearest, OneRuleAfterTheOther) {
    for (unsigned seed = 0; seed < 100; ++seed) {
        SCOPED_TRACE(seed);
        Records records(seed);
        Single single = seed % 2 == 0 ? Single::a : Single::b;
        Table one = records.make(1), many = records.make(60);
        const Table& a = single == Single::a ? one : many;
        const Table& b = single == Single::a ? many : one;
        std::vector<rule::Rule> rules;
        for (int i = 0; i < 6; ++i) rules.push_back(some_rule(records));
        FakeCalendars calendars;
        MemoryBudget budget(std::size_t{1} << 30, "recon.work_mem");
        StopAfter stop;
        NearestRows rows(a, b, single, calendars, budget, stop);
        for (const rule::Rule& rule : rules)
            expect_same(rows.under(rule, 3), by_pairs(a, b, single, rule, 3));
    }
}

TEST(MatchNearest, MoreRowsThanAreLookedAtAtOnce) {
    Records records(7);
    Table one = records.make(1), many = records.make(70'000);
    rule::Rule rule = rule_of(
        R"({"match": [{"field": "amount", "op": "equal"}, {"field": "day", "op": "equal"},
            {"field": "reference", "op": "similar", "algorithm": "levenshtein", "min": 1}]})");
    expect_same(search(one, many, Single::a, rule, 5), by_pairs(one, many, Single::a, rule, 5));
}

TEST(MatchNearest, NobodyThere) {
    Records records(1);
    rule::Rule rule = rule_of(R"({"match": [{"field": "amount", "op": "equal"}]})");
    EXPECT_TRUE(search(records.make(1), records.make(0), Single::a, rule, 3).empty());
    EXPECT_TRUE(search(records.make(0), records.make(1), Single::b, rule, 3).empty());
    EXPECT_TRUE(search(records.make(1), records.make(3), Single::a, rule, 0).empty());
}

TEST(MatchNearest, Stops) {
    Records records(2);
    Table one = records.make(1), many = records.make(20'000);
    FakeCalendars calendars;
    MemoryBudget budget(std::size_t{1} << 30, "recon.work_mem");
    StopAfter stop(1);
    rule::Rule rule = rule_of(R"({"match": [{"field": "amount", "op": "equal"}]})");
    EXPECT_THROW(NearestRows(one, many, Single::a, calendars, budget, stop).under(rule, 3),
                 Stopped);
    EXPECT_EQ(budget.used(), 0u);
}

std::string shortfall(Type type, const Cell& a, const Cell& b, const std::string& parameters,
                      const std::string& field = "f") {
    Table x = table({{field, type}, {"currency", Type::text}}, {{a, "EUR"}});
    Table y = table({{field, type}, {"currency", Type::text}}, {{b, field == "f" ? "EUR" : "USD"}});
    FakeCalendars calendars;
    std::vector<std::string> texts = shortfalls(
        x, 0, y, 0, rule_of(R"({"match": [{"field": ")" + field + R"(", )" + parameters + "}]}"),
        calendars);
    return texts[0];
}

TEST(MatchShortfall, Numbers) {
    EXPECT_EQ(shortfall(Type::decimal, "10.00", "10.5", R"("op": "within", "abs": 0.5)"), "");
    EXPECT_EQ(shortfall(Type::decimal, "10.00", "13.2", R"("op": "within", "abs": 0.5)"),
              "differs by 3.20, 2.70 more than allowed");
    EXPECT_EQ(shortfall(Type::decimal, "-1", "1", R"("op": "within", "abs": 0.5, "pct": 1)"),
              "differs by 2.0, 1.5 more than allowed");
    EXPECT_EQ(shortfall(Type::decimal, "100", "90", R"("op": "within", "pct": 1)"),
              "differs by 10, 9.00 more than allowed");
    EXPECT_EQ(shortfall(Type::decimal, "100.0001", "99", R"("op": "within", "pct": 1)"),
              "differs by 1.0001, 0.0001 more than allowed");
    EXPECT_EQ(shortfall(Type::decimal, "100", "98.9999999999999999", R"("op": "within", "pct": 1)"),
              "differs by 1.0000000000000001, just more than allowed");
    EXPECT_EQ(shortfall(Type::decimal, "7", "9.5", R"("op": "equal")"), "differs by 2.5");
}

TEST(MatchShortfall, DatesAndTimes) {
    EXPECT_EQ(shortfall(Type::date, "2024-03-01", "2024-03-08", R"("op": "within", "days": 3)"),
              "differs by 7 days, 4 outside the window");
    EXPECT_EQ(
        shortfall(Type::date, "2024-03-08", "2024-03-01", R"("op": "within", "days": [0, 3])"),
        "differs by -7 days, 7 outside the window");
    EXPECT_EQ(
        shortfall(Type::date, "2024-03-01", "2024-03-08", R"("op": "within", "business_days": 1)"),
        "differs by 5 business days, 4 outside the window");
    EXPECT_EQ(shortfall(Type::date, "2024-03-01", "2024-03-08", R"("op": "equal")"),
              "differs by 7 days");
    EXPECT_EQ(shortfall(Type::timestamp, "0", "90500000", R"("op": "within", "seconds": 60)"),
              "differs by 90.5 seconds, 30.5 more than allowed");
}

TEST(MatchShortfall, Texts) {
    const char* similar = R"("op": "similar", "algorithm": "levenshtein", "min": 0.85)";
    EXPECT_EQ(shortfall(Type::text, "abcdef", "abcxyz", similar), "similarity 0.5, needs 0.85");
    EXPECT_EQ(shortfall(Type::text, "abc", "abx",
                        R"("op": "similar", "algorithm": "levenshtein", "min": 0.6667)"),
              "similarity 0.6666, needs 0.6667");
    EXPECT_EQ(shortfall(Type::text, "abcd", "wxyd",
                        R"("op": "similar", "algorithm": "levenshtein", "max_distance": 1)"),
              "similarity 0.25, needs a distance of at most 1");
    EXPECT_EQ(shortfall(Type::text, "abc", "xyz", R"("op": "equal")"),
              "texts differ, similarity 0");
}

TEST(MatchShortfall, NothingToCompare) {
    EXPECT_EQ(shortfall(Type::decimal, null, "1", R"("op": "equal")"), "no value on side A");
    EXPECT_EQ(shortfall(Type::decimal, "1", null, R"("op": "equal")"), "no value on side B");
    EXPECT_EQ(shortfall(Type::text, null, null, R"("op": "equal")"), "no value on either side");
    EXPECT_EQ(shortfall(Type::decimal, "5", "5", R"("op": "equal")", "amount"),
              "currencies EUR and USD differ");
}

}  // namespace
}  // namespace recon::match
