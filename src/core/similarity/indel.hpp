// Indel distance: the fewest insertions and deletions, each 1; both lengths less twice the longest
// common subsequence. Its similarity, 1 - distance / (sum of the lengths), is the "ratio" of
// fuzzywuzzy and RapidFuzz.
//
// Bit-parallel: H. Hyyrö, "Bit-parallel LCS-length computation revisited" (2004); patterns above 64
// characters in strips of 64 rows.
#pragma once

#include "core/limits.hpp"
#include "core/similarity/edits.hpp"
#include "core/similarity/pattern_bits.hpp"

namespace recon::similarity {

// Above the cutoff: some value above it. Long texts ask `stop` (may be null) on the way. For Byte
// and char32_t.
template <class Char>
std::size_t indel_distance(Text<Char> a, Text<Char> b, std::size_t cutoff, PatternBits<Char>& bits,
                           StopToken* stop);

}  // namespace recon::similarity
