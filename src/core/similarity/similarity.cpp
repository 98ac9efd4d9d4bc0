#include "core/similarity/similarity.hpp"

#include "core/similarity/damerau_levenshtein.hpp"
#include "core/similarity/double_metaphone.hpp"
#include "core/similarity/jaro.hpp"
#include "core/similarity/levenshtein.hpp"
#include "core/similarity/metaphone.hpp"
#include "core/similarity/soundex.hpp"
#include "core/similarity/token_ratios.hpp"
#include "core/similarity/token_sets.hpp"

namespace recon::similarity {

namespace {

double of_codes(const std::string& a, const std::string& b) {
    return a == b && !a.empty() ? 1 : 0;
}

double of_double_codes(const DoubleMetaphone& a, const DoubleMetaphone& b) {
    return double_metaphone_similarity(a.primary, a.alternate, b.primary, b.alternate,
                                       std::string());
}

}  // namespace

double similarity(Algorithm algorithm, std::string_view a, std::string_view b, bool word_tokens,
                  StopToken* stop) {
    if (a == b) return 1;
    switch (algorithm) {
        case Algorithm::levenshtein:
            return levenshtein(a, b, 0, stop);
        case Algorithm::damerau_levenshtein:
            return damerau_levenshtein(a, b, stop);
        case Algorithm::jaro:
            return jaro(a, b, stop);
        case Algorithm::jaro_winkler:
            return jaro_winkler(a, b, 0, stop);
        case Algorithm::jaccard:
        case Algorithm::cosine:
        case Algorithm::dice:
            return token_set_similarity(algorithm, a, b, word_tokens, stop);
        case Algorithm::token_sort:
            return token_sort(a, b, stop);
        case Algorithm::token_set:
            return token_set(a, b, stop);
        case Algorithm::soundex:
            return of_codes(soundex(a), soundex(b));
        case Algorithm::metaphone:
            return of_codes(metaphone(a), metaphone(b));
        case Algorithm::double_metaphone:
            return of_double_codes(double_metaphone(a), double_metaphone(b));
    }
    return 0;
}

}  // namespace recon::similarity
