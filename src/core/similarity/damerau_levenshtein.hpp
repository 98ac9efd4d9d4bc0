// Damerau-Levenshtein distance, unrestricted: the fewest insertions, deletions, substitutions and
// transpositions of neighbours, each 1, where a transposed pair may be edited further ("ca" to
// "abc" is 2, which the restricted distance, optimal string alignment, makes 3).
//
// In linear memory: C. Zhao and S. Sahni, "String correction using the Damerau-Levenshtein
// distance" (2019). The Levenshtein distance, at most twice as large, rules out most unlike texts
// before.
#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/similarity/levenshtein.hpp"

namespace recon::similarity {

// Memory that distances lend each other.
class DamerauRows {
  public:
    template <class Char>
    std::size_t distance(Text<Char> a, Text<Char> b, std::size_t cutoff, StopToken* stop);

  private:
    std::vector<std::size_t> current_, previous_, transposed_, last_row_;
    std::vector<std::uint32_t> letters_;
    std::unordered_map<char32_t, std::uint32_t> numbers_;
};

// As levenshtein_distance().
template <class Char>
std::size_t damerau_distance(Text<Char> a, Text<Char> b, std::size_t cutoff,
                             PatternBits<Char>& bits, DamerauRows& rows, StopToken* stop);

double damerau_levenshtein(std::string_view a, std::string_view b, StopToken* stop = nullptr);

}  // namespace recon::similarity
