// Options that say "auto": resolved from the first bytes, whatever the chunks they come in.
#include <gtest/gtest.h>

#include "detect_support.hpp"

namespace recon::test {
namespace {

constexpr char everything[] =
    R"({"delimiter": "auto", "quote": "auto", "escape": "auto", "encoding": "auto",
        "header": "auto", "skip_lines": "auto", "comment": "auto", "line_terminator": "auto"})";

constexpr std::string_view statement =
    "Kontoauszug\nKonto;4711\n\nBuchungstag;Betrag;Zweck\n# Zwischenstand\n"
    "05.01.2024;1,50;'M\xfcller; Co'\n16.01.2024;-2,00;'B\xe4"
    "cker'\n17.01.2024;3,25;'x'\n";

constexpr char mapping[] =
    R"({"transaction_date": {"column": "Buchungstag", "format": "DD.MM.YYYY"},
    "amount": {"column": "Betrag", "decimal": ","}, "description": "Zweck"})";

// Latin1 from the moment that the engine says so.
class Switching : public Latin1 {
  public:
    Switching() { utf8 = true; }
    void use(const std::string& encoding) override {
        used = encoding;
        utf8 = encoding == "UTF8";
    }
    std::string used;
};

const Lines expected = {"6: transaction_date=2024-01-05 amount=1.50 description='M\u00fcller; Co'",
                        "7: transaction_date=2024-01-16 amount=-2.00 description='B\u00e4cker'",
                        "8: transaction_date=2024-01-17 amount=3.25 description='x'"};

TEST(DetectAuto, EverythingInAnyChunks) {
    for (std::size_t chunk : {std::size_t{1}, std::size_t{3}, std::size_t{50}, SIZE_MAX}) {
        Switching codec;
        Load load(mapping, everything, &codec);
        load.run(statement, chunk);
        EXPECT_EQ(load.sink.records, expected) << chunk;
        EXPECT_EQ(load.sink.rejects, Lines()) << chunk;
        EXPECT_EQ(codec.used, "LATIN1");
        const Options& options = load.engine->options();
        EXPECT_EQ(options.delimiter, ";");
        EXPECT_EQ(options.quote, "'");
        EXPECT_EQ(options.escape, "'");
        EXPECT_EQ(options.comment, "#");
        EXPECT_EQ(options.skip_lines, 3u);
        EXPECT_TRUE(options.header);
        EXPECT_TRUE(options.auto_keys.empty());
    }
}

TEST(DetectAuto, WhatIsGivenHolds) {
    // A comma is what the user wants, though a semicolon would explain more.
    Load load("null", R"({"delimiter": ",", "header": "auto", "quote": "auto"})");
    load.run("a;b,c;d\n1;2,3;4\n5;6,7;8\n");
    EXPECT_EQ(load.engine->options().delimiter, ",");
    EXPECT_EQ(load.sink.records[0], "2: a;b='1;2' c;d='3;4'");
    Load skipped("null", R"({"skip_lines": 1, "delimiter": "auto", "header": "auto"})");
    skipped.run("date;text\nid;amount\n1;2\n3;4\n");
    EXPECT_EQ(skipped.sink.records, (Lines{"3: amount=2 id='1'", "4: amount=4 id='3'"}));
    Load headless(R"({"amount": 2})", R"({"header": false, "delimiter": "auto"})");
    headless.run("id;amount\n1;2\n");
    EXPECT_EQ(headless.sink.rejects.size(), 1u);  // "amount" is a value then
    EXPECT_EQ(headless.sink.records.size(), 1u);
}

TEST(DetectAuto, LongInputIsJudgedByItsHead) {
    std::string input = "id;amount\n";
    while (input.size() < 3 * detect::longest_head) input += "x;1,5\n";
    std::size_t rows = 0;
    for (std::size_t chunk : {std::size_t{1000}, std::size_t{100000}, SIZE_MAX}) {
        Load load(R"({"amount": {"column": "amount", "decimal": ","}})",
                  R"({"delimiter": "auto", "header": "auto"})");
        load.run(input, chunk);
        if (rows == 0) rows = load.sink.records.size();
        EXPECT_EQ(load.sink.records.size(), rows);
        EXPECT_EQ(load.sink.records.size(), (input.size() - 10) / 6);
    }
}

TEST(DetectAuto, NoBytesAndNoHeader) {
    Load load("null", everything);
    load.run("");
    EXPECT_EQ(load.engine->counts().read, 0u);
    // What auto finds must still go with the mapping.
    EXPECT_EQ(error_of("2024-01-01;1,5\n2024-01-02;2,5\n", R"({"amount": "amount"})",
                       R"({"header": "auto", "delimiter": "auto"})"),
              "22023 field \"amount\" is mapped to column \"amount\", but the file has no header");
}

TEST(DetectAuto, AMarkDecides) {
    Switching codec;
    Load load("null", R"({"encoding": "auto", "delimiter": "auto"})", &codec);
    load.run("\xEF\xBB\xBFid;text\n1;\u00e9\n");
    EXPECT_EQ(load.sink.records, (Lines{"2: id='1' text='\u00e9'"}));
    EXPECT_EQ(load.engine->options().encoding, "UTF8");
}

}  // namespace
}  // namespace recon::test
