// token_sort and token_set: the token_sort_ratio and token_set_ratio of fuzzywuzzy (A. Cohen, 2011)
// as RapidFuzz defines them, without preprocessing, in 0..1. Words stand between white space;
// ratio() is the Indel similarity, 1 - distance / (sum of the lengths).
//
//   token_sort  ratio() of the words of each text, sorted and joined by a blank.
//   token_set   of the words as sets, sorted and joined by blanks: with s those in both texts, x
//   and y
//               the rest of each, 1 where s is not empty and x or y is, else the greatest of
//               ratio(s x, s y), and, where s is not empty, ratio(s, s x) and ratio(s, s y).
//
// Two texts without a word have 1; where only one is, 0.
#pragma once

#include <string>
#include <string_view>

#include "core/limits.hpp"

namespace recon::similarity {

// The words of a text sorted and joined by a blank.
std::string sorted_words(std::string_view text, StopToken* stop);

double token_sort(std::string_view a, std::string_view b, StopToken* stop = nullptr);
double token_set(std::string_view a, std::string_view b, StopToken* stop = nullptr);

// Characters of s, x and y, joined.
struct TokenSetLengths {
    std::size_t shared = 0, rest_a = 0, rest_b = 0;

    // The greatest similarity that does not depend on the characters of the rests; 0 without s.
    double least() const;
    // ratio(s x, s y): its greatest number of edits is `length`, and they are those of the rests.
    std::size_t length() const { return with_rest(rest_a) + with_rest(rest_b); }

  private:
    std::size_t with_rest(std::size_t rest) const {
        return shared + (shared != 0 && rest != 0 ? 1 : 0) + rest;
    }
};

}  // namespace recon::similarity
