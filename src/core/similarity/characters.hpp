// Texts as sequences of characters: bytes where the texts are ASCII, else code points. A byte that
// is no UTF-8 is a character of its own.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "core/field/text.hpp"

namespace recon::similarity {

using Byte = unsigned char;

template <class Char>
using Text = std::span<const Char>;

inline Text<Byte> as_bytes(std::string_view text) {
    return {reinterpret_cast<const Byte*>(text.data()), text.size()};
}

template <class Each>
void for_each_code_point(std::string_view text, Each each) {
    while (!text.empty()) {
        field::CodePoint next = field::first_code_point(text);
        each(next.value);
        text.remove_prefix(next.bytes);
    }
}

// Code points of a text; short ones need no heap.
class CodePoints {
  public:
    explicit CodePoints(std::string_view text) {
        if (text.size() > buffer_.size()) heap_.resize(text.size());
        char32_t* to = text.size() > buffer_.size() ? heap_.data() : buffer_.data();
        std::size_t count = 0;
        for_each_code_point(text, [&](char32_t c) { to[count++] = c; });
        all_ = Text<char32_t>(to, count);
    }
    CodePoints(const CodePoints&) = delete;
    CodePoints& operator=(const CodePoints&) = delete;

    Text<char32_t> all() const { return all_; }

  private:
    std::array<char32_t, 128> buffer_;
    std::u32string heap_;
    Text<char32_t> all_;
};

// Calls `function` with both texts as spans of one character type.
template <class Function>
auto with_characters(std::string_view a, std::string_view b, Function function) {
    if (field::is_ascii(a) && field::is_ascii(b)) return function(as_bytes(a), as_bytes(b));
    CodePoints wide_a(a), wide_b(b);
    return function(wide_a.all(), wide_b.all());
}

}  // namespace recon::similarity
