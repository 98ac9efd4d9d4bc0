#include <gtest/gtest.h>

#include "core/match/rejected.hpp"
#include "match_support.hpp"

namespace recon::match {
namespace {

using namespace test_support;

// A table of references and amounts, whose rows have the ids 1, 2, ...; `apart` are those told
// apart.
Table records(const std::vector<std::pair<std::string, std::string>>& rows,
              const std::vector<std::int64_t>& apart) {
    std::vector<std::vector<Cell>> cells;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto id = static_cast<std::int64_t>(i) + 1;
        bool is_apart = std::find(apart.begin(), apart.end(), id) != apart.end();
        cells.push_back(
            {rows[i].first, rows[i].second, is_apart ? Cell(std::to_string(id)) : null});
    }
    return table({{"reference", Type::text},
                  {"amount", Type::decimal},
                  {std::string(rejected_field), Type::timestamp}},
                 cells);
}

using Rows = std::vector<std::pair<std::string, std::string>>;

std::string matched(const Rows& a, const Rows& b, const Rejected& rejected, const char* text,
                    Result* kept = nullptr) {
    Table table_a = records(a, rejected.records(true)),
          table_b = records(b, rejected.records(false));
    std::vector<rule::Rule> rules = {rule_of(text)};
    if (!rejected.empty()) tell_rejected_apart(rules[0]);
    FakeCalendars calendars;
    MemoryBudget budget(std::size_t{1} << 30, "recon.work_mem");
    StopAfter stop;
    RowsInOrder order;
    NoProgress progress;
    Context context{calendars, order, budget, stop, progress, {}, nullptr, nullptr, &rejected};
    Result result = run(table_a, table_b, rules, context);
    std::string pairs;
    auto rows = [](std::span<const std::uint32_t> some) {
        std::string text_of;
        for (std::uint32_t row : some)
            text_of += (text_of.empty() ? "" : "+") + std::to_string(row + 1);
        return text_of;
    };
    for (const Match& match : result.matches)
        pairs += (pairs.empty() ? "" : " ") + std::to_string(match.a + 1) + "-" +
                 std::to_string(match.b + 1) + (match.ambiguous ? "?" : "");
    for (const GroupMatch& group : result.groups)
        pairs += (pairs.empty() ? "" : " ") + rows(result.rows_a(group)) + "-" +
                 rows(result.rows_b(group)) + (group.ambiguous ? "?" : "");
    if (kept != nullptr) *kept = std::move(result);
    return pairs;
}

const char* exact = R"({"match": [{"field": "reference", "op": "equal"}]})";
const char* near = R"({"match": [{"field": "reference", "op": "equal"},
                                 {"field": "amount", "op": "within", "abs": 5}]})";

Rejected of(std::vector<std::pair<std::int64_t, std::int64_t>> pairs) {
    Rejected rejected;
    for (auto [a, b] : pairs) rejected.add({a}, {b});
    return rejected;
}

TEST(MatchRejected, ThePairIsNotMadeAgain) {
    for (const char* rule : {exact, near}) {
        Result result;
        EXPECT_EQ(matched({{"x", "1"}, {"y", "1"}}, {{"x", "1"}, {"y", "1"}}, of({}), rule),
                  "1-1 2-2");
        EXPECT_EQ(matched({{"x", "1"}, {"y", "1"}}, {{"x", "1"}, {"y", "1"}}, of({{1, 1}}), rule,
                          &result),
                  "2-2");
        EXPECT_EQ(result.reasons_a[0], Reason::rejected);
        EXPECT_EQ(result.reasons_b[0], Reason::rejected);
    }
}

// Records that agree in all the rule reads are no longer the same where one of them was rejected.
TEST(MatchRejected, OthersLikeItTakeItsPlace) {
    const Rows two = {{"x", "1"}, {"x", "1"}};
    for (const char* rule : {exact, near}) {
        EXPECT_EQ(matched(two, two, of({{1, 1}}), rule), "1-2 2-1");
        EXPECT_EQ(matched(two, two, of({{1, 1}, {1, 2}}), rule), "2-1?");
        EXPECT_EQ(matched(two, two, of({{1, 1}, {1, 2}, {2, 1}, {2, 2}}), rule), "");
        EXPECT_EQ(matched({{"x", "1"}}, two, of({{1, 1}}), rule), "1-2");
    }
}

TEST(MatchRejected, TheNextBestIsMade) {
    EXPECT_EQ(matched({{"x", "10"}}, {{"x", "10"}, {"x", "12"}}, of({}), near), "1-1");
    EXPECT_EQ(matched({{"x", "10"}}, {{"x", "10"}, {"x", "12"}}, of({{1, 1}}), near), "1-2");
}

// Confidences are what they were.
TEST(MatchRejected, TheConditionCountsForNothing) {
    Result before, after;
    const Rows a = {{"x", "10"}, {"y", "20"}}, b = {{"x", "12"}, {"y", "20"}};
    matched(a, b, of({}), near, &before);
    matched(a, b, of({{2, 1}}), near, &after);
    ASSERT_EQ(before.matches.size(), 2u);
    ASSERT_EQ(after.matches.size(), 2u);
    for (std::size_t i = 0; i < 2; ++i)
        EXPECT_EQ(before.matches[i].confidence, after.matches[i].confidence);
}

TEST(MatchRejected, AGroupIsNotMadeAgain) {
    const char* group = R"({"cardinality": "1:N", "match": [{"field": "amount", "op": "equal"}],
                            "group_by": ["reference"]})";
    const Rows a = {{"x", "30"}, {"y", "7"}},
               b = {{"x", "10"}, {"x", "20"}, {"y", "3"}, {"y", "4"}};
    EXPECT_EQ(matched(a, b, of({}), group), "1-1+2 2-3+4");
    Rejected rejected;
    rejected.add({1}, {2, 1});
    Result result;
    EXPECT_EQ(matched(a, b, rejected, group, &result), "2-3+4");
    EXPECT_EQ(result.reasons_a[0], Reason::rejected);
    EXPECT_EQ(result.reasons_b[1], Reason::rejected);
    EXPECT_EQ(result.matched_a[0], 0);
    // Another set of the same record is another group.
    rejected = {};
    rejected.add({1}, {1});
    EXPECT_EQ(matched(a, b, rejected, group), "1-1+2 2-3+4");
}

}  // namespace
}  // namespace recon::match
