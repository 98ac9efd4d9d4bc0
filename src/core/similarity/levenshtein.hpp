// Levenshtein distance: the fewest insertions, deletions and substitutions of characters, each 1.
//
// Bit-parallel: G. Myers, "A fast bit-vector algorithm for approximate string matching based on
// dynamic programming" (1999), in the form of H. Hyyrö, "A bit-vector algorithm for computing
// Levenshtein and Damerau edit distances" (2003); patterns above 64 characters in strips of 64
// rows.
#pragma once

#include <string_view>

#include "core/limits.hpp"
#include "core/similarity/edits.hpp"
#include "core/similarity/pattern_bits.hpp"

namespace recon::similarity {

// Above the cutoff: some value above it. Long texts ask `stop` (may be null) on the way. For Byte
// and char32_t.
template <class Char>
std::size_t levenshtein_distance(Text<Char> a, Text<Char> b, std::size_t cutoff,
                                 PatternBits<Char>& bits, StopToken* stop);

// Edits against the length of the longer text.
Edits edits(std::string_view a, std::string_view b, std::size_t cutoff = no_cutoff,
            StopToken* stop = nullptr);

// The similarity 1 - distance / length; where it is below `min`, some value below `min`.
double levenshtein(std::string_view a, std::string_view b, double min = 0,
                   StopToken* stop = nullptr);

}  // namespace recon::similarity
