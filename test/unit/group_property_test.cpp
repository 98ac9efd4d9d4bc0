// Group rules against trying everything, in any order of rows, and with records in files.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "core/match/working_set.hpp"
#include "group_support.hpp"
#include "memory_files.hpp"

namespace recon::match {
namespace {

using namespace test_support;

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

TEST(GroupProperty, TheOrderOfRowsChangesNothing) {
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
TEST(GroupProperty, VerdictsAgreeWithTryingAllSets) {
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

// The rule over records that do not fit in memory.
Result run_in_files(const Table& table_a, const Table& table_b, const std::vector<Spec>& columns,
                    const std::string& text, RowOrder& order, const Limits& limits) {
    FakeCalendars calendars;
    NoProgress progress;
    StopAfter stop;
    MemoryBudget budget(6'000'000, "recon.work_mem");
    MemoryFiles files;
    Result result;
    {
        WorkingSet set(budget, files);
        for (bool of_a : {true, false}) {
            WorkingSet::Part& part = of_a ? set.a : set.b;
            for (const Spec& spec : columns) part.filling().add_column(spec.name, spec.type);
        }
        for (bool of_a : {true, false}) {
            const Table& from = of_a ? table_a : table_b;
            for (std::size_t at = 0; at < from.rows(); ++at) {
                Table& to = (of_a ? set.a : set.b).filling();
                to.record_ids.push_back(from.record_ids[at]);
                for (std::size_t i = 0; i < columns.size(); ++i) {
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
        Context context{calendars, order, budget, stop, progress, limits, nullptr, &files};
        result = run(set, {rule_of(text)}, context);
    }
    EXPECT_EQ(budget.used(), 0u);
    return result;
}

TEST(GroupProperty, RecordsInFilesGiveTheSame) {
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
        Result result = run_in_files(table_a, table_b, wide, text, order, {});
        EXPECT_EQ(shown(result), shown(expected)) << text;
        EXPECT_EQ(result.reasons_a, expected.reasons_a);
        EXPECT_EQ(result.reasons_b, expected.reasons_b);
        EXPECT_GT(expected.groups.size(), 15u);
    }

    // A record of B is in several parts, but is left out once.
    Limits limits;
    limits.max_comparisons = 200;
    RowsInOrder order;
    Result expected = run_with(table_a, table_b, dated, order, limits);
    Result result = run_in_files(table_a, table_b, wide, dated, order, limits);
    ASSERT_EQ(expected.uncompared.size(), 1u);
    ASSERT_EQ(result.uncompared.size(), 1u);
    EXPECT_EQ(result.uncompared[0].records, expected.uncompared[0].records);
    EXPECT_EQ(result.reasons_b, expected.reasons_b);
    EXPECT_EQ(shown(result), shown(expected));
}

TEST(GroupProperty, Stops) {
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
