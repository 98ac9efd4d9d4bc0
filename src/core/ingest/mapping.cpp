#include "core/ingest/mapping.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "core/error.hpp"
#include "core/field/raw_text.hpp"
#include "core/ingest/cell_parser.hpp"

namespace recon::ingest {

namespace {

constexpr char what[] = "mapping";
constexpr long long largest_column = 10000;

constexpr std::pair<std::string_view, ValueType> type_names[] = {
    {"text", ValueType::text},
    {"numeric", ValueType::numeric},
    {"date", ValueType::date},
    {"timestamptz", ValueType::timestamptz},
    {"boolean", ValueType::boolean}};

ColumnRef read_column(const json::Value& value, const std::string& path) {
    ColumnRef column;
    if (value.kind == json::Kind::number) {
        column.number =
            static_cast<std::uint32_t>(json::as_integer(value, path, what, 1, largest_column));
        return column;
    }
    if (value.kind != json::Kind::string)
        json::fail(
            path, what,
            std::string("expected a column name or number, got ") + json::kind_name(value.kind));
    if (value.text.empty()) json::fail(path, what, "a column name must not be empty");
    column.name = value.text;
    return column;
}

// One field's object, read in steps; each names the path of what is wrong.
class FieldReader {
  public:
    FieldReader(const json::Value& value, std::string path, FieldMapping& field)
        : path_(std::move(path)), reader_(value, path_, what), field_(field) {}

    void read(bool for_relation) {
        reader_.expect({"column", "columns", "format", "decimal", "thousands", "scale", "negate",
                        "debit", "credit", "default", "null", "type", "required", "expression"});
        read_type();
        read_columns(for_relation);
        read_date_format();
        read_number_format();
        field_.nulls = reader_.strings("null");
        std::sort(field_.nulls.begin(), field_.nulls.end());
        field_.required = reader_.boolean("required", false);
        read_default();
    }

  private:
    [[noreturn]] void fail(std::string_view key, const std::string& problem,
                           const std::string& hint = {}) const {
        json::fail(reader_.path(key), what, problem, hint);
    }

    void read_type() {
        const json::Value* type = reader_.get("type");
        if (type == nullptr) return;
        if (field_.field.has_value())
            fail("type", "\"type\" is for attributes; \"" + field_.name + "\" is always " +
                             type_name(field_.type));
        const std::string& given = json::as_string(*type, reader_.path("type"), what);
        for (const auto& [name, value] : type_names) {
            if (name != given) continue;
            field_.type = value;
            return;
        }
        fail("type", "unknown type \"" + field::excerpt(given) + "\"",
             "Known types: text, numeric, date, timestamptz, boolean.");
    }

    void read_columns(bool for_relation) {
        const json::Value* column = reader_.get("column");
        const json::Value* columns = reader_.get("columns");
        const json::Value* debit = reader_.get("debit");
        const json::Value* credit = reader_.get("credit");
        const json::Value* expression = reader_.get("expression");
        if (expression != nullptr && !for_relation)
            fail("expression", "\"expression\" is for relation sources");
        if (debit != nullptr && credit == nullptr) fail("debit", "\"debit\" needs \"credit\"");
        if (credit != nullptr && debit == nullptr) fail("credit", "\"credit\" needs \"debit\"");
        int origins = (column != nullptr) + (columns != nullptr) + (debit != nullptr) +
                      (expression != nullptr);
        if (origins > 1)
            fail_whole(
                "of column, columns, debit with credit, and expression, only one may be given");
        if (origins == 0 && !has("default"))
            fail_whole("needs a \"column\", \"columns\", or \"debit\" and \"credit\"");
        if (column != nullptr)
            field_.columns.push_back(read_column(*column, reader_.path("column")));
        if (columns != nullptr) read_several(*columns);
        if (debit != nullptr) {
            if (field_.type != ValueType::numeric)
                fail("debit", "\"debit\" and \"credit\" make a number; this field is a " +
                                  std::string(type_name(field_.type)));
            field_.debit = read_column(*debit, reader_.path("debit"));
            field_.credit = read_column(*credit, reader_.path("credit"));
        }
        if (expression != nullptr) {
            field_.expression = json::as_string(*expression, reader_.path("expression"), what);
            if (field_.expression.empty()) fail("expression", "must not be empty");
        }
    }

    void read_several(const json::Value& columns) {
        if (columns.kind != json::Kind::array)
            fail("columns", std::string("expected an array, got ") + json::kind_name(columns.kind));
        if (columns.items.empty()) fail("columns", "must name at least one column");
        if (field_.type == ValueType::numeric || field_.type == ValueType::boolean)
            fail("columns",
                 std::string("texts joined with a space are no ") + type_name(field_.type));
        for (std::size_t i = 0; i < columns.items.size(); ++i)
            field_.columns.push_back(read_column(
                columns.items[i], reader_.path("columns") + "[" + std::to_string(i) + "]"));
    }

    void read_date_format() {
        const json::Value* format = reader_.get("format");
        if (format == nullptr) return;
        const std::string& pattern = json::as_string(*format, reader_.path("format"), what);
        bool time = field_.type == ValueType::timestamptz;
        if (field_.type != ValueType::date && !time)
            fail("format",
                 std::string("\"format\" is for dates; this field is a ") + type_name(field_.type));
        std::string problem;
        auto compiled = field::DateFormat::compile(pattern, problem);
        constexpr char hint[] =
            "Use YYYY, YY, MM, DD and Mon with separators, such as DD/MM/YYYY, or \"unix\".";
        if (!compiled.has_value()) fail("format", problem, hint);
        if (time && !compiled->is_unix()) fail("format", "times are ISO 8601, or \"unix\"");
        field_.format = *std::move(compiled);
    }

    void read_number_format() {
        field::NumberFormat& number = field_.number;
        for (const char* key : {"decimal", "thousands", "scale", "negate"})
            if (has(key) && field_.type != ValueType::numeric)
                fail(key, std::string("\"") + key + "\" is for numbers; this field is a " +
                              type_name(field_.type));
        std::string decimal = reader_.string("decimal", ".");
        if (decimal.size() != 1 || static_cast<unsigned char>(decimal[0]) > 0x7F ||
            std::string_view("0123456789+-()eE \t").find(decimal[0]) != std::string_view::npos)
            fail("decimal", "must be a single one-byte character that cannot be part of a number");
        number.decimal = decimal[0];
        number.thousands = reader_.string("thousands", "");
        bool several = std::count_if(number.thousands.begin(), number.thousands.end(), [](char c) {
                           return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
                       }) > 1;
        if (several || number.thousands.find_first_of("0123456789+-()eE") != std::string::npos)
            fail("thousands", "must be a single character that cannot be part of a number");
        if (number.thousands == decimal) fail("thousands", "must differ from \"decimal\"");
        number.scale = static_cast<int>(reader_.integer("scale", 0, 0, field::max_scale));
        number.negate = reader_.boolean("negate", false);
    }

    // A default is the value itself, not text of the file: a plain number, an ISO date.
    void read_default() {
        const json::Value* given = reader_.get("default");
        if (given == nullptr) return;
        if (given->kind == json::Kind::boolean)
            field_.default_text = given->boolean ? "true" : "false";
        else if (given->kind == json::Kind::string || given->kind == json::Kind::number)
            field_.default_text = given->text;
        else
            fail("default", std::string("expected a string, a number or a boolean, got ") +
                                json::kind_name(given->kind));
        Cell cell;
        std::string_view text = field_.default_text;
        field::NumberFormat plain;
        plain.exponent = true;
        if (parse_cell(field_.type, field::DateFormat(), plain, text, cell) != CellError::none)
            fail("default", "\"" + field::excerpt(text) + "\" is no " + type_name(field_.type));
        field_.default_value = cell;
    }

    [[noreturn]] void fail_whole(const std::string& problem) const {
        json::fail(path_, what, problem);
    }

    bool has(std::string_view key) const {
        const json::Value* found = reader_.value().find(key);
        return found != nullptr && found->kind != json::Kind::null;
    }

    std::string path_;
    json::ObjectReader reader_;
    FieldMapping& field_;
};

}  // namespace

ValueType type_of(Field field) {
    switch (field) {
        case Field::transaction_date:
        case Field::value_date:
            return ValueType::date;
        case Field::amount:
            return ValueType::numeric;
        default:
            return ValueType::text;
    }
}

const char* type_name(ValueType type) {
    for (const auto& [name, value] : type_names)
        if (value == type) return name.data();
    return "value";
}

Cell FieldMapping::default_cell() const {
    if (!default_value.has_value()) return {};
    Cell cell = *default_value;
    if (cell.kind == Cell::Kind::text) cell.text = default_text;
    return cell;
}

Mapping parse_mapping(const json::Value* value, bool for_relation) {
    Mapping mapping;
    if (value == nullptr || value->kind == json::Kind::null) return mapping;
    mapping.automatic = false;
    json::ObjectReader reader(*value, "$", what);
    for (const auto& [name, definition] : value->members) {
        if (name.empty()) json::fail("$", what, "an attribute's name must not be empty");
        if (definition.kind == json::Kind::null) continue;
        FieldMapping field;
        field.name = name;
        auto canonical = std::find(field_names.begin(), field_names.end(), name);
        if (canonical != field_names.end()) {
            field.field = static_cast<Field>(canonical - field_names.begin());
            field.type = type_of(*field.field);
        }
        if (definition.kind == json::Kind::object)
            FieldReader(definition, reader.path(name), field).read(for_relation);
        else
            field.columns.push_back(read_column(definition, reader.path(name)));
        mapping.fields.push_back(std::move(field));
    }
    if (mapping.fields.empty()) json::fail("$", what, "maps no field");
    return mapping;
}

}  // namespace recon::ingest
