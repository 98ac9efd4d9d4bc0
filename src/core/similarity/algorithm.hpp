// The similarity algorithms of the rule language and of recon.similarity.
#pragma once

#include <cstdint>

namespace recon::similarity {

enum class Algorithm : std::uint8_t {
    levenshtein,
    damerau_levenshtein,
    jaro,
    jaro_winkler,
    jaccard,
    cosine,
    dice,
    token_sort,
    token_set,
    soundex,
    metaphone,
    double_metaphone,
};

}  // namespace recon::similarity
