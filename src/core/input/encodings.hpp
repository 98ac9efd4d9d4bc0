// Encodings by their names in the option `encoding`, as far as the input itself must know them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace recon::input {

// An encoding in which a byte of a character may look like a delimiter, a quote or a line end: its
// text is decoded before it is split. All others are split as they come, and decoded by field.
struct WideEncoding {
    enum class Form : std::uint8_t { utf16, utf32, multibyte };
    const char* name;
    Form form;
    bool little_endian = false;
    bool either_endian = false;       // what comes first decides: resolve_endian()
    const char* converter = nullptr;  // ICU's name of a multibyte one
};

// As in the server, case and punctuation of a name do not matter. nullptr for other encodings.
const WideEncoding* find_wide(std::string_view name);

// "UTF16" and "UTF32" without a mark: the byte order of the first character, taken for one below
// U+0100 if it can be one; else big endian, as Unicode says.
const WideEncoding* resolve_endian(const WideEncoding& encoding, std::string_view head);

struct ByteOrderMark {
    std::string_view bytes;
    const char* encoding;
};
inline constexpr std::size_t longest_mark = 4;

// The mark that `head` begins with, or nullptr.
const ByteOrderMark* find_mark(std::string_view head);

// The name by which ICU knows an encoding that the server or find_wide() knows.
std::string icu_name(const std::string& encoding);

}  // namespace recon::input
