// The second half of mapping.hpp: column names and numbers to positions in one file.
#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/error.hpp"
#include "core/field/raw_text.hpp"
#include "core/ingest/mapping.hpp"

namespace recon::ingest {

namespace {

constexpr std::size_t listed_columns = 30;

std::string quoted(std::string_view name) {
    return "\"" + field::excerpt(name, 63) + "\"";
}

std::string list_of(std::span<const std::string> header) {
    std::string list = "The header has: ";
    for (std::size_t i = 0; i < header.size(); ++i) {
        if (i == listed_columns)
            return list + ", ... (" + std::to_string(header.size()) + " columns).";
        list += (i ? ", " : "") + quoted(header[i]);
    }
    return list + ".";
}

// Without case (ASCII), white space and underscores.
std::string folded(std::string_view name) {
    std::string result;
    for (char c : name) {
        if (c == ' ' || c == '\t' || c == '_') continue;
        result += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    return result;
}

std::optional<Field> canonical_field(std::string_view name) {
    std::string wanted = folded(name);
    for (std::size_t i = 0; i < field_count; ++i)
        if (folded(field_names[i]) == wanted) return static_cast<Field>(i);
    return std::nullopt;
}

[[noreturn]] void fail_twice(const std::string& message, std::span<const std::string> header) {
    throw Error(sqlstate::ambiguous_column, message, {},
                list_of(header) + " A mapping can name a column by its number.");
}

// Positions of one file's columns.
class Columns {
  public:
    explicit Columns(std::span<const std::string> header) : header_(header), count_(header.size()) {
        for (std::size_t i = 0; i < header.size(); ++i) {
            auto [place, added] = by_name_.try_emplace(header[i], Place{i, false});
            if (!added) place->second.again = true;
        }
    }
    explicit Columns(std::size_t count) : count_(count) {}

    std::uint32_t find(const ColumnRef& column) const {
        if (column.number == 0) return find(column.name);
        if (column.number > count_)
            throw Error(sqlstate::undefined_column, "column " + std::to_string(column.number) +
                                                        " is mapped, but the file has " +
                                                        std::to_string(count_) +
                                                        (count_ == 1 ? " column" : " columns"));
        return column.number - 1;
    }

  private:
    struct Place {
        std::size_t at;
        bool again;
    };

    std::uint32_t find(const std::string& name) const {
        auto place = by_name_.find(name);
        if (place == by_name_.end()) fail_missing(name);
        if (place->second.again)
            fail_twice(
                "column " + quoted(name) + " is mapped, but the header has it more than once",
                header_);
        return static_cast<std::uint32_t>(place->second.at);
    }

    [[noreturn]] void fail_missing(const std::string& name) const {
        std::string hint, meant = json::nearest(name, {header_.begin(), header_.end()});
        for (const std::string& column : header_)
            if (meant.empty() && folded(column) == folded(name)) meant = column;
        if (!meant.empty()) hint = "Perhaps you meant " + quoted(meant) + ". ";
        throw Error(sqlstate::undefined_column, "column " + quoted(name) + " is not in the header",
                    {}, hint + list_of(header_));
    }

    std::span<const std::string> header_;
    std::size_t count_;
    std::unordered_map<std::string_view, Place> by_name_;
};

void add(BoundMapping& bound, FieldMapping field, const Columns& columns) {
    BoundField result;
    if (!field.expression.empty())
        throw Error(
            sqlstate::invalid_parameter_value,
            "field " + quoted(field.name) + " is an expression, which a file cannot evaluate");
    if (field.debit.has_value()) {
        result.is_pair = true;
        result.columns = {columns.find(*field.debit), columns.find(*field.credit)};
    }
    for (const ColumnRef& column : field.columns) result.columns.push_back(columns.find(column));
    result.is_simple = result.columns.size() == 1 && field.nulls.empty() && !field.required &&
                       !field.default_value.has_value();
    result.mapping = std::move(field);
    bound.fields.push_back(std::move(result));
}

// By their first column, so that the first bad column of a record is the one that rejects it.
void finish(BoundMapping& bound) {
    auto first = [](const BoundField& field) {
        return field.columns.empty()
                   ? UINT32_MAX
                   : *std::min_element(field.columns.begin(), field.columns.end());
    };
    std::stable_sort(bound.fields.begin(), bound.fields.end(),
                     [&](const BoundField& a, const BoundField& b) { return first(a) < first(b); });
    for (BoundField& field : bound.fields) {
        if (field.mapping.field.has_value()) continue;
        field.attribute = static_cast<std::uint32_t>(bound.attribute_keys.size());
        bound.attribute_keys.push_back(field.mapping.name);
    }
}

std::vector<FieldMapping> automatic_fields(std::span<const std::string> header) {
    std::vector<FieldMapping> fields;
    std::unordered_map<std::string_view, std::size_t> seen;
    for (std::size_t i = 0; i < header.size(); ++i) {
        if (header[i].empty()) continue;
        FieldMapping field;
        field.field = canonical_field(header[i]);
        field.name = field.field.has_value()
                         ? std::string(field_names[static_cast<std::size_t>(*field.field)])
                         : header[i];
        if (field.field.has_value()) field.type = type_of(*field.field);
        std::string_view key = field.field.has_value()
                                   ? field_names[static_cast<std::size_t>(*field.field)]
                                   : std::string_view(header[i]);
        auto [earlier, added] = seen.try_emplace(key, i);
        if (!added && field.field.has_value())
            fail_twice("columns " + quoted(header[earlier->second]) + " and " + quoted(header[i]) +
                           " both stand for field \"" + field.name + "\"",
                       header);
        if (!added)
            fail_twice("the header has column " + quoted(header[i]) + " more than once", header);
        field.columns.push_back({{}, static_cast<std::uint32_t>(i) + 1});
        fields.push_back(std::move(field));
    }
    if (fields.empty()) throw Error(sqlstate::bad_copy_file_format, "the header names no column");
    return fields;
}

}  // namespace

BoundMapping bind_mapping(const Mapping& mapping, std::span<const std::string> header) {
    BoundMapping bound;
    bound.header.assign(header.begin(), header.end());
    for (std::size_t i = 0; i < header.size(); ++i)
        bound.column_names.push_back(header[i].empty() ? "column_" + std::to_string(i + 1)
                                                       : header[i]);
    Columns columns(header);
    for (const FieldMapping& field : mapping.automatic ? automatic_fields(header) : mapping.fields)
        add(bound, field, columns);
    finish(bound);
    return bound;
}

BoundMapping bind_mapping(const Mapping& mapping, std::uint32_t column_count) {
    check_without_header(mapping);
    BoundMapping bound;
    for (std::uint32_t i = 0; i < column_count; ++i)
        bound.column_names.push_back("column_" + std::to_string(i + 1));
    bound.header = bound.column_names;
    Columns columns(std::size_t{column_count});
    for (const FieldMapping& field : mapping.fields) add(bound, field, columns);
    finish(bound);
    return bound;
}

void check_without_header(const Mapping& mapping) {
    constexpr char hint[] = "Name columns by number, such as {\"amount\": {\"column\": 3}}.";
    if (mapping.automatic)
        throw Error(sqlstate::invalid_parameter_value, "a file without a header needs a mapping",
                    {}, hint);
    auto check = [&](const FieldMapping& field, const ColumnRef& column) {
        if (column.number != 0) return;
        throw Error(sqlstate::invalid_parameter_value,
                    "field " + quoted(field.name) + " is mapped to column " + quoted(column.name) +
                        ", but the file has no header",
                    {}, hint);
    };
    for (const FieldMapping& field : mapping.fields) {
        for (const ColumnRef& column : field.columns) check(field, column);
        if (field.debit.has_value()) check(field, *field.debit);
        if (field.credit.has_value()) check(field, *field.credit);
    }
}

}  // namespace recon::ingest
