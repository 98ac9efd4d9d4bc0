#include "core/field/text.hpp"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <cstdint>
#include <cstring>
#include <utility>

#include "core/error.hpp"
#include "core/field/latin_map.hpp"

namespace recon::field {

namespace {

unsigned char as_byte(char c) {
    return static_cast<unsigned char>(c);
}

bool is_ascii_alnum(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// Calls `each(code point, place)` for every code point of a text.
template <class Each>
void for_each_code_point(std::string_view text, Each each) {
    for (std::size_t at = 0; at < text.size();) {
        CodePoint next = first_code_point(text.substr(at));
        each(next, at);
        at += next.bytes;
    }
}

bool is_ascii_byte(char c) {
    return as_byte(c) < 0x80;
}

// What filter() does with a character instead of putting a byte in its place.
constexpr char keep = '\1', drop = '\0';

template <class Choose>
void filter(std::string& text, Choose choose) {
    std::size_t out = 0;
    for (std::size_t at = 0; at < text.size();) {
        CodePoint c{as_byte(text[at]), 1};
        if (c.value >= 0x80) c = first_code_point(std::string_view(text).substr(at));
        char chosen = choose(c.value);
        if (chosen == keep) {
            for (std::size_t i = 0; i < c.bytes; ++i) text[out + i] = text[at + i];
            out += c.bytes;
        } else if (chosen != drop) {
            text[out++] = chosen;
        }
        at += c.bytes;
    }
    text.resize(out);
}

bool is_valid(std::string_view text) {
    bool valid = true;
    for_each_code_point(text, [&](CodePoint c, std::size_t) { valid &= c.value < invalid_byte; });
    return valid;
}

bool is_mark(UChar32 c) {
    return (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0;
}

void check(UErrorCode code) {
    if (U_FAILURE(code))
        throw Error(sqlstate::internal_error, std::string("ICU failed: ") + u_errorName(code));
}

void upper_ascii(std::string& text) {
    for (char& c : text)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
}

void lower_ascii(std::string& text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
}

template <class Map>
void map_case(std::string& text, Map map) {
    std::string result;
    result.reserve(text.size());
    icu::StringByteSink<std::string> sink(&result);
    UErrorCode code = U_ZERO_ERROR;
    map(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())), sink, code);
    check(code);
    text.swap(result);
}

// Latin letters without a decomposition.
const char16_t* plain_letters(UChar32 c) {
    switch (c) {
        case 0xC6:
            return u"AE";
        case 0xE6:
            return u"ae";
        case 0xD0:
        case 0x110:
            return u"D";
        case 0xF0:
        case 0x111:
            return u"d";
        case 0xD8:
            return u"O";
        case 0xF8:
            return u"o";
        case 0xDE:
            return u"TH";
        case 0xFE:
            return u"th";
        case 0xDF:
            return u"ss";
        case 0x1E9E:
            return u"SS";
        case 0x126:
            return u"H";
        case 0x127:
            return u"h";
        case 0x131:
            return u"i";
        case 0x141:
            return u"L";
        case 0x142:
            return u"l";
        case 0x14A:
            return u"N";
        case 0x14B:
            return u"n";
        case 0x152:
            return u"OE";
        case 0x153:
            return u"oe";
        case 0x166:
            return u"T";
        case 0x167:
            return u"t";
        default:
            return nullptr;
    }
}

// Marks that are part of a letter (nukta, kana voicing, virama, vowel signs) have the classes 0 and
// 6 to 9.
bool is_diacritic(UChar32 c) {
    int combining = u_getCombiningClass(c);
    return is_mark(c) && combining != 0 && (combining < 6 || combining > 9);
}

void upper_any(std::string& text) {
    if (!is_valid(text)) return upper_ascii(text);
    map_case(text, [](icu::StringPiece from, icu::ByteSink& to, UErrorCode& code) {
        icu::CaseMap::utf8ToUpper("", 0, from, to, nullptr, code);
    });
}

void lower_any(std::string& text) {
    if (!is_valid(text)) return lower_ascii(text);
    map_case(text, [](icu::StringPiece from, icu::ByteSink& to, UErrorCode& code) {
        icu::CaseMap::utf8ToLower("", 0, from, to, nullptr, code);
    });
}

void unaccent_any(std::string& text) {
    if (!is_valid(text)) return;
    UErrorCode code = U_ZERO_ERROR;
    const icu::Normalizer2* decompose = icu::Normalizer2::getNFKDInstance(code);
    const icu::Normalizer2* compose = icu::Normalizer2::getNFCInstance(code);
    check(code);
    icu::UnicodeString parts = decompose->normalize(icu::UnicodeString::fromUTF8(text), code);
    check(code);
    icu::UnicodeString plain;
    for (std::int32_t at = 0; at < parts.length(); at = parts.moveIndex32(at, 1)) {
        UChar32 c = parts.char32At(at);
        if (const char16_t* letters = plain_letters(c)) {
            plain.append(letters, -1);
        } else if (!is_diacritic(c)) {
            plain.append(c);
        }
    }
    icu::UnicodeString result = compose->normalize(plain, code);
    check(code);
    text.clear();
    result.toUTF8String(text);
}

}  // namespace

bool is_space(char32_t c) {
    if (c < 0x80) return c == ' ' || (c >= '\t' && c <= '\r');
    return c < invalid_byte && u_isUWhiteSpace(static_cast<UChar32>(c));
}

bool is_alnum(char32_t c) {
    if (c < 0x80) return is_ascii_alnum(static_cast<char>(c));
    auto value = static_cast<UChar32>(c);
    return c < invalid_byte && (u_isalnum(value) || is_mark(value));
}

CodePoint first_code_point(std::string_view text) {
    auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80) return {lead, 1};
    std::size_t length = text.size() < 4 ? text.size() : 4;
    std::int32_t at = 0;
    UChar32 value;
    U8_NEXT(text.data(), at, static_cast<std::int32_t>(length), value);
    if (value < 0) return {invalid_byte + lead, 1};
    return {static_cast<char32_t>(value), static_cast<std::size_t>(at)};
}

bool is_ascii(std::string_view text) {
    constexpr std::uint64_t high_bits = 0x8080808080808080u;
    const char* at = text.data();
    std::size_t bytes = text.size();
    std::uint64_t seen = 0;
    for (; bytes >= 8; at += 8, bytes -= 8) {
        std::uint64_t word;
        std::memcpy(&word, at, 8);
        seen |= word;
    }
    for (; bytes > 0; ++at, --bytes) seen |= static_cast<unsigned char>(*at);
    return (seen & high_bits) == 0;
}

void trim(std::string& text) {
    std::size_t begin = 0;
    while (begin < text.size()) {
        CodePoint c = first_code_point(std::string_view(text).substr(begin));
        if (!is_space(c.value)) break;
        begin += c.bytes;
    }
    std::size_t end = text.size();
    while (end > begin && is_ascii_byte(text[end - 1]) && is_space(as_byte(text[end - 1]))) --end;
    if (end > begin && !is_ascii_byte(text[end - 1])) {
        // Characters can be told from the front only.
        std::string_view rest = std::string_view(text).substr(begin, end - begin);
        for_each_code_point(rest, [&](CodePoint c, std::size_t at) {
            if (!is_space(c.value)) end = begin + at + c.bytes;
        });
    }
    text.erase(end);
    text.erase(0, begin);
}

void squash(std::string& text) {
    bool in_space = false;
    filter(text, [&](char32_t c) -> char {
        bool space = is_space(c), was_in_space = std::exchange(in_space, space);
        return !space ? keep : was_in_space ? drop : ' ';
    });
}

void upper(std::string& text) {
    static const LatinMap latin(upper_any);
    if (is_ascii(text)) return upper_ascii(text);
    if (!latin.apply(text)) upper_any(text);
}

void lower(std::string& text) {
    static const LatinMap latin(lower_any);
    if (is_ascii(text)) return lower_ascii(text);
    if (!latin.apply(text)) lower_any(text);
}

void alnum(std::string& text) {
    filter(text, [](char32_t c) { return is_alnum(c) ? keep : drop; });
}

void digits(std::string& text) {
    filter(text, [](char32_t c) -> char {
        if (c < 0x80) return c >= '0' && c <= '9' ? keep : drop;
        if (c >= invalid_byte) return drop;
        std::int32_t digit = u_charDigitValue(static_cast<UChar32>(c));
        return digit >= 0 ? static_cast<char>('0' + digit) : drop;
    });
}

void unaccent(std::string& text) {
    if (is_ascii(text)) return;
    static const LatinMap latin(unaccent_any);
    if (!latin.apply(text)) unaccent_any(text);
}

void left(std::string& text, std::size_t characters) {
    std::size_t at = 0;
    for (; characters > 0 && at < text.size(); --characters)
        at += first_code_point(std::string_view(text).substr(at)).bytes;
    text.resize(at);
}

void strip_prefixes(std::string& text, const std::vector<std::string>& prefixes) {
    std::size_t longest = 0;
    for (const std::string& prefix : prefixes)
        if (prefix.size() > longest && text.starts_with(prefix)) longest = prefix.size();
    text.erase(0, longest);
}

}  // namespace recon::field
