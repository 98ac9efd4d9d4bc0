#include "core/ingest/mapping.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/error.hpp"
#include "json_text.hpp"

namespace recon::ingest {
namespace {

using Header = std::vector<std::string>;

Mapping parse(std::string_view text, bool for_relation = false) {
    json::Value value = test::parse_json(text);
    return parse_mapping(&value, for_relation);
}

template <typename Action>
std::string error_of(Action&& action) {
    try {
        action();
    } catch (const Error& error) {
        return std::string(error.code()) + " " + error.message();
    }
    return "no error";
}

template <typename Action>
std::string hint_of(Action&& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.hint();
    }
    return "no error";
}

std::string parse_error(std::string_view text) {
    return error_of([&] { parse(text); });
}

const FieldMapping& only(const Mapping& mapping) {
    return mapping.fields.at(0);
}

TEST(IngestMapping, NullIsAutomatic) {
    EXPECT_TRUE(parse_mapping(nullptr).automatic);
    EXPECT_TRUE(parse("null").automatic);
    EXPECT_FALSE(parse(R"({"amount": "A"})").automatic);
}

TEST(IngestMapping, ShortForms) {
    Mapping mapping = parse(
        R"({"external_id": "Id", "amount": 3, "iban": "IBAN", "Amount": "x", "value_date": null})");
    ASSERT_EQ(mapping.fields.size(), 4u);
    EXPECT_EQ(mapping.fields[0].field, Field::external_id);
    EXPECT_EQ(mapping.fields[0].columns[0].name, "Id");
    EXPECT_EQ(mapping.fields[1].type, ValueType::numeric);
    EXPECT_EQ(mapping.fields[1].columns[0].number, 3u);
    EXPECT_FALSE(mapping.fields[2].field.has_value());
    EXPECT_FALSE(mapping.fields[3].field.has_value()) << "attribute names are case-sensitive";
}

TEST(IngestMapping, FullForms) {
    Mapping mapping = parse(R"({
        "amount": {"debit": "Dr", "credit": 4, "decimal": ",", "thousands": ".", "scale": 2, "negate": true},
        "transaction_date": {"column": "D", "format": "DD.MM.YYYY", "required": true, "null": ["-", "n/a"]},
        "description": {"columns": ["A", 2]},
        "paid": {"column": "P", "type": "boolean", "default": false},
        "at": {"column": "T", "type": "timestamptz", "format": "unix"},
        "currency": {"default": "EUR"}})");
    const FieldMapping& amount = mapping.fields[0];
    EXPECT_EQ(amount.debit->name, "Dr");
    EXPECT_EQ(amount.credit->number, 4u);
    EXPECT_EQ(amount.number.decimal, ',');
    EXPECT_EQ(amount.number.thousands, ".");
    EXPECT_EQ(amount.number.scale, 2);
    EXPECT_TRUE(amount.number.negate);
    EXPECT_EQ(mapping.fields[1].format.pattern(), "DD.MM.YYYY");
    EXPECT_TRUE(mapping.fields[1].required);
    EXPECT_EQ(mapping.fields[1].nulls, (std::vector<std::string>{"-", "n/a"}));
    EXPECT_EQ(mapping.fields[2].columns.size(), 2u);
    EXPECT_EQ(mapping.fields[3].default_cell().kind, Cell::Kind::boolean);
    EXPECT_TRUE(mapping.fields[4].format.is_unix());
    EXPECT_EQ(mapping.fields[5].default_cell().text, "EUR");
    EXPECT_EQ(parse(R"({"reference": {"expression": "a || b"}})", true).fields[0].expression,
              "a || b");
}

TEST(IngestMapping, Defaults) {
    EXPECT_EQ(
        field::to_text(
            only(parse(R"({"amount": {"column": "A", "default": 0.10}})")).default_cell().decimal),
        "0.10");
    EXPECT_EQ(only(parse(R"({"value_date": {"column": "A", "default": "2000-01-02"}})"))
                  .default_cell()
                  .day,
              1);
    EXPECT_EQ(only(parse(R"({"amount": "A"})")).default_cell().kind, Cell::Kind::null);
}

TEST(IngestMapping, ErrorsNameTheirPath) {
    EXPECT_EQ(parse_error("[]"), "22023 invalid mapping at $: expected an object, got an array");
    EXPECT_EQ(parse_error("{}"), "22023 invalid mapping at $: maps no field");
    EXPECT_EQ(parse_error(R"({"": "A"})"),
              "22023 invalid mapping at $: an attribute's name must not be empty");
    EXPECT_EQ(parse_error(R"({"amount": true})"),
              "22023 invalid mapping at $.amount: expected a column name or number, got a boolean");
    EXPECT_EQ(parse_error(R"({"amount": ""})"),
              "22023 invalid mapping at $.amount: a column name must not be empty");
    EXPECT_EQ(parse_error(R"({"amount": 0})"),
              "22023 invalid mapping at $.amount: must be between 1 and 10000");
    EXPECT_EQ(parse_error(R"({"my key": {"colum": "A", "column": "B"}})"),
              "22023 invalid mapping at $.\"my key\".colum: unknown key \"colum\"");
    EXPECT_EQ(parse_error(R"({"amount": {}})"),
              "22023 invalid mapping at $.amount: needs a \"column\", \"columns\", or \"debit\" "
              "and \"credit\"");
    EXPECT_EQ(parse_error(R"({"reference": {"column": "A", "columns": ["B"]}})"),
              "22023 invalid mapping at $.reference: of column, columns, debit with credit, and "
              "expression, only one "
              "may be given");
    EXPECT_EQ(parse_error(R"({"reference": {"columns": []}})"),
              "22023 invalid mapping at $.reference.columns: must name at least one column");
    EXPECT_EQ(parse_error(R"({"reference": {"columns": ["A", {}]}})"),
              "22023 invalid mapping at $.reference.columns[1]: expected a column name or number, "
              "got an object");
    EXPECT_EQ(
        parse_error(R"({"amount": {"columns": ["A", "B"]}})"),
        "22023 invalid mapping at $.amount.columns: texts joined with a space are no numeric");
    EXPECT_EQ(parse_error(R"({"amount": {"debit": "A"}})"),
              "22023 invalid mapping at $.amount.debit: \"debit\" needs \"credit\"");
    EXPECT_EQ(parse_error(R"({"amount": {"credit": "A"}})"),
              "22023 invalid mapping at $.amount.credit: \"credit\" needs \"debit\"");
    EXPECT_EQ(parse_error(R"({"reference": {"debit": "A", "credit": "B"}})"),
              "22023 invalid mapping at $.reference.debit: \"debit\" and \"credit\" make a number; "
              "this field is a text");
    EXPECT_EQ(parse_error(R"({"value_date": {"column": "A", "format": "DD/MM"}})"),
              "22023 invalid mapping at $.value_date.format: date format \"DD/MM\" must have one "
              "year, one month and "
              "one day");
    EXPECT_EQ(parse_error(R"({"amount": {"column": "A", "format": "unix"}})"),
              "22023 invalid mapping at $.amount.format: \"format\" is for dates; this field is a "
              "numeric");
    EXPECT_EQ(
        parse_error(R"({"t": {"column": "A", "type": "timestamptz", "format": "DD/MM/YYYY"}})"),
        "22023 invalid mapping at $.t.format: times are ISO 8601, or \"unix\"");
    EXPECT_EQ(parse_error(R"({"amount": {"column": "A", "scale": 19}})"),
              "22023 invalid mapping at $.amount.scale: must be between 0 and 18");
    EXPECT_EQ(parse_error(R"({"reference": {"column": "A", "scale": 2}})"),
              "22023 invalid mapping at $.reference.scale: \"scale\" is for numbers; this field is "
              "a text");
    EXPECT_EQ(parse_error(R"({"amount": {"column": "A", "decimal": ",", "thousands": ","}})"),
              "22023 invalid mapping at $.amount.thousands: must differ from \"decimal\"");
    EXPECT_EQ(parse_error(R"({"amount": {"column": "A", "decimal": "5"}})"),
              "22023 invalid mapping at $.amount.decimal: must be a single one-byte character that "
              "cannot be part of "
              "a number");
    EXPECT_EQ(parse_error(R"({"amount": {"column": "A", "thousands": ", "}})"),
              "22023 invalid mapping at $.amount.thousands: must be a single character that cannot "
              "be part of a number");
    EXPECT_EQ(parse_error(R"({"amount": {"column": "A", "type": "text"}})"),
              "22023 invalid mapping at $.amount.type: \"type\" is for attributes; \"amount\" is "
              "always numeric");
    EXPECT_EQ(parse_error(R"({"x": {"column": "A", "type": "money"}})"),
              "22023 invalid mapping at $.x.type: unknown type \"money\"");
    EXPECT_EQ(parse_error(R"({"x": {"expression": "a"}})"),
              "22023 invalid mapping at $.x.expression: \"expression\" is for relation sources");
    EXPECT_EQ(parse_error(R"({"amount": {"column": "A", "default": "x"}})"),
              "22023 invalid mapping at $.amount.default: \"x\" is no numeric");
    EXPECT_EQ(parse_error(R"({"amount": {"column": "A", "default": []}})"),
              "22023 invalid mapping at $.amount.default: expected a string, a number or a "
              "boolean, got an array");
    EXPECT_EQ(parse_error(R"({"amount": {"column": "A", "null": "x"}})"),
              "22023 invalid mapping at $.amount.null: expected an array, got a string");
    EXPECT_EQ(parse_error(R"({"amount": {"column": "A", "required": 1}})"),
              "22023 invalid mapping at $.amount.required: expected a boolean, got a number");
}

std::string shape(const BoundMapping& bound) {
    std::string text;
    for (const BoundField& field : bound.fields) {
        text += field.mapping.name + "=";
        for (std::uint32_t column : field.columns) text += std::to_string(column) + " ";
    }
    text += "|";
    for (const std::string& key : bound.attribute_keys) text += " " + key;
    return text;
}

TEST(IngestBind, ByNameAndNumberInFileOrder) {
    Mapping mapping =
        parse(R"({"note": "N", "amount": {"debit": "Dr", "credit": "Cr"}, "external_id": 1,
                                "description": {"columns": ["N", "Dr"]}, "currency": {"default": "EUR"}})");
    EXPECT_EQ(shape(bind_mapping(mapping, Header{"Id", "Cr", "Dr", "N", ""})),
              "external_id=0 amount=2 1 description=3 2 note=3 currency=| note");
    EXPECT_EQ(bind_mapping(mapping, Header{"Id", "Cr", "Dr", "N", ""}).column_names,
              (Header{"Id", "Cr", "Dr", "N", "column_5"}));
}

TEST(IngestBind, AMissingColumnHasAHelpfulHint) {
    Mapping mapping = parse(R"({"amount": "Amuont"})");
    auto action = [&] { bind_mapping(mapping, Header{"Id", "Amount"}); };
    EXPECT_EQ(error_of(action), "42703 column \"Amuont\" is not in the header");
    EXPECT_EQ(hint_of(action), "Perhaps you meant \"Amount\". The header has: \"Id\", \"Amount\".");
    EXPECT_EQ(hint_of([&] {
                  bind_mapping(parse(R"({"amount": "VALUE_IN_EUR"})"), Header{"Value in EUR"});
              }),
              "Perhaps you meant \"Value in EUR\". The header has: \"Value in EUR\".");
    Header wide(500, "x");
    for (std::size_t i = 0; i < wide.size(); ++i)
        wide[i] = std::string(200, 'c') + std::to_string(i);
    std::string hint = hint_of([&] { bind_mapping(mapping, wide); });
    EXPECT_LT(hint.size(), 4000u);
    EXPECT_TRUE(hint.ends_with(", ... (500 columns).")) << hint;
    EXPECT_EQ(error_of([&] {
                  bind_mapping(parse(R"({"amount": 3})"), Header{"a", "b"});
              }),
              "42703 column 3 is mapped, but the file has 2 columns");
}

TEST(IngestBind, AColumnThatComesTwice) {
    EXPECT_EQ(error_of([] {
                  bind_mapping(parse(R"({"amount": "A"})"), Header{"A", "B", "A"});
              }),
              "42702 column \"A\" is mapped, but the header has it more than once");
    EXPECT_EQ(shape(bind_mapping(parse(R"({"amount": "B"})"), Header{"A", "B", "A"})),
              "amount=1 |");
    EXPECT_EQ(shape(bind_mapping(parse(R"({"amount": 3})"), Header{"A", "B", "A"})), "amount=2 |");
}

TEST(IngestBind, Automatic) {
    BoundMapping bound = bind_mapping(Mapping{}, Header{"External ID", "AMOUNT", "Iban Nr", "",
                                                        "transactiondate", "external_key"});
    EXPECT_EQ(shape(bound),
              "external_id=0 amount=1 Iban Nr=2 transaction_date=4 external_key=5 | Iban Nr "
              "external_key");
    EXPECT_EQ(bound.fields[1].mapping.type, ValueType::numeric);
    EXPECT_EQ(error_of([] {
                  bind_mapping(Mapping{}, Header{"Amount", "a_mount"});
              }),
              "42702 columns \"Amount\" and \"a_mount\" both stand for field \"amount\"");
    EXPECT_EQ(error_of([] {
                  bind_mapping(Mapping{}, Header{"x", "x"});
              }),
              "42702 the header has column \"x\" more than once");
    EXPECT_EQ(error_of([] {
                  bind_mapping(Mapping{}, Header{"", ""});
              }),
              "22P04 the header names no column");
}

TEST(IngestBind, WithoutHeader) {
    EXPECT_EQ(shape(bind_mapping(parse(R"({"amount": 2, "x": 1})"), 2u)), "x=0 amount=1 | x");
    EXPECT_EQ(bind_mapping(parse(R"({"amount": 2})"), 2u).column_names,
              (Header{"column_1", "column_2"}));
    EXPECT_EQ(error_of([] { bind_mapping(parse(R"({"amount": 2})"), 1u); }),
              "42703 column 2 is mapped, but the file has 1 column");
    EXPECT_EQ(error_of([] { bind_mapping(Mapping{}, 1u); }),
              "22023 a file without a header needs a mapping");
    EXPECT_EQ(
        error_of([] { bind_mapping(parse(R"({"amount": {"debit": 1, "credit": "C"}})"), 3u); }),
        "22023 field \"amount\" is mapped to column \"C\", but the file has no header");
}

TEST(IngestBind, ExpressionsAreNotForFiles) {
    EXPECT_EQ(error_of([] {
                  bind_mapping(parse(R"({"amount": {"expression": "a"}})", true), Header{"a"});
              }),
              "22023 field \"amount\" is an expression, which a file cannot evaluate");
}

}  // namespace
}  // namespace recon::ingest
