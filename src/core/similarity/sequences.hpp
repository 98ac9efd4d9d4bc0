// Many texts as sequences of characters, ready to be compared two by two.
//
// A character is a byte, as long as the texts together have no more than 128 characters beyond
// ASCII: these are numbered from 128. Otherwise texts that are not ASCII have code points.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/limits.hpp"
#include "core/similarity/bag.hpp"
#include "core/similarity/pattern_bits.hpp"

namespace recon::similarity {

struct Sequence {
    const void* characters;
    std::uint32_t length;
    bool is_wide;
    Bag bag;
};

// Not for several threads at once: comparisons share the pattern bits.
class Sequences {
  public:
    // The bytes of the texts must outlive this: those of ASCII are not copied.
    Sequences(std::span<const std::string_view> texts, StopToken& stop);

    const Sequence& operator[](std::uint32_t i) const { return all_[i]; }
    std::size_t bytes() const { return all_.capacity() * sizeof(Sequence) + copied_; }

    // Calls `function` with both texts and the pattern bits, all of one character type.
    template <class Function>
    auto compare(const Sequence& a, const Sequence& b, Function function) const {
        if (!a.is_wide && !b.is_wide) [[likely]]
            return function(narrow(a), narrow(b), narrow_bits_);
        return function(wide(a, widened_a_), wide(b, widened_b_), wide_bits_);
    }
    // Calls `each` with the characters of a text, as numbers that are equal where characters are.
    template <class Each>
    void for_each_character(const Sequence& text, Each each) const {
        if (!text.is_wide)
            for (Byte c : narrow(text)) each(static_cast<char32_t>(c));
        else
            for (char32_t c : wide(text, widened_a_)) each(c);
    }
    // Adds the characters of a text to those of others; wide where any text is.
    void append(const Sequence& text, std::vector<Byte>& to) const {
        Text<Byte> all = narrow(text);
        to.insert(to.end(), all.begin(), all.end());
    }
    void append(const Sequence& text, std::vector<char32_t>& to) const {
        Text<char32_t> all = wide(text, widened_a_);
        to.insert(to.end(), all.begin(), all.end());
    }
    PatternBits<Byte>& bits(Byte) const { return narrow_bits_; }
    PatternBits<char32_t>& bits(char32_t) const { return wide_bits_; }

  private:
    using Numbers = std::unordered_map<char32_t, Byte>;

    static Text<Byte> narrow(const Sequence& text) {
        return {static_cast<const Byte*>(text.characters), text.length};
    }
    static Text<char32_t> wide(const Sequence& text, std::vector<char32_t>& widened) {
        if (text.is_wide) return {static_cast<const char32_t*>(text.characters), text.length};
        Text<Byte> all = narrow(text);
        widened.assign(all.begin(), all.end());
        return widened;
    }
    Sequence narrowed(std::string_view text, const Numbers& numbers);
    Sequence widened(std::string_view text);
    template <class Char>
    Char* allocate(std::size_t count) {
        copied_ += count * sizeof(Char);
        return static_cast<Char*>(arena_.allocate(count * sizeof(Char), alignof(Char)));
    }

    std::vector<Sequence> all_;
    std::pmr::monotonic_buffer_resource arena_;
    std::size_t copied_ = 0;
    mutable PatternBits<Byte> narrow_bits_;
    mutable PatternBits<char32_t> wide_bits_;
    mutable std::vector<char32_t> widened_a_, widened_b_;
};

}  // namespace recon::similarity
