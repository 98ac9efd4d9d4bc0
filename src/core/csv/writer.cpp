#include "core/csv/writer.hpp"

namespace recon::csv {

namespace {

void append_quoted(std::string& to, std::string_view text) {
    to += '"';
    for (std::size_t quote; (quote = text.find('"')) != std::string_view::npos;) {
        to.append(text, 0, quote + 1);
        to += '"';
        text.remove_prefix(quote + 1);
    }
    to += text;
    to += '"';
}

constexpr bool is_special(char c) {
    return c == ',' || c == '"' || c == '\r' || c == '\n';
}

// Blanks at an end would be lost to some readers, and so the eye can see them.
bool needs_quotes(const Field& field) {
    if (field.quoted || field.text.empty()) return field.quoted;
    bool special = field.text.front() == ' ' || field.text.back() == ' ';
    for (char c : field.text) special |= is_special(c);
    return special;
}

}  // namespace

void append_record(std::string& to, std::span<const Field> fields) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (i > 0) to += ',';
        if (needs_quotes(fields[i]))
            append_quoted(to, fields[i].text);
        else
            to += fields[i].text;
    }
}

}  // namespace recon::csv
