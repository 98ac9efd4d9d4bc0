// Blocks that are answered by a join of their texts: as if all pairs were compared, within bounds
// that these would exceed.
#include <gtest/gtest.h>

#include <random>

#include "core/match/search_image.hpp"
#include "match_support.hpp"

namespace recon::match {
namespace {

using namespace test_support;

constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

const std::vector<Spec> specs = {{"currency", Type::text},
                                 {"value_date", Type::date},
                                 {"reference", Type::text},
                                 {"description", Type::text}};

std::string garbled(std::mt19937& random, std::string text) {
    for (auto edits = random() % 4; edits > 0; --edits) {
        std::size_t at = random() % text.size();
        if (random() % 3 == 0)
            text.insert(at, 1, static_cast<char>('a' + random() % 26));
        else if (random() % 2 == 0 && text.size() > 1)
            text.erase(at, 1);
        else
            text[at] = static_cast<char>('a' + random() % 26);
    }
    return text;
}

std::vector<std::vector<Cell>> random_rows(std::mt19937& random, std::size_t count) {
    static const std::vector<std::string> words = {"invoice", "Meier", "rent", "März",    "paid to",
                                                   "Acme",    "2024",  "x",    "transfer"};
    std::vector<std::vector<Cell>> rows;
    for (std::size_t i = 0; i < count; ++i) {
        std::vector<Cell> row = {random() % 4 == 0 ? "USD" : "EUR",
                                 "2024-03-0" + std::to_string(1 + random() % 3)};
        for (int k = 0; k < 2; ++k) {
            std::string text =
                words[random() % words.size()] + " " + words[random() % words.size()];
            if (random() % 2 == 0) text += " " + std::to_string(random() % 1000);
            row.push_back(random() % 10 == 0 ? null : Cell(garbled(random, text)));
        }
        rows.push_back(row);
    }
    return rows;
}

std::string listed(const Result& result) {
    std::string text;
    for (const Match& match : result.matches)
        text += std::to_string(match.a) + "-" + std::to_string(match.b) + "@" +
                std::to_string(match.confidence) + (match.ambiguous ? "? " : " ");
    return text;
}

TEST(MatchTextPairs, SameAsAllPairs) {
    std::mt19937 random(17);
    std::size_t matched = 0;
    for (const char* algorithm :
         {"levenshtein", "damerau_levenshtein", "jaro", "jaro_winkler", "jaccard", "cosine", "dice",
          "token_sort", "token_set", "soundex", "metaphone", "double_metaphone"})
        for (const char* bound : {"0.9", "0.7", "0.4", "0"})
            for (
                const char* other :
                {"", R"(, {"field": "currency", "op": "equal"})",
                 R"(, {"field": "value_date", "op": "within", "days": 1})",
                 R"(, {"field": "value_date", "op": "within", "days": 1, "optional": true})",
                 R"(, {"field": "description", "op": "similar", "algorithm": "jaro", "min": 0.7})"}) {
                Table a = table(specs, random_rows(random, 60)),
                      b = table(specs, random_rows(random, 70));
                std::string rule =
                    std::string(R"({"threshold": 0.6, "match": [{"field": "reference", )") +
                    R"("op": "similar", "algorithm": ")" + algorithm + R"(", "min": )" + bound +
                    "}" + other + "]}";
                Limits all, joined;
                all.join_texts_from = never;
                joined.join_texts_from = 0;
                Result expected = run_rules(a, b, {rule}, all);
                Result found = run_rules(a, b, {rule}, joined);
                ASSERT_EQ(listed(found), listed(expected)) << rule;
                ASSERT_EQ(found.reasons_a, expected.reasons_a) << rule;
                ASSERT_EQ(found.reasons_b, expected.reasons_b) << rule;
                matched += found.matches.size();
            }
    EXPECT_GT(matched, 4000u);
}

// Different numbers of so many digits, of which no two are alike.
std::vector<std::vector<Cell>> numbered_rows(std::size_t count, std::size_t first) {
    std::vector<std::vector<Cell>> rows;
    for (std::size_t i = 0; i < count; ++i) {
        std::mt19937 random(static_cast<unsigned>(first + i));
        rows.push_back({"EUR", "2024-03-01", "INV" + std::to_string(random()), "rent"});
    }
    return rows;
}

constexpr char alike[] =
    R"({"field": "reference", "op": "similar", "algorithm": "levenshtein", "min": 0.85})";

TEST(MatchTextPairs, LargeBlocksAreCompared) {
    Table a = table(specs, numbered_rows(2000, 0)), b = table(specs, numbered_rows(2000, 500));
    Limits limits;
    limits.max_comparisons = 100'000;  // of four million pairs
    for (const char* other : {"", R"(, {"field": "currency", "op": "equal"})",
                              R"(, {"field": "value_date", "op": "within", "days": 3})"}) {
        Result result =
            run_rules(a, b, {std::string(R"({"match": [)") + alike + other + "]}"}, limits);
        EXPECT_EQ(result.matches.size(), 1500u) << other;
        EXPECT_TRUE(result.uncompared.empty());
        EXPECT_EQ(result.reasons_a[0], Reason::no_candidate);
    }
}

// Finds the candidates as another process does: from bytes alone.
class Elsewhere final : public CandidateFinder {
  public:
    void find(const Plan& plan, const Index& index, double, CandidateSink& sink, Below& below,
              Reservation& memory, StopToken& stop) override {
        SearchImage image(plan, index);
        constexpr std::size_t alignment = 16;
        auto room = [](Bytes part) { return (part.size() + alignment - 1) / alignment; };
        std::size_t size = 0;
        for (Bytes part : image.parts()) size += room(part);
        std::vector<field::uint128> copy(size);
        std::vector<Bytes> parts;
        std::size_t at = 0;
        for (Bytes part : image.parts()) {
            std::copy(part.begin(), part.end(), reinterpret_cast<std::byte*>(copy.data() + at));
            parts.push_back(std::as_bytes(std::span(copy).subspan(at)).first(part.size()));
            at += room(part);
        }
        SearchView view(parts, *plan.rule);
        CandidateSearch(view.plan(), view.index(), sink, below, memory, stop)
            .run(0, index.a.classes());
        ++runs;
    }
    int runs = 0;
};

TEST(MatchTextPairs, OtherProcessesHaveThem) {
    // A block that is joined, one that is left out as its texts say nothing, and one that is swept.
    std::vector<std::vector<Cell>> rows = numbered_rows(400, 0);
    for (int i = 0; i < 400; ++i)
        rows.push_back({"USD", "2024-03-01", "rent", "note " + std::to_string(i)});
    for (std::size_t i = 0; i < 20; ++i) {
        rows.push_back(numbered_rows(1, i)[0]);
        rows.back()[0] = "CHF";
    }
    Table a = table(specs, rows), b = table(specs, rows);
    std::string rule = std::string(R"({"match": [{"field": "currency", "op": "equal"}, )") + alike +
                       R"(, {"field": "description", "op": "equal", "optional": true}]})";
    Limits limits;
    limits.max_comparisons = 50'000;
    Result expected = run_rules(a, b, {rule}, limits);
    EXPECT_EQ(expected.matches.size(), 420u);
    Elsewhere elsewhere;
    Result found = run_rules(a, b, {rule}, limits, &elsewhere);
    EXPECT_EQ(elsewhere.runs, 1);
    EXPECT_EQ(listed(found), listed(expected));
    EXPECT_EQ(found.reasons_a, expected.reasons_a);
    EXPECT_EQ(found.reasons_b, expected.reasons_b);
}

TEST(MatchTextPairs, BoundsHold) {
    // One text, which joins all with all, and nothing else that would select.
    std::vector<std::vector<Cell>> rows;
    for (int i = 0; i < 400; ++i)
        rows.push_back({"EUR", "2024-03-01", "rent", "note " + std::to_string(i)});
    Table a = table(specs, rows), b = table(specs, rows);
    Limits limits;
    limits.max_comparisons = 50'000;
    std::string note = R"(, {"field": "description", "op": "equal", "optional": true}])";
    std::string alone = std::string(R"({"match": [)") + alike + note + "}";
    try {
        run_rules(a, b, {alone}, limits);
        FAIL();
    } catch (const Error& error) {
        EXPECT_STREQ(error.code(), "0A000");
        EXPECT_FALSE(error.hint().empty());
    }
    Result result = run_rules(
        a, b,
        {std::string(R"({"match": [{"field": "currency", "op": "equal"}, )") + alike + note + "}"},
        limits);
    EXPECT_TRUE(result.matches.empty());
    ASSERT_EQ(result.uncompared.size(), 1u);
    EXPECT_EQ(result.uncompared[0].records, 800u);
    EXPECT_EQ(result.reasons_a[0], Reason::budget);
    limits.max_comparisons = 160'000;
    EXPECT_EQ(run_rules(a, b, {alone}, limits).matches.size(), 400u);
}

TEST(MatchTextPairs, OptionalTextsDoNotSelect) {
    Table a = table(specs, numbered_rows(400, 0)), b = table(specs, numbered_rows(400, 0));
    Limits limits;
    limits.max_comparisons = 50'000;
    std::string rule =
        R"({"match": [{"field": "description", "op": "contains"}, {"field": "reference", "op": )"
        R"("similar", "algorithm": "jaro", "min": 0.85, "optional": true}]})";
    EXPECT_THROW(run_rules(a, b, {rule}, limits), Error);
}

}  // namespace
}  // namespace recon::match
