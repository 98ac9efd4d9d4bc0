#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "core/similarity/codepoints.hpp"
#include "core/similarity/jaro.hpp"
#include "core/similarity/levenshtein.hpp"

namespace recon::similarity {
namespace {

using Wide = std::u32string;

Wide wide(std::string_view text) {
    CodePoints points(text);
    return Wide(points.all().begin(), points.all().end());
}

std::size_t naive_distance(const Wide& a, const Wide& b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t substituted = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
        }
    }
    return row[b.size()];
}

// As in the text books, with flags for what is taken.
double naive_jaro(const Wide& a, const Wide& b) {
    if (a.empty() && b.empty()) return 1;
    if (a.empty() || b.empty()) return 0;
    long window = std::max(0L, static_cast<long>(std::max(a.size(), b.size()) / 2) - 1);
    std::vector<bool> taken_a(a.size()), taken_b(b.size());
    for (long i = 0; i < static_cast<long>(a.size()); ++i)
        for (long j = std::max(0L, i - window);
             j <= std::min(i + window, static_cast<long>(b.size()) - 1); ++j) {
            auto x = static_cast<std::size_t>(i), y = static_cast<std::size_t>(j);
            if (taken_b[y] || a[x] != b[y]) continue;
            taken_a[x] = taken_b[y] = true;
            break;
        }
    Wide common_a, common_b;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (taken_a[i]) common_a += a[i];
    for (std::size_t j = 0; j < b.size(); ++j)
        if (taken_b[j]) common_b += b[j];
    if (common_a.empty()) return 0;
    std::size_t moved = 0;
    for (std::size_t i = 0; i < common_a.size(); ++i) moved += common_a[i] != common_b[i];
    auto m = static_cast<double>(common_a.size());
    auto t = static_cast<double>(moved / 2);
    return (m / static_cast<double>(a.size()) + m / static_cast<double>(b.size()) + (m - t) / m) /
           3;
}

std::string random_text(std::mt19937& random, std::size_t longest, bool ascii) {
    static const char* letters[] = {"a", "b", "c", "d", "1", "é", "ß", "東", "😀", "\xFF"};
    std::string text;
    std::size_t length = random() % (longest + 1);
    for (std::size_t i = 0; i < length; ++i) text += letters[random() % (ascii ? 5 : 10)];
    return text;
}

std::string changed(std::mt19937& random, std::string text) {
    for (std::size_t i = random() % 6; i > 0 && !text.empty(); --i) {
        std::size_t at = random() % text.size();
        switch (random() % 3) {
            case 0:
                text.erase(at, 1);
                break;
            case 1:
                text.insert(at, "a");
                break;
            default:
                text[at] = 'b';
                break;
        }
    }
    return text;
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
    EXPECT_EQ(levenshtein("", ""), 1);
    EXPECT_EQ(levenshtein("", "a"), 0);
    EXPECT_EQ(levenshtein("kitten", "sitting"), 4.0 / 7);
    EXPECT_EQ(levenshtein("日本", "日光"), 0.5);
    // The double that JSON's 0.7 is, so that "min": 0.7 holds for 3 of 10.
    EXPECT_EQ(levenshtein("abcdefghij", "abcdefgxyz"), 0.7);
    EXPECT_GE(levenshtein("abcdefghij", "abcdefgxyz", 0.7), 0.7);
    EXPECT_LT(levenshtein("abcdefghij", "abcdefwxyz", 0.7), 0.7);
}

TEST(Levenshtein, AgainstNaive) {
    std::mt19937 random(2);
    for (int round = 0; round < 3000; ++round) {
        std::size_t longest = round % 3 == 0 ? 10 : round % 3 == 1 ? 70 : 300;
        if (longest == 300 && round % 30 != 2) continue;
        bool ascii = random() % 2 == 0;
        std::string a = random_text(random, longest, ascii);
        std::string b =
            random() % 2 == 0 ? random_text(random, longest, ascii) : changed(random, a);
        std::size_t expected = naive_distance(wide(a), wide(b));
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
    }
}

class StopAtOnce : public StopToken {
  public:
    bool should_stop() override { return true; }
};

TEST(Levenshtein, LongTextsCanBeStopped) {
    StopAtOnce stop;
    EXPECT_THROW(edits(std::string(5000, 'a'), std::string(5000, 'b'), no_cutoff, &stop), Stopped);
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
    std::mt19937 random(3);
    for (int round = 0; round < 4000; ++round) {
        std::size_t longest = round % 3 == 0 ? 10 : round % 3 == 1 ? 64 : 150;
        bool ascii = random() % 2 == 0;
        std::string a = random_text(random, longest, ascii);
        std::string b =
            random() % 2 == 0 ? random_text(random, longest, ascii) : changed(random, a);
        double expected = naive_jaro(wide(a), wide(b));
        ASSERT_EQ(jaro(a, b), expected) << a << " / " << b;
        double full = jaro_winkler(a, b);
        double min = static_cast<double>(random() % 101) / 100;
        double bounded = jaro_winkler(a, b, min);
        ASSERT_EQ(bounded >= min, full >= min);
        if (full >= min) {
            ASSERT_EQ(bounded, full);
        }
    }
}

}  // namespace
}  // namespace recon::similarity
