// For bit-parallel algorithms: bit i of the word of a character says whether a pattern (at most 64
// characters) has it at position i. Made once, and taken back after each pattern, so that a pattern
// costs its own characters and not the alphabet's.
#pragma once

#include <array>
#include <cstdint>

#include "core/similarity/characters.hpp"

namespace recon::similarity {

inline constexpr std::size_t word_bits = 64;

// std::popcount without the call that it is where the processor's own instruction may be missing.
inline std::size_t count_bits(std::uint64_t word) {
    word -= (word >> 1) & 0x5555555555555555u;
    word = (word & 0x3333333333333333u) + ((word >> 2) & 0x3333333333333333u);
    word = (word + (word >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    return word * 0x0101010101010101u >> 56;
}

template <class Char>
class PatternBits;

template <>
class PatternBits<Byte> {
  public:
    void set(Text<Byte> pattern) {
        std::uint64_t at = 1;
        for (Byte c : pattern) {
            bits_[c] |= at;
            at <<= 1;
        }
    }
    void clear(Text<Byte> pattern) {
        for (Byte c : pattern) bits_[c] = 0;
    }
    std::uint64_t operator[](Byte c) const { return bits_[c]; }

  private:
    std::array<std::uint64_t, 256> bits_{};
};

template <>
class PatternBits<char32_t> {
  public:
    void set(Text<char32_t> pattern) {
        std::uint64_t at = 1;
        for (char32_t c : pattern) {
            std::size_t place = find(c);
            if (slots_[place].bits == 0) used_[used_count_++] = static_cast<Byte>(place);
            slots_[place].character = c;
            slots_[place].bits |= at;
            at <<= 1;
        }
    }
    void clear(Text<char32_t>) {
        while (used_count_ > 0) slots_[used_[--used_count_]].bits = 0;
    }
    std::uint64_t operator[](char32_t c) const { return slots_[find(c)].bits; }

  private:
    struct Slot {
        char32_t character;
        std::uint64_t bits;
    };
    // Twice as many slots as characters, so that a search ends.
    std::size_t find(char32_t c) const {
        std::size_t at = (c * 0x9E3779B1u) >> 25;
        while (slots_[at].bits != 0 && slots_[at].character != c) at = (at + 1) & 127;
        return at;
    }
    std::array<Slot, 128> slots_{};
    std::array<Byte, word_bits> used_{};
    std::size_t used_count_ = 0;
};

}  // namespace recon::similarity
