#include "core/input/encodings.hpp"

#include <array>

namespace recon::input {

namespace {

using Form = WideEncoding::Form;

constexpr std::array<WideEncoding, 11> encodings = {{
    {"UTF16", Form::utf16, false, true},
    {"UTF16LE", Form::utf16, true},
    {"UTF16BE", Form::utf16, false},
    {"UTF32", Form::utf32, false, true},
    {"UTF32LE", Form::utf32, true},
    {"UTF32BE", Form::utf32, false},
    {"SJIS", Form::multibyte, false, false, "windows-932"},
    {"BIG5", Form::multibyte, false, false, "windows-950"},
    {"GBK", Form::multibyte, false, false, "windows-936"},
    {"UHC", Form::multibyte, false, false, "windows-949"},
    {"GB18030", Form::multibyte, false, false, "gb18030"},
}};

// Other names that the server has for them.
struct Alias {
    std::string_view alias, name;
};
constexpr std::array<Alias, 11> aliases = {{{"shiftjis", "sjis"},
                                            {"mskanji", "sjis"},
                                            {"win932", "sjis"},
                                            {"windows932", "sjis"},
                                            {"win950", "big5"},
                                            {"windows950", "big5"},
                                            {"win936", "gbk"},
                                            {"windows936", "gbk"},
                                            {"win949", "uhc"},
                                            {"windows949", "uhc"},
                                            {"cp949", "uhc"}}};

// UTF-32 first: its mark begins like UTF-16's.
constexpr std::array<ByteOrderMark, 5> marks = {{{std::string_view("\xFF\xFE\0\0", 4), "UTF32LE"},
                                                 {std::string_view("\0\0\xFE\xFF", 4), "UTF32BE"},
                                                 {"\xEF\xBB\xBF", "UTF8"},
                                                 {"\xFF\xFE", "UTF16LE"},
                                                 {"\xFE\xFF", "UTF16BE"}}};

std::string plain(std::string_view name) {
    std::string result;
    for (char c : name) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) result += c;
    }
    return result;
}

}  // namespace

const WideEncoding* find_wide(std::string_view name) {
    std::string wanted = plain(name);
    for (const Alias& alias : aliases)
        if (alias.alias == wanted) wanted = alias.name;
    for (const WideEncoding& encoding : encodings)
        if (plain(encoding.name) == wanted) return &encoding;
    return nullptr;
}

const WideEncoding* resolve_endian(const WideEncoding& encoding, std::string_view head) {
    if (!encoding.either_endian) return &encoding;
    std::size_t unit = encoding.form == Form::utf16 ? 2 : 4;
    bool little = head.size() >= unit && head[0] != 0 && head[unit - 1] == 0;
    return find_wide(std::string(encoding.name) + (little ? "LE" : "BE"));
}

const ByteOrderMark* find_mark(std::string_view head) {
    for (const ByteOrderMark& mark : marks)
        if (head.starts_with(mark.bytes)) return &mark;
    return nullptr;
}

std::string icu_name(const std::string& encoding) {
    if (const WideEncoding* wide = find_wide(encoding); wide != nullptr) {
        if (wide->converter != nullptr) return wide->converter;
        return std::string(wide->name) + (wide->either_endian ? "BE" : "");
    }
    // Elsewhere ICU knows PostgreSQL's names, or ignores their underscores.
    if (encoding.starts_with("WIN") && encoding.size() > 3) return "windows-" + encoding.substr(3);
    if (encoding == "MULE_INTERNAL" || encoding == "SQL_ASCII") return "ISO-8859-1";
    return encoding;
}

}  // namespace recon::input
