// Jaccard, cosine and Dice similarity of two texts as sets of tokens: of trigrams as pg_trgm cuts
// them (each word in lower case, padded by two blanks before and one after), or of words. With n
// tokens shared, of x and y:
//   jaccard  n / (x + y - n)     P. Jaccard (1901); what pg_trgm's similarity() gives
//   cosine   n / sqrt(x y)       A. Ochiai (1957)
//   dice     2 n / (x + y)       L. R. Dice (1945)
// Equal texts have 1; a text without a token is like no other text.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>

#include "core/limits.hpp"
#include "core/similarity/algorithm.hpp"

namespace recon::similarity {

// Grows with `shared`, also in rounding.
inline double set_similarity(Algorithm algorithm, std::size_t shared, std::size_t a,
                             std::size_t b) {
    if (shared == 0) return 0;
    auto n = static_cast<double>(shared);
    auto x = static_cast<double>(a), y = static_cast<double>(b);
    if (algorithm == Algorithm::jaccard) return n / (x + y - n);
    if (algorithm == Algorithm::cosine) return n / std::sqrt(x * y);
    return 2 * n / (x + y);
}

double token_set_similarity(Algorithm algorithm, std::string_view a, std::string_view b,
                            bool word_tokens, StopToken* stop = nullptr);

}  // namespace recon::similarity
