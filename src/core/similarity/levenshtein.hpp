// Levenshtein distance over code points, bit-parallel: G. Myers, "A fast bit-vector algorithm for
// approximate string matching based on dynamic programming" (1999), in the form of H. Hyyrö, "A
// bit-vector algorithm for computing Levenshtein and Damerau edit distances" (2003); patterns above
// 64 characters in strips of 64 rows.
#pragma once

#include <cstddef>
#include <limits>
#include <string_view>

#include "core/limits.hpp"

namespace recon::similarity {

struct Edits {
    std::size_t distance = 0;  // above the cutoff: some value above it
    std::size_t length = 0;    // of the longer text, in code points

    // 1 - distance / length as one division, so that 3 of 10 is the double nearest to 0.7; 1 for
    // two empty texts.
    double similarity() const {
        if (length == 0) return 1;
        return static_cast<double>(length - (distance < length ? distance : length)) /
               static_cast<double>(length);
    }
};

inline constexpr std::size_t no_cutoff = std::numeric_limits<std::size_t>::max();

// Long texts ask `stop` on the way.
Edits edits(std::string_view a, std::string_view b, std::size_t cutoff = no_cutoff,
            StopToken* stop = nullptr);

// The similarity; where it is below `min`, some value below `min`.
double levenshtein(std::string_view a, std::string_view b, double min = 0,
                   StopToken* stop = nullptr);

}  // namespace recon::similarity
