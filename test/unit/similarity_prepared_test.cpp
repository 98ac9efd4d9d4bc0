#include <gtest/gtest.h>

#include "core/similarity/prepared_texts.hpp"
#include "core/similarity/similarity.hpp"
#include "similarity_support.hpp"

namespace recon::similarity {
namespace {

constexpr Algorithm algorithms[] = {Algorithm::levenshtein, Algorithm::damerau_levenshtein,
                                    Algorithm::jaro,        Algorithm::jaro_winkler,
                                    Algorithm::jaccard,     Algorithm::cosine,
                                    Algorithm::dice,        Algorithm::token_sort,
                                    Algorithm::token_set,   Algorithm::soundex,
                                    Algorithm::metaphone,   Algorithm::double_metaphone};

enum class Letters { ascii, few, many };

std::vector<std::string> some_texts(unsigned seed, std::size_t count, std::size_t longest,
                                    Letters letters) {
    std::mt19937 random(seed);
    std::vector<std::string> texts = {"", " ", "--", "a", "A", "1", "12"};
    while (texts.size() < count) {
        if (texts.size() % 3 == 2) {
            texts.push_back(changed(random, texts[random() % texts.size()]));
        } else {
            texts.push_back(random_text(random, longest, letters == Letters::ascii));
            // More characters than bytes have room for.
            if (letters == Letters::many)
                for (int i = 0; i < 3; ++i) {
                    unsigned c = static_cast<unsigned>(random() % 300);
                    texts.back() += {static_cast<char>(0xE4), static_cast<char>(0x80 + c / 64),
                                     static_cast<char>(0x80 + c % 64)};
                }
        }
    }
    texts.push_back(texts[9]);  // the same text under another number
    return texts;
}

void compare_all(const Measure& measure, const std::vector<std::string>& texts,
                 std::mt19937& random) {
    NeverStop stop;
    std::vector<std::string_view> views(texts.begin(), texts.end());
    PreparedTexts prepared(measure, views, stop);
    EXPECT_GT(prepared.bytes(), 0u);
    for (std::uint32_t a = 0; a < texts.size(); ++a)
        for (std::uint32_t b = 0; b < texts.size(); ++b) {
            double expected =
                similarity(measure.algorithm, texts[a], texts[b], measure.word_tokens);
            if (measure.min && expected < *measure.min) expected = -1;
            if (measure.max_distance && naive_levenshtein(wide(texts[a]), wide(texts[b])) >
                                            static_cast<std::size_t>(*measure.max_distance))
                expected = -1;
            ASSERT_EQ(prepared.score(a, b), expected)
                << static_cast<int>(measure.algorithm) << " '" << texts[a] << "' / '" << texts[b]
                << "' min " << measure.min.value_or(-1);
            double least = static_cast<double>(random() % 100) / 99;
            ASSERT_EQ(prepared.score(a, b, least), expected < least ? -1 : expected)
                << static_cast<int>(measure.algorithm) << " '" << texts[a] << "' / '" << texts[b]
                << "' least " << least;
        }
}

TEST(PreparedTexts, GivesWhatSimilarityGives) {
    std::mt19937 random(1);
    for (Letters letters : {Letters::ascii, Letters::few, Letters::many}) {
        std::vector<std::string> texts = some_texts(17, 70, 30, letters);
        for (Algorithm algorithm : algorithms)
            for (bool word_tokens : {false, true})
                for (double min : {0.0, 0.3, 0.65, 0.7, 0.85, 1.0}) {
                    Measure measure;
                    measure.algorithm = algorithm;
                    measure.word_tokens = word_tokens;
                    measure.min = min;
                    compare_all(measure, texts, random);
                }
        for (int distance : {0, 1, 3, 20}) {
            Measure measure;
            measure.max_distance = distance;
            compare_all(measure, texts, random);
        }
    }
}

TEST(PreparedTexts, LongTexts) {
    std::mt19937 random(2);
    for (Letters letters : {Letters::ascii, Letters::few, Letters::many}) {
        std::vector<std::string> texts = some_texts(19, 24, 300, letters);
        for (Algorithm algorithm : algorithms)
            for (double min : {0.0, 0.8}) {
                Measure measure;
                measure.algorithm = algorithm;
                measure.min = min;
                compare_all(measure, texts, random);
            }
    }
}

TEST(PreparedTexts, CanBeStopped) {
    class StopLater : public StopToken {
      public:
        bool should_stop() override { return stop; }
        bool stop = false;
    } token;
    std::string a(5000, 'a'), b(5000, 'b');
    std::vector<std::string_view> views = {a, b};
    PreparedTexts prepared(Measure{}, views, token);
    token.stop = true;
    EXPECT_EQ(prepared.score(0, 0), 1);
    PreparedTexts half(
        [] {
            Measure measure;
            measure.algorithm = Algorithm::jaro;
            return measure;
        }(),
        std::vector<std::string_view>{}, token);
    EXPECT_THROW(PreparedTexts(Measure{}, std::vector<std::string_view>(10000, a), token), Stopped);
    std::string c = std::string(4999, 'a') + std::string(2500, 'b') + "c";
    std::string d = std::string(2500, 'b') + "d" + std::string(4999, 'a');
    token.stop = false;
    std::vector<std::string_view> mixed = {c, d};
    PreparedTexts slow(Measure{}, mixed, token);
    token.stop = true;
    EXPECT_THROW(slow.score(0, 1), Stopped);
}

}  // namespace
}  // namespace recon::similarity
