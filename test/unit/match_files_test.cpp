// Matching with records in scratch files gives what matching in memory gives.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/match/working_set.hpp"
#include "match_support.hpp"
#include "memory_files.hpp"

namespace recon::match {
namespace {

using namespace test_support;

const std::vector<Spec> specs = {{"currency", Type::text},
                                 {"amount", Type::decimal},
                                 {"value_date", Type::date},
                                 {"reference", Type::text},
                                 {"at", Type::timestamp}};

std::vector<std::vector<Cell>> random_rows(std::mt19937& random, std::size_t count) {
    std::vector<std::vector<Cell>> rows;
    for (std::size_t i = 0; i < count; ++i) {
        std::vector<Cell> row;
        row.push_back(random() % 20 == 0 ? null : Cell(random() % 3 == 0 ? "USD" : "EUR"));
        std::string amount =
            std::to_string(random() % 16000) + "." + std::to_string(random() % 90 + 10);
        if (random() % 50 == 0) amount = "-12345678901234567890.123456";
        row.push_back(random() % 30 == 0    ? null
                      : random() % 400 == 0 ? Cell("100.00")
                                            : Cell(amount));
        row.push_back("2024-0" + std::to_string(random() % 9 + 1) + "-1" +
                      std::to_string(random() % 10));
        row.push_back(random() % 15 == 0 ? null : Cell("INV " + std::to_string(random() % 8000)));
        row.push_back(std::to_string(static_cast<long>(random() % 400000) * 1000000));
        rows.push_back(row);
    }
    return rows;
}

const std::vector<std::vector<std::string>> rule_sets = {
    {R"({"match": [{"field": "currency", "op": "equal"}, {"field": "reference", "op": "equal"}]})"},
    {R"({"match": [{"field": "reference", "op": "equal", "normalize": ["upper", "alnum"]},
        {"field": "amount", "op": "within", "pct": 20}], "ambiguous": "skip"})",
     R"({"match": [{"field": "currency", "op": "equal"}, {"field": "amount", "op": "within", "abs": 3, "weight": 2},
        {"field": "value_date", "op": "within", "days": [-2, 5]}], "threshold": 0.7})"},
    {R"({"match": [{"field": "amount", "op": "within", "abs": 1},
        {"field": "reference", "op": "similar", "algorithm": "levenshtein", "min": 0.6, "optional": true}]})"},
    {R"({"match": [{"field": "at", "op": "within", "seconds": 20},
        {"field": "currency", "op": "equal", "optional": true}], "ambiguous": "take"})"}};

Result match_in(std::size_t bytes, const Table& a, const Table& b,
                const std::vector<std::string>& texts, MemoryFiles& files) {
    std::vector<rule::Rule> rules;
    for (const std::string& text : texts) rules.push_back(rule_of(text));
    FakeCalendars calendars;
    RowsInOrder order;
    NoProgress progress;
    StopAfter stop;
    MemoryBudget budget(bytes, "recon.work_mem");
    Result result;
    {
        WorkingSet set(budget, files);
        for (auto [part, from] : {std::pair{&set.a, &a}, std::pair{&set.b, &b}}) {
            Table& to = part->filling();
            for (const Spec& spec : specs) to.add_column(spec.name, spec.type);
            for (std::size_t row = 0; row < from->rows(); ++row) {
                to.record_ids.push_back(from->record_ids[row]);
                for (std::size_t i = 0; i < specs.size(); ++i) {
                    const Column& column = from->columns[i];
                    if (!column.is_known(row))
                        to.columns[i].add_null();
                    else if (column.type == Type::text)
                        to.columns[i].add_text(column.text(row));
                    else if (column.type == Type::decimal)
                        to.columns[i].add_decimal(column.decimal(row));
                    else if (column.type == Type::date)
                        to.columns[i].add_day(column.days[row]);
                    else
                        to.columns[i].add_micros(column.numbers[row]);
                }
                if (row % 100 == 0) set.settle(stop);
            }
        }
        set.finish(stop);
        Context context{calendars, order, budget, stop, progress, {}, nullptr, &files};
        result = run(set, rules, context);
        Table records = set.take_records(set.a, stop);
        EXPECT_EQ(records.record_ids, a.record_ids);
        const Column& amount = records.columns[static_cast<std::size_t>(records.find("amount"))];
        for (std::size_t row = 0; row < a.rows(); ++row) {
            EXPECT_EQ(amount.is_known(row), a.columns[1].is_known(row));
            if (amount.is_known(row)) {
                EXPECT_EQ(field::to_text(amount.decimal(row)),
                          field::to_text(a.columns[1].decimal(row)));
            }
        }
    }
    EXPECT_EQ(budget.used(), 0u);
    return result;
}

void expect_same(const Result& x, const Result& y, std::size_t rows_a, std::size_t rows_b) {
    ASSERT_EQ(x.matches.size(), y.matches.size());
    std::vector<char> matched_a(rows_a), matched_b(rows_b);
    for (std::size_t i = 0; i < x.matches.size(); ++i) {
        const Match &m = x.matches[i], &n = y.matches[i];
        ASSERT_TRUE(m.rule == n.rule && m.a == n.a && m.b == n.b && m.confidence == n.confidence &&
                    m.ambiguous == n.ambiguous && m.approved == n.approved)
            << i;
        matched_a[m.a] = matched_b[m.b] = 1;
    }
    for (std::size_t row = 0; row < rows_a; ++row)
        if (!matched_a[row]) {
            ASSERT_EQ(x.reasons_a[row], y.reasons_a[row]) << row;
        }
    for (std::size_t row = 0; row < rows_b; ++row)
        if (!matched_b[row]) {
            ASSERT_EQ(x.reasons_b[row], y.reasons_b[row]) << row;
        }
}

TEST(MatchFiles, SameAsInMemory) {
    std::mt19937 random(7);
    Table a = table(specs, random_rows(random, 20000)),
          b = table(specs, random_rows(random, 24000));
    for (const std::vector<std::string>& rules : rule_sets) {
        SCOPED_TRACE(rules[0]);
        MemoryFiles none;
        Result plenty = match_in(std::size_t{1} << 30, a, b, rules, none);
        EXPECT_EQ(none.files, 0u);
        EXPECT_GT(plenty.matches.size(), 1000u);
        // With less and less memory, until there is too little even for the smallest parts.
        std::size_t in_files = 0;
        for (std::size_t bytes = std::size_t{16} << 20; bytes > std::size_t{1} << 20;
             bytes = bytes / 8 * 7) {
            MemoryFiles files;
            Result less;
            try {
                less = match_in(bytes, a, b, rules, files);
            } catch (const Error& error) {
                EXPECT_STREQ(error.code(), "53400");
                break;
            }
            in_files += files.files > 0 ? 1 : 0;
            expect_same(plenty, less, a.rows(), b.rows());
        }
        EXPECT_GT(in_files, 0u);
    }
}

TEST(MatchFiles, WhatCannotBeSplitIsRefused) {
    std::mt19937 random(8);
    std::vector<std::vector<Cell>> rows = random_rows(random, 20000);
    for (auto& row : rows) row[1] = "100.00";
    Table a = table(specs, rows), b = table(specs, rows);
    MemoryFiles files;
    try {
        match_in(400 << 10, a, b, {rule_sets[2]}, files);
        FAIL();
    } catch (const Error& error) {
        EXPECT_STREQ(error.code(), "53400");
    }
}

}  // namespace
}  // namespace recon::match
