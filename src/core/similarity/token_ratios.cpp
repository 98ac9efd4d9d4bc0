#include "core/similarity/token_ratios.hpp"

#include <algorithm>

#include "core/similarity/indel.hpp"
#include "core/similarity/words.hpp"

namespace recon::similarity {

namespace {

std::size_t characters(std::string_view text) {
    if (field::is_ascii(text)) return text.size();
    std::size_t count = 0;
    for_each_code_point(text, [&](char32_t) { ++count; });
    return count;
}

void append_word(std::string& text, std::string_view word) {
    if (!text.empty()) text += ' ';
    text += word;
}

std::size_t distance(std::string_view a, std::string_view b, StopToken* stop) {
    return with_characters(a, b, [&]<class Char>(Text<Char> x, Text<Char> y) {
        PatternBits<Char> bits;
        return indel_distance(x, y, no_cutoff, bits, stop);
    });
}

double ratio(std::size_t edits, std::size_t length) {
    return Edits{edits, length}.similarity();
}

}  // namespace

double TokenSetLengths::least() const {
    if (shared == 0) return 0;
    if (rest_a == 0 || rest_b == 0) return 1;
    // What s lacks of "s x" is a blank and x.
    return std::max(ratio(1 + rest_a, shared + with_rest(rest_a)),
                    ratio(1 + rest_b, shared + with_rest(rest_b)));
}

std::string sorted_words(std::string_view text, StopToken* stop) {
    std::vector<std::string_view> words = words_between_spaces(text, stop);
    std::optional<StopCheck> check;
    if (stop != nullptr) check.emplace(*stop);
    std::sort(words.begin(), words.end(), [&](std::string_view x, std::string_view y) {
        if (check) (*check)();
        return x < y;
    });
    std::string result;
    for (std::string_view word : words) append_word(result, word);
    return result;
}

double token_sort(std::string_view a, std::string_view b, StopToken* stop) {
    if (a == b) return 1;
    std::string sorted_a = sorted_words(a, stop), sorted_b = sorted_words(b, stop);
    return ratio(distance(sorted_a, sorted_b, stop), characters(sorted_a) + characters(sorted_b));
}

double token_set(std::string_view a, std::string_view b, StopToken* stop) {
    if (a == b) return 1;
    std::vector<std::string_view> words_a = words_between_spaces(a, stop);
    std::vector<std::string_view> words_b = words_between_spaces(b, stop);
    if (words_a.empty() && words_b.empty()) return 1;
    make_set(words_a, stop);
    make_set(words_b, stop);
    std::string shared, rest_a, rest_b;
    auto x = words_a.begin(), y = words_b.begin();
    while (x != words_a.end() || y != words_b.end()) {
        if (y == words_b.end() || (x != words_a.end() && *x < *y)) {
            append_word(rest_a, *x++);
        } else if (x == words_a.end() || *y < *x) {
            append_word(rest_b, *y++);
        } else {
            append_word(shared, *x++);
            ++y;
        }
    }
    TokenSetLengths lengths{characters(shared), characters(rest_a), characters(rest_b)};
    double least = lengths.least();
    if (least == 1) return 1;
    return std::max(least, ratio(distance(rest_a, rest_b, stop), lengths.length()));
}

}  // namespace recon::similarity
