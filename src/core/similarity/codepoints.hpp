// Two texts as sequences of characters: bytes where both are ASCII, else code points.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "core/field/text.hpp"

namespace recon::similarity {

// Code points of a text; short ones need no heap.
class CodePoints {
  public:
    explicit CodePoints(std::string_view text) {
        if (text.size() > buffer_.size()) heap_.resize(text.size());
        char32_t* to = text.size() > buffer_.size() ? heap_.data() : buffer_.data();
        std::size_t count = 0;
        while (!text.empty()) {
            field::CodePoint next = field::first_code_point(text);
            to[count++] = next.value;
            text.remove_prefix(next.bytes);
        }
        all_ = std::span<const char32_t>(to, count);
    }
    CodePoints(const CodePoints&) = delete;
    CodePoints& operator=(const CodePoints&) = delete;

    std::span<const char32_t> all() const { return all_; }

  private:
    std::array<char32_t, 128> buffer_;
    std::u32string heap_;
    std::span<const char32_t> all_;
};

// Calls `function` with both texts as spans of one character type.
template <class Function>
auto with_characters(std::string_view a, std::string_view b, Function function) {
    if (field::is_ascii(a) && field::is_ascii(b))
        return function(std::span<const char>(a), std::span<const char>(b));
    CodePoints wide_a(a), wide_b(b);
    return function(wide_a.all(), wide_b.all());
}

// Bit i of the word of a character: the pattern (at most 64 characters) has it at position i.
template <class Char>
class PatternBits;

template <>
class PatternBits<char> {
  public:
    explicit PatternBits(std::span<const char> pattern) {
        std::uint64_t at = 1;
        for (char c : pattern) {
            bits_[static_cast<unsigned char>(c)] |= at;
            at <<= 1;
        }
    }
    std::uint64_t operator[](char c) const { return bits_[static_cast<unsigned char>(c)]; }

  private:
    std::array<std::uint64_t, 128> bits_{};
};

template <>
class PatternBits<char32_t> {
  public:
    explicit PatternBits(std::span<const char32_t> pattern) {
        std::uint64_t at = 1;
        for (char32_t c : pattern) {
            Slot& slot = slots_[find(c)];
            slot.character = c;
            slot.bits |= at;
            at <<= 1;
        }
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
};

}  // namespace recon::similarity
