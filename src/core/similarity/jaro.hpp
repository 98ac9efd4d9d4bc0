// Jaro and Jaro-Winkler similarity over code points.
//
// As in W. E. Winkler's strcmp95.c (US Census Bureau): characters are common within half the longer
// length less one, half the common characters out of order (rounded down) count as transpositions,
// and Winkler's bonus (0.1 for each of at most four equal first characters) applies where Jaro is
// above 0.7. Without strcmp95's adjustments for similar characters and long strings.
#pragma once

#include <string_view>

namespace recon::similarity {

// 1 for two empty texts, 0 where only one is.
double jaro(std::string_view a, std::string_view b);

// The similarity; where it is below `min`, perhaps some other value below `min`.
double jaro_winkler(std::string_view a, std::string_view b, double min = 0);

}  // namespace recon::similarity
