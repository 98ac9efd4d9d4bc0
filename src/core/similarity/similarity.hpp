// The similarity of two texts, in 0..1: the one definition of its value for every algorithm.
//
// Texts are UTF-8, compared by code points; a byte that is no UTF-8 is a character of its own.
// Equal texts have 1, also two empty ones. The same value on every machine.
#pragma once

#include <string_view>

#include "core/limits.hpp"
#include "core/similarity/algorithm.hpp"

namespace recon::similarity {

// `word_tokens`: for jaccard, cosine and dice, sets of words instead of trigrams. Memory is
// proportional to the texts; the time, for the edit distances, to the product of their lengths.
// Long texts ask `stop` (may be null) on the way.
double similarity(Algorithm algorithm, std::string_view a, std::string_view b,
                  bool word_tokens = false, StopToken* stop = nullptr);

}  // namespace recon::similarity
