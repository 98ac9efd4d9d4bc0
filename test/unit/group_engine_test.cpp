// Group rules, run by the engine.
#include <gtest/gtest.h>

#include <numeric>
#include <random>

#include "group_support.hpp"

namespace recon::match {
namespace {

using namespace test_support;

TEST(GroupEngine, FindsTheOnlySet) {
    EXPECT_EQ(groups(amounts({"100"}), amounts({"60", "35", "40", "7"}), rule()), Shown{"0:0,2"});
    EXPECT_EQ(groups(amounts({"60", "35", "40", "7"}), amounts({"100"}),
                     rule(R"("ambiguous": "skip")", R"("op": "equal")", "N:1")),
              Shown{"0,2:0"});
    // An invoice and a credit note against one transfer.
    EXPECT_EQ(groups(amounts({"80"}), amounts({"100", "-20", "30"}), rule()), Shown{"0:0,1"});
    EXPECT_EQ(groups(amounts({"-80.5"}), amounts({"-100", "19.50", "-30"}), rule()),
              Shown{"0:0,1"});
    // One is a group, too; and what has no key or no amount has no partner.
    EXPECT_EQ(groups(amounts({"7"}), amounts({"7", "8"}), rule()), Shown{"0:0"});
    EXPECT_EQ(groups({row("9", "EUR", null)}, {row("9", "EUR", null)}, rule()), Shown{});
    EXPECT_EQ(groups({row(null)}, {row(null)}, rule()), Shown{});
    Result result = run_on(amounts({"100"}), amounts({"60", "35", "40"}), rule());
    EXPECT_EQ(field::to_text(result.groups[0].sum_a), "100");
    EXPECT_EQ(field::to_text(result.groups[0].sum_b), "100");
    EXPECT_EQ(result.groups[0].confidence, 1'000'000'000u);
    EXPECT_TRUE(result.groups[0].approved);
}

TEST(GroupEngine, BoundsTheMembers) {
    Rows ten(10, row("10"));
    EXPECT_EQ(groups(amounts({"90"}), ten, rule()), Shown{});
    EXPECT_EQ(groups(amounts({"90"}), ten, rule(R"("max_group": 9)")),
              Shown{"0:0,1,2,3,4,5,6,7,8"});
}

TEST(GroupEngine, SeveralSetsAreAmbiguous) {
    Rows a = amounts({"100"}), b = amounts({"30", "70", "60", "40"});
    Result result = run_on(a, b, rule());
    EXPECT_TRUE(result.groups.empty());
    EXPECT_EQ(result.reasons_a[0], Reason::ambiguous);
    EXPECT_EQ(result.reasons_b[0], Reason::ambiguous);
    EXPECT_EQ(groups(a, b, rule(R"("ambiguous": "propose")")), Shown{"0:0,1?"});
    EXPECT_EQ(groups(a, b, rule(R"("ambiguous": "take")")), Shown{"0:0,1"});
    // Of the same amount, but not interchangeable where the rule reads more.
    Rows two = {row("50", "EUR", "K", "2024-03-01"), row("50", "EUR", "K", "2024-03-01")};
    const std::string dated =
        R"({"cardinality": "1:N", "group_by": ["key"], "ambiguous": "skip", "match": [
            {"field": "amount", "op": "equal"},
            {"field": "value_date", "op": "within", "days": 3, "edge": 1}]})";
    EXPECT_EQ(groups(amounts({"50"}), two, dated), Shown{"0:0"});
    two[1][3] = "2024-03-02";
    EXPECT_EQ(groups(amounts({"50"}), two, dated), Shown{});
}

TEST(GroupEngine, InterchangeableRecordsAreTakenInOrder) {
    EXPECT_EQ(groups(amounts({"30", "20"}), amounts({"10", "10", "10", "10", "10", "10"}), rule()),
              (Shown{"0:0,1,2", "1:3,4"}));
    Result result = run_on(amounts({"20", "20"}), amounts({"10", "10", "10"}), rule());
    EXPECT_EQ(shown(result), Shown{"0:0,1"});
    EXPECT_EQ(result.reasons_a[1], Reason::taken_by_better);
}

TEST(GroupEngine, WhatIsSolvedMakesOthersUnique) {
    // 45 is 45 alone; then 100 is 40 and 60, and not 55 and 45.
    EXPECT_EQ(groups(amounts({"100", "45"}), amounts({"40", "60", "55", "45"}), rule()),
              (Shown{"0:0,1", "1:3"}));
}

TEST(GroupEngine, WhatOnlyFitsTogether) {
    // 70 is 30 + 40 or 25 + 45; 75 is 30 + 45 or 15 + 60. Only 25 + 45 with 15 + 60, or 30 + 40
    // with 15 + 60 go together: 75 is known, and then 70 has two.
    Rows b = amounts({"30", "40", "25", "45", "15", "60"});
    EXPECT_EQ(groups(amounts({"70", "75"}), b, rule()), Shown{"1:4,5"});
    // Two want the same, and nothing else fits: neither is sure.
    const std::string near = R"("op": "within", "abs": 1)";
    Result result =
        run_on(amounts({"99", "101"}), amounts({"40", "60"}), rule(R"("ambiguous": "skip")", near));
    EXPECT_TRUE(result.groups.empty());
    EXPECT_EQ(result.reasons_a[0], Reason::ambiguous);
    // But the better one, where one is.
    result = run_on(amounts({"99", "100.5"}), amounts({"40", "60"}),
                    rule(R"("ambiguous": "skip")", near));
    EXPECT_EQ(shown(result), Shown{"1:0,1"});
    EXPECT_EQ(result.reasons_a[0], Reason::taken_by_better);
}

TEST(GroupEngine, AllOfAKeyIsTheAnswer) {
    // Whatever parts of it add up as well.
    EXPECT_EQ(groups(amounts({"100"}), amounts({"100", "25", "-25", "0"}), rule()),
              Shown{"0:0,1,2,3"});
    std::string without = rule();
    without.replace(without.find(R"("group_by": ["key"], )"), 21, "");
    EXPECT_EQ(groups(amounts({"100"}), amounts({"100", "25", "-25", "0"}), without), Shown{});
    // But only where they add up exactly.
    EXPECT_EQ(groups(amounts({"100"}), amounts({"100", "0.5"}),
                     rule(R"("ambiguous": "skip")", R"("op": "within", "abs": 0.5)")),
              Shown{});
}

TEST(GroupEngine, Tolerance) {
    Rows b = amounts({"60", "35", "40.3"});
    EXPECT_EQ(
        groups(amounts({"100"}), b, rule(R"("threshold": 0)", R"("op": "within", "abs": 0.3)")),
        Shown{"0:0,2"});
    EXPECT_EQ(
        groups(amounts({"100"}), b, rule(R"("threshold": 0)", R"("op": "within", "abs": 0.29)")),
        Shown{});
    EXPECT_EQ(
        groups(amounts({"100"}), b, rule(R"("threshold": 0)", R"("op": "within", "pct": 0.3)")),
        Shown{"0:0,2"});
    Result result =
        run_on(amounts({"100"}), b, rule(R"("threshold": 0.6)", R"("op": "within", "abs": 0.3)"));
    EXPECT_TRUE(result.groups.empty());
    EXPECT_EQ(result.reasons_a[0], Reason::below_threshold);
}

TEST(GroupEngine, ScoresAreTheLeastOfTheMembers) {
    Rows b = {row("60", "EUR", "K", "2024-03-01"), row("40", "EUR", "K", "2024-02-28")};
    Result result =
        run_on({row("100", "EUR", "K", "2024-03-01")}, b,
               R"({"cardinality": "1:N", "match": [{"field": "amount", "op": "equal", "weight": 3},
            {"field": "value_date", "op": "within", "days": 4},
            {"field": "reference", "op": "equal", "optional": true}]})");
    ASSERT_EQ(shown(result), Shown{"0:0,1"});
    // (3 * 1 + 1 * (1 - 0.5 * 2 / 4) + 0) / 5
    EXPECT_EQ(result.groups[0].confidence, 750'000'000u);
}

TEST(GroupEngine, MembersShareWhatTheRuleSays) {
    const std::string same = rule(R"("ambiguous": "skip", "same": ["value_date"])");
    Rows b = {row("60", "EUR", "K", "2024-03-01"), row("40", "EUR", "K", "2024-03-02"),
              row("70", "EUR", "K", "2024-03-02"), row("30", "EUR", "K", "2024-03-02"),
              row("100", "EUR", "K", null)};
    EXPECT_EQ(groups(amounts({"100"}), b, same), Shown{});
    b.pop_back();
    EXPECT_EQ(groups(amounts({"100"}), b, same), Shown{"0:2,3"});
}

TEST(GroupEngine, CurrenciesAgree) {
    Rows b = {row("60", "EUR"), row("40", "USD"), row("40", null)};
    EXPECT_EQ(groups({row("100", "EUR")}, b, rule()), Shown{"0:0,2"});
    EXPECT_EQ(groups({row("100", null)}, b, rule()), Shown{"0:0,2"});
    b.pop_back();
    EXPECT_EQ(groups({row("100", null)}, b, rule()), Shown{});
}

TEST(GroupEngine, FeesComeOffEachMember) {
    // 100.00 - 1.80, and 33.33 - (0.30 + 0.49995, to the cent).
    Rows b = amounts({"100.00", "33.33", "20.00"});
    const std::string fees = rule(R"("fees": {"fixed": 0.30, "pct": 1.5})");
    Result result = run_on(amounts({"130.73"}), b, fees);
    ASSERT_EQ(shown(result), Shown{"0:0,1"});
    EXPECT_EQ(field::to_text(result.groups[0].sum_b), "130.73");
    EXPECT_EQ(field::to_text(result.groups[0].fees), "2.60");
    // 0.675 to the cent.
    auto taken = [&](const char* more, const char* left) {
        return groups(amounts({left}), amounts({"45.00"}),
                      rule(std::string(R"("fees": {"pct": 1.5)") + more + "}"));
    };
    EXPECT_EQ(taken("", "44.32"), Shown{"0:0"});
    EXPECT_EQ(taken(R"(, "rounding": "half_up")", "44.32"), Shown{"0:0"});
    EXPECT_EQ(taken(R"(, "rounding": "down")", "44.33"), Shown{"0:0"});
    EXPECT_EQ(taken(R"(, "rounding": "up", "decimals": 1)", "44.3"), Shown{"0:0"});
    EXPECT_EQ(taken(R"(, "cap": 0.5)", "44.5"), Shown{"0:0"});
    EXPECT_EQ(taken(R"(, "decimals": 3)", "44.325"), Shown{"0:0"});
    // Of a payment back, too.
    EXPECT_EQ(groups(amounts({"-101.80"}), amounts({"-100"}), fees), Shown{"0:0"});
    // The side with many bears them.
    EXPECT_EQ(groups(b, amounts({"130.73"}),
                     rule(R"("fees": {"fixed": 0.30, "pct": 1.5})", R"("op": "equal")", "N:1")),
              Shown{"0,1:0"});
}

TEST(GroupEngine, ASearchThatSpendsItsBudgetSaysSo) {
    std::mt19937_64 random(3);
    Rows b;
    for (int i = 0; i < 60; ++i)
        b.push_back(row(std::to_string(1 + random() % 1'000'000'000'000'000), "EUR", "K"));
    Limits limits;
    limits.group_budget = 10'000;
    Result result = run_on(amounts({"4000000000000001"}), b, rule(), limits);
    EXPECT_TRUE(result.groups.empty());
    EXPECT_EQ(result.reasons_a[0], Reason::budget);
    EXPECT_EQ(result.reasons_b[0], Reason::budget);
}

TEST(GroupEngine, ManyToMany) {
    const std::string many = rule(R"("ambiguous": "skip")", R"("op": "equal")", "N:M");
    EXPECT_EQ(groups(amounts({"60", "40"}), amounts({"30", "50", "20"}), many), Shown{"0,1:0,1,2"});
    // The largest part: without 7 of A.
    EXPECT_EQ(groups(amounts({"60", "7", "40"}), amounts({"30", "50", "20"}), many),
              Shown{"0,2:0,1,2"});
    // What is left is a group again.
    EXPECT_EQ(
        groups({row("60"), row("40"), row("7", "EUR", "L")},
               {row("30"), row("50"), row("20"), row("3", "EUR", "L"), row("4", "EUR", "L")}, many),
        (Shown{"0,1:0,1,2", "2:3,4"}));
    // Either 5 or the other 5 could be left out, and they differ.
    const std::string dated =
        R"({"cardinality": "N:M", "group_by": ["key"], "ambiguous": "%", "match": [
            {"field": "amount", "op": "equal"},
            {"field": "value_date", "op": "within", "days": 3, "edge": 1}]})";
    auto with = [&](const char* ambiguous) {
        std::string text = dated;
        return text.replace(text.find('%'), 1, ambiguous);
    };
    Rows a = {row("10"), row("5", "EUR", "K", "2024-03-02"), row("5", "EUR", "K", "2024-03-03")};
    Rows b = amounts({"9", "6"});
    Result result = run_on(a, b, with("skip"));
    EXPECT_TRUE(result.groups.empty());
    EXPECT_EQ(result.reasons_a[0], Reason::ambiguous);
    EXPECT_EQ(groups(a, b, with("propose")), Shown{"0,1:0,1?"});
    EXPECT_EQ(groups(a, b, with("take")), Shown{"0,1:0,1"});
    EXPECT_EQ(groups(amounts({"10", "5", "5"}), b, with("skip")), Shown{"0,1:0,1"});
    // Each of A's with each of B's.
    a[1][3] = "2024-03-09";
    EXPECT_EQ(groups(a, b, with("skip")), Shown{"0,2:0,1"});
}

TEST(GroupEngine, ExplainsAGroup) {
    Table a = table(specs, {row("98.20", "EUR", "K", "2024-03-01")});
    Table b = table(specs, {row("60", "EUR", "K", "2024-03-01"),
                            row("40", "EUR", "K", "2024-02-28"), row("5")});
    rule::Rule rule = rule_of(R"({"cardinality": "1:N", "group_by": ["key"], "fees": {"fixed": 0.9},
        "match": [{"field": "amount", "op": "within", "abs": 0.1},
                  {"field": "value_date", "op": "within", "days": 4}]})");
    FakeCalendars calendars;
    const std::uint32_t one[] = {0}, both[] = {0, 1}, all[] = {0, 1, 2};
    GroupResult result = explain_group(a, one, b, both, rule, calendars);
    EXPECT_TRUE(result.holds);
    EXPECT_EQ(field::to_text(result.sum_b), "98.20");
    EXPECT_EQ(field::to_text(result.difference), "0.00");
    ASSERT_EQ(result.fees.size(), 2u);
    EXPECT_EQ(field::to_text(result.fees[1]), "0.90");
    ASSERT_EQ(result.conditions.size(), 3u);
    EXPECT_EQ(result.conditions[0].op, "within 0.1");
    EXPECT_EQ(result.conditions[0].value_b, "98.20");
    EXPECT_EQ(result.conditions[1].value_b, "2024-02-28");
    EXPECT_EQ(result.conditions[1].score, 0.75);
    EXPECT_EQ(result.conditions[2].field, "key");
    EXPECT_EQ(result.confidence, 875'000'000);
    Result made =
        run_rules(a, b, {R"({"cardinality": "1:N", "group_by": ["key"], "fees": {"fixed": 0.9},
        "match": [{"field": "amount", "op": "within", "abs": 0.1},
                  {"field": "value_date", "op": "within", "days": 4}]})"});
    EXPECT_EQ(made.groups[0].confidence, 875'000'000u);
    result = explain_group(a, one, b, all, rule, calendars);
    EXPECT_FALSE(result.holds);
    EXPECT_FALSE(result.conditions[0].passed);
}

TEST(GroupEngine, ExplainsTheAnswersOfARecord) {
    FakeCalendars calendars;
    RowsInOrder order;
    NoProgress progress;
    StopAfter stop;
    MemoryBudget budget(std::size_t{1} << 30, "recon.work_mem");
    Context context{calendars, order, budget, stop, progress, {}};
    auto answers = [&](const Rows& ones, const Rows& many, const std::string& text) {
        Table a = table(specs, ones), b = table(specs, many);
        return explain_answers(a, b, true, 0, rule_of(text), 100, context);
    };
    GroupAnswers found =
        answers(amounts({"100"}), amounts({"60", "70", "30", "40", "65", "35"}), rule());
    EXPECT_EQ(found.sets, 3u);
    EXPECT_TRUE(found.complete);
    ASSERT_EQ(found.first.size(), 2u);
    EXPECT_EQ(found.first[0].rows_a, (std::vector<std::uint32_t>{0}));
    EXPECT_EQ(found.first[0].rows_b, (std::vector<std::uint32_t>{0, 3}));
    EXPECT_EQ(found.first[1].rows_b, (std::vector<std::uint32_t>{1, 2}));
    found = answers(amounts({"101"}), amounts({"60", "70", "30", "40"}), rule());
    EXPECT_EQ(found.sets, 0u);
    EXPECT_EQ(found.candidates, 4u);
    ASSERT_TRUE(found.nearest.has_value());
    EXPECT_TRUE(found.nearest_proven);
    EXPECT_EQ(field::to_text(found.nearest->sum), "100");
    found = answers(amounts({"5"}), {row("5", "EUR", "L")}, rule());
    EXPECT_EQ(found.candidates, 0u);
    EXPECT_FALSE(found.nearest.has_value());

    const std::string both = rule(R"("ambiguous": "skip")", R"("op": "equal")", "N:M");
    found = answers(amounts({"7", "3", "4"}), amounts({"10", "4", "9"}), both);
    EXPECT_EQ(found.sets, 1u);
    EXPECT_TRUE(found.complete);
    EXPECT_EQ(found.candidates, 6u);
    ASSERT_EQ(found.first.size(), 1u);
    EXPECT_EQ(found.first[0].rows_a, (std::vector<std::uint32_t>{0, 1, 2}));
    EXPECT_EQ(found.first[0].rows_b, (std::vector<std::uint32_t>{0, 1}));
    // Without 2 and 3, or without 1 and 4.
    found = answers(amounts({"10", "1", "2", "3", "4"}), amounts({"9", "6"}), both);
    EXPECT_EQ(found.sets, 2u);
    ASSERT_EQ(found.first.size(), 2u);
    EXPECT_EQ(found.first[0].rows_a, (std::vector<std::uint32_t>{0, 1, 4}));
    EXPECT_EQ(found.first[1].rows_a, (std::vector<std::uint32_t>{0, 2, 3}));
    EXPECT_EQ(found.first[1].rows_b, (std::vector<std::uint32_t>{0, 1}));
    EXPECT_EQ(field::to_text(found.first[1].sum), "15");
    found = answers(amounts({"10"}), amounts({"9", "6"}), both);
    EXPECT_EQ(found.sets, 0u);
    EXPECT_EQ(found.candidates, 3u);
    EXPECT_EQ(budget.used(), 0u);
}

}  // namespace
}  // namespace recon::match
