// Random texts, and the similarities straight from their definitions.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/limits.hpp"
#include "core/similarity/characters.hpp"

namespace recon::similarity {

using Wide = std::u32string;

inline Wide wide(std::string_view text) {
    CodePoints points(text);
    return Wide(points.all().begin(), points.all().end());
}

class StopAtOnce : public StopToken {
  public:
    bool should_stop() override { return true; }
};
class NeverStop : public StopToken {
  public:
    bool should_stop() override { return false; }
};

inline std::string random_text(std::mt19937& random, std::size_t longest, bool ascii) {
    static const char* letters[] = {"a", "b", "c", "d", "1", " ", "é", "ß", "東", "😀", "\xFF"};
    std::string text;
    std::size_t length = random() % (longest + 1);
    for (std::size_t i = 0; i < length; ++i) text += letters[random() % (ascii ? 6 : 11)];
    return text;
}

inline std::string changed(std::mt19937& random, std::string text) {
    for (std::size_t i = random() % 6; i > 0 && !text.empty(); --i) {
        std::size_t at = random() % text.size();
        switch (random() % 4) {
            case 0:
                text.erase(at, 1);
                break;
            case 1:
                text.insert(at, "a");
                break;
            case 2:
                if (at > 0) std::swap(text[at], text[at - 1]);
                break;
            default:
                text[at] = 'b';
                break;
        }
    }
    return text;
}

inline std::size_t naive_levenshtein(const Wide& a, const Wide& b, std::size_t substitution = 1) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t substituted = diagonal + (a[i - 1] != b[j - 1] ? substitution : 0);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
        }
    }
    return row[b.size()];
}

// R. Lowrance and R. A. Wagner, "An extension of the string-to-string correction problem" (1975).
inline std::size_t naive_damerau(const Wide& a, const Wide& b) {
    std::size_t far = a.size() + b.size();
    std::vector<std::vector<std::size_t>> d(a.size() + 2, std::vector<std::size_t>(b.size() + 2));
    d[0][0] = far;
    for (std::size_t i = 0; i <= a.size(); ++i) {
        d[i + 1][0] = far;
        d[i + 1][1] = i;
    }
    for (std::size_t j = 0; j <= b.size(); ++j) {
        d[0][j + 1] = far;
        d[1][j + 1] = j;
    }
    std::map<char32_t, std::size_t> last_row;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t last_column = 0;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t row = last_row[b[j - 1]], column = last_column;
            bool same = a[i - 1] == b[j - 1];
            if (same) last_column = j;
            d[i + 1][j + 1] = std::min({d[i][j] + (same ? 0 : 1), d[i + 1][j] + 1, d[i][j + 1] + 1,
                                        d[row][column] + (i - row - 1) + 1 + (j - column - 1)});
        }
        last_row[a[i - 1]] = i;
    }
    return d[a.size() + 1][b.size() + 1];
}

// 1 - distance / length in one division.
inline double of_distance(std::size_t distance, std::size_t length) {
    return length == 0 ? 1 : static_cast<double>(length - distance) / static_cast<double>(length);
}

// As in the text books, with flags for what is taken.
inline double naive_jaro(const Wide& a, const Wide& b) {
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

inline double naive_winkler(const Wide& a, const Wide& b) {
    double jaro = naive_jaro(a, b);
    std::size_t prefix = 0;
    while (prefix < std::min({a.size(), b.size(), std::size_t{4}}) && a[prefix] == b[prefix])
        ++prefix;
    return jaro > 0.7 ? jaro + static_cast<double>(prefix) * 0.1 * (1 - jaro) : jaro;
}

using Words = std::set<Wide>;

// Whether every byte is UTF-8.
inline bool is_valid(const Wide& text) {
    return std::all_of(text.begin(), text.end(),
                       [](char32_t c) { return c < field::invalid_byte; });
}

template <class Inside>
std::vector<Wide> split(const Wide& text, Inside inside) {
    std::vector<Wide> words(1);
    for (char32_t c : text) {
        if (inside(c))
            words.back() += c;
        else
            words.emplace_back();
    }
    std::erase(words, Wide());
    return words;
}

inline Words trigrams_of(const std::vector<Wide>& words) {
    Words result;
    for (const Wide& word : words) {
        Wide padded = U"  " + word + U" ";
        for (std::size_t i = 0; i + 3 <= padded.size(); ++i) result.insert(padded.substr(i, 3));
    }
    return result;
}

inline Wide joined(const Words& words) {
    Wide text;
    for (const Wide& word : words) text += (text.empty() ? U"" : U" ") + word;
    return text;
}

inline double ratio(const Wide& a, const Wide& b) {
    return of_distance(naive_levenshtein(a, b, 2), a.size() + b.size());
}

}  // namespace recon::similarity
