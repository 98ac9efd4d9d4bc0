// The engine against a naive one: all pairs, scores written out again, the assignment and its
// ambiguity by trying every choice.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <set>

#include "core/field/calendar.hpp"
#include "core/field/text.hpp"
#include "core/similarity/jaro.hpp"
#include "core/similarity/levenshtein.hpp"
#include "core/similarity/similarity.hpp"
#include "match_best_choice.hpp"
#include "match_support.hpp"

namespace recon::match {
namespace {

using namespace test_support;

const std::vector<Spec> specs = {{"currency", Type::text},   {"amount", Type::decimal},
                                 {"value_date", Type::date}, {"reference", Type::text},
                                 {"at", Type::timestamp},    {"fee", Type::decimal}};
constexpr std::size_t currency = 0, amount = 1, value_date = 2, reference = 3, at = 4, fee = 5;

using Row = std::vector<Cell>;

std::vector<Row> random_rows(std::mt19937& random, std::size_t count) {
    static const std::vector<std::vector<Cell>> pools = {
        {"EUR", "USD", "EUR", null},
        {"100.00", "100", "99.5", "100.5", "-100", "-99.50", "0", "0.005", "100.25", "7", null},
        {"2024-03-01", "2024-03-02", "2024-03-04", "2024-03-05", "2024-03-08", null},
        {"INV-1001", "inv 1001", "INV-1002", "INV-2001", "INV-", "RENT", "Miete März", "", null},
        {"0", "1000000", "1500000", "-2500000", null},
        {"0.30", "0.3", "1.5", null}};
    std::vector<Row> rows;
    for (std::size_t i = 0; i < count; ++i) {
        Row row;
        for (const std::vector<Cell>& pool : pools) {
            // Half of the values are the pool's first ones: skew, and duplicates.
            std::size_t size = random() % 2 == 0 ? 2 : pool.size();
            row.push_back(pool[random() % size]);
        }
        rows.push_back(row);
    }
    return rows;
}

// A condition: its JSON and the naive score, below 0 where it does not hold.
struct Naive {
    std::string json;
    std::vector<std::size_t> reads;
    double (*score)(const Row&, const Row&);
};

double number(const Cell& cell) {
    return std::stod(*cell);
}
bool known(const Row& a, const Row& b, std::size_t i) {
    return a[i].has_value() && b[i].has_value();
}
bool same_currency(const Row& a, const Row& b) {
    return !known(a, b, currency) || *a[currency] == *b[currency];
}
std::string plain(std::string text) {
    field::upper(text);
    field::alnum(text);
    return text;
}
double near(double share) {
    return share <= 1 ? 1 - 0.5 * share : -1;
}

double alike(similarity::Algorithm algorithm, const Row& a, const Row& b, double min) {
    if (!known(a, b, reference)) return -1;
    double found = similarity::similarity(algorithm, *a[reference], *b[reference]);
    return found >= min ? found : -1;
}

// The values are such that doubles are exact here.
const std::vector<Naive> conditions = {
    {R"("field": "currency", "op": "equal")",
     {currency},
     [](const Row& a, const Row& b) { return known(a, b, 0) && *a[0] == *b[0] ? 1.0 : -1; }},
    {R"("field": "amount", "op": "equal")",
     {amount, currency},
     [](const Row& a, const Row& b) {
         return known(a, b, amount) && same_currency(a, b) && number(a[amount]) == number(b[amount])
                    ? 1.0
                    : -1;
     }},
    {R"("field": "amount", "op": "within", "abs": 0.5)",
     {amount, currency},
     [](const Row& a, const Row& b) {
         if (!known(a, b, amount) || !same_currency(a, b)) return -1.0;
         return near(std::fabs(number(a[amount]) - number(b[amount])) / 0.5);
     }},
    {R"("field": "amount", "op": "within", "abs": 0.25, "pct": 0.5)",
     {amount, currency},
     [](const Row& a, const Row& b) {
         if (!known(a, b, amount) || !same_currency(a, b)) return -1.0;
         double x = number(a[amount]), y = number(b[amount]);
         double larger = std::max(std::fabs(x), std::fabs(y)), difference = std::fabs(x - y);
         if (difference == 0) return 1.0;
         bool holds = difference <= 0.25 || difference * 200 <= larger;
         return holds ? 1 - 0.5 * std::min(1.0, difference / std::max(0.25, larger / 200)) : -1.0;
     }},
    {R"("field": "fee", "op": "within", "pct": 80, "edge": 1)",
     {fee},
     [](const Row& a, const Row& b) {
         if (!known(a, b, fee)) return -1.0;
         double x = number(a[fee]), y = number(b[fee]);
         return std::fabs(x - y) * 10 <= 8 * std::max(x, y) + 1e-9 ? 1.0 : -1.0;
     }},
    {R"("field": "value_date", "op": "within", "days": 3)",
     {value_date},
     [](const Row& a, const Row& b) {
         if (!known(a, b, value_date)) return -1.0;
         return near(std::abs(day(*b[value_date]) - day(*a[value_date])) / 3.0);
     }},
    {R"("field": "value_date", "op": "within", "business_days": [-1, 2])",
     {value_date},
     [](const Row& a, const Row& b) {
         if (!known(a, b, value_date)) return -1.0;
         auto days = static_cast<double>(
             field::BusinessCalendar().between(day(*a[value_date]), day(*b[value_date])));
         return days >= -1 && days <= 2 ? near(std::fabs(days) / 2) : -1;
     }},
    {R"("field": "reference", "op": "equal", "normalize": ["upper", "alnum"])",
     {reference},
     [](const Row& a, const Row& b) {
         return known(a, b, reference) && plain(*a[reference]) == plain(*b[reference]) ? 1.0 : -1;
     }},
    {R"("field": "reference", "op": "similar", "algorithm": "levenshtein", "min": 0.75)",
     {reference},
     [](const Row& a, const Row& b) {
         if (!known(a, b, reference)) return -1.0;
         double found = similarity::levenshtein(*a[reference], *b[reference]);
         return found >= 0.75 ? found : -1;
     }},
    {R"("field": "reference", "op": "similar", "algorithm": "levenshtein", "max_distance": 1)",
     {reference},
     [](const Row& a, const Row& b) {
         if (!known(a, b, reference)) return -1.0;
         similarity::Edits found = similarity::edits(*a[reference], *b[reference]);
         return found.distance <= 1 ? found.similarity() : -1;
     }},
    {R"("field": "reference", "op": "similar", "algorithm": "jaro_winkler", "min": 0.8)",
     {reference},
     [](const Row& a, const Row& b) {
         if (!known(a, b, reference)) return -1.0;
         double found = similarity::jaro_winkler(*a[reference], *b[reference]);
         return found >= 0.8 ? found : -1;
     }},
    {R"("field": "reference", "op": "similar", "algorithm": "token_set", "min": 0.6)",
     {reference},
     [](const Row& a, const Row& b) { return alike(similarity::Algorithm::token_set, a, b, 0.6); }},
    {R"("field": "reference", "op": "similar", "algorithm": "dice", "min": 0.3)",
     {reference},
     [](const Row& a, const Row& b) { return alike(similarity::Algorithm::dice, a, b, 0.3); }},
    {R"("field": "reference", "op": "similar", "algorithm": "soundex", "min": 0)",
     {reference},
     [](const Row& a, const Row& b) { return alike(similarity::Algorithm::soundex, a, b, 0); }},
    {R"("field": "reference", "op": "contains", "normalize": ["upper", "alnum"])",
     {reference},
     [](const Row& a, const Row& b) {
         if (!known(a, b, reference)) return -1.0;
         std::string x = plain(*a[reference]), y = plain(*b[reference]);
         return x.find(y) != x.npos || y.find(x) != y.npos ? 1.0 : -1;
     }},
    {R"("field": "reference", "op": "starts_with", "min_length": 4)",
     {reference},
     [](const Row& a, const Row& b) {
         if (!known(a, b, reference)) return -1.0;
         std::string x = *a[reference], y = *b[reference];
         if (x.size() < 4 || y.size() < 4) return -1.0;
         return x.compare(0, y.size(), y) == 0 || y.compare(0, x.size(), x) == 0 ? 1.0 : -1;
     }},
    {R"("field": "at", "op": "within", "seconds": 1.5)",
     {at},
     [](const Row& a, const Row& b) {
         return known(a, b, at) ? near(std::fabs(number(a[at]) - number(b[at])) / 1.5e6) : -1.0;
     }},
};

struct Chosen {
    const Naive* naive;
    bool optional;
    double weight;
};
struct RandomRule {
    std::string json;
    std::vector<Chosen> chosen;
    double threshold;
};

RandomRule random_rule(std::mt19937& random) {
    for (;;) {
        RandomRule rule{
            R"({"approve_at": 0.9, "threshold": )", {}, static_cast<double>(random() % 3) * 0.4};
        rule.json += std::to_string(rule.threshold) + R"(, "match": [)";
        std::size_t count = 1 + random() % 4;
        bool required = false;
        for (std::size_t i = 0; i < count; ++i) {
            Chosen one_of{&conditions[random() % conditions.size()], random() % 3 == 0,
                          1.0 + static_cast<double>(random() % 3)};
            required = required || !one_of.optional;
            rule.json += std::string(i > 0 ? ", {" : "{") + one_of.naive->json + R"(, "weight": )" +
                         std::to_string(one_of.weight) +
                         (one_of.optional ? R"(, "optional": true})" : "}");
            rule.chosen.push_back(one_of);
        }
        rule.json += "]}";
        if (required) return rule;
    }
}

Billionths naive_confidence(const RandomRule& rule, const Row& a, const Row& b) {
    double sum = 0, weights = 0;
    for (const Chosen& chosen : rule.chosen) {
        double score = chosen.naive->score(a, b);
        if (score < 0 && !chosen.optional) return -1;
        sum += chosen.weight * std::max(score, 0.0);
        weights += chosen.weight;
    }
    return std::llround(sum / weights * 1e9);
}

struct Edge {
    std::size_t a, b;
    Billionths confidence;
    bool ambiguous;
};

std::string seen(const RandomRule& rule, const Row& row);

// Classes of what a rule sees, numbered by first row.
std::vector<std::size_t> classes_of(const RandomRule& rule, const std::vector<Row>& rows) {
    std::map<std::string, std::size_t> numbers;
    std::vector<std::size_t> class_of;
    for (const Row& row : rows)
        class_of.push_back(numbers.emplace(seen(rule, row), numbers.size()).first->second);
    return class_of;
}

// -1 for pairs that the rule does not allow, or whose records are matched already.
Confidences naive_candidates(const RandomRule& rule, const std::vector<Row>& a,
                             const std::vector<Row>& b, const std::set<std::size_t>& gone_a = {},
                             const std::set<std::size_t>& gone_b = {}) {
    auto threshold = std::llround(rule.threshold * 1e9);
    Confidences confidences(a.size(), std::vector<std::int64_t>(b.size(), -1));
    for (std::size_t x = 0; x < a.size(); ++x)
        for (std::size_t y = 0; y < b.size(); ++y) {
            if (gone_a.count(x) != 0 || gone_b.count(y) != 0) continue;
            Billionths found = naive_confidence(rule, a[x], b[y]);
            if (found >= threshold) confidences[x][y] = found;
        }
    return confidences;
}

std::vector<Edge> naive_best(const RandomRule& rule, const std::vector<Row>& a,
                             const std::vector<Row>& b, const Confidences& confidences) {
    BestChoice best(confidences, classes_of(rule, a), classes_of(rule, b));
    std::vector<int> partners = best.first();
    std::vector<Edge> chosen;
    for (std::size_t x = 0; x < a.size(); ++x)
        if (partners[x] >= 0) {
            auto y = static_cast<std::size_t>(partners[x]);
            chosen.push_back({x, y, confidences[x][y], best.ambiguous(x, y)});
        }
    return chosen;
}

std::string listed(std::vector<Edge> edges) {
    std::sort(edges.begin(), edges.end(), [](const Edge& x, const Edge& y) { return x.a < y.a; });
    std::string text;
    for (const Edge& edge : edges)
        text += std::to_string(edge.a) + "-" + std::to_string(edge.b) + "@" +
                std::to_string(edge.confidence) + (edge.ambiguous ? "? " : " ");
    return text;
}

std::string listed(const Result& result) {
    std::vector<Edge> edges;
    for (const Match& match : result.matches)
        edges.push_back({match.a, match.b, match.confidence, match.ambiguous});
    return listed(edges);
}

// What a rule sees of a row.
std::string seen(const RandomRule& rule, const Row& row) {
    std::string text;
    for (const Chosen& chosen : rule.chosen)
        for (std::size_t i : chosen.naive->reads) {
            bool number_like = i == amount || i == fee;
            bool normalised = chosen.naive->json.find("normalize") != std::string::npos;
            bool business = chosen.naive->json.find("business") != std::string::npos;
            std::string value = !row[i]       ? "null"
                                : number_like ? std::to_string(number(row[i]))
                                : business
                                    ? std::to_string(field::BusinessCalendar().number(day(*row[i])))
                                : normalised ? "=" + plain(*row[i])
                                             : "=" + *row[i];
            text += value + "|";
        }
    return text;
}

TEST(MatchOracle, SamePairsAndConfidences) {
    std::mt19937 random(11);
    std::size_t matched = 0, ambiguous = 0;
    for (int round = 0; round < 3000; ++round) {
        std::vector<Row> a = random_rows(random, random() % 8),
                         b = random_rows(random, random() % 8);
        RandomRule rule = random_rule(random);
        Confidences candidates = naive_candidates(rule, a, b);
        std::vector<Edge> expected = naive_best(rule, a, b, candidates);
        Table table_a = table(specs, a), table_b = table(specs, b);
        Result result = run_rules(table_a, table_b, {rule.json});
        ASSERT_EQ(listed(result), listed(expected)) << rule.json;
        ASSERT_EQ(listed(run_rules(table_a, table_b, {rule.json})), listed(result));
        Limits joined;
        joined.join_texts_from = 0;
        Result by_texts = run_rules(table_a, table_b, {rule.json}, joined);
        ASSERT_EQ(listed(by_texts), listed(result)) << rule.json;
        ASSERT_EQ(by_texts.reasons_a, result.reasons_a) << rule.json;
        ASSERT_EQ(by_texts.reasons_b, result.reasons_b) << rule.json;
        matched += expected.size();
        std::vector<bool> open_a(a.size(), true);
        for (const Edge& edge : expected) {
            open_a[edge.a] = false;
            ambiguous += edge.ambiguous ? 1 : 0;
        }
        for (std::size_t x = 0; x < a.size(); ++x)
            if (open_a[x]) {
                bool has = std::any_of(candidates[x].begin(), candidates[x].end(),
                                       [](std::int64_t found) { return found >= 0; });
                ASSERT_EQ(result.reasons_a[x] == Reason::taken_by_better, has) << rule.json;
            }
        for (const Match& match : result.matches) {
            ASSERT_EQ(match.approved, match.confidence >= 900'000'000 && !match.ambiguous);
            FakeCalendars calendars;
            PairResult pair =
                explain(table_a, match.a, table_b, match.b, rule_of(rule.json), calendars);
            ASSERT_TRUE(pair.holds);
            ASSERT_EQ(pair.confidence, match.confidence);
        }
    }
    EXPECT_GT(matched, 2000u);
    EXPECT_GT(ambiguous, 100u);
}

TEST(MatchOracle, RulesInOrder) {
    std::mt19937 random(13);
    for (int round = 0; round < 500; ++round) {
        std::vector<Row> a = random_rows(random, 8), b = random_rows(random, 8);
        RandomRule first = random_rule(random), second = random_rule(random);
        std::vector<Edge> expected = naive_best(first, a, b, naive_candidates(first, a, b));
        std::set<std::size_t> gone_a, gone_b;
        for (const Edge& edge : expected) {
            gone_a.insert(edge.a);
            gone_b.insert(edge.b);
        }
        // Records that are gone do not make a class of their own ambiguous: they have no candidate.
        for (const Edge& edge :
             naive_best(second, a, b, naive_candidates(second, a, b, gone_a, gone_b)))
            expected.push_back(edge);
        ASSERT_EQ(listed(run_rules(table(specs, a), table(specs, b), {first.json, second.json})),
                  listed(expected));
    }
}

// In a project with a closed period: as a condition of weight 0 that the naive engine knows as
// such.
TEST(MatchOracle, PeriodKeptClosed) {
    constexpr std::size_t period = 6;
    const Naive not_both{"period", {period}, [](const Row& a, const Row& b) {
                             return *a[period] == "closed" && *b[period] == "closed" ? -1.0 : 1.0;
                         }};
    std::mt19937 random(17);
    std::size_t matched = 0, with_closed = 0, kept_apart = 0;
    for (int round = 0; round < 2000; ++round) {
        std::vector<Row> a = random_rows(random, random() % 8),
                         b = random_rows(random, random() % 8);
        RandomRule rule = random_rule(random);
        std::vector<rule::Rule> rules = {rule_of(rule.json)};
        rule::keep_period_closed(rules[0]);
        Table table_a = table(specs, a), table_b = table(specs, b);
        for (auto* rows : {&a, &b}) {
            std::vector<bool> closed;
            for (Row& row : *rows) {
                closed.push_back(random() % 2 == 0);
                row.push_back(closed.back() ? "closed" : "open");
            }
            add_period(rows == &a ? table_a : table_b, rows == &a, closed);
        }
        Confidences without = naive_candidates(rule, a, b);
        rule.chosen.push_back({&not_both, false, 0});
        Confidences candidates = naive_candidates(rule, a, b);
        kept_apart += without != candidates ? 1 : 0;
        std::vector<Edge> expected = naive_best(rule, a, b, candidates);
        Result result = run_parsed(table_a, table_b, rules);
        ASSERT_EQ(listed(result), listed(expected)) << rule.json;
        Limits joined;
        joined.join_texts_from = 0;
        ASSERT_EQ(listed(run_parsed(table_a, table_b, rules, joined)), listed(result)) << rule.json;
        for (const Edge& edge : expected) {
            ++matched;
            with_closed += *a[edge.a][period] != *b[edge.b][period] ? 1 : 0;
        }
    }
    EXPECT_GT(matched, 1000u);
    EXPECT_GT(with_closed, 300u);
    EXPECT_GT(kept_apart, 300u);
}

}  // namespace
}  // namespace recon::match
