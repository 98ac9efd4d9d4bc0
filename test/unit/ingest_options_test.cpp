#include "core/ingest/options.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/error.hpp"
#include "json_text.hpp"

namespace recon::ingest {
namespace {

Options parse(std::string_view text) {
    return parse_options(test::parse_json(text));
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

std::string parse_error(std::string_view text) {
    return error_of([&] { parse(text); });
}

TEST(IngestOptions, Defaults) {
    Options options = parse("{}");
    EXPECT_EQ(options.delimiter, ",");
    EXPECT_EQ(options.quote, "\"");
    EXPECT_EQ(options.escape, "\"");
    EXPECT_EQ(options.line_terminator, "");
    EXPECT_EQ(options.encoding, "UTF8");
    EXPECT_TRUE(options.header);
    EXPECT_EQ(options.skip_lines, 0u);
    EXPECT_EQ(options.comment, "");
    EXPECT_FALSE(options.nulls.has_value());
    EXPECT_FALSE(options.trim);
    EXPECT_EQ(options.max_field_bytes, 1048576u);
    EXPECT_EQ(options.max_rejects.kind, MaxRejects::Kind::unlimited);
    EXPECT_EQ(options.on_duplicate, OnDuplicate::skip);
    EXPECT_EQ(options.batch_size, 1000u);
    EXPECT_FALSE(options.force);
    EXPECT_TRUE(options.auto_keys.empty());
}

TEST(IngestOptions, EveryKey) {
    Options options =
        parse(R"({"delimiter": ";", "quote": "'", "line_terminator": "\r\n", "encoding": "LATIN1",
        "header": false, "skip_lines": 3, "comment": "#", "null": ["NA", ""], "trim": true,
        "max_field_bytes": 100, "max_rejects": 5, "on_duplicate": "update", "batch_size": 10, "force": true})");
    EXPECT_EQ(options.escape, "'") << "the quote, where not given";
    EXPECT_EQ(options.nulls, (std::vector<std::string>{"", "NA"}));
    EXPECT_EQ(options.max_rejects.count, 5u);
    EXPECT_EQ(options.on_duplicate, OnDuplicate::update);
    EXPECT_TRUE(options.force);
    EXPECT_EQ(parse(R"({"null": "NA"})").nulls, (std::vector<std::string>{"NA"}));
    EXPECT_EQ(parse(R"({"delimiter": null})").delimiter, ",");
}

TEST(IngestOptions, ErrorsNameTheirPath) {
    EXPECT_EQ(parse_error("[]"), "22023 invalid options at $: expected an object, got an array");
    EXPECT_EQ(parse_error(R"({"delimeter": ";"})"),
              "22023 invalid options at $.delimeter: unknown key \"delimeter\"");
    EXPECT_EQ(parse_error(R"({"delimiter": 1})"),
              "22023 invalid options at $.delimiter: expected a string, got a number");
    EXPECT_EQ(parse_error(R"({"delimiter": ""})"),
              "22023 invalid options at $.delimiter: must not be empty");
    EXPECT_EQ(parse_error(R"({"delimiter": "\n"})"),
              "22023 invalid options at $.delimiter: must not hold a line end");
    EXPECT_EQ(parse_error(R"({"quote": "ab"})"),
              "22023 invalid options at $.quote: must be a single one-byte character, or empty for "
              "none");
    EXPECT_EQ(parse_error(R"({"quote": "\u00a7"})"),
              "22023 invalid options at $.quote: must be a single one-byte character, or empty for "
              "none");
    EXPECT_EQ(parse_error(R"({"quote": "", "escape": "\\"})"),
              "22023 invalid options at $.escape: must be empty where there is no quote");
    EXPECT_EQ(parse_error(R"({"delimiter": "|\"|"})"),
              "22023 invalid options at $.quote: must not occur in the delimiter");
    EXPECT_EQ(parse_error(R"({"delimiter": "|\\|", "escape": "\\"})"),
              "22023 invalid options at $.escape: must not occur in the delimiter");
    EXPECT_EQ(parse_error(R"({"escape": " ", "trim": true})"),
              "22023 invalid options at $.escape: must not be a blank where blanks are trimmed");
    EXPECT_EQ(parse_error(R"({"line_terminator": "\"\n"})"),
              "22023 invalid options at $.quote: must not occur in the line terminator");
    EXPECT_EQ(parse_error(R"({"line_terminator": ";;", "delimiter": ";;;"})"),
              "22023 invalid options at $.delimiter: must not hold a line end");
    EXPECT_EQ(parse_error(R"({"delimiter": ")" + std::string(65, '|') + R"("})"),
              "22023 invalid options at $.delimiter: is too long");
    EXPECT_EQ(parse_error(R"({"line_terminator": ")" + std::string(65, '|') + R"("})"),
              "22023 invalid options at $.line_terminator: is too long");
    EXPECT_EQ(parse_error(R"({"delimiter": "'", "quote": "'"})"),
              "22023 invalid options at $.quote: must not occur in the delimiter");
    EXPECT_EQ(parse_error(R"({"comment": ","})"),
              "22023 invalid options at $.comment: must differ from the delimiter and the quote");
    EXPECT_EQ(
        parse_error(R"({"comment": "//"})"),
        "22023 invalid options at $.comment: must be a single one-byte character, or empty for "
        "none");
    EXPECT_EQ(parse_error(R"({"encoding": ""})"),
              "22023 invalid options at $.encoding: must not be empty");
    EXPECT_EQ(parse_error(R"({"header": "yes"})"),
              "22023 invalid options at $.header: expected a boolean, got a string");
    EXPECT_EQ(parse_error(R"({"skip_lines": -1})"),
              "22023 invalid options at $.skip_lines: must be between 0 and 1000000000");
    EXPECT_EQ(parse_error(R"({"skip_lines": 1.5})"),
              "22023 invalid options at $.skip_lines: expected an integer");
    EXPECT_EQ(
        parse_error(R"({"null": 1})"),
        "22023 invalid options at $.null: expected a string or an array of strings, got a number");
    EXPECT_EQ(parse_error(R"({"null": ["a", 1]})"),
              "22023 invalid options at $.null[1]: expected a string, got a number");
    EXPECT_EQ(parse_error(R"({"trim": "auto"})"),
              "22023 invalid options at $.trim: expected a boolean, got a string");
    EXPECT_EQ(parse_error(R"({"max_field_bytes": 0})"),
              "22023 invalid options at $.max_field_bytes: must be between 1 and 67108864");
    EXPECT_EQ(parse_error(R"({"batch_size": 0})"),
              "22023 invalid options at $.batch_size: must be between 1 and 100000");
    EXPECT_EQ(parse_error(R"({"on_duplicate": "ignore"})"),
              "22023 invalid options at $.on_duplicate: unknown value \"ignore\"");
}

TEST(IngestOptions, MaxRejects) {
    EXPECT_EQ(parse(R"({"max_rejects": "10"})").max_rejects.count, 10u);
    MaxRejects limit = parse(R"({"max_rejects": 2})").max_rejects;
    EXPECT_FALSE(limit.exceeded(2, 2));
    EXPECT_TRUE(limit.exceeded(3, 1000));
    EXPECT_TRUE(parse(R"({"max_rejects": 0})").max_rejects.exceeded(1, 1000000));
    limit = parse(R"({"max_rejects": "1%"})").max_rejects;
    EXPECT_EQ(limit.kind, MaxRejects::Kind::percent);
    EXPECT_FALSE(limit.exceeded(0, 0));
    EXPECT_FALSE(limit.exceeded(1, 100));
    EXPECT_TRUE(limit.exceeded(1, 99));
    limit = parse(R"({"max_rejects": "0.1%"})").max_rejects;
    EXPECT_FALSE(limit.exceeded(1000000000, 1000000000000));
    EXPECT_TRUE(limit.exceeded(1000000001, 1000000000000));
    EXPECT_FALSE(MaxRejects{}.exceeded(5, 5));

    EXPECT_EQ(parse_error(R"({"max_rejects": -1})"),
              "22023 invalid options at $.max_rejects: must not be negative or beyond all bounds");
    EXPECT_EQ(parse_error(R"({"max_rejects": 1.5})"),
              "22023 invalid options at $.max_rejects: expected an integer");
    EXPECT_EQ(parse_error(R"({"max_rejects": "101%"})"),
              "22023 invalid options at $.max_rejects: a percentage must be between 0% and 100%");
    EXPECT_EQ(parse_error(R"({"max_rejects": "x%"})"),
              "22023 invalid options at $.max_rejects: expected a number or a text such as \"1%\"");
    EXPECT_EQ(parse_error(R"({"max_rejects": true})"),
              "22023 invalid options at $.max_rejects: expected a number or a text such as \"1%\", "
              "got a boolean");
    EXPECT_EQ(parse_error(R"({"max_rejects": 99999999999999999999})"),
              "22023 invalid options at $.max_rejects: must fit in 64 bits");
}

TEST(IngestOptions, AutoIsRememberedUntilResolved) {
    Options options = parse(R"({"delimiter": "auto", "header": "auto", "skip_lines": "auto"})");
    EXPECT_TRUE(options.is_auto("delimiter"));
    EXPECT_TRUE(options.is_auto("header"));
    EXPECT_FALSE(options.is_auto("quote"));
    EXPECT_EQ(options.delimiter, ",");
    json::Value given = test::parse_json(
        R"({"delimiter": "auto", "header": "auto", "skip_lines": "auto", "null": "auto", "quote": "'"})");
    EXPECT_EQ(json::to_text(resolved(given, options)), json::to_text(given));
    options.delimiter = ";";
    options.header = false;
    options.skip_lines = 3;
    options.auto_keys.clear();
    EXPECT_EQ(
        json::to_text(resolved(given, options)),
        R"({"delimiter": ";", "header": false, "skip_lines": 3, "null": "auto", "quote": "'"})");
    given = test::parse_json(R"({"quote": "auto", "encoding": "auto"})");
    options.quote = options.escape = "'";
    options.encoding = "LATIN1";
    EXPECT_EQ(json::to_text(resolved(given, options)),
              R"({"quote": "'", "encoding": "LATIN1", "escape": "'"})");
    EXPECT_EQ(parse(R"({"null": "auto"})").nulls, (std::vector<std::string>{"auto"}));
}

TEST(IngestOptions, LaterLayersWin) {
    auto merged = merge(test::parse_json(R"({"delimiter": ";", "trim": true, "header": false})"),
                        test::parse_json(R"({"delimiter": "|", "header": null, "comment": "#"})"));
    Options options = parse_options(merged);
    EXPECT_EQ(options.delimiter, "|");
    EXPECT_TRUE(options.trim);
    EXPECT_TRUE(options.header) << "null puts the default back";
    EXPECT_EQ(options.comment, "#");
    EXPECT_EQ(parse_options(merge({}, {})).delimiter, ",");
    EXPECT_EQ(error_of([] { merge(test::parse_json("{}"), test::parse_json("3")); }),
              "22023 invalid options at $: expected an object, got a number");
}

TEST(IngestOptions, AnotherQuoteIsItsOwnEscape) {
    auto escape = [](const char* base, const char* over) {
        return parse_options(merge(test::parse_json(base), test::parse_json(over))).escape;
    };
    const char* doubled = R"({"quote": "\"", "escape": "\""})";
    EXPECT_EQ(escape(doubled, R"({"quote": "'"})"), "'");
    EXPECT_EQ(escape(R"({"escape": "\""})", R"({"quote": "'"})"), "'");
    EXPECT_EQ(escape(R"({"quote": "'", "escape": "'"})", R"({"quote": null})"), "\"");
    EXPECT_EQ(escape(doubled, R"({"quote": ""})"), "");
    EXPECT_EQ(escape(R"({"escape": "\\"})", R"({"quote": ""})"), "");
    EXPECT_EQ(escape(R"({"escape": "\\"})", R"({"quote": "'"})"), "\\");
    EXPECT_EQ(escape(doubled, R"({"quote": "'", "escape": "\\"})"), "\\");
    EXPECT_EQ(escape(doubled, R"({"delimiter": ";"})"), "\"");
    EXPECT_TRUE(parse_options(merge(test::parse_json(R"({"quote": "auto", "escape": "auto"})"),
                                    test::parse_json(R"({"quote": "'"})")))
                    .is_auto("escape"));
}

TEST(IngestOptions, TheReadersPart) {
    csv::Dialect dialect =
        dialect_of(parse(R"({"delimiter": "\t", "quote": "'", "line_terminator": "\r",
        "comment": "#", "skip_lines": 2, "header": false, "max_field_bytes": 1000000})"));
    EXPECT_EQ(dialect.delimiter, "\t");
    EXPECT_EQ(dialect.quote, '\'');
    EXPECT_EQ(dialect.escape, '\'');
    EXPECT_EQ(dialect.terminator, csv::Terminator::cr);
    EXPECT_EQ(dialect.comment, '#');
    EXPECT_EQ(dialect.skip_lines, 2u);
    EXPECT_FALSE(dialect.header);
    EXPECT_EQ(dialect.max_field_bytes, 1000000u);
    EXPECT_EQ(dialect.max_record_bytes, 4000000u);
}

TEST(IngestOptions, UnusualDialects) {
    csv::Dialect dialect = dialect_of(
        parse(R"({"delimiter": "\n", "escape": "\\", "line_terminator": "\n\n", "trim": true})"));
    EXPECT_EQ(dialect.delimiter, "\n");
    EXPECT_EQ(dialect.quote, '"');
    EXPECT_EQ(dialect.escape, '\\');
    EXPECT_EQ(dialect.terminator, csv::Terminator::custom);
    EXPECT_EQ(dialect.custom_terminator, "\n\n");
    EXPECT_TRUE(dialect.trim);
    dialect = dialect_of(parse(R"({"delimiter": "||", "quote": "", "line_terminator": ""})"));
    EXPECT_EQ(dialect.quote, std::nullopt);
    EXPECT_EQ(dialect.escape, std::nullopt);
    EXPECT_EQ(dialect.terminator, csv::Terminator::any);
    dialect = dialect_of(parse(R"({"escape": ""})"));
    EXPECT_EQ(dialect.quote, '"');
    EXPECT_EQ(dialect.escape, std::nullopt);
}

}  // namespace
}  // namespace recon::ingest
