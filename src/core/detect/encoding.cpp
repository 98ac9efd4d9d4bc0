#include "core/detect/encoding.hpp"

#include <unicode/ucnv.h>

#include <algorithm>
#include <memory>

#include "core/field/raw_text.hpp"
#include "core/input/encodings.hpp"

namespace recon::detect {

namespace {

// How many bytes at the end are the beginning of a UTF-8 character that was cut.
std::size_t cut_utf8(std::string_view text) {
    for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
        auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if ((byte & 0xC0) == 0x80) continue;
        std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
        return length > back ? back : 0;
    }
    return 0;
}

bool is_letter(unsigned char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte >= 0xC0;
}

bool is_number_part(unsigned char byte) {
    return (byte >= '0' && byte <= '9') || byte == ' ';
}

// What the bytes of a text in some one-byte encoding tell.
struct Statistics {
    std::size_t high = 0;       // 0x80..0xFF
    std::size_t controls = 0;   // 0x80..0x9F: characters in Windows' encodings, else controls
    std::size_t undefined = 0;  // those that WIN1252 has no character for
    std::size_t signs_in_words =
        0;  // 0xA1..0xBF between letters: letters in LATIN2, signs in LATIN1
    std::size_t windows_letters = 0;  // those of them that only WIN1250 has as letters
    std::size_t euro_places = 0;      // 0xA4 beside a digit: the euro in LATIN9
    bool crlf = false;
};

Statistics count_bytes(std::string_view sample) {
    Statistics found;
    for (std::size_t i = 0; i < sample.size(); ++i) {
        auto byte = static_cast<unsigned char>(sample[i]);
        auto before = static_cast<unsigned char>(i > 0 ? sample[i - 1] : ' ');
        auto after = static_cast<unsigned char>(i + 1 < sample.size() ? sample[i + 1] : ' ');
        if (byte == '\n' && before == '\r') found.crlf = true;
        if (byte < 0x80) continue;
        ++found.high;
        if (byte < 0xA0) ++found.controls;
        if (byte == 0x81 || byte == 0x8D || byte == 0x8F || byte == 0x90 || byte == 0x9D)
            ++found.undefined;
        if (byte == 0xA4 && (is_number_part(before) || is_number_part(after))) ++found.euro_places;
        bool in_word = is_letter(before) && is_letter(after);
        if (!in_word) continue;
        bool polish_windows = byte == 0x8C || byte == 0x9C || byte == 0x8F || byte == 0x9F ||
                              byte == 0xA5 || byte == 0xB9;
        if (polish_windows) ++found.windows_letters;
        if (polish_windows || (byte > 0xA0 && byte < 0xC0 && byte != 0xAA && byte != 0xAD &&
                               byte != 0xB5 && byte != 0xB7 && byte != 0xBA))
            ++found.signs_in_words;
    }
    return found;
}

Encoding one_byte_encoding(std::string_view sample) {
    Statistics found = count_bytes(sample);
    if (found.signs_in_words >= 2 && 5 * found.signs_in_words >= found.high) {
        bool windows = found.windows_letters > 0 || found.controls > 0;
        return {windows ? "WIN1250" : "LATIN2", 0, 0.6};
    }
    if (found.undefined > 0) return {"LATIN1", 0, 0.3};
    if (found.controls > 0) return {"WIN1252", 0, 0.85};
    if (found.euro_places > 0) return {"LATIN9", 0, 0.7};
    return {found.crlf ? "WIN1252" : "LATIN1", 0, 0.75};
}

// UTF-16 without a mark: nearly all text of a bank is below U+0100, so that one byte of each pair
// is mostly zero.
bool looks_like_utf16(std::string_view sample, bool& little_endian) {
    std::size_t pairs = sample.size() / 2, zeros[2] = {0, 0};
    if (pairs < 2) return false;
    for (std::size_t i = 0; i < 2 * pairs; ++i) zeros[i % 2] += sample[i] == '\0';
    little_endian = zeros[1] > zeros[0];
    std::size_t most = zeros[little_endian ? 1 : 0], least = zeros[little_endian ? 0 : 1];
    return 2 * most >= pairs && 20 * least <= pairs;
}

struct CloseConverter {
    void operator()(UConverter* converter) const { ucnv_close(converter); }
};

}  // namespace

Encoding detect_encoding(std::string_view sample) {
    if (sample.empty()) return {};
    if (const input::ByteOrderMark* mark = input::find_mark(sample); mark != nullptr)
        return {mark->encoding, mark->bytes.size(), 1};
    bool little_endian = false;
    if (looks_like_utf16(sample, little_endian))
        return {little_endian ? "UTF16LE" : "UTF16BE", 0, 0.9};
    bool ascii = true;
    for (char c : sample) ascii = ascii && static_cast<unsigned char>(c) < 0x80;
    // A zero byte is no text in any of them; it says nothing of the encoding.
    if (ascii) return {"UTF8", 0, 0.9};
    std::string without_zeros(sample.substr(0, sample.size() - cut_utf8(sample)));
    std::erase(without_zeros, '\0');
    if (field::valid_utf8(without_zeros)) return {"UTF8", 0, 0.99};
    return one_byte_encoding(sample);
}

std::string to_utf8(std::string_view sample, const Encoding& encoding) {
    sample.remove_prefix(std::min(encoding.mark, sample.size()));
    if (encoding.name == "UTF8")
        return std::string(sample.substr(0, sample.size() - cut_utf8(sample)));
    if (encoding.name.starts_with("UTF16"))
        sample = sample.substr(0, sample.size() & ~std::size_t{1});
    if (encoding.name.starts_with("UTF32"))
        sample = sample.substr(0, sample.size() & ~std::size_t{3});
    UErrorCode error = U_ZERO_ERROR;
    std::unique_ptr<UConverter, CloseConverter> converter(
        ucnv_open(input::icu_name(encoding.name).c_str(), &error));
    if (U_FAILURE(error)) {
        error = U_ZERO_ERROR;
        converter.reset(ucnv_open("ISO-8859-1", &error));
    }
    if (U_FAILURE(error)) return std::string(sample);
    // No character of such an encoding takes more than three bytes of UTF-8 a byte.
    std::string text(3 * sample.size() + 16, '\0');
    std::int32_t length = ucnv_toAlgorithmic(UCNV_UTF8, converter.get(), text.data(),
                                             static_cast<std::int32_t>(text.size()), sample.data(),
                                             static_cast<std::int32_t>(sample.size()), &error);
    // A character cut at the end is an error of its own, after the others were written.
    text.resize(std::min(text.size(), static_cast<std::size_t>(std::max(length, 0))));
    return text;
}

}  // namespace recon::detect
