#include "core/field/raw_text.hpp"

#include <cstdint>
#include <cstring>

namespace recon::field {

namespace {

constexpr std::uint64_t ones = 0x0101010101010101u, high_bits = 0x8080808080808080u;

std::uint64_t load(const char* at) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    return word;
}

// No byte 0x00 and none above 0x7F. A borrow out of a zero byte may flag its neighbour too, never
// hide it.
bool plain(std::uint64_t word) {
    return (((word - ones) | word) & high_bits) == 0;
}

unsigned char byte(char c) {
    return static_cast<unsigned char>(c);
}

bool continues(char c) {
    return (byte(c) & 0xC0) == 0x80;
}

// Bytes of the character at `at`, or 0 where it is not valid.
std::size_t sequence_length(const char* at, std::size_t left) {
    unsigned char first = byte(at[0]);
    if (first < 0x80) return first != 0 ? 1 : 0;
    if (first < 0xC2 || left < 2) return 0;
    unsigned char second = byte(at[1]);
    if (first < 0xE0) return continues(at[1]) ? 2 : 0;
    if (first < 0xF0) {
        unsigned char lowest = first == 0xE0 ? 0xA0 : 0x80;   // overlong
        unsigned char highest = first == 0xED ? 0x9F : 0xBF;  // surrogates
        bool valid = left >= 3 && second >= lowest && second <= highest && continues(at[2]);
        return valid ? 3 : 0;
    }
    if (first > 0xF4) return 0;
    unsigned char lowest = first == 0xF0 ? 0x90 : 0x80;   // overlong
    unsigned char highest = first == 0xF4 ? 0x8F : 0xBF;  // above U+10FFFF
    bool valid =
        left >= 4 && second >= lowest && second <= highest && continues(at[2]) && continues(at[3]);
    return valid ? 4 : 0;
}

}  // namespace

bool valid_utf8(std::string_view text) {
    const char* at = text.data();
    const char* end = at + text.size();
    while (at != end) {
        while (end - at >= 8 && plain(load(at))) at += 8;
        if (at == end) break;
        std::size_t length = sequence_length(at, static_cast<std::size_t>(end - at));
        if (length == 0) return false;
        at += length;
    }
    return true;
}

bool is_plain_ascii(std::string_view text) {
    const char* at = text.data();
    std::size_t left = text.size();
    for (; left >= 8; left -= 8, at += 8)
        if (!plain(load(at))) return false;
    for (; left > 0; --left, ++at)
        if (*at == 0 || byte(*at) > 0x7F) return false;
    return true;
}

std::string_view trim_blanks(std::string_view text) {
    auto blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

std::string excerpt(std::string_view text, std::size_t characters) {
    std::size_t seen = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (continues(text[i])) continue;
        if (seen++ == characters) return std::string(text.substr(0, i)) + "...";
    }
    return std::string(text);
}

}  // namespace recon::field
