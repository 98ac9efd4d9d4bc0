// Double Metaphone (L. Philips, "The double Metaphone search algorithm", C/C++ Users Journal,
// 2000): a code of at most four sounds as the name is said in English, and one as it may be said
// where it comes from.
#pragma once

#include <string>
#include <string_view>

namespace recon::similarity {

struct DoubleMetaphone {
    std::string primary, alternate;  // equal where there is no other way to say it
};

// Both empty for a text without a letter.
DoubleMetaphone double_metaphone(std::string_view text);

// Philips' three strengths of a match: the primaries are equal 1; one's primary is the other's
// alternate 0.9; the alternates are equal 0.8; else 0. An empty code equals none.
template <class Code>
double double_metaphone_similarity(const Code& primary_a, const Code& alternate_a,
                                   const Code& primary_b, const Code& alternate_b,
                                   const Code& empty) {
    if (primary_a == primary_b && primary_a != empty) return 1;
    if ((primary_a == alternate_b && primary_a != empty) ||
        (alternate_a == primary_b && primary_b != empty))
        return 0.9;
    return alternate_a == alternate_b && alternate_a != empty ? 0.8 : 0;
}

}  // namespace recon::similarity
