// Scores by hand, through explain(), which is the engine's own scoring.
#include <gtest/gtest.h>

#include "match_support.hpp"

namespace recon::match {
namespace {

using namespace test_support;

struct Scored {
    double score;
    bool passed;
};

Scored score(Type type, const Cell& a, const Cell& b, const std::string& parameters,
             const std::vector<field::Day>& holidays = {}) {
    Table x = table({{"f", type}}, {{a}}), y = table({{"f", type}}, {{b}});
    FakeCalendars calendars;
    calendars.known["C"] = holidays;
    PairResult result = explain(
        x, 0, y, 0, rule_of(R"({"match": [{"field": "f", )" + parameters + "}]}"), calendars);
    EXPECT_EQ(result.holds, result.conditions[0].passed);
    return {result.conditions[0].score, result.conditions[0].passed};
}

void expect_score(Scored found, double wanted) {
    EXPECT_TRUE(found.passed);
    EXPECT_NEAR(found.score, wanted, 1e-12);
}

void expect_fails(Scored found) {
    EXPECT_FALSE(found.passed);
    EXPECT_EQ(found.score, 0);
}

TEST(MatchScore, Equal) {
    expect_score(score(Type::text, "a", "a", R"("op": "equal")"), 1);
    expect_fails(score(Type::text, "a", "A", R"("op": "equal")"));
    expect_score(
        score(Type::text, "in v-1", "INV1", R"("op": "equal", "normalize": ["upper", "alnum"])"),
        1);
    expect_fails(score(Type::text, null, null, R"("op": "equal")"));
    expect_score(score(Type::text, "", "", R"("op": "equal")"), 1);
    expect_score(score(Type::decimal, "1.50", "1.5", R"("op": "equal")"), 1);
    expect_score(score(Type::decimal, "-0.0", "0", R"("op": "equal")"), 1);
    expect_fails(score(Type::decimal, "1", "-1", R"("op": "equal")"));
    expect_score(score(Type::date, "2024-02-29", "2024-02-29", R"("op": "equal")"), 1);
    expect_fails(score(Type::timestamp, "1", "2", R"("op": "equal")"));
}

TEST(MatchScore, WithinAbs) {
    const char* op = R"("op": "within", "abs": 0.1)";
    expect_score(score(Type::decimal, "10.00", "10", op), 1);
    expect_score(score(Type::decimal, "10.00", "10.05", op), 0.75);
    expect_score(score(Type::decimal, "10.00", "9.9", op), 0.5);
    expect_fails(score(Type::decimal, "10.00", "10.1000000001", op));
    expect_score(score(Type::decimal, "-0.05", "0.05", op), 0.5);
    expect_score(
        score(Type::decimal, "10.00", "10.10", R"("op": "within", "abs": 0.1, "edge": 0.2)"), 0.2);
    expect_score(score(Type::decimal, "10.00", "10.10", R"("op": "within", "abs": 0.1, "edge": 1)"),
                 1);
    expect_score(score(Type::decimal, "3", "3", R"("op": "within", "abs": 0)"), 1);
    expect_fails(score(Type::decimal, "3", "3.1", R"("op": "within", "abs": 0)"));
    expect_fails(score(Type::decimal, null, "3", R"("op": "within", "abs": 9)"));
}

TEST(MatchScore, WithinPctOfTheLarger) {
    const char* op = R"("op": "within", "pct": 0.5)";
    expect_score(score(Type::decimal, "995", "1000", op), 0.5);
    expect_score(score(Type::decimal, "-1000", "-997.5", op), 0.75);
    expect_fails(score(Type::decimal, "994.99", "1000", op));
    expect_score(score(Type::decimal, "0", "0", op), 1);
    expect_fails(score(Type::decimal, "0", "0.01", op));
    expect_fails(score(Type::decimal, "-1000", "1000", op));
    expect_score(score(Type::decimal, "0", "5", R"("op": "within", "pct": 100)"), 0.5);
    // Exact at the bound, beyond what a double can tell.
    expect_score(score(Type::decimal, "99500000000000000000",
                       "99999999999999999999.999999999999999999", R"("op": "within", "pct": 0.5)"),
                 0.5);
    expect_fails(score(Type::decimal, "99499999999999999999.999999999999999998",
                       "99999999999999999999.999999999999999999", R"("op": "within", "pct": 0.5)"));
}

TEST(MatchScore, TheWiderBoundHolds) {
    const char* op = R"("op": "within", "abs": 1, "pct": 1)";
    expect_score(score(Type::decimal, "10", "10.5", op), 0.75);   // abs: 1, pct: 0.105
    expect_score(score(Type::decimal, "1000", "995", op), 0.75);  // abs: 1, pct: 10
    expect_fails(score(Type::decimal, "1000", "989.9", op));
}

TEST(MatchScore, DayWindows) {
    const char* plain = R"("op": "within", "days": 3)";
    expect_score(score(Type::date, "2024-03-01", "2024-02-28", plain), 1 - 0.5 * 2 / 3);
    expect_score(score(Type::date, "2024-03-01", "2024-03-04", plain), 0.5);
    expect_fails(score(Type::date, "2024-03-01", "2024-03-05", plain));
    const char* window = R"("op": "within", "days": [-1, 5])";  // B's date less A's
    expect_score(score(Type::date, "2024-03-01", "2024-03-01", window), 1);
    expect_score(score(Type::date, "2024-03-02", "2024-03-01", window), 0.9);
    expect_score(score(Type::date, "2024-03-01", "2024-03-06", window), 0.5);
    expect_fails(score(Type::date, "2024-03-03", "2024-03-01", window));
    const char* later = R"("op": "within", "days": [2, 4], "edge": 0)";
    expect_score(score(Type::date, "2024-03-01", "2024-03-03", later), 1);
    expect_score(score(Type::date, "2024-03-01", "2024-03-04", later), 0.5);
    expect_score(score(Type::date, "2024-03-01", "2024-03-05", later), 0);
    expect_score(
        score(Type::date, "2024-03-05", "2024-03-01", R"("op": "within", "days": [-6, -4])"), 1);
    expect_score(score(Type::date, "2024-03-01", "2024-03-03", R"("op": "within", "days": [2, 2])"),
                 1);
    expect_score(score(Type::date, "2024-03-01", "2024-03-01", R"("op": "within", "days": 0)"), 1);
}

TEST(MatchScore, BusinessDays) {
    // 2024-03-01 was a Friday.
    const char* op = R"("op": "within", "business_days": 2)";
    expect_score(score(Type::date, "2024-03-01", "2024-03-04", op), 0.75);
    expect_score(score(Type::date, "2024-03-01", "2024-03-03", op), 1);
    expect_score(score(Type::date, "2024-03-05", "2024-03-01", op), 0.5);
    expect_fails(score(Type::date, "2024-03-01", "2024-03-06", op));
    expect_score(
        score(Type::date, "2024-03-01", "2024-03-06",
              R"("op": "within", "business_days": 2, "calendar": "C")", {day("2024-03-04")}),
        0.5);
}

TEST(MatchScore, Seconds) {
    const char* op = R"("op": "within", "seconds": 2)";
    expect_score(score(Type::timestamp, "1000000", "2000000", op), 0.75);
    expect_score(score(Type::timestamp, "-1000000", "1000000", op), 0.5);
    expect_fails(score(Type::timestamp, "-1000000", "1000001", op));
}

TEST(MatchScore, Similar) {
    expect_score(score(Type::text, "kitten", "sitting",
                       R"("op": "similar", "algorithm": "levenshtein", "min": 0.5)"),
                 4.0 / 7);
    expect_score(score(Type::text, "kitten", "sitting",
                       R"("op": "similar", "algorithm": "levenshtein", "max_distance": 3)"),
                 4.0 / 7);
    expect_fails(score(Type::text, "kitten", "sitting",
                       R"("op": "similar", "algorithm": "levenshtein", "max_distance": 2)"));
    expect_score(
        score(
            Type::text, "martha", "MARHTA",
            R"("op": "similar", "algorithm": "jaro_winkler", "min": 0.9, "normalize": ["upper"])"),
        0.961111111111111);
    expect_fails(score(Type::text, "DIXON", "DICKSONX",
                       R"("op": "similar", "algorithm": "jaro_winkler", "min": 0.82)"));
}

TEST(MatchExplain, ShowsValuesAndConfidence) {
    std::vector<Spec> specs = {{"amount", Type::decimal},   {"reference", Type::text},
                               {"description", Type::text}, {"value_date", Type::date},
                               {"at", Type::timestamp},     {"currency", Type::text}};
    Table a = table(specs, {{"10.50", "R1", null, "2024-03-01", "-1", "EUR"}});
    Table b = table(specs, {{"10.5", "x", "R1", "2024-03-02", "86400500000", "EUR"}});
    FakeCalendars calendars;
    PairResult result = explain(a, 0, b, 0, rule_of(R"({"match": [
        {"field": "amount", "op": "within", "abs": 0.01, "weight": 3},
        {"a": "reference", "b": "description", "op": "equal"},
        {"field": "value_date", "op": "within", "days": 1},
        {"field": "at", "op": "within", "seconds": 1, "optional": true},
        {"field": "description", "op": "equal", "optional": true, "weight": 2}]})"),
                                calendars);
    ASSERT_EQ(result.conditions.size(), 5u);
    EXPECT_TRUE(result.holds);
    EXPECT_EQ(result.conditions[0].value_a, "10.50");
    EXPECT_EQ(result.conditions[0].op, "within 0.01");
    EXPECT_EQ(result.conditions[1].field, "reference = description");
    EXPECT_EQ(result.conditions[2].value_b, "2024-03-02");
    EXPECT_EQ(result.conditions[3].value_a, "1999-12-31 23:59:59.999999+00");
    EXPECT_EQ(result.conditions[3].value_b, "2000-01-02 00:00:00.5+00");
    EXPECT_FALSE(result.conditions[3].passed);
    EXPECT_FALSE(result.conditions[4].a_known);
    EXPECT_TRUE(result.conditions[4].b_known);
    // (3 + 1 + 0.5 + 0 + 0) / 8
    EXPECT_EQ(result.confidence, 562'500'000);
}

TEST(MatchExplain, CurrenciesThatDifferFailAmounts) {
    std::vector<Spec> specs = {
        {"amount", Type::decimal}, {"reference", Type::text}, {"currency", Type::text}};
    FakeCalendars calendars;
    auto holds = [&](const Cell& x, const Cell& y) {
        return explain(table(specs, {{"1", "R", x}}), 0, table(specs, {{"1", "R", y}}), 0,
                       rule_of(R"({"match": [{"field": "amount", "op": "equal"}]})"), calendars)
            .holds;
    };
    EXPECT_TRUE(holds("EUR", "EUR"));
    EXPECT_FALSE(holds("EUR", "USD"));
    EXPECT_TRUE(holds("EUR", null));
    EXPECT_TRUE(holds(null, null));
}

}  // namespace
}  // namespace recon::match
