// Group rules, run by the engine.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "core/match/working_set.hpp"
#include "match_support.hpp"
#include "memory_files.hpp"

namespace recon::match {
namespace {

using namespace test_support;

const std::vector<Spec> specs = {{"amount", Type::decimal},
                                 {"currency", Type::text},
                                 {"key", Type::text},
                                 {"value_date", Type::date},
                                 {"reference", Type::text}};

using Rows = std::vector<std::vector<Cell>>;

std::vector<Cell> row(Cell amount, Cell currency = "EUR", Cell key = "K",
                      Cell value_date = "2024-03-01", Cell reference = null) {
    return {std::move(amount), std::move(currency), std::move(key), std::move(value_date),
            std::move(reference)};
}
Rows amounts(const std::vector<std::string>& values) {
    Rows rows;
    for (const std::string& value : values) rows.push_back(row(value));
    return rows;
}

std::string rule(const std::string& more = R"("ambiguous": "skip")",
                 const std::string& amount = R"("op": "equal")",
                 const std::string& cardinality = "1:N") {
    return R"({"cardinality": ")" + cardinality + R"(", "group_by": ["key"], "match": [)" +
           R"({"field": "amount", )" + amount + "}], " + more + "}";
}

// "0:1,2" for the row of A with rows 1 and 2 of B; "?" for an ambiguous one.
std::vector<std::string> shown(const Result& result) {
    std::vector<std::string> groups;
    for (const GroupMatch& group : result.groups) {
        std::string text;
        auto put = [&](std::uint32_t first, std::uint32_t last) {
            for (std::uint32_t i = first; i < last; ++i)
                text += (i == first ? "" : ",") + std::to_string(result.group_rows[i]);
        };
        put(group.first_a, group.last_a);
        text += ":";
        put(group.first_b, group.last_b);
        if (group.ambiguous) text += "?";
        groups.push_back(text);
    }
    return groups;
}
using Shown = std::vector<std::string>;

Result run_on(const Rows& a, const Rows& b, const std::string& text, const Limits& limits = {}) {
    return run_rules(table(specs, a), table(specs, b), {text}, limits);
}
Shown groups(const Rows& a, const Rows& b, const std::string& text) {
    return shown(run_on(a, b, text));
}

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
        std::vector<std::uint32_t> rows(many.size());
        std::iota(rows.begin(), rows.end(), 0u);
        return explain_answers(a, b, 0, rows, rule_of(text), 100, context);
    };
    GroupAnswers found =
        answers(amounts({"100"}), amounts({"60", "70", "30", "40", "65", "35"}), rule());
    EXPECT_EQ(found.sets, 3u);
    EXPECT_TRUE(found.complete);
    ASSERT_EQ(found.first.size(), 2u);
    EXPECT_EQ(found.first[0].rows, (std::vector<std::uint32_t>{0, 3}));
    EXPECT_EQ(found.first[1].rows, (std::vector<std::uint32_t>{1, 2}));
    found = answers(amounts({"101"}), amounts({"60", "70", "30", "40"}), rule());
    EXPECT_EQ(found.sets, 0u);
    EXPECT_EQ(found.candidates, 4u);
    ASSERT_TRUE(found.nearest.has_value());
    EXPECT_TRUE(found.nearest_proven);
    EXPECT_EQ(field::to_text(found.nearest->sum), "100");
    found = answers(amounts({"5"}), {row("5", "EUR", "L")}, rule());
    EXPECT_EQ(found.candidates, 0u);
    EXPECT_FALSE(found.nearest.has_value());
    EXPECT_EQ(budget.used(), 0u);
}

// Small amounts and few dates, so that much adds up.
Rows random_rows(std::mt19937& random, std::size_t count, int greatest) {
    Rows rows;
    for (std::size_t i = 0; i < count; ++i) {
        int cents = 1 + static_cast<int>(random() % static_cast<unsigned>(greatest));
        if (random() % 8 == 0) cents = -cents / 4;
        rows.push_back(row(std::to_string(cents), random() % 6 == 0 ? null : Cell("EUR"),
                           "K" + std::to_string(random() % 3),
                           "2024-03-0" + std::to_string(1 + random() % 4),
                           random() % 3 == 0 ? null : Cell("R" + std::to_string(random() % 2))));
    }
    return rows;
}

const std::vector<std::string> random_rules = {
    rule(),
    rule(R"("ambiguous": "propose")"),
    rule(R"("ambiguous": "take", "max_group": 3)", R"("op": "within", "abs": 1)"),
    rule(R"("ambiguous": "propose", "same": ["value_date"])", R"("op": "equal")", "N:1"),
    R"({"cardinality": "1:N", "group_by": ["key"], "max_group": 4, "threshold": 0.6, "match": [
        {"field": "amount", "op": "within", "pct": 2},
        {"field": "value_date", "op": "within", "days": [-2, 1]},
        {"field": "reference", "op": "equal", "optional": true}]})",
    rule(R"("ambiguous": "propose", "max_group": 4)", R"("op": "equal")", "N:M"),
    rule(R"("ambiguous": "skip", "max_group": 5, "same": ["value_date"])",
         R"("op": "within", "abs": 1)", "N:M")};

// The rows' order in which they were before they were shuffled.
class ShuffledOrder final : public RowOrder {
  public:
    ShuffledOrder(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b)
        : a_(a), b_(b) {}
    void sort_a(std::vector<std::uint32_t>& rows) override { sort(rows, a_); }
    void sort_b(std::vector<std::uint32_t>& rows) override { sort(rows, b_); }

  private:
    static void sort(std::vector<std::uint32_t>& rows, const std::vector<std::uint32_t>& place) {
        std::sort(rows.begin(), rows.end(),
                  [&](std::uint32_t x, std::uint32_t y) { return place[x] < place[y]; });
    }
    const std::vector<std::uint32_t>&a_, &b_;
};

// The groups by the rows before shuffling, and the reasons of the rest.
struct Outcome {
    std::vector<std::string> groups;
    std::vector<Reason> a, b;
    bool operator==(const Outcome&) const = default;
};
Outcome outcome_of(const Result& result, const std::vector<std::uint32_t>& of_a,
                   const std::vector<std::uint32_t>& of_b) {
    Outcome outcome{{}, std::vector<Reason>(of_a.size()), std::vector<Reason>(of_b.size())};
    for (std::size_t i = 0; i < of_a.size(); ++i) outcome.a[of_a[i]] = result.reasons_a[i];
    for (std::size_t i = 0; i < of_b.size(); ++i) outcome.b[of_b[i]] = result.reasons_b[i];
    for (const GroupMatch& group : result.groups) {
        std::vector<std::uint32_t> a, b;
        for (std::uint32_t i = group.first_a; i < group.last_a; ++i)
            a.push_back(of_a[result.group_rows[i]]);
        for (std::uint32_t i = group.first_b; i < group.last_b; ++i)
            b.push_back(of_b[result.group_rows[i]]);
        std::sort(a.begin(), a.end());
        std::sort(b.begin(), b.end());
        std::string text;
        for (std::uint32_t x : a) text += std::to_string(x) + ",";
        for (std::uint32_t y : b) text += ":" + std::to_string(y);
        for (std::uint32_t x : a) outcome.a[x] = Reason::no_candidate;
        for (std::uint32_t y : b) outcome.b[y] = Reason::no_candidate;
        outcome.groups.push_back(text + (group.ambiguous ? "?" : "") +
                                 std::to_string(group.confidence));
    }
    std::sort(outcome.groups.begin(), outcome.groups.end());
    return outcome;
}

Result run_with(const Table& a, const Table& b, const std::string& text, RowOrder& order,
                const Limits& limits) {
    std::vector<rule::Rule> rules = {rule_of(text)};
    FakeCalendars calendars;
    MemoryBudget budget(std::size_t{1} << 30, "recon.work_mem");
    StopAfter stop;
    NoProgress progress;
    Context context{calendars, order, budget, stop, progress, limits};
    Result result = run(a, b, rules, context);
    EXPECT_EQ(budget.used(), 0u);
    return result;
}

TEST(GroupEngine, TheOrderOfRowsChangesNothing) {
    std::mt19937 random(11);
    std::size_t found = 0, ambiguous = 0;
    for (int i = 0; i < 2000 && !HasFailure(); ++i) {
        Rows a = random_rows(random, 6 + random() % 10, 90),
             b = random_rows(random, 10 + random() % 25, 60);
        const std::string& text = random_rules[static_cast<std::size_t>(i) % random_rules.size()];
        Limits limits;
        if (random() % 3 == 0) limits.group_budget = 200 + random() % 2000;
        Outcome first;
        for (int shuffle = 0; shuffle < 3; ++shuffle) {
            std::vector<std::uint32_t> of_a(a.size()), of_b(b.size());
            std::iota(of_a.begin(), of_a.end(), 0u);
            std::iota(of_b.begin(), of_b.end(), 0u);
            if (shuffle > 0) {
                std::shuffle(of_a.begin(), of_a.end(), random);
                std::shuffle(of_b.begin(), of_b.end(), random);
            }
            Rows rows_a, rows_b;
            for (std::uint32_t x : of_a) rows_a.push_back(a[x]);
            for (std::uint32_t y : of_b) rows_b.push_back(b[y]);
            ShuffledOrder order(of_a, of_b);
            Outcome outcome = outcome_of(
                run_with(table(specs, rows_a), table(specs, rows_b), text, order, limits), of_a,
                of_b);
            if (shuffle == 0) first = outcome;
            EXPECT_EQ(outcome.groups, first.groups) << text;
            EXPECT_TRUE(outcome == first) << text;
        }
        found += first.groups.size();
        ambiguous +=
            static_cast<std::size_t>(std::count(first.a.begin(), first.a.end(), Reason::ambiguous));
    }
    EXPECT_GT(found, 400u);
    EXPECT_GT(ambiguous, 100u);
}

// One record and its members: none, one or several sets, by trying all.
TEST(GroupEngine, VerdictsAgreeWithTryingAllSets) {
    std::mt19937 random(12);
    std::size_t none = 0, one = 0, several = 0;
    for (int i = 0; i < 1500 && !HasFailure(); ++i) {
        Rows b = random_rows(random, 3 + random() % 9, i % 2 == 0 ? 30 : 400);
        for (std::vector<Cell>& member : b) member[2] = "K";
        int target = 0, members = 1 + static_cast<int>(random() % 4);
        for (int k = 0; k < members; ++k) target += std::stoi(*b[random() % b.size()][0]);
        Result result =
            run_on({row(std::to_string(target))}, b,
                   R"({"cardinality": "1:N", "max_group": 5, "ambiguous": "skip", "match": [
            {"field": "amount", "op": "equal"},
            {"field": "value_date", "op": "within", "days": 9, "edge": 1},
            {"a": "key", "b": "key", "op": "equal"}]})");
        // Sets of rows, told apart by what the rule reads.
        std::vector<std::vector<std::string>> sets;
        for (std::uint32_t bits = 1; bits < 1u << b.size(); ++bits) {
            int sum = 0, size = 0;
            std::vector<std::string> set;
            for (std::size_t k = 0; k < b.size(); ++k) {
                if ((bits >> k & 1u) == 0) continue;
                ++size;
                sum += std::stoi(*b[k][0]);
                set.push_back(*b[k][0] + "/" + *b[k][3] + "/" + b[k][1].value_or("?"));
            }
            if (sum != target || size > 5) continue;
            std::sort(set.begin(), set.end());
            sets.push_back(set);
        }
        std::sort(sets.begin(), sets.end());
        sets.erase(std::unique(sets.begin(), sets.end()), sets.end());
        (sets.empty() ? none : sets.size() == 1 ? one : several) += 1;
        EXPECT_EQ(result.groups.size(), sets.size() == 1 ? 1u : 0u);
        if (result.groups.empty()) {
            EXPECT_EQ(result.reasons_a[0], sets.empty() ? Reason::no_candidate : Reason::ambiguous);
        }
    }
    EXPECT_GT(none, 50u);
    EXPECT_GT(one, 200u);
    EXPECT_GT(several, 200u);
}

TEST(GroupEngine, RecordsInFilesGiveTheSame) {
    std::mt19937 random(13);
    Rows a = random_rows(random, 400, 300), b = random_rows(random, 1600, 200);
    for (Rows* rows : {&a, &b})
        for (std::vector<Cell>& cells : *rows) {
            cells[3] =
                "2024-0" + std::to_string(1 + random() % 9) + "-1" + std::to_string(random() % 10);
            cells[2] = "K" + std::to_string(random() % 80);
            cells.push_back(std::string(2500, 'x') + std::to_string(random()));
        }
    std::vector<Spec> wide = specs;
    wide.push_back({"description", Type::text});
    Table table_a = table(wide, a), table_b = table(wide, b);
    const std::string dated =
        R"({"cardinality": "1:N", "max_group": 4, "match": [{"field": "amount", "op": "equal"},
            {"field": "value_date", "op": "within", "days": 1}]})";
    for (const std::string& text : {rule(R"("same": ["value_date"])"), dated,
                                    rule(R"("ambiguous": "take")", R"("op": "equal")", "N:M")}) {
        RowsInOrder order;
        Result expected = run_with(table_a, table_b, text, order, {});
        FakeCalendars calendars;
        NoProgress progress;
        StopAfter stop;
        MemoryBudget budget(6'000'000, "recon.work_mem");
        MemoryFiles files;
        {
            WorkingSet set(budget, files);
            for (bool of_a : {true, false}) {
                WorkingSet::Part& part = of_a ? set.a : set.b;
                for (const Spec& spec : wide) part.filling().add_column(spec.name, spec.type);
            }
            for (bool of_a : {true, false}) {
                const Table& from = of_a ? table_a : table_b;
                for (std::size_t at = 0; at < from.rows(); ++at) {
                    Table& to = (of_a ? set.a : set.b).filling();
                    to.record_ids.push_back(from.record_ids[at]);
                    for (std::size_t i = 0; i < wide.size(); ++i) {
                        const Column& column = from.columns[i];
                        if (!column.is_known(at))
                            to.columns[i].add_null();
                        else if (column.type == Type::text)
                            to.columns[i].add_text(column.text(at));
                        else if (column.type == Type::decimal)
                            to.columns[i].add_decimal(column.decimal(at));
                        else
                            to.columns[i].add_day(column.days[at]);
                    }
                    if (at % 100 == 0) set.settle(stop);
                }
            }
            set.finish(stop);
            EXPECT_FALSE(set.in_memory());
            Context context{calendars, order, budget, stop, progress, Limits{}, nullptr, &files};
            Result result = run(set, {rule_of(text)}, context);
            EXPECT_EQ(shown(result), shown(expected)) << text;
            EXPECT_EQ(result.reasons_a, expected.reasons_a);
            EXPECT_EQ(result.reasons_b, expected.reasons_b);
            EXPECT_GT(expected.groups.size(), 15u);
        }
        EXPECT_EQ(budget.used(), 0u);
    }
}

TEST(GroupEngine, Stops) {
    std::mt19937 random(14);
    Rows a = random_rows(random, 300, 100'000), b = random_rows(random, 900, 100'000);
    Table table_a = table(specs, a), table_b = table(specs, b);
    FakeCalendars calendars;
    RowsInOrder order;
    NoProgress progress;
    MemoryBudget budget(std::size_t{1} << 30, "recon.work_mem");
    for (long polls : {1, 5, 20, 60}) {
        StopAfter stop(polls);
        Context context{calendars, order, budget, stop, progress, {}};
        EXPECT_THROW(run(table_a, table_b, {rule_of(rule())}, context), Stopped);
        EXPECT_EQ(budget.used(), 0u);
    }
}

}  // namespace
}  // namespace recon::match
