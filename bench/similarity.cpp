// Pairs a second of the similarity algorithms over pairs of about 20 characters, a tenth of them
// truly alike, at a threshold of 0.85; by CPU time, one core. Beside them rapidfuzz-cpp, where its
// headers are.
//
//   similarity [pairs] [texts.csv]     the pairs are also written as CSV, for other rivals

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "core/similarity/jaro.hpp"
#include "core/similarity/levenshtein.hpp"
#include "core/similarity/prepared_texts.hpp"

#if __has_include(<rapidfuzz/fuzz.hpp>)
#include <rapidfuzz/distance/Jaro.hpp>
#include <rapidfuzz/distance/JaroWinkler.hpp>
#include <rapidfuzz/distance/Levenshtein.hpp>
#include <rapidfuzz/fuzz.hpp>
#define RAPIDFUZZ
#endif

namespace {

using namespace recon;
using similarity::Algorithm;
using similarity::Byte;
using similarity::Text;

constexpr double threshold = 0.85;

class NeverStop : public StopToken {
  public:
    bool should_stop() override { return false; }
} never_stop;

struct Pair {
    std::uint32_t a, b;
};

const char* const firsts[] = {"Northern", "Golden", "Baltic",  "Summit", "Atlas",
                              "Silver",   "United", "Pacific", "Iron",   "Crystal"};
const char* const seconds[] = {"Trading", "Steel", "Ceramics", "Books",  "Logistics",
                               "Foods",   "Tools", "Textiles", "Optics", "Paper"};
const char* const legals[] = {"GmbH", "Ltd", "LLC", "Inc", "S.A.", "AG"};

std::string some_text(std::mt19937& random) {
    if (random() % 3 == 0) return "INV-2024-" + std::to_string(10000 + random() % 9990000);
    return std::string(firsts[random() % 10]) + " " + seconds[random() % 10] + " " +
           std::to_string(random() % 1000) + " " + legals[random() % 6];
}

std::string garbled(std::mt19937& random, std::string text) {
    for (int edits = 1 + static_cast<int>(random() % 2); edits > 0; --edits) {
        std::size_t at = 1 + random() % (text.size() - 1);
        switch (random() % 3) {
            case 0:
                text.erase(at, 1);
                break;
            case 1:
                std::swap(text[at], text[at - 1]);
                break;
            default:
                text[at] = static_cast<char>('a' + random() % 26);
        }
    }
    return text;
}

// Runs `score` over all pairs; prints a row of a Markdown table.
template <class Score>
void run(const char* name, const std::vector<Pair>& pairs, Score score) {
    double best = 0;
    std::size_t hits = 0;
    for (int round = 0; round < 3; ++round) {
        hits = 0;
        std::clock_t begin = std::clock();
        for (Pair pair : pairs) hits += score(pair.a, pair.b) >= threshold;
        double seconds_used = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
        double rate = static_cast<double>(pairs.size()) / seconds_used / 1e6;
        best = rate > best ? rate : best;
    }
    std::printf("| %s | %.1f | %zu |\n", name, best, hits);
    std::fflush(stdout);
}

}  // namespace

int main(int count, char** arguments) {
    std::size_t pair_count = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 2'000'000;
    std::mt19937 random(1);
    std::vector<std::string> texts;
    const std::uint32_t originals = 5'000;
    for (std::uint32_t i = 0; i < originals; ++i) texts.push_back(some_text(random));
    for (std::uint32_t i = 0; i < originals; ++i) texts.push_back(garbled(random, texts[i]));
    std::vector<Pair> pairs;
    std::size_t characters = 0;
    while (pairs.size() < pair_count) {
        auto a = static_cast<std::uint32_t>(random() % originals);
        auto b = static_cast<std::uint32_t>(originals + random() % originals);
        pairs.push_back({a, pairs.size() % 10 == 0 ? a + originals : b});
        characters += texts[a].size() + texts[pairs.back().b].size();
    }
    if (count > 2) {
        std::ofstream csv(arguments[2]);
        for (Pair pair : pairs) csv << texts[pair.a] << ',' << texts[pair.b] << '\n';
    }
    std::vector<std::string_view> views(texts.begin(), texts.end());
    std::printf("%zu pairs, %.1f characters on average, threshold %.2f\n\n", pairs.size(),
                static_cast<double>(characters) / 2 / static_cast<double>(pairs.size()), threshold);
    std::printf("| algorithm | million pairs a second and core | pairs at or above |\n");
    std::printf("| --- | ---: | ---: |\n");

    struct Case {
        const char* name;
        Algorithm algorithm;
        bool word_tokens = false;
    };
    for (const Case& one :
         {Case{"levenshtein", Algorithm::levenshtein},
          Case{"damerau_levenshtein", Algorithm::damerau_levenshtein},
          Case{"jaro", Algorithm::jaro}, Case{"jaro_winkler", Algorithm::jaro_winkler},
          Case{"jaccard", Algorithm::jaccard}, Case{"cosine", Algorithm::cosine},
          Case{"dice", Algorithm::dice}, Case{"jaccard of words", Algorithm::jaccard, true},
          Case{"token_sort", Algorithm::token_sort}, Case{"token_set", Algorithm::token_set},
          Case{"soundex", Algorithm::soundex}, Case{"metaphone", Algorithm::metaphone},
          Case{"double_metaphone", Algorithm::double_metaphone}}) {
        similarity::Measure measure;
        measure.algorithm = one.algorithm;
        measure.word_tokens = one.word_tokens;
        measure.min = threshold;
        similarity::PreparedTexts prepared(measure, views, never_stop);
        run(one.name, pairs,
            [&](std::uint32_t a, std::uint32_t b) { return prepared.score(a, b); });
    }

    similarity::PatternBits<Byte> bits;
    run("levenshtein, without filters", pairs, [&](std::uint32_t a, std::uint32_t b) {
        Text<Byte> x = similarity::as_bytes(views[a]), y = similarity::as_bytes(views[b]);
        std::size_t length = std::max(x.size(), y.size());
        std::size_t cutoff = similarity::cutoff_of(length, threshold);
        std::size_t distance = similarity::levenshtein_distance(x, y, cutoff, bits, nullptr);
        return similarity::Edits{distance, length}.similarity();
    });
    run("jaro_winkler, without filters", pairs, [&](std::uint32_t a, std::uint32_t b) {
        Text<Byte> x = similarity::as_bytes(views[a]), y = similarity::as_bytes(views[b]);
        return similarity::jaro_similarity(x, y, similarity::winkler_prefix(x, y), -1, bits,
                                           nullptr);
    });
#ifdef RAPIDFUZZ
    run("rapidfuzz-cpp levenshtein, cutoff", pairs, [&](std::uint32_t a, std::uint32_t b) {
        return rapidfuzz::levenshtein_normalized_similarity(texts[a], texts[b], {1, 1, 1},
                                                            threshold);
    });
    run("rapidfuzz-cpp levenshtein", pairs, [&](std::uint32_t a, std::uint32_t b) {
        return rapidfuzz::levenshtein_normalized_similarity(texts[a], texts[b]);
    });
    run("rapidfuzz-cpp jaro_winkler, cutoff", pairs, [&](std::uint32_t a, std::uint32_t b) {
        return rapidfuzz::jaro_winkler_similarity(texts[a], texts[b], 0.1, threshold);
    });
    run("rapidfuzz-cpp jaro_winkler", pairs, [&](std::uint32_t a, std::uint32_t b) {
        return rapidfuzz::jaro_winkler_similarity(texts[a], texts[b]);
    });
    run("rapidfuzz-cpp token_sort_ratio, cutoff", pairs, [&](std::uint32_t a, std::uint32_t b) {
        return rapidfuzz::fuzz::token_sort_ratio(texts[a], texts[b], 100 * threshold) / 100;
    });
    run("rapidfuzz-cpp token_set_ratio, cutoff", pairs, [&](std::uint32_t a, std::uint32_t b) {
        return rapidfuzz::fuzz::token_set_ratio(texts[a], texts[b], 100 * threshold) / 100;
    });
#endif
    return 0;
}
