// The engine against a naive one: all pairs, scores written out again, greedy choice by sorting,
// ambiguity by trying every other choice.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <set>
#include <tuple>

#include "core/field/calendar.hpp"
#include "core/field/text.hpp"
#include "core/similarity/jaro.hpp"
#include "core/similarity/levenshtein.hpp"
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
        {"INV-1001", "inv 1001", "INV-1002", "INV-2001", "RENT", "Miete März", "", null},
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
        bool selective = false;
        std::size_t count = 1 + random() % 4;
        for (std::size_t i = 0; i < count; ++i) {
            Chosen one_of{&conditions[random() % conditions.size()], random() % 3 == 0,
                          1.0 + static_cast<double>(random() % 3)};
            bool similar = one_of.naive->json.find("similar") != std::string::npos;
            selective = selective || (!one_of.optional && !similar);
            rule.json += std::string(i > 0 ? ", {" : "{") + one_of.naive->json + R"(, "weight": )" +
                         std::to_string(one_of.weight) +
                         (one_of.optional ? R"(, "optional": true})" : "}");
            rule.chosen.push_back(one_of);
        }
        rule.json += "]}";
        if (selective) return rule;
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
};

std::vector<Edge> naive_candidates(const RandomRule& rule, const std::vector<Row>& a,
                                   const std::vector<Row>& b) {
    std::vector<Edge> edges;
    auto threshold = std::llround(rule.threshold * 1e9);
    for (std::size_t x = 0; x < a.size(); ++x)
        for (std::size_t y = 0; y < b.size(); ++y)
            if (Billionths found = naive_confidence(rule, a[x], b[y]);
                found >= 0 && found >= threshold)
                edges.push_back({x, y, found});
    std::sort(edges.begin(), edges.end(), [](const Edge& x, const Edge& y) {
        return std::tie(y.confidence, x.a, x.b) < std::tie(x.confidence, y.a, y.b);
    });
    return edges;
}

std::vector<Edge> naive_greedy(const std::vector<Edge>& edges) {
    std::set<std::size_t> taken_a, taken_b;
    std::vector<Edge> chosen;
    for (const Edge& edge : edges) {
        if (taken_a.count(edge.a) != 0 || taken_b.count(edge.b) != 0) continue;
        taken_a.insert(edge.a);
        taken_b.insert(edge.b);
        chosen.push_back(edge);
    }
    return chosen;
}

std::string listed(std::vector<Edge> edges) {
    std::sort(edges.begin(), edges.end(), [](const Edge& x, const Edge& y) { return x.a < y.a; });
    std::string text;
    for (const Edge& edge : edges)
        text += std::to_string(edge.a) + "-" + std::to_string(edge.b) + "@" +
                std::to_string(edge.confidence) + " ";
    return text;
}

std::string listed(const Result& result) {
    std::vector<Edge> edges;
    for (const Match& match : result.matches) edges.push_back({match.a, match.b, match.confidence});
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
    std::size_t matched = 0;
    for (int round = 0; round < 3000; ++round) {
        std::vector<Row> a = random_rows(random, random() % 25),
                         b = random_rows(random, random() % 25);
        RandomRule rule = random_rule(random);
        std::vector<Edge> candidates = naive_candidates(rule, a, b),
                          expected = naive_greedy(candidates);
        Table table_a = table(specs, a), table_b = table(specs, b);
        Result result = run_rules(table_a, table_b, {rule.json});
        ASSERT_EQ(listed(result), listed(expected)) << rule.json;
        ASSERT_EQ(listed(run_rules(table_a, table_b, {rule.json})), listed(result));
        matched += expected.size();
        std::vector<bool> open_a(a.size(), true), has(a.size());
        for (const Edge& edge : expected) open_a[edge.a] = false;
        for (const Edge& edge : candidates) has[edge.a] = true;
        for (std::size_t x = 0; x < a.size(); ++x)
            if (open_a[x]) {
                ASSERT_EQ(result.reasons_a[x] == Reason::taken_by_better, has[x]) << rule.json;
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
    EXPECT_GT(matched, 5000u);
}

// All sets of `size` disjoint edges, as sorted lists of pairs of what the rule sees.
using Seen = std::pair<std::string, std::string>;
void all_choices(const std::vector<Edge>& edges, const std::vector<Seen>& seen_of, std::size_t from,
                 std::size_t size, std::set<std::size_t>& a, std::set<std::size_t>& b,
                 std::vector<Seen>& now, std::set<std::vector<Seen>>& all) {
    if (now.size() == size) {
        std::vector<Seen> sorted = now;
        std::sort(sorted.begin(), sorted.end());
        all.insert(sorted);
        return;
    }
    for (std::size_t i = from; i < edges.size(); ++i) {
        if (a.count(edges[i].a) != 0 || b.count(edges[i].b) != 0) continue;
        a.insert(edges[i].a);
        b.insert(edges[i].b);
        now.push_back(seen_of[i]);
        all_choices(edges, seen_of, i + 1, size, a, b, now, all);
        now.pop_back();
        a.erase(edges[i].a);
        b.erase(edges[i].b);
    }
}

// Edges of one level into connected parts, by rows.
std::vector<std::vector<Edge>> parts_of(std::vector<Edge> edges, const RandomRule& rule,
                                        const std::vector<Row>& a, const std::vector<Row>& b) {
    std::vector<std::vector<Edge>> parts;
    while (!edges.empty()) {
        std::vector<Edge> part = {edges.front()}, rest(edges.begin() + 1, edges.end());
        for (bool grew = true; grew;) {
            grew = false;
            for (std::size_t i = 0; i < rest.size(); ++i) {
                bool touches = std::any_of(part.begin(), part.end(), [&](const Edge& edge) {
                    return seen(rule, a[edge.a]) == seen(rule, a[rest[i].a]) ||
                           seen(rule, b[edge.b]) == seen(rule, b[rest[i].b]);
                });
                if (!touches) continue;
                part.push_back(rest[i]);
                rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
                grew = true;
                break;
            }
        }
        parts.push_back(part);
        edges = rest;
    }
    return parts;
}

TEST(MatchOracle, AmbiguousWhereAnotherChoiceIsAsGood) {
    std::mt19937 random(12);
    std::size_t ambiguous_pairs = 0, plain_pairs = 0;
    for (int round = 0; round < 1500; ++round) {
        std::vector<Row> a = random_rows(random, 1 + random() % 5),
                         b = random_rows(random, 1 + random() % 5);
        RandomRule rule = random_rule(random);
        Result result = run_rules(table(specs, a), table(specs, b), {rule.json});
        std::vector<Edge> candidates = naive_candidates(rule, a, b);
        std::set<std::size_t> gone_a, gone_b;
        for (std::size_t i = 0; i < candidates.size();) {
            std::vector<Edge> level;
            Billionths confidence = candidates[i].confidence;
            for (; i < candidates.size() && candidates[i].confidence == confidence; ++i)
                if (gone_a.count(candidates[i].a) == 0 && gone_b.count(candidates[i].b) == 0)
                    level.push_back(candidates[i]);
            for (const std::vector<Edge>& part : parts_of(level, rule, a, b)) {
                std::vector<Seen> seen_of;
                std::set<std::string> seen_a, seen_b;
                std::set<std::size_t> rows_a, rows_b;
                for (const Edge& edge : part) {
                    seen_of.emplace_back(seen(rule, a[edge.a]), seen(rule, b[edge.b]));
                    seen_a.insert(seen_of.back().first);
                    seen_b.insert(seen_of.back().second);
                    rows_a.insert(edge.a);
                    rows_b.insert(edge.b);
                }
                std::vector<Match> made;
                std::vector<Seen> made_seen;
                for (const Match& match : result.matches)
                    for (const Edge& edge : part)
                        if (edge.a == match.a && edge.b == match.b) {
                            made.push_back(match);
                            made_seen.emplace_back(seen(rule, a[match.a]), seen(rule, b[match.b]));
                        }
                std::set<std::size_t> none_a, none_b;
                std::vector<Seen> now;
                std::set<std::vector<Seen>> all;
                all_choices(part, seen_of, 0, made.size(), none_a, none_b, now, all);
                bool single = rows_a.size() == seen_a.size() && rows_b.size() == seen_b.size();
                bool star = seen_a.size() == 1 || seen_b.size() == 1;
                for (std::size_t k = 0; k < made.size(); ++k) {
                    auto times = std::count(made_seen.begin(), made_seen.end(), made_seen[k]);
                    bool other =
                        std::any_of(all.begin(), all.end(), [&](const std::vector<Seen>& choice) {
                            return std::count(choice.begin(), choice.end(), made_seen[k]) != times;
                        });
                    // Among several rows of several classes the engine may call a pair ambiguous to
                    // be safe.
                    if (single || star) {
                        ASSERT_EQ(made[k].ambiguous, other) << rule.json;
                    } else if (other) {
                        ASSERT_TRUE(made[k].ambiguous) << rule.json;
                    }
                    ++(made[k].ambiguous ? ambiguous_pairs : plain_pairs);
                }
                for (const Match& match : made) {
                    gone_a.insert(match.a);
                    gone_b.insert(match.b);
                }
            }
        }
    }
    EXPECT_GT(ambiguous_pairs, 50u);
    EXPECT_GT(plain_pairs, 500u);
}

TEST(MatchOracle, RulesInOrder) {
    std::mt19937 random(13);
    for (int round = 0; round < 500; ++round) {
        std::vector<Row> a = random_rows(random, 20), b = random_rows(random, 20);
        RandomRule first = random_rule(random), second = random_rule(random);
        std::vector<Edge> expected = naive_greedy(naive_candidates(first, a, b));
        std::set<std::size_t> gone_a, gone_b;
        for (const Edge& edge : expected) {
            gone_a.insert(edge.a);
            gone_b.insert(edge.b);
        }
        std::vector<Edge> open;
        for (const Edge& edge : naive_candidates(second, a, b))
            if (gone_a.count(edge.a) == 0 && gone_b.count(edge.b) == 0) open.push_back(edge);
        for (const Edge& edge : naive_greedy(open)) expected.push_back(edge);
        ASSERT_EQ(listed(run_rules(table(specs, a), table(specs, b), {first.json, second.json})),
                  listed(expected));
    }
}

}  // namespace
}  // namespace recon::match
