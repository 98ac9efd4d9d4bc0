#include "core/ingest/relation_mapping.hpp"

#include <gtest/gtest.h>

#include "core/csv/writer.hpp"
#include "core/error.hpp"
#include "json_text.hpp"

namespace recon::ingest {
namespace {

json::Value mapping(const char* text) {
    return test::parse_json(text);
}

std::string by_number(std::uint32_t number) {
    return number <= 3 ? std::string("col") + static_cast<char>('0' + number) : std::string();
}

TEST(RelationMapping, NumbersBecomeNames) {
    json::Value named = name_columns(
        mapping(R"json({"amount": {"debit": 1, "credit": "c"}, "reference": {"columns": [2, "x"]},
                    "currency": 3, "k": "plain"})json"),
        by_number);
    EXPECT_EQ(json::to_text(named),
              json::to_text(mapping(R"json({"amount": {"debit": "col1", "credit": "c"}, "reference":
                  {"columns": ["col2", "x"]}, "currency": "col3", "k": "plain"})json")));
    EXPECT_THROW(name_columns(mapping(R"json({"amount": 4})json"), by_number), Error);
}

TEST(RelationMapping, SelectsEachColumnOnceExternalIdFirst) {
    json::Value given = mapping(R"json({"amount": {"debit": "a", "credit": "b"}, "reference": "a",
        "x": {"expression": "a"}, "y": {"expression": "a"},
        "external_id": {"expression": "f(a)"}, "currency": {"default": "EUR"}})json");
    std::vector<SelectedColumn> selected = selection_of(parse_mapping(&given, true));
    std::vector<std::string> names;
    for (const SelectedColumn& column : selected) names.push_back(column.name());
    EXPECT_EQ(names, (std::vector<std::string>{"(f(a))", "a", "b", "(a)"}));
}

TEST(RelationMapping, TextFormatsStayWithTexts) {
    std::vector<std::string> names{"d", "n", "t", "(n * 2)"};
    std::vector<std::string> types{"date", "numeric", "text", "bigint"};
    json::Value bound =
        read_as_columns(mapping(R"json({"transaction_date": {"column": "d", "format": "DD.MM.YYYY"},
                    "value_date": {"column": "t", "format": "DD.MM.YYYY"},
                    "amount": {"debit": "n", "credit": "(n * 2)", "decimal": ",", "scale": 2},
                    "a": {"debit": "n", "credit": "t", "decimal": ","},
                    "u": {"column": "n", "type": "date", "format": "unix"},
                    "e": {"expression": "n * 2", "decimal": ",", "type": "numeric"}})json"),
                        names, types);
    EXPECT_EQ(json::to_text(bound),
              json::to_text(mapping(R"json({"transaction_date": {"column": "d"},
        "value_date": {"column": "t", "format": "DD.MM.YYYY"},
        "amount": {"debit": "n", "credit": "(n * 2)", "scale": 2},
        "a": {"debit": "n", "credit": "t", "decimal": ","},
        "u": {"column": "n", "type": "date", "format": "unix"},
        "e": {"column": "(n * 2)", "type": "numeric"}})json")));
    EXPECT_THROW(
        read_as_columns(mapping(R"json({"a": {"expression": "n * 3"}})json"), names, types), Error);
}

TEST(RelationMapping, OptionsOfFilesAreLeftOut) {
    json::Value options = relation_options(
        mapping(R"json({"delimiter": ";", "header": "auto", "null": [], "trim": true,
                    "on_duplicate": null, "encoding": "LATIN1", "max_rejects": 3})json"),
        "UTF8");
    EXPECT_EQ(json::to_text(options), json::to_text(mapping(R"json({"trim": true, "max_rejects": 3,
        "encoding": "UTF8", "on_duplicate": "update"})json")));
}

// What is written is read as the same fields.
struct Reader final : csv::RecordHandler {
    void on_record(std::span<const csv::Field> fields, const csv::Place&) override {
        for (const csv::Field& field : fields)
            result.push_back(field.null ? "NULL" : "'" + std::string(field.text) + "'");
    }
    void on_reject(const char*, std::string_view message, const csv::Place&) override {
        result.emplace_back(message);
    }
    std::vector<std::string> result;
};

TEST(CsvWriter, ReadsBack) {
    const char* texts[] = {"plain", "",    "a,b",  "say \"x\"", "\"", "two\nlines",
                           "cr\r",  " a ", "ö\"ö", "#",         "''"};
    std::vector<csv::Field> fields{{"", true, false}};
    std::vector<std::string> expected{"NULL"};
    for (const char* text : texts) {
        fields.push_back({text, false, *text == '\0'});
        expected.push_back("'" + std::string(text) + "'");
    }
    std::string raw;
    csv::append_record(raw, fields);
    Reader handler;
    csv::RecordReader reader(csv::Dialect(), handler);
    reader.feed(raw);
    reader.finish();
    EXPECT_EQ(handler.result, expected);
}

}  // namespace
}  // namespace recon::ingest
