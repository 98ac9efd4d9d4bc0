#include "report/html.hpp"

#include <algorithm>

namespace recon::report {

namespace {

struct Character {
    std::uint32_t code = 0;
    std::size_t bytes = 0;  // 0: not UTF-8
};

Character next_character(std::string_view text) {
    auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    unsigned char first = byte(0);
    if (first < 0x80) return {first, 1};
    std::size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < bytes) return {};
    std::uint32_t code = first & (0x7Fu >> bytes);
    for (std::size_t i = 1; i < bytes; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return {};
        code = code << 6 | (byte(i) & 0x3Fu);
    }
    constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < least[bytes] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
    return {code, bytes};
}

// Controls, marks and overrides of the direction, separators of lines, invisible characters, and
// code points that are no characters.
bool is_unseen(std::uint32_t code) {
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0xAD || code == 0x61C ||
           (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF ||
           (code >= 0xFFF9 && code <= 0xFFFB) || (code >= 0xFDD0 && code <= 0xFDEF) ||
           (code & 0xFFFE) == 0xFFFE || (code >= 0xE0000 && code <= 0xE0FFF);
}

std::string hexadecimal(std::uint32_t number, std::size_t digits) {
    std::string text;
    for (; number != 0 || text.size() < digits; number >>= 4)
        text.insert(text.begin(), "0123456789ABCDEF"[number & 15]);
    return text;
}

std::string unseen(const std::string& name) {
    return "<span class=\"unseen\">" + name + "</span>";
}

// Groups of three digits.
std::string grouped(std::string_view digits) {
    std::string text(digits);
    for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
    return text;
}

struct Parts {
    bool negative = false;
    std::string_view whole, fraction;
    bool is_number = false;  // not NaN or infinite
};

Parts parts_of(std::string_view number) {
    Parts parts;
    if (!number.empty() && number[0] == '-') {
        parts.negative = true;
        number.remove_prefix(1);
    }
    std::size_t point = number.find('.');
    parts.whole = number.substr(0, point);
    if (point != std::string_view::npos) parts.fraction = number.substr(point + 1);
    auto are_digits = [](std::string_view text) {
        return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    parts.is_number = !parts.whole.empty() && are_digits(parts.whole) && are_digits(parts.fraction);
    while (!parts.fraction.empty() && parts.fraction.back() == '0') parts.fraction.remove_suffix(1);
    return parts;
}

const char* css_class(Table::Kind kind) {
    switch (kind) {
        case Table::number:
            return " class=\"number\"";
        case Table::date:
            return " class=\"date\"";
        case Table::code:
            return " class=\"code\"";
        case Table::text:
            break;
    }
    return "";
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string html;
    html.reserve(text.size() + text.size() / 8);
    while (!text.empty()) {
        auto [code, bytes] = next_character(text);
        if (bytes == 0)
            html += unseen("\\x" + hexadecimal(static_cast<unsigned char>(text[0]), 2));
        else if (is_unseen(code))
            html += unseen("U+" + hexadecimal(code, 4));
        else if (code >= 0x80 ||
                 std::string_view("&<>\"'`").find(text[0]) != std::string_view::npos)
            html += "&#x" + hexadecimal(code, 1) + ";";
        else
            html += text[0];
        text.remove_prefix(std::max<std::size_t>(bytes, 1));
    }
    return html;
}

std::string isolated(std::string_view text) {
    return "<bdi>" + escaped(text) + "</bdi>";
}

std::string count(std::int64_t number) {
    if (number < 0) return "&minus;" + grouped(std::to_string(number).substr(1));
    return grouped(std::to_string(number));
}

int scale_of(std::string_view number) {
    return static_cast<int>(parts_of(number).fraction.size());
}

std::string amount(std::string_view number, int scale) {
    Parts parts = parts_of(number);
    if (!parts.is_number) return escaped(number);
    std::string text = (parts.negative ? "&minus;" : "") + grouped(parts.whole);
    std::string fraction(parts.fraction);
    if (fraction.size() < static_cast<std::size_t>(scale))
        fraction.resize(static_cast<std::size_t>(scale), '0');
    return fraction.empty() ? text : text + "." + fraction;
}

std::string percent(std::int64_t part, std::int64_t whole) {
    if (whole == 0) return "&ndash;";
    std::int64_t tenths = static_cast<std::int64_t>(
        static_cast<double>(part) * 1000 / static_cast<double>(whole) + 0.5);
    // What is not all is never shown as all, nor something as nothing.
    if (part < whole) tenths = std::min<std::int64_t>(tenths, 999);
    if (part > 0) tenths = std::max<std::int64_t>(tenths, 1);
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "&nbsp;%";
}

Table::Table(std::string& page, std::initializer_list<Column> columns)
    : page_(page), columns_(columns) {
    page_ += "<div class=\"wide\"><table>\n<thead><tr>";
    for (const Column& column : columns_)
        page_ += std::string("<th scope=\"col\"") + css_class(column.kind) + ">" + column.title +
                 "</th>";
    page_ += "</tr></thead>\n<tbody>\n";
}

Table::~Table() {
    page_ += "</tbody></table></div>\n";
}

void Table::row(std::initializer_list<std::string> cells, const char* kind) {
    page_ += kind != nullptr ? std::string("<tr class=\"") + kind + "\">" : "<tr>";
    auto column = columns_.begin();
    for (const std::string& cell : cells) {
        page_ += std::string("<td data-title=\"") + column->title + "\"" + css_class(column->kind) +
                 ">" + cell + "</td>";
        ++column;
    }
    page_ += "</tr>\n";
}

}  // namespace recon::report
