#include "core/match/text_join.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "similarity_support.hpp"

namespace recon::match {
namespace {

using similarity::Algorithm;
using similarity::Measure;
using Pairs = std::set<std::pair<std::uint32_t, std::uint32_t>>;

std::vector<std::string> some_texts(std::mt19937& random, std::size_t count) {
    static const char* words[] = {"Northern", "Trading", "Müller", "Söhne",
                                  "GmbH",     "Steel",   "東京"};
    std::vector<std::string> texts = {"", " ", "--", "a"};
    while (texts.size() < count) {
        switch (random() % 5) {
            case 0:
                texts.push_back("INV-2024-" + std::to_string(10000 + random() % 300));
                break;
            case 1:
                texts.push_back(similarity::random_text(random, 24, random() % 2 == 0));
                break;
            case 2:
                texts.push_back(similarity::changed(random, texts[random() % texts.size()]));
                break;
            default: {
                std::string text = words[random() % 7];
                for (std::size_t i = random() % 3; i > 0; --i)
                    text += std::string(" ") + words[random() % 7];
                texts.push_back(text);
            }
        }
    }
    return texts;
}

void check(const Measure& measure, const std::vector<std::string>& texts) {
    similarity::NeverStop stop;
    std::vector<std::string_view> views(texts.begin(), texts.end());
    similarity::PreparedTexts prepared(measure, views, stop);
    std::vector<std::uint32_t> a(texts.size() / 2), b(texts.size() - texts.size() / 3);
    std::iota(a.begin(), a.end(), 0u);
    std::iota(b.begin(), b.end(), static_cast<std::uint32_t>(texts.size() / 3));
    std::reverse(b.begin(), b.end());

    MemoryBudget budget(std::size_t{1} << 30, "recon.work_mem");
    {
        Reservation memory(budget);
        std::unique_ptr<TextJoin> join = join_texts(prepared, a, b, memory, stop);
        Pairs found;
        std::vector<std::pair<std::uint32_t, std::uint32_t>> order, again;
        join->run([&](std::uint32_t x, std::uint32_t y) {
            EXPECT_TRUE(found.emplace(x, y).second) << "twice";
            order.emplace_back(x, y);
        });
        join->run([&](std::uint32_t x, std::uint32_t y) { again.emplace_back(x, y); });
        EXPECT_EQ(order, again);
        EXPECT_LE(join->comparisons(), 40 * a.size() * b.size());
        for (std::uint32_t x : a)
            for (std::uint32_t y : b)
                if (prepared.score(x, y) >= 0) {
                    ASSERT_TRUE(found.contains({x, y}))
                        << static_cast<int>(measure.algorithm) << " '" << texts[x] << "' / '"
                        << texts[y] << "' min " << measure.min.value_or(-1);
                }
        EXPECT_GT(budget.used() + 1, 0u);
    }
    EXPECT_EQ(budget.used(), 0u);
}

TEST(TextJoin, FindsAllThatReachTheBound) {
    std::mt19937 random(4);
    std::vector<std::string> texts = some_texts(random, 1500);
    for (auto algorithm : {Algorithm::levenshtein, Algorithm::damerau_levenshtein, Algorithm::jaro,
                           Algorithm::jaro_winkler, Algorithm::jaccard, Algorithm::cosine,
                           Algorithm::dice, Algorithm::token_sort, Algorithm::token_set,
                           Algorithm::soundex, Algorithm::metaphone, Algorithm::double_metaphone})
        for (double min : {0.5, 0.8, 0.9, 1.0}) {
            Measure measure;
            measure.algorithm = algorithm;
            measure.min = min;
            check(measure, texts);
        }
    for (int distance : {0, 1, 2, 5}) {
        Measure measure;
        measure.max_distance = distance;
        check(measure, texts);
    }
    Measure measure;
    measure.algorithm = Algorithm::jaccard;
    measure.word_tokens = true;
    measure.min = 0.6;
    check(measure, texts);
}

TEST(TextJoin, ComparesFewPairs) {
    similarity::NeverStop stop;
    std::vector<std::string> texts;
    for (int i = 0; i < 20000; ++i) texts.push_back("INV-2024-" + std::to_string(1000000 + i * 37));
    std::vector<std::string_view> views(texts.begin(), texts.end());
    std::vector<std::uint32_t> all(texts.size());
    std::iota(all.begin(), all.end(), 0u);
    for (auto [algorithm, min, most] : {std::tuple{Algorithm::levenshtein, 0.93, 0.02},
                                        {Algorithm::jaccard, 0.9, 0.02},
                                        {Algorithm::metaphone, 1.0, 1.0}}) {
        Measure measure;
        measure.algorithm = algorithm;
        measure.min = min;
        similarity::PreparedTexts prepared(measure, views, stop);
        MemoryBudget budget(std::size_t{1} << 30, "recon.work_mem");
        Reservation memory(budget);
        auto pairs = static_cast<double>(texts.size() * texts.size());
        double compared =
            static_cast<double>(join_texts(prepared, all, all, memory, stop)->comparisons());
        EXPECT_LE(compared, most * pairs) << static_cast<int>(algorithm);
        EXPECT_GT(compared, 0);
    }
}

TEST(TextJoin, KeepsItsLimits) {
    similarity::NeverStop never;
    similarity::StopAtOnce at_once;
    std::mt19937 random(9);
    std::vector<std::string> texts = some_texts(random, 5000);
    std::vector<std::string_view> views(texts.begin(), texts.end());
    std::vector<std::uint32_t> all(texts.size());
    std::iota(all.begin(), all.end(), 0u);
    for (auto algorithm : {Algorithm::levenshtein, Algorithm::jaro, Algorithm::jaccard,
                           Algorithm::soundex, Algorithm::token_set}) {
        Measure measure;
        measure.algorithm = algorithm;
        measure.min = 0.9;
        similarity::PreparedTexts prepared(measure, views, never);
        MemoryBudget ample(std::size_t{1} << 30, "recon.work_mem"), tight(1000, "recon.work_mem");
        Reservation memory(ample), little(tight);
        EXPECT_THROW(join_texts(prepared, all, all, memory, at_once)->run([](auto, auto) {}),
                     Stopped);
        if (algorithm != Algorithm::token_set) {
            EXPECT_THROW(join_texts(prepared, all, all, little, never)->run([](auto, auto) {}),
                         Error);
        }
    }
}

}  // namespace
}  // namespace recon::match
