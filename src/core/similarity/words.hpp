// Texts cut into words and trigrams. All of them ask `stop` (may be null) on the way through long
// texts.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/limits.hpp"

namespace recon::similarity {

// What stands between white space (Unicode's), as it is; points into `text`.
std::vector<std::string_view> words_between_spaces(std::string_view text, StopToken* stop);

// The words of a text as pg_trgm has them: in lower case, letters and digits (with their marks)
// only.
class LowerWords {
  public:
    LowerWords(std::string_view text, StopToken* stop);
    LowerWords(const LowerWords&) = delete;
    LowerWords& operator=(const LowerWords&) = delete;

    const std::vector<std::string_view>& all() const { return words_; }

  private:
    std::string lower_;
    std::vector<std::string_view> words_;
};

// Three characters, 21 bits each.
using Trigram = std::uint64_t;

// Of each word, padded by two blanks before and one after; as often as they occur.
std::vector<Trigram> trigrams(const LowerWords& words, StopToken* stop);

// Sorts, and leaves each value once.
template <class T>
void make_set(std::vector<T>& values, StopToken* stop) {
    std::optional<StopCheck> check;
    if (stop != nullptr) check.emplace(*stop);
    std::sort(values.begin(), values.end(), [&](const T& a, const T& b) {
        if (check) (*check)();
        return a < b;
    });
    values.erase(std::unique(values.begin(), values.end()), values.end());
}

// How many values two sorted sets share.
template <class T>
std::size_t shared_values(const T* a, const T* end_a, const T* b, const T* end_b) {
    std::size_t shared = 0;
    while (a != end_a && b != end_b) {
        bool up_a = !(*b < *a), up_b = !(*a < *b);
        shared += up_a && up_b;
        a += up_a;
        b += up_b;
    }
    return shared;
}

}  // namespace recon::similarity
