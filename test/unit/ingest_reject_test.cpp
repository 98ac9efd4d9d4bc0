#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "ingest_load.hpp"

namespace recon::test {
namespace {

using std::string_literals::operator""s;

// The single reject of a file with a header, one mapped column and one row.
std::string reject_of(std::string_view field, std::string_view value) {
    Load load("{\"amount\": 1, " + std::string(field) + "}");
    load.run("A,B\n1," + std::string(value) + "\n");
    EXPECT_EQ(load.sink.rejects.size(), 1u) << value;
    return load.sink.rejects.empty() ? "loaded" : load.sink.rejects[0];
}

TEST(IngestReject, RejectsSayWhatWasWrong) {
    EXPECT_EQ(reject_of(R"("x": {"column": 2, "type": "numeric"})", "\"12,5x\""),
              "2@4 [B] 22P02 invalid number \"12,5x\"");
    EXPECT_EQ(reject_of(R"("x": {"column": 2, "type": "numeric"})", "\"\""),
              "2@4 [B] 22P02 invalid number \"\"");
    EXPECT_EQ(
        reject_of(R"("x": {"column": 2, "type": "numeric"})", "1000000000000000000000000000000"),
        "2@4 [B] 22003 number \"1000000000000000000000000000000\" is out of range");
    EXPECT_EQ(reject_of(R"("x": {"column": 2, "type": "numeric"})", "-1.5E+03"),
              "2@4 [B] 22P02 number \"-1.5E+03\" is in scientific notation, which is refused");
    EXPECT_EQ(reject_of(R"("x": {"column": 2, "type": "numeric", "decimal": ","})", "\"1,5e400\""),
              "2@4 [B] 22P02 number \"1,5e400\" is in scientific notation, which is refused");
    EXPECT_EQ(reject_of(R"("value_date": 2)", "31.12.2023"),
              "2@4 [B] 22007 invalid date \"31.12.2023\" (format YYYY-MM-DD)");
    EXPECT_EQ(reject_of(R"("value_date": {"column": 2, "format": "DD/MM/YYYY"})", "29/02/2023"),
              "2@4 [B] 22008 date \"29/02/2023\" does not exist (format DD/MM/YYYY)");
    EXPECT_EQ(reject_of(R"("value_date": {"column": 2, "format": "unix"})", "999999999999"),
              "2@4 [B] 22008 date \"999999999999\" is out of range (format unix)");
    EXPECT_EQ(reject_of(R"("x": {"column": 2, "type": "timestamptz"})", "noon"),
              "2@4 [B] 22007 invalid time \"noon\" (format ISO 8601)");
    EXPECT_EQ(reject_of(R"("x": {"column": 2, "type": "boolean"})", "maybe"),
              "2@4 [B] 22P02 invalid boolean \"maybe\"");
    EXPECT_EQ(reject_of(R"("reference": {"column": 2, "required": true})", ""),
              "2@4 [B] 23502 no value for the required field \"reference\"");
    EXPECT_EQ(reject_of(R"("reference": 2)", "caf\xe9"),
              "2@4 [B] 22021 the value is not valid UTF8 text");
    EXPECT_EQ(reject_of(R"("x": {"column": 2, "type": "numeric"})", "\xe9"),
              "2@4 [B] 22021 the value is not valid UTF8 text");
    EXPECT_EQ(reject_of(R"("reference": 2)", "a\0b"s), "2@4 [B] 22021 the value holds a NUL byte");
    EXPECT_EQ(reject_of(R"("reference": 2)", "b,c"),
              "2@4 [] 22P04 record has 3 columns, expected 2");
    EXPECT_EQ(reject_of(R"("reference": 2)", "b\"c"), "2@4 [] 22P04 stray quote in field");
    EXPECT_EQ(reject_of(R"("reference": 2)", "\"bc"), "2@4 [] 22P04 unterminated quoted field");
    EXPECT_EQ(
        reject_of(R"("value_date": 2)", std::string(500, 'x')),
        "2@4 [B] 22007 invalid date \"" + std::string(100, 'x') + "...\" (format YYYY-MM-DD)");
    EXPECT_EQ(reject_of(R"("reference": 2)", std::string(2000000, 'x')),
              "2@4 [] 54000 field 2 is longer than 1048576 bytes");
}

TEST(IngestReject, TheFirstBadColumnOfTheFileRejects) {
    Load load(
        R"({"amount": "C", "value_date": "B", "x": {"debit": "A", "credit": "D", "type": "numeric"}})");
    load.run("A,B,C,D\n1,bad,bad,bad\nbad,bad,bad,1\n1,2024-01-01,1,bad\n");
    EXPECT_EQ(load.sink.rejects, (Lines{"2@8 [D] 22P02 invalid number \"bad\"",
                                        "3@22 [A] 22P02 invalid number \"bad\"",
                                        "4@36 [D] 22P02 invalid number \"bad\""}));
    EXPECT_EQ(load.sink.raws, (Lines{"1,bad,bad,bad", "bad,bad,bad,1", "1,2024-01-01,1,bad"}));
}

TEST(IngestReject, ARejectLeavesNoTrace) {
    Load load;
    load.run("a,b,amount\n1,2,x\n3,4,5\n");
    EXPECT_EQ(load.sink.records, (Lines{"3: amount=5 a='3' b='4'"}));
    EXPECT_EQ(load.engine->counts().rejected, 1u);
}

TEST(IngestReject, ARejectNamesItsOwnRecordOnly) {
    Load load(R"({"external_id": "id", "amount": "amount"})");
    load.run("id,amount\na,1\nb,x\nc\nd,1\ne\"e,1\n,x\n");
    EXPECT_EQ(load.sink.rejected_ids, (Lines{"b", "none", "none", "none"}));
}

TEST(IngestReject, SumsOutOfRange) {
    Load load(R"({"amount": {"debit": 1, "credit": 2}})");
    load.run("D,C\n-99999999999999999999,99999999999999999999\n");
    EXPECT_EQ(load.sink.rejects, (Lines{"2@4 [D] 22003 credit less debit is out of range"}));
}

TEST(IngestReject, HeaderFaults) {
    EXPECT_EQ(error_of("a\"b\n1\n"),
              "22P04 the header, at line 1, cannot be read: stray quote in field");
    EXPECT_EQ(error_of("#x\n\na\"b\n1\n", "null", R"({"comment": "#"})"),
              "22P04 the header, at line 3, cannot be read: stray quote in field");
    EXPECT_EQ(error_of("a,\xff\n"),
              "22021 the name of column 2 in the header is not valid UTF8 text");
    EXPECT_EQ(error_of("a,b\0\n"s),
              "22021 the name of column 2 in the header is not valid UTF8 text");
    EXPECT_EQ(error_of("a,b\n", R"({"amount": "c"})"), "42703 column \"c\" is not in the header");
    EXPECT_EQ(error_of("a,a\n", R"({"amount": "a"})"),
              "42702 column \"a\" is mapped, but the header has it more than once");
    EXPECT_EQ(error_of(""), "no error");
    EXPECT_EQ(error_of("\n\n"), "no error");
    EXPECT_EQ(error_of("a,b\n"), "no error");
}

TEST(IngestReject, NullTextsAreTrimmedAsValuesAre) {
    Load load(R"({"x": "x", "y": {"column": "y", "null": ["n/a", "-", "?"]}})",
              R"({"trim": true, "null": ["  ", " NA "]})");
    load.run("x,y\n NA ,?\n,-\n\"NA\",- -\n");
    EXPECT_EQ(load.sink.records, (Lines{"2:", "3:", "4: x='NA' y='- -'"}));
}

TEST(IngestReject, MaxRejectsIsTold) {
    Load load("null", R"({"max_rejects": 1})");
    load.engine->feed("amount\nx\n");
    EXPECT_FALSE(load.engine->over_max_rejects());
    load.engine->feed("1\ny\n2\n");
    EXPECT_TRUE(load.engine->over_max_rejects());
}

}  // namespace
}  // namespace recon::test
