#include "core/similarity/similarity.hpp"

#include <gtest/gtest.h>

#include "core/similarity/jaro.hpp"
#include "core/similarity/levenshtein.hpp"
#include "similarity_support.hpp"

namespace recon::similarity {
namespace {

double of(Algorithm algorithm, std::string_view a, std::string_view b) {
    return similarity(algorithm, a, b);
}

TEST(Levenshtein, PublishedExamples) {
    EXPECT_EQ(edits("kitten", "sitting").distance, 3u);
    EXPECT_EQ(edits("saturday", "sunday").distance, 3u);
    EXPECT_EQ(edits("rosettacode", "raisethysword").distance, 8u);
    EXPECT_EQ(edits("flaw", "lawn").distance, 2u);
    EXPECT_EQ(edits("", "abc").distance, 3u);
    EXPECT_EQ(edits("", "").distance, 0u);
}

TEST(Levenshtein, Similarity) {
    EXPECT_EQ(of(Algorithm::levenshtein, "", ""), 1);
    EXPECT_EQ(of(Algorithm::levenshtein, "", "a"), 0);
    EXPECT_EQ(of(Algorithm::levenshtein, "kitten", "sitting"), 4.0 / 7);
    EXPECT_EQ(of(Algorithm::levenshtein, "日本", "日光"), 0.5);
    // The double that JSON's 0.7 is, so that "min": 0.7 holds for 3 of 10.
    EXPECT_EQ(of(Algorithm::levenshtein, "abcdefghij", "abcdefgxyz"), 0.7);
    EXPECT_GE(levenshtein("abcdefghij", "abcdefgxyz", 0.7), 0.7);
    EXPECT_LT(levenshtein("abcdefghij", "abcdefwxyz", 0.7), 0.7);
}

TEST(DamerauLevenshtein, Unrestricted) {
    EXPECT_EQ(of(Algorithm::damerau_levenshtein, "ca", "abc"), 1.0 / 3);
    EXPECT_EQ(of(Algorithm::damerau_levenshtein, "ab", "ba"), 0.5);
    EXPECT_EQ(of(Algorithm::damerau_levenshtein, "specter", "spectre"), 6.0 / 7);
    EXPECT_EQ(of(Algorithm::damerau_levenshtein, "a cat", "an abct"), 4.0 / 7);
    EXPECT_EQ(of(Algorithm::damerau_levenshtein, "東京", "京東"), 0.5);
}

// Lengths about those where the algorithms change.
std::size_t longest(int round) {
    static const std::size_t lengths[] = {4, 10, 66, 132, 300};
    return lengths[round % 40 == 39 ? 4 : round % 4];
}

template <class Each>
void for_random_pairs(unsigned seed, int rounds, Each each) {
    std::mt19937 random(seed);
    for (int round = 0; round < rounds; ++round) {
        bool ascii = random() % 2 == 0;
        std::string a = random_text(random, longest(round), ascii);
        std::string b =
            random() % 2 == 0 ? random_text(random, longest(round), ascii) : changed(random, a);
        each(random, a, b);
    }
}

TEST(Levenshtein, AgainstNaive) {
    for_random_pairs(2, 3000, [](std::mt19937& random, const std::string& a, const std::string& b) {
        std::size_t expected = naive_levenshtein(wide(a), wide(b));
        Edits found = edits(a, b);
        ASSERT_EQ(found.distance, expected) << a << " / " << b;
        ASSERT_EQ(found.length, std::max(wide(a).size(), wide(b).size()));
        std::size_t cutoff = random() % (expected + 3);
        std::size_t cut = edits(a, b, cutoff).distance;
        if (expected <= cutoff) {
            ASSERT_EQ(cut, expected);
        } else {
            ASSERT_GT(cut, cutoff);
        }
        double min = static_cast<double>(random() % 101) / 100;
        double full = levenshtein(a, b), bounded = levenshtein(a, b, min);
        ASSERT_EQ(bounded >= min, full >= min);
        if (full >= min) {
            ASSERT_EQ(bounded, full);
        }
    });
}

TEST(DamerauLevenshtein, AgainstNaive) {
    for_random_pairs(5, 2000, [](std::mt19937&, const std::string& a, const std::string& b) {
        Wide x = wide(a), y = wide(b);
        ASSERT_EQ(of(Algorithm::damerau_levenshtein, a, b),
                  of_distance(naive_damerau(x, y), std::max(x.size(), y.size())))
            << a << " / " << b;
    });
}

TEST(Similarity, LongTextsCanBeStopped) {
    StopAtOnce stop;
    std::string a(5000, 'a'), b(5000, 'b'), wide_a, wide_b;
    for (int i = 0; i < 5000; ++i) {
        wide_a += "é ";
        wide_b += "ü ";
    }
    for (Algorithm algorithm : {Algorithm::levenshtein, Algorithm::damerau_levenshtein,
                                Algorithm::jaro, Algorithm::jaro_winkler, Algorithm::jaccard,
                                Algorithm::token_sort, Algorithm::token_set}) {
        EXPECT_THROW(similarity(algorithm, a, b, false, &stop), Stopped);
        EXPECT_THROW(similarity(algorithm, wide_a, wide_b, false, &stop), Stopped);
    }
    EXPECT_EQ(edits(std::string(5000, 'a'), std::string(5001, 'a')).distance, 1u);
}

TEST(Jaro, PublishedExamples) {
    EXPECT_NEAR(jaro("MARTHA", "MARHTA"), 0.944, 0.0005);
    EXPECT_NEAR(jaro_winkler("MARTHA", "MARHTA"), 0.961, 0.0005);
    EXPECT_NEAR(jaro_winkler("DIXON", "DICKSONX"), 0.813, 0.0005);
    EXPECT_NEAR(jaro_winkler("DWAYNE", "DUANE"), 0.84, 0.0005);
    EXPECT_NEAR(jaro_winkler("JONES", "JOHNSON"), 0.832, 0.0005);
    EXPECT_NEAR(jaro("CRATE", "TRACE"), 0.733, 0.0005);
    EXPECT_EQ(jaro("", ""), 1);
    EXPECT_EQ(jaro("", "a"), 0);
    EXPECT_EQ(jaro("a", "a"), 1);
    EXPECT_EQ(jaro_winkler("abc", "xyz"), 0);
}

TEST(Jaro, NoBonusBelowWinklersThreshold) {
    double plain = jaro("abcxxxxxx", "abcyyyyyy");
    ASSERT_LE(plain, 0.7);
    EXPECT_EQ(jaro_winkler("abcxxxxxx", "abcyyyyyy"), plain);
}

TEST(Jaro, AgainstNaive) {
    for_random_pairs(3, 4000, [](std::mt19937& random, const std::string& a, const std::string& b) {
        ASSERT_EQ(jaro(a, b), naive_jaro(wide(a), wide(b))) << a << " / " << b;
        double full = jaro_winkler(a, b);
        ASSERT_EQ(full, naive_winkler(wide(a), wide(b))) << a << " / " << b;
        double min = static_cast<double>(random() % 101) / 100;
        double bounded = jaro_winkler(a, b, min);
        ASSERT_EQ(bounded >= min, full >= min) << a << " / " << b << " " << min;
        if (full >= min) {
            ASSERT_EQ(bounded, full);
        }
    });
}

TEST(TokenSets, PublishedExamples) {
    // The manual of pg_trgm.
    EXPECT_EQ(of(Algorithm::jaccard, "word", "two words"), 4.0 / 11);
    EXPECT_EQ(of(Algorithm::dice, "word", "two words"), 8.0 / 15);
    EXPECT_EQ(of(Algorithm::cosine, "word", "two words"), 4 / std::sqrt(50.0));
    EXPECT_EQ(similarity(Algorithm::jaccard, "Foo, bar", "BAR-baz", true), 1.0 / 3);
    EXPECT_EQ(of(Algorithm::jaccard, "Straße 7", "STRASSE 7"),
              of(Algorithm::jaccard, "straße 7", "strasse 7"));
    EXPECT_EQ(of(Algorithm::jaccard, "Élan", "ÉLAN"), 1);
    EXPECT_EQ(of(Algorithm::jaccard, "---", "***"), 0);
    EXPECT_EQ(of(Algorithm::jaccard, "---", "---"), 1);
    EXPECT_EQ(of(Algorithm::jaccard, "", "a"), 0);
}

TEST(TokenSets, AgainstNaive) {
    for_random_pairs(7, 2000, [](std::mt19937&, const std::string& a, const std::string& b) {
        if (a == b || !is_valid(wide(a)) || !is_valid(wide(b))) return;
        auto words = [](std::string text) {
            field::lower(text);
            return split(wide(text), field::is_alnum);
        };
        auto words_a = words(a), words_b = words(b);
        for (bool word_tokens : {false, true}) {
            Words x(words_a.begin(), words_a.end()), y(words_b.begin(), words_b.end());
            if (!word_tokens) {
                x = trigrams_of(words_a);
                y = trigrams_of(words_b);
            }
            auto n = static_cast<double>(std::count_if(
                x.begin(), x.end(), [&](const Wide& word) { return y.contains(word); }));
            auto p = static_cast<double>(x.size()), q = static_cast<double>(y.size());
            double any = n > 0 ? 1 : 0;
            ASSERT_EQ(similarity(Algorithm::jaccard, a, b, word_tokens),
                      any == 0 ? 0 : n / (p + q - n))
                << a << " / " << b;
            ASSERT_EQ(similarity(Algorithm::dice, a, b, word_tokens),
                      any == 0 ? 0 : 2 * n / (p + q));
            ASSERT_EQ(similarity(Algorithm::cosine, a, b, word_tokens),
                      any == 0 ? 0 : n / std::sqrt(p * q));
        }
    });
}

TEST(TokenRatios, PublishedExamples) {
    // fuzzywuzzy's README.
    EXPECT_EQ(of(Algorithm::token_sort, "fuzzy wuzzy was a bear", "wuzzy fuzzy was a bear"), 1);
    EXPECT_NEAR(of(Algorithm::token_sort, "fuzzy was a bear", "fuzzy fuzzy was a bear"), 0.84,
                0.005);
    EXPECT_EQ(of(Algorithm::token_set, "fuzzy was a bear", "fuzzy fuzzy was a bear"), 1);
    // RapidFuzz's manual.
    EXPECT_NEAR(of(Algorithm::token_sort, "this is a test", "this is a test!"), 0.9655, 0.00005);
    EXPECT_EQ(of(Algorithm::token_set, "", " "), 1);
    EXPECT_EQ(of(Algorithm::token_set, "", "a"), 0);
    EXPECT_EQ(of(Algorithm::token_sort, " ", "a"), 0);
    EXPECT_EQ(of(Algorithm::token_sort, "b  a", "a\u00A0b"), 1);
}

TEST(TokenRatios, AgainstNaive) {
    for_random_pairs(11, 2000, [](std::mt19937&, const std::string& a, const std::string& b) {
        // Bytes that are none sort as bytes, not as characters.
        if (!is_valid(wide(a)) || !is_valid(wide(b))) return;
        auto is_inside = [](char32_t c) { return !field::is_space(c); };
        auto words_a = split(wide(a), is_inside), words_b = split(wide(b), is_inside);
        auto sorted = [](std::vector<Wide> words) {
            std::sort(words.begin(), words.end());
            Wide text;
            for (const Wide& word : words) text += (text.empty() ? U"" : U" ") + word;
            return text;
        };
        ASSERT_EQ(of(Algorithm::token_sort, a, b), ratio(sorted(words_a), sorted(words_b)));
        Words x(words_a.begin(), words_a.end()), y(words_b.begin(), words_b.end()), s, p, q;
        for (const Wide& word : x) (y.contains(word) ? s : p).insert(word);
        for (const Wide& word : y)
            if (!x.contains(word)) q.insert(word);
        Words with_p = p, with_q = q;
        auto both = [&](const Words& rest) {
            return joined(s) + (s.empty() || rest.empty() ? U"" : U" ") + joined(rest);
        };
        double expected = ratio(both(p), both(q));
        if (!s.empty()) {
            expected =
                p.empty() || q.empty()
                    ? 1
                    : std::max({expected, ratio(joined(s), both(p)), ratio(joined(s), both(q))});
        }
        ASSERT_EQ(of(Algorithm::token_set, a, b), expected) << a << " / " << b;
    });
}

}  // namespace
}  // namespace recon::similarity
