#include "core/similarity/indel.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/similarity/affixes.hpp"

namespace recon::similarity {

namespace {

// A zero bit at row i: the longest common subsequence grows there.
template <class Char>
std::size_t common_short(Text<Char> pattern, Text<Char> text, const PatternBits<Char>& bits) {
    std::uint64_t rows = ~std::uint64_t{0};
    for (Char c : text) {
        std::uint64_t equal = rows & bits[c];
        rows = (rows + equal) | (rows - equal);
    }
    std::uint64_t used =
        pattern.size() == word_bits ? ~std::uint64_t{0} : (std::uint64_t{1} << pattern.size()) - 1;
    return count_bits(~rows & used);
}

// `carries` are those of the addition, from strip to strip. `needed`: where less can come of it, 0.
template <class Char>
std::size_t common_long(Text<Char> pattern, Text<Char> text, std::size_t needed,
                        PatternBits<Char>& bits, StopToken* stop) {
    std::vector<std::uint8_t> carries(text.size(), 0);
    std::size_t common = 0;
    for (std::size_t row = 0; row < pattern.size(); row += word_bits) {
        if (stop != nullptr) check_stop(*stop);
        Text<Char> strip = pattern.subspan(row, std::min(word_bits, pattern.size() - row));
        bits.set(strip);
        std::uint64_t rows = ~std::uint64_t{0};
        for (std::size_t j = 0; j < text.size(); ++j) {
            std::uint64_t equal = rows & bits[text[j]];
            std::uint64_t sum = rows + equal;
            std::uint8_t carry = sum < rows;
            sum += carries[j];
            carry |= sum < carries[j];
            carries[j] = carry;
            rows = sum | (rows - equal);
        }
        bits.clear(strip);
        std::uint64_t used =
            strip.size() == word_bits ? ~std::uint64_t{0} : (std::uint64_t{1} << strip.size()) - 1;
        common += count_bits(~rows & used);
        if (common + (pattern.size() - row - strip.size()) < needed) return 0;
    }
    return common;
}

}  // namespace

template <class Char>
std::size_t indel_distance(Text<Char> a, Text<Char> b, std::size_t cutoff, PatternBits<Char>& bits,
                           StopToken* stop) {
    strip_affixes(a, b);
    if (a.size() > b.size()) std::swap(a, b);
    if (b.size() - a.size() > cutoff) return cutoff + 1;
    std::size_t length = a.size() + b.size();
    if (a.empty()) return length;
    std::size_t common;
    if (a.size() > word_bits) {
        std::size_t needed = cutoff < length ? (length - cutoff + 1) / 2 : 0;
        common = common_long(a, b, needed, bits, stop);
        if (common < needed) return cutoff + 1;
    } else {
        bits.set(a);
        common = common_short(a, b, bits);
        bits.clear(a);
    }
    return length - 2 * common;
}

template std::size_t indel_distance(Text<Byte>, Text<Byte>, std::size_t, PatternBits<Byte>&,
                                    StopToken*);
template std::size_t indel_distance(Text<char32_t>, Text<char32_t>, std::size_t,
                                    PatternBits<char32_t>&, StopToken*);

}  // namespace recon::similarity
