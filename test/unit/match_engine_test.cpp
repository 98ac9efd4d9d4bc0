#include <gtest/gtest.h>

#include <chrono>

#include "match_support.hpp"

namespace recon::match {
namespace {

using namespace test_support;

const std::vector<Spec> simple = {
    {"reference", Type::text}, {"amount", Type::decimal}, {"value_date", Type::date}};
const char* near_date = R"({"match": [{"field": "reference", "op": "equal"},
                                      {"field": "value_date", "op": "within", "days": 3}]})";

std::string pairs(const Result& result) {
    std::string text;
    for (const Match& match : result.matches)
        text += (text.empty() ? "" : " ") + std::to_string(match.rule) + ":" +
                std::to_string(match.a) + "-" + std::to_string(match.b) +
                (match.ambiguous ? "?" : "") + (match.approved ? "!" : "");
    return text;
}

Table on_days(const std::vector<std::string>& days) {
    std::vector<std::vector<Cell>> rows;
    for (const std::string& text : days) rows.push_back({"R", "1", "2024-03-" + text});
    return table(simple, rows);
}

TEST(MatchEngine, ClosestWins) {
    Result result = run_rules(on_days({"10"}), on_days({"09", "10", "12"}), {near_date});
    EXPECT_EQ(pairs(result), "0:0-1!");
    EXPECT_EQ(result.reasons_b[0], Reason::taken_by_better);
    EXPECT_EQ(result.matches[0].confidence, one);
}

TEST(MatchEngine, LaterRulesSeeWhatIsOpen) {
    Table a =
        table(simple, {{"R1", "1", "2024-03-01"}, {"R2", "2", "2024-03-01"}, {"R3", "3", null}});
    Table b =
        table(simple, {{"R9", "2", "2024-03-01"}, {"R1", "1", "2024-03-01"}, {"R8", "9", null}});
    Result result = run_rules(
        a, b,
        {R"({"match": [{"field": "reference", "op": "equal"}]})",
         R"({"match": [{"field": "amount", "op": "within", "abs": 0.5}], "approve_at": 1})"});
    EXPECT_EQ(pairs(result), "0:0-1! 1:1-0!");
    EXPECT_EQ(result.reasons_a[2], Reason::no_candidate);
}

TEST(MatchEngine, ThresholdAndApproval) {
    const char* rule = R"({"match": [{"field": "reference", "op": "equal"},
        {"field": "value_date", "op": "within", "days": 2}], "threshold": 0.8, "approve_at": 0.9})";
    // Confidences: 1, 0.875, 0.75.
    EXPECT_EQ(pairs(run_rules(on_days({"10"}), on_days({"10"}), {rule})), "0:0-0!");
    EXPECT_EQ(pairs(run_rules(on_days({"10"}), on_days({"11"}), {rule})), "0:0-0");
    Result below = run_rules(on_days({"10"}), on_days({"12"}), {rule});
    EXPECT_EQ(pairs(below), "");
    EXPECT_EQ(below.reasons_a[0], Reason::below_threshold);
    EXPECT_EQ(below.reasons_b[0], Reason::below_threshold);
}

std::string with_mode(const std::string& mode) {
    return R"({"match": [{"field": "reference", "op": "equal"}, {"field": "value_date", "op": "within", "days": 3}],
              "approve_at": 0, "ambiguous": ")" +
           mode + "\"}";
}

TEST(MatchEngine, Ambiguous) {
    Table a = on_days({"10"}), b = on_days({"09", "11"});
    EXPECT_EQ(pairs(run_rules(a, b, {with_mode("propose")})), "0:0-0?");
    EXPECT_EQ(pairs(run_rules(a, b, {with_mode("take")})), "0:0-0!");
    Result skipped = run_rules(a, b, {with_mode("skip")});
    EXPECT_EQ(pairs(skipped), "");
    EXPECT_EQ(skipped.reasons_a[0], Reason::ambiguous);
    EXPECT_EQ(skipped.reasons_b[0], Reason::ambiguous);
    EXPECT_EQ(skipped.reasons_b[1], Reason::ambiguous);
    EXPECT_EQ(pairs(run_rules(
                  a, b, {with_mode("skip"), R"({"match": [{"field": "amount", "op": "equal"}]})"})),
              "1:0-0!");
}

TEST(MatchEngine, EveryPairOfATieIsAmbiguous) {
    // Two records, each as near to either of two others.
    EXPECT_EQ(pairs(run_rules(on_days({"10"}), on_days({"09", "11"}), {near_date})), "0:0-0?");
    Table a = table(simple, {{"R", "1", "2024-03-10"}, {"R", "2", "2024-03-10"}});
    Table b = table(simple, {{"R", "3", "2024-03-09"}, {"R", "4", "2024-03-11"}});
    std::string reads_amount = R"({"match": [{"field": "reference", "op": "equal"},
        {"field": "value_date", "op": "within", "days": 3}, {"field": "amount", "op": "equal", "optional": true}]})";
    EXPECT_EQ(pairs(run_rules(a, b, {reads_amount})), "0:0-0? 0:1-1?");
    // Without the amount the two of A are interchangeable: both of B are matched either way.
    EXPECT_EQ(pairs(run_rules(a, b, {near_date})), "0:0-0 0:1-1");
}

TEST(MatchEngine, TieWithOnlyOneWayOut) {
    // 10 can go with 09 or 11, 12 only with 11.
    Table a = on_days({"10", "12"}), b = on_days({"09", "11"});
    EXPECT_EQ(pairs(run_rules(a, b, {R"({"match": [{"field": "reference", "op": "equal"},
                                  {"field": "value_date", "op": "within", "days": 1}]})"})),
              "0:0-0 0:1-1");
}

TEST(MatchEngine, InterchangeableRecordsArePairedInOrder) {
    Result result =
        run_rules(on_days({"10", "10", "10"}), on_days({"10", "10"}), {with_mode("skip")});
    EXPECT_EQ(pairs(result), "0:0-0! 0:1-1!");
    EXPECT_EQ(result.reasons_a[2], Reason::taken_by_better);
}

TEST(MatchEngine, CurrenciesThatDifferDoNotMatch) {
    std::vector<Spec> specs = {{"amount", Type::decimal}, {"currency", Type::text}};
    Table a = table(specs, {{"5", "EUR"}, {"5", "USD"}, {"6", null}});
    Table b = table(specs, {{"5", "USD"}, {"5.00", "GBP"}, {"6", "GBP"}});
    EXPECT_EQ(pairs(run_rules(a, b, {R"({"match": [{"field": "amount", "op": "equal"}]})"})),
              "0:1-0! 0:2-2!");
}

template <class Run>
void expect_error(Run run_it, const char* code, const char* says, const char* hint = "") {
    try {
        run_it();
        ADD_FAILURE() << "no error, wanted " << says;
    } catch (const Error& error) {
        EXPECT_STREQ(error.code(), code) << error.message();
        EXPECT_NE(error.message().find(says), std::string::npos) << error.message();
        EXPECT_NE(error.hint().find(hint), std::string::npos) << error.hint();
    }
}

TEST(MatchEngine, RefusesWhatItCannotRun) {
    Table a = on_days({"10"}), b = on_days({"10"});
    auto refused = [&](const char* rule, const char* code, const char* says,
                       const char* hint = "") {
        expect_error([&] { run_rules(a, b, {rule}); }, code, says, hint);
    };
    refused(R"({"match": [{"field": "amount", "op": "equal"}], "cardinality": "1:N",
                "same": ["referense"]})",
            "42703", "field \"referense\" at $.same[0] does not exist on side B",
            "Perhaps you meant \"reference\"");
    refused(R"({"match": [{"field": "referense2", "op": "equal"}]})", "42703",
            "at $.match[0].field");
    refused(R"({"match": [{"a": "reference", "b": "referenc", "op": "equal"}]})", "42703",
            "field \"referenc\" at $.match[0].b does not exist on side B",
            "Perhaps you meant \"reference\"");
    refused(R"({"match": [{"a": "other", "b": "amount", "op": "equal"}]})", "42703", "on side A");
}

TEST(MatchEngine, ComparesAllPairsOnlyUpToABound) {
    Table a = on_days({"10", "11", "12"}), b = on_days({"10", "11"});
    std::vector<std::string> rule = {R"({"match": [{"field": "reference", "op": "contains"},
        {"field": "amount", "op": "equal", "optional": true}]})"};
    EXPECT_EQ(run_rules(a, b, rule, {6, 1000}).matches.size(), 2u);
    expect_error(
        [&] {
            run_rules(a, b, rule, {5, 1000});
        },
        "0A000", "compare all pairs", "recon.max_comparisons");
    const char* selective = R"({"match": [{"field": "reference", "op": "starts_with",
                                           "min_length": 1}]})";
    EXPECT_EQ(run_rules(a, b, {selective}, {6, 1000}).matches.size(), 2u);
}

TEST(MatchEngine, LeavesOutBlocksThatAreTooLarge) {
    std::vector<std::vector<Cell>> rows;
    for (int i = 0; i < 40; ++i) rows.push_back({"R" + std::to_string(i), "100.00", "2024-03-10"});
    for (int i = 0; i < 5; ++i) rows.push_back({"S" + std::to_string(i), "7", "2024-03-10"});
    Table a = table(simple, rows);
    std::vector<std::string> rule = {R"({"match": [{"field": "amount", "op": "equal"},
        {"field": "reference", "op": "similar", "algorithm": "token_set", "min": 1}]})"};
    Result within = run_rules(a, a, rule, {1600, 1000});
    EXPECT_EQ(within.matches.size(), 45u);
    EXPECT_TRUE(within.uncompared.empty());
    Result beyond = run_rules(a, a, rule, {1599, 1000});
    EXPECT_EQ(beyond.matches.size(), 5u);
    ASSERT_EQ(beyond.uncompared.size(), 1u);
    EXPECT_EQ(beyond.uncompared[0].records, 80u);
    EXPECT_EQ(beyond.reasons_a[0], Reason::budget);
    EXPECT_EQ(beyond.reasons_b[39], Reason::budget);
    EXPECT_STREQ(reason_text(Reason::budget), "budget");

    // What a range selects is not compared, so it does not count.
    std::vector<std::string> swept = {R"({"match": [{"field": "amount", "op": "within", "abs": 1},
        {"field": "reference", "op": "contains"}]})"};
    EXPECT_TRUE(run_rules(a, a, swept, {1625, 1000}).uncompared.empty());
    EXPECT_FALSE(run_rules(a, a, swept, {1624, 1000}).uncompared.empty());
}

TEST(MatchEngine, TypesOfAttributes) {
    Table a = table({{"x", Type::text}, {"n", Type::decimal}}, {{"a", "1"}});
    auto refused = [&](const char* condition, const char* says) {
        expect_error([&] { run_rules(a, a, {std::string(R"({"match": [)") + condition + "]}"}); },
                     "42804", says);
    };
    refused(R"({"field": "x", "op": "within", "abs": 1})",
            "rule at $.match[0]: \"abs\" needs a field of type numeric");
    refused(R"({"field": "n", "op": "within", "days": 1})", "\"days\" needs a field of type date");
    refused(R"({"field": "n", "op": "within", "seconds": 1})", "type timestamptz");
    refused(R"({"field": "n", "op": "equal", "normalize": ["upper"]})",
            "\"normalize\" needs a field of type text");
    refused(R"({"field": "n", "op": "similar", "algorithm": "levenshtein", "min": 1})",
            "op \"similar\" needs");
    refused(R"({"a": "n", "b": "x", "op": "equal"})", "field \"n\" of side A is of type numeric");
}

TEST(MatchEngine, UnknownCalendar) {
    expect_error(
        [] {
            run_rules(
                on_days({"10"}), on_days({"10"}),
                {R"({"match": [{"field": "value_date", "op": "within", "business_days": 1, "calendar": "X"}]})"});
        },
        "22023", "calendar \"X\"");
}

Table many(std::size_t rows, bool distinct) {
    std::vector<std::vector<Cell>> all;
    for (std::size_t i = 0; i < rows; ++i)
        all.push_back({distinct ? "R" + std::to_string(i) : "R", "100.00", "2024-03-10"});
    return table(simple, all);
}

TEST(MatchEngine, PopularKeysAreNotMultipliedOut) {
    Table a = many(20000, true), b = many(20000, true);
    auto start = std::chrono::steady_clock::now();
    Result result = run_rules(a, b, {R"({"match": [{"field": "amount", "op": "equal"}]})"});
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
    ASSERT_EQ(result.matches.size(), 20000u);
    for (const Match& match : result.matches) ASSERT_EQ(match.a, match.b);
}

TEST(MatchEngine, OneLargeClassAgainstManySmallOnes) {
    Table a = many(20000, false), b = many(20000, true);
    const char* rule = R"({"match": [{"field": "amount", "op": "equal"},
        {"field": "reference", "op": "equal", "optional": true}]})";
    auto start = std::chrono::steady_clock::now();
    Result result = run_rules(a, b, {rule});
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
    EXPECT_EQ(result.matches.size(), 20000u);
    EXPECT_FALSE(result.matches[0].ambiguous);
    EXPECT_EQ(run_rules(b, a, {rule}).matches.size(), 20000u);
}

TEST(MatchEngine, BudgetHolds) {
    Table a = many(3000, true), b = many(3000, true);
    std::vector<rule::Rule> rules = {rule_of(R"({"match": [{"field": "amount", "op": "equal"},
        {"field": "reference", "op": "equal", "optional": true}]})")};
    FakeCalendars calendars;
    RowsInOrder order;
    NoProgress progress;
    StopAfter stop;
    MemoryBudget budget(8 << 20, "recon.work_mem");
    Context context{calendars, order, budget, stop, progress, {}};
    expect_error([&] { run(a, b, rules, context); }, "53400", "recon.work_mem");
    EXPECT_EQ(budget.used(), 0u);
}

// Rows of which most have one partner, as in a year of a bank account.
TEST(MatchEngine, HoldsFewBytesARow) {
    constexpr std::size_t rows = 100'000;
    auto texts = std::make_shared<Texts>();
    auto make = [&](std::size_t first) {
        Table side(texts);
        side.add_column("currency", Type::text);
        side.add_column("amount", Type::decimal);
        side.add_column("reference", Type::text);
        for (std::size_t i = first; i < first + rows; ++i) {
            side.record_ids.push_back(static_cast<std::int64_t>(i));
            side.columns[0].add_text(i % 3 == 0 ? "EUR" : "USD");
            side.columns[1].add_decimal({static_cast<field::int128>(i * 7 % 100'000), 2});
            side.columns[2].add_text("INV-" + std::to_string(1'000'000 + i));
        }
        return side;
    };
    Table a = make(0), b = make(rows / 5);
    std::vector<rule::Rule> rules = {rule_of(R"({"match": [{"field": "currency", "op": "equal"},
        {"field": "amount", "op": "equal"}, {"field": "reference", "op": "equal"}]})")};
    FakeCalendars calendars;
    RowsInOrder order;
    NoProgress progress;
    StopAfter stop;
    MemoryBudget budget(std::size_t{1} << 30, "recon.work_mem");
    Context context{calendars, order, budget, stop, progress, {}};
    Result result = run(a, b, rules, context);
    EXPECT_EQ(result.matches.size(), rows - rows / 5);
    std::size_t held = budget.peak() + a.bytes() + b.bytes() + texts->bytes() +
                       result.matches.capacity() * sizeof(Match);
    EXPECT_LE(held, 110 * 2 * rows);
}

TEST(MatchEngine, Stops) {
    Table a = many(3000, true), b = many(3000, true);
    std::vector<rule::Rule> rules = {rule_of(R"({"match": [{"field": "amount", "op": "equal"},
        {"field": "reference", "op": "equal", "optional": true}]})")};
    FakeCalendars calendars;
    RowsInOrder order;
    NoProgress progress;
    MemoryBudget budget(std::size_t{1} << 30, "recon.work_mem");
    for (long polls : {0L, 3L, 50L, 1000L}) {
        StopAfter stop(polls);
        Context context{calendars, order, budget, stop, progress, {}};
        EXPECT_THROW(run(a, b, rules, context), Stopped);
        EXPECT_EQ(budget.used(), 0u);
    }
}

TEST(MatchEngine, EmptySides) {
    Table none = table(simple, {}), a = on_days({"10"});
    EXPECT_TRUE(run_rules(none, a, {near_date}).matches.empty());
    EXPECT_TRUE(run_rules(a, none, {near_date}).matches.empty());
    EXPECT_TRUE(run_rules(none, none, {near_date}).matches.empty());
    EXPECT_TRUE(run_rules(a, a, {}).matches.empty());
}

TEST(MatchTable, DecimalsShareAScale) {
    Table table;
    Column& column = table.add_column("amount", Type::decimal);
    column.add_decimal({15, 1});
    column.add_null();
    column.add_decimal({-1234, 3});
    column.add_decimal({2, 0});
    EXPECT_EQ(column.scale, 3);
    EXPECT_FALSE(column.is_wide);
    EXPECT_EQ(static_cast<long long>(column.coefficient(0)), 1500);
    EXPECT_FALSE(column.is_known(1));
    EXPECT_EQ(static_cast<long long>(column.coefficient(2)), -1234);
    EXPECT_EQ(static_cast<long long>(column.coefficient(3)), 2000);
}

TEST(MatchTable, DecimalsBecomeWideWhereTheyMust) {
    Table table;
    Column& column = table.add_column("amount", Type::decimal);
    column.add_decimal({15, 1});
    column.add_null();
    column.add_decimal(field::parse_decimal("99999999999999999999.5").value);
    column.add_null();
    column.add_decimal({1, 18});
    EXPECT_TRUE(column.is_wide);
    EXPECT_EQ(field::to_text(column.decimal(0)), "1.500000000000000000");
    EXPECT_FALSE(column.is_known(1));
    EXPECT_EQ(field::to_text(column.decimal(2)), "99999999999999999999.500000000000000000");
    EXPECT_FALSE(column.is_known(3));
    EXPECT_EQ(field::to_text(column.decimal(4)), "0.000000000000000001");
}

TEST(MatchTable, TextsAreHeldOnce) {
    Texts texts;
    EXPECT_EQ(texts.add("a"), 1u);
    EXPECT_EQ(texts.add(""), 2u);
    EXPECT_EQ(texts.add("a"), 1u);
    std::string large(200'000, 'x');
    EXPECT_EQ(texts.add(large), 3u);
    for (int i = 0; i < 100'000; ++i) texts.add("text " + std::to_string(i));
    EXPECT_EQ(texts.size(), 100'003u);
    EXPECT_EQ(texts.view(2), "");
    EXPECT_EQ(texts.view(3), large);
    EXPECT_EQ(texts.view(99'999 + 4), "text 99999");
    EXPECT_EQ(texts.add("text 500"), 504u);
}

}  // namespace
}  // namespace recon::match
