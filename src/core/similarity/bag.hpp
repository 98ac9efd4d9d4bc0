// A text's characters as counts in 32 buckets of four bits. The characters that one text has more
// of than another bound every edit distance from below, and what they have in common from above.
#pragma once

#include <array>
#include <cstdint>

#include "core/similarity/characters.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace recon::similarity {

// Two counts a byte: of buckets i and i + 16. Counts end at 15, which only weakens the bounds.
struct alignas(16) Bag {
    std::array<std::uint8_t, 16> counts{};

    void add(std::size_t bucket) {
        std::uint8_t& both = counts[bucket & 15];
        unsigned shift = bucket < 16 ? 0 : 4;
        if ((both >> shift & 15) < 15) both = static_cast<std::uint8_t>(both + (1u << shift));
    }
};

// The bucket of a character. Letters (in either case) and digits that are frequent have one of
// their own.
inline std::size_t bag_bucket(char32_t c) {
    // A letter each; j, q, v, w, x and z share with others.
    constexpr std::array<Byte, 26> of_letters = {0,  1,  2,  3, 4,  5,  6,  7,  8,  9,  10, 11, 12,
                                                 13, 14, 15, 9, 16, 17, 18, 19, 20, 20, 9,  21, 21};
    if (c >= 0x80) return c * 0x9E3779B1u >> 27;
    char32_t letter = c | 0x20;
    if (letter >= 'a' && letter <= 'z') return of_letters[letter - 'a'];
    if (c >= '0' && c <= '9') return 22 + (c - '0') % 8;
    return 30 + (c & 1);
}

struct BagDifference {
    std::size_t only_a, only_b;  // at most as many characters as one text has more than the other
};

inline BagDifference difference(const Bag& a, const Bag& b) {
#if defined(__SSE2__)
    const __m128i four_bits = _mm_set1_epi8(15), zero = _mm_setzero_si128();
    __m128i x = _mm_load_si128(reinterpret_cast<const __m128i*>(a.counts.data()));
    __m128i y = _mm_load_si128(reinterpret_cast<const __m128i*>(b.counts.data()));
    __m128i low_x = _mm_and_si128(x, four_bits), low_y = _mm_and_si128(y, four_bits);
    __m128i high_x = _mm_and_si128(_mm_srli_epi16(x, 4), four_bits);
    __m128i high_y = _mm_and_si128(_mm_srli_epi16(y, 4), four_bits);
    __m128i more_x = _mm_add_epi8(_mm_subs_epu8(low_x, low_y), _mm_subs_epu8(high_x, high_y));
    __m128i more_y = _mm_add_epi8(_mm_subs_epu8(low_y, low_x), _mm_subs_epu8(high_y, high_x));
    __m128i sum_x = _mm_sad_epu8(more_x, zero), sum_y = _mm_sad_epu8(more_y, zero);
    __m128i sums =
        _mm_add_epi64(_mm_unpacklo_epi64(sum_x, sum_y), _mm_unpackhi_epi64(sum_x, sum_y));
    return {static_cast<std::size_t>(_mm_cvtsi128_si64(sums)),
            static_cast<std::size_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(sums, sums)))};
#else
    BagDifference result{0, 0};
    for (std::size_t i = 0; i < a.counts.size(); ++i) {
        for (int shift : {0, 4}) {
            int more = (a.counts[i] >> shift & 15) - (b.counts[i] >> shift & 15);
            result.only_a += static_cast<std::size_t>(more > 0 ? more : 0);
            result.only_b += static_cast<std::size_t>(more < 0 ? -more : 0);
        }
    }
    return result;
#endif
}

}  // namespace recon::similarity
