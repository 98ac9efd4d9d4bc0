#include "core/ingest/converter.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/error.hpp"
#include "core/field/number.hpp"
#include "core/field/raw_text.hpp"
#include "core/ingest/cell_parser.hpp"

namespace recon::ingest {

namespace {

bool holds(const std::vector<std::string>& sorted, std::string_view wanted) {
    return std::binary_search(sorted.begin(), sorted.end(), wanted);
}

// 1.5E+03: a number, but what a spreadsheet writes so has lost its last digits.
bool is_scientific(field::NumberFormat format, std::string_view text) {
    format.exponent = true;
    return field::parse_number(text, format).error != field::DecimalError::syntax;
}

Fault value_fault(const FieldMapping& mapping, CellError error, std::string_view text,
                  std::uint32_t column) {
    bool syntax = error == CellError::syntax;
    std::string value = "\"" + field::excerpt(text) + "\"";
    auto dated = [&](const char* kind, const std::string& format) {
        std::string suffix = " (format " + format + ")";
        if (syntax)
            return Fault{sqlstate::invalid_datetime_format, column,
                         std::string("invalid ") + kind + " " + value + suffix};
        const char* problem = mapping.format.is_unix() ? " is out of range" : " does not exist";
        return Fault{sqlstate::datetime_field_overflow, column,
                     kind + (" " + value) + problem + suffix};
    };
    switch (mapping.type) {
        case ValueType::date:
            return dated("date", mapping.format.pattern());
        case ValueType::timestamptz:
            return dated("time", mapping.format.is_unix() ? "unix" : "ISO 8601");
        case ValueType::numeric:
            if (!syntax)
                return {sqlstate::numeric_value_out_of_range, column,
                        "number " + value + " is out of range"};
            if (is_scientific(mapping.number, text))
                return {sqlstate::invalid_text_representation, column,
                        "number " + value + " is in scientific notation, which is refused"};
            return {sqlstate::invalid_text_representation, column, "invalid number " + value};
        case ValueType::boolean:
            return {sqlstate::invalid_text_representation, column, "invalid boolean " + value};
        case ValueType::text:
            break;
    }
    return {sqlstate::invalid_text_representation, column, "invalid value " + value};
}

}  // namespace

Converter::Converter(const Options& options, TextCodec& codec)
    : options_(options),
      codec_(codec),
      plain_values_(!options.trim && !options.nulls.has_value()),
      ascii_delimiter_(field::is_plain_ascii(options.delimiter)) {}

void Converter::begin(std::string_view raw) {
    arena_.clear();
    valid_ = field::is_plain_ascii(raw) ||
             (ascii_delimiter_ && codec_.keeps_utf8() && field::valid_utf8(raw));
}

bool Converter::convert(const BoundField& field, std::span<const csv::Field> fields, Cell& cell,
                        Fault& fault) {
    if (!field.is_simple || !valid_ || !plain_values_)
        return convert_any(field, fields, cell, fault);
    // One column, nothing that changes its value on the way: nearly every field of every file.
    std::uint32_t column = field.columns[0];
    const csv::Field& raw = fields[column];
    if (raw.null) {
        cell.kind = Cell::Kind::null;
        return true;
    }
    if (field.mapping.type == ValueType::text) {
        cell.kind = Cell::Kind::text;
        cell.text = raw.text;
        return true;
    }
    return parse(field.mapping, raw.text, column, cell, fault);
}

bool Converter::convert_any(const BoundField& field, std::span<const csv::Field> fields, Cell& cell,
                            Fault& fault) {
    const FieldMapping& mapping = field.mapping;
    cell = Cell{};
    if (field.is_pair) {
        if (!read_pair(field, fields, cell, fault)) return false;
    } else if (field.columns.size() > 1) {
        if (!read_joined(field, fields, cell, fault)) return false;
    } else if (!field.columns.empty()) {
        std::optional<std::string_view> text;
        std::uint32_t column = field.columns[0];
        if (!read(field, fields, column, text, fault)) return false;
        if (text.has_value() && !parse(mapping, *text, column, cell, fault)) return false;
    }
    if (cell.kind != Cell::Kind::null) return true;
    cell = mapping.default_cell();
    if (cell.kind != Cell::Kind::null || !mapping.required) return true;
    fault = {sqlstate::not_null_violation, field.columns[0],
             "no value for the required field \"" + mapping.name + "\""};
    return false;
}

std::string Converter::header_name(const csv::Field& raw, std::size_t number) {
    std::string_view name = options_.trim ? field::trim_blanks(raw.text) : raw.text;
    if (!field::is_plain_ascii(name) &&
        (name.find('\0') != std::string_view::npos || !codec_.decode(name, scratch_, name)))
        throw Error(sqlstate::character_not_in_repertoire,
                    "the name of column " + std::to_string(number) +
                        " in the header is not valid " + options_.encoding + " text");
    return std::string(name);
}

bool Converter::read(const BoundField& field, std::span<const csv::Field> fields,
                     std::uint32_t column, std::optional<std::string_view>& text, Fault& fault) {
    const csv::Field& raw = fields[column];
    if (raw.null && !options_.nulls.has_value()) return true;
    std::string_view value = options_.trim ? field::trim_blanks(raw.text) : raw.text;
    if (!valid_ && !field::is_plain_ascii(value)) {
        if (value.find('\0') != std::string_view::npos) {
            fault = {sqlstate::character_not_in_repertoire, column, "the value holds a NUL byte"};
            return false;
        }
        std::string_view decoded;
        if (!codec_.decode(value, scratch_, decoded)) {
            fault = {sqlstate::character_not_in_repertoire, column,
                     "the value is not valid " + options_.encoding + " text"};
            return false;
        }
        value = decoded.data() == scratch_.data() ? arena_.copy(decoded) : decoded;
    }
    bool null = false;
    if (!raw.quoted)
        null = options_.nulls.has_value() ? holds(*options_.nulls, value) : value.empty();
    if (!null && !holds(field.mapping.nulls, value)) text = value;
    return true;
}

bool Converter::read_joined(const BoundField& field, std::span<const csv::Field> fields, Cell& cell,
                            Fault& fault) {
    bool any = false;
    joined_.clear();
    for (std::uint32_t column : field.columns) {
        std::optional<std::string_view> text;
        if (!read(field, fields, column, text, fault)) return false;
        if (!text.has_value()) continue;
        if (any) joined_ += ' ';
        joined_ += *text;
        any = true;
    }
    return !any || parse(field.mapping, arena_.copy(joined_), field.columns[0], cell, fault);
}

// amount = credit - debit. An empty side counts as 0, quoted or not: in such files one side always
// is.
bool Converter::read_pair(const BoundField& field, std::span<const csv::Field> fields, Cell& cell,
                          Fault& fault) {
    std::array<field::Decimal, 2> sides;
    bool any = false;
    for (std::size_t i = 0; i < sides.size(); ++i) {
        std::optional<std::string_view> text;
        if (!read(field, fields, field.columns[i], text, fault)) return false;
        if (!text.has_value() || field::trim_blanks(*text).empty()) continue;
        if (!parse(field.mapping, *text, field.columns[i], cell, fault)) return false;
        sides[i] = cell.decimal;
        any = true;
    }
    cell = Cell{};
    if (!any) return true;
    field::DecimalResult result = field::subtract(sides[1], sides[0]);
    if (result.error != field::DecimalError::none) {
        fault = {sqlstate::numeric_value_out_of_range, field.columns[0],
                 "credit less debit is out of range"};
        return false;
    }
    cell.kind = Cell::Kind::decimal;
    cell.decimal = result.value;
    return true;
}

bool Converter::parse(const FieldMapping& mapping, std::string_view text, std::uint32_t column,
                      Cell& cell, Fault& fault) {
    if (mapping.type == ValueType::text) {
        cell.kind = Cell::Kind::text;
        cell.text = text;
        return true;
    }
    CellError error = parse_cell(mapping.type, mapping.format, mapping.number, text, cell);
    if (error == CellError::none) return true;
    fault = value_fault(mapping, error, text, column);
    return false;
}

}  // namespace recon::ingest
