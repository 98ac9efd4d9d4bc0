// From a number of edits to a similarity and back.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>

namespace recon::similarity {

inline constexpr std::size_t no_cutoff = std::numeric_limits<std::size_t>::max();

struct Edits {
    std::size_t distance = 0;  // above the cutoff: some value above it
    std::size_t length = 0;    // the most edits that texts of these lengths can need

    // 1 - distance / length as one division, so that 3 of 10 is the double nearest to 0.7; 1 for
    // two empty texts.
    double similarity() const {
        if (length == 0) return 1;
        return static_cast<double>(length - std::min(distance, length)) /
               static_cast<double>(length);
    }
};

// The largest distance that leaves a similarity of `min`; no_cutoff where none does (above 1).
inline std::size_t cutoff_of(std::size_t length, double min) {
    if (min <= 0) return length;
    if (min > 1) return no_cutoff;
    auto cutoff = static_cast<std::size_t>((1 - min) * static_cast<double>(length)) + 1;
    cutoff = std::min(cutoff, length);
    while (cutoff > 0 && Edits{cutoff, length}.similarity() < min) --cutoff;
    return cutoff;
}

}  // namespace recon::similarity
