// The `mapping` of a source: parsed and checked without the file, then bound to the file's columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/field/date_format.hpp"
#include "core/field/number.hpp"
#include "core/ingest/batch.hpp"
#include "core/json.hpp"

namespace recon::ingest {

enum class ValueType : std::uint8_t { text, numeric, date, timestamptz, boolean };

ValueType type_of(Field field);
const char* type_name(ValueType type);

// By header name (or column of the relation), or by 1-based number.
struct ColumnRef {
    std::string name;
    std::uint32_t number = 0;  // 0: by name
};

// What one field is made from: `columns`, or debit and credit, or an expression.
struct FieldMapping {
    std::string name;            // canonical field or key of attributes
    std::optional<Field> field;  // nothing: an attribute
    ValueType type = ValueType::text;
    std::vector<ColumnRef> columns;  // several: texts joined with a space
    std::optional<ColumnRef> debit, credit;
    std::string expression;  // relation sources only
    field::DateFormat format;
    field::NumberFormat number;
    std::vector<std::string> nulls;     // texts read as NULL, quoted or not; sorted
    std::string default_text;           // what default_value's text views
    std::optional<Cell> default_value;  // use default_cell(): a text view does not survive a copy
    bool required = false;

    Cell default_cell() const;  // null where there is no default
};

struct Mapping {
    bool automatic = true;  // no mapping: header names decide
    std::vector<FieldMapping> fields;
};

// Throws Error 22023 naming the JSON path ("$.amount.scale"). `value` null or JSON null: automatic.
Mapping parse_mapping(const json::Value* value, bool for_relation = false);

struct BoundField {
    FieldMapping mapping;
    std::uint32_t attribute = 0;  // into BoundMapping::attribute_keys, where mapping.field is empty
    std::vector<std::uint32_t> columns;  // 0-based; for debit and credit: {debit, credit}
    bool is_pair = false;
    bool is_simple = false;  // one column without default, null texts or a value required
};

struct BoundMapping {
    std::vector<BoundField> fields;  // by their first column in the file
    std::vector<std::string> attribute_keys;
    std::vector<std::string> column_names;  // "column_3" where a column has no name
    std::vector<std::string> header;        // the same, but empty where the header has no name
};

// To a header. Automatic: names equal to a canonical field (case, spaces and underscores ignored)
// map to it, the others become attributes under their name as it stands; columns without a name are
// left out, and a name that comes again is 42702, as is a mapped one. A missing column is 42703
// with the header's columns in the HINT.
BoundMapping bind_mapping(const Mapping& mapping, std::span<const std::string> header);

// To a file without header: columns by number only.
BoundMapping bind_mapping(const Mapping& mapping, std::uint32_t column_count);

// Raises what bind_mapping() would raise for any file: a file without header needs column numbers.
void check_without_header(const Mapping& mapping);

}  // namespace recon::ingest
