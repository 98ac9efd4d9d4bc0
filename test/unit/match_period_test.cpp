// Rules in a project with a closed period: no group has a pair of records that are both of it.
#include <gtest/gtest.h>

#include <random>

#include "core/match/plan.hpp"
#include "core/match/score.hpp"
#include "core/rule/condition.hpp"
#include "group_support.hpp"

namespace recon::match {
namespace {

using namespace test_support;

struct Sides {
    Table a, b;
};
Sides sides(const Rows& a, const std::vector<bool>& closed_a, const Rows& b,
            const std::vector<bool>& closed_b) {
    Sides both{table(specs, a), table(specs, b)};
    add_period(both.a, true, closed_a);
    add_period(both.b, false, closed_b);
    return both;
}

rule::Rule closed_rule(const std::string& text) {
    rule::Rule rule = rule_of(text);
    rule::keep_period_closed(rule);
    return rule;
}

TEST(MatchPeriod, TheConditionIsOneThatSelectsNothing) {
    Sides both = sides({row("1")}, {true}, {row("1")}, {false});
    FakeCalendars calendars;
    rule::Rule rule = closed_rule(
        R"({"match": [{"field": "reference", "op": "contains", "optional": true},
                      {"field": "key", "op": "contains"}]})");
    Plan plan = make_plan(both.a, both.b, rule, calendars);
    EXPECT_FALSE(plan.is_selective());
    EXPECT_FALSE(plan.checks.back().is_range());
    EXPECT_TRUE(plan.checks.back().required());
    EXPECT_EQ(sum_of_weights(plan), 2);
    EXPECT_EQ(rule::describe(rule.match.back()), "not both of the closed period");
    EXPECT_TRUE(rule::keeps_period_closed(rule));
    EXPECT_FALSE(
        rule::keeps_period_closed(rule_of(R"({"match": [{"field": "key", "op": "equal"}]})")));
}

TEST(MatchPeriod, ExplainedAsSuch) {
    Sides both = sides({row("1")}, {true}, {row("1"), row("1")}, {true, false});
    FakeCalendars calendars;
    rule::Rule rule = closed_rule(R"({"match": [{"field": "amount", "op": "equal"}]})");
    PairResult closed = explain(both.a, 0, both.b, 0, rule, calendars);
    EXPECT_FALSE(closed.holds);
    EXPECT_EQ(closed.confidence, one);
    const ConditionResult& line = closed.conditions.back();
    EXPECT_TRUE(line.of_period);
    EXPECT_FALSE(line.passed);
    EXPECT_EQ(line.field, "period");
    EXPECT_EQ(line.value_a, "closed");
    EXPECT_EQ(line.value_b, "closed");
    PairResult open = explain(both.a, 0, both.b, 1, rule, calendars);
    EXPECT_TRUE(open.holds);
    EXPECT_EQ(open.conditions.back().value_b, "open");
}

TEST(MatchPeriod, GroupsByHand) {
    std::vector<rule::Rule> one_to_many = {closed_rule(rule())};
    auto of = [&](const std::vector<bool>& closed_a, const std::vector<bool>& closed_b) {
        Sides both = sides({row("10")}, closed_a, {row("4"), row("6")}, closed_b);
        return shown(run_parsed(both.a, both.b, one_to_many));
    };
    EXPECT_EQ(of({true}, {true, true}), Shown{});
    EXPECT_EQ(of({true}, {true, false}), Shown{});
    EXPECT_EQ(of({true}, {false, false}), Shown{"0:0,1"});
    EXPECT_EQ(of({false}, {true, true}), Shown{"0:0,1"});
    EXPECT_EQ(of({false}, {true, false}), Shown{"0:0,1"});
}

TEST(MatchPeriod, NoGroupHasAPairOfIt) {
    std::mt19937 random(23);
    const std::vector<std::string> rules = {
        rule(R"("ambiguous": "take", "max_group": 4)", R"("op": "within", "abs": 1)"),
        rule(R"("ambiguous": "take", "max_group": 4)", R"("op": "equal")", "N:1"),
        rule(R"("ambiguous": "take", "max_group": 4)", R"("op": "equal")", "N:M")};
    std::size_t groups_found = 0, with_closed = 0;
    for (int round = 0; round < 1500; ++round) {
        Rows rows[2];
        std::vector<bool> closed[2];
        for (int side = 0; side < 2; ++side)
            for (std::size_t i = 0, count = 2 + random() % 7; i < count; ++i) {
                rows[side].push_back(row(std::to_string(1 + random() % 12), "EUR",
                                         "K" + std::to_string(random() % 2)));
                closed[side].push_back(random() % 2 == 0);
            }
        Sides both = sides(rows[0], closed[0], rows[1], closed[1]);
        std::vector<rule::Rule> one_rule = {
            closed_rule(rules[static_cast<std::size_t>(round) % rules.size()])};
        Result result = run_parsed(both.a, both.b, one_rule);
        FakeCalendars calendars;
        for (const GroupMatch& group : result.groups) {
            auto any_closed = [&](std::span<const std::uint32_t> members, int side) {
                return std::any_of(members.begin(), members.end(),
                                   [&](std::uint32_t member) { return closed[side][member]; });
            };
            bool in_a = any_closed(result.rows_a(group), 0),
                 in_b = any_closed(result.rows_b(group), 1);
            ASSERT_FALSE(in_a && in_b);
            with_closed += in_a || in_b ? 1 : 0;
            ++groups_found;
            GroupResult explained = explain_group(both.a, result.rows_a(group), both.b,
                                                  result.rows_b(group), one_rule[0], calendars);
            ASSERT_TRUE(explained.holds);
            ASSERT_EQ(explained.confidence, group.confidence);
        }
    }
    EXPECT_GT(groups_found, 800u);
    EXPECT_GT(with_closed, 300u);
}

}  // namespace
}  // namespace recon::match
