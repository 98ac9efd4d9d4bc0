#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "ingest_load.hpp"

namespace recon::test {
namespace {

using std::string_literals::operator""s;

TEST(IngestEngine, AutomaticMapping) {
    Load load;
    load.run(
        "External ID,Transaction_Date,amount,Currency,IBAN\nx1,2024-02-29,12.50,EUR,DE1\nx2,,,,\n");
    EXPECT_EQ(load.sink.records, (Lines{"2: external_id='x1' transaction_date=2024-02-29 "
                                        "amount=12.50 currency='EUR' IBAN='DE1'",
                                        "3: external_id='x2'"}));
    EXPECT_EQ(load.engine->attribute_keys(), (Lines{"IBAN"}));
    EXPECT_EQ(load.engine->counts().read, 2u);
    EXPECT_EQ(load.engine->counts().loaded, 2u);
    EXPECT_EQ(load.engine->counts().rejected, 0u);
    EXPECT_EQ(load.engine->counts().bytes, 85u);
}

TEST(IngestEngine, EveryMappingFeature) {
    Load load(R"({"external_id": "Id",
        "transaction_date": {"column": "Booked", "format": "DD.MM.YYYY"},
        "amount": {"debit": "Dr", "credit": "Cr", "decimal": ",", "thousands": "."},
        "description": {"columns": ["T1", "T2"]},
        "currency": {"default": "EUR"},
        "paid": {"column": "P", "type": "boolean"},
        "fee": {"column": "Fee", "type": "numeric", "scale": 2, "negate": true, "default": 0},
        "at": {"column": "At", "type": "timestamptz"},
        "due": {"column": "Due", "type": "date", "format": "YYYYMMDD", "null": ["00000000"]}})",
              R"({"delimiter": ";"})");
    load.run(
        "Id;Booked;Dr;Cr;T1;T2;P;Fee;At;Due;unused\n"
        "1;1.2.2024;1.234,50;;rent;March;y;150;2000-01-01T00:00:01Z;20240301;?\n"
        "2;01.02.2024;\"\";7;;only;0;;;00000000;?\n"
        "3;01.02.2024;2;7,5;a;;;;;;\n"
        "4;01.02.2024;;;;;;;;;\n");
    EXPECT_EQ(load.sink.rejects, Lines{});
    EXPECT_EQ(
        load.sink.records,
        (Lines{"2: external_id='1' transaction_date=2024-02-01 amount=-1234.50 currency='EUR' "
               "description='rent March' paid=true fee=-1.50 at=@1000000 due=2024-03-01",
               "3: external_id='2' transaction_date=2024-02-01 amount=7 currency='EUR' "
               "description='only' "
               "paid=false fee=0",
               "4: external_id='3' transaction_date=2024-02-01 amount=5.5 currency='EUR' "
               "description='a' fee=0",
               "5: external_id='4' transaction_date=2024-02-01 currency='EUR' fee=0"}));
}

TEST(IngestEngine, EmptyAndNull) {
    Load load;
    load.run("reference,description,amount\n\"\",,1\n");
    EXPECT_EQ(load.sink.records, (Lines{"2: amount=1 reference=''"}));

    Load named(R"({"reference": "r", "description": "d", "amount": "a"})", R"({"null": "NA"})");
    named.run("r,d,a\nNA,\"NA\",NA\n,x,1\n");
    EXPECT_EQ(named.sink.records,
              (Lines{"2: description='NA'", "3: amount=1 reference='' description='x'"}))
        << "as in COPY, only unquoted";

    Load trimmed("null", R"({"trim": true})");
    trimmed.run(" reference , description,amount\n  a b ,   , 1 \n\"  \",x,2\n");
    EXPECT_EQ(trimmed.sink.records,
              (Lines{"2: amount=1 reference='a b'", "3: amount=2 reference='' description='x'"}));
}

TEST(IngestEngine, WithoutHeader) {
    Load load(R"({"external_id": 1, "amount": 3})", R"({"header": false})");
    load.run("a,x,1\nb,x\nc,x,3\n");
    EXPECT_EQ(load.sink.records,
              (Lines{"1: external_id='a' amount=1", "3: external_id='c' amount=3"}));
    EXPECT_EQ(load.sink.rejects, (Lines{"2@6 [] 22P04 record has 2 columns, expected 3"}));
    EXPECT_EQ(error_of("a\n", "null", R"({"header": false})"),
              "22023 a file without a header needs a mapping");
    EXPECT_EQ(error_of("a\n", R"({"amount": 3})", R"({"header": false})"),
              "42703 column 3 is mapped, but the file has 1 column");
}

TEST(IngestEngine, ByteOrderMarks) {
    for (std::size_t chunk : {1, 2, 3, 4, 100}) {
        Load load;
        load.run(
            "\xEF\xBB\xBF"
            "amount\nx\n1\n",
            chunk);
        EXPECT_EQ(load.sink.records, (Lines{"3: amount=1"}));
        EXPECT_EQ(load.sink.rejects, (Lines{"2@10 [amount] 22P02 invalid number \"x\""}))
            << "offset in the file";
    }
    EXPECT_EQ(error_of("\xEF\xBB\xBF"), "no error");
    EXPECT_EQ(error_of("a"), "no error");
}

TEST(IngestEngine, TextIsDecoded) {
    Latin1 latin;
    Load load(R"({"reference": "Pr\u00e9nom", "amount": {"column": "B", "thousands": "\u00a0"}})",
              R"({"encoding": "LATIN1"})", &latin);
    load.run(
        "Pr\xe9nom,B\ncaf\xe9,1\xa0"
        "000\n");
    EXPECT_EQ(load.sink.records, (Lines{"2: amount=1000 reference='caf\u00e9'"}));

    Load marked("null", R"({"encoding": "LATIN1"})", &latin);
    marked.run("\xEF\xBB\xBFreference\ncaf\u00e9\n");
    EXPECT_TRUE(latin.utf8) << "a byte order mark decides";
    EXPECT_EQ(marked.sink.records, (Lines{"2: reference='caf\u00e9'"}));
}

TEST(IngestEngine, RecordsThatAreNoStream) {
    Load load(R"({"external_id": "id", "amount": "a", "note": "n"})");
    load.engine->begin_columns({"id", "a", "n"});
    std::vector<csv::Field> fields = {{"x", false, false}, {"1.5", false, true}, {"", true, false}};
    load.engine->add(fields, {7, 0, "x,1.5,"});
    fields[1].text = "bad";
    load.engine->add(fields, {8, 0, "x,bad,"});
    load.engine->add_raw({70, 900, "\"y\nz\",2,n"});
    load.engine->add_raw({71, 950, "\"y,2,n"});
    load.engine->add_raw({72, 960, "y,2"});
    EXPECT_EQ(load.sink.records,
              (Lines{"7: external_id='x' amount=1.5", "70: external_id='y\nz' amount=2 note='n'"}));
    EXPECT_EQ(load.sink.rejects, (Lines{"8@0 [a] 22P02 invalid number \"bad\"",
                                        "71@950 [] 22P04 unterminated quoted field",
                                        "72@960 [] 22P04 record has 2 columns, expected 3"}));
    EXPECT_EQ(load.engine->counts().read, 5u);
}

// A column that the header does not name stays left out when records of the file are read again.
TEST(IngestEngine, ColumnsWithoutANameReadAgain) {
    Load load;
    load.run(",note\n1,x\n");
    EXPECT_EQ(load.sink.records, (Lines{"2: note='x'"}));
    Load retry;
    retry.engine->begin_columns(load.engine->column_names());
    retry.engine->add_raw({2, 6, "1,x"});
    EXPECT_EQ(retry.sink.records, load.sink.records);
    EXPECT_EQ(retry.engine->attribute_keys(), load.engine->attribute_keys());
}

TEST(IngestEngine, StopsWhenAsked) {
    Load load;
    load.engine->feed("amount\n1\n");
    load.stop.stop = true;
    EXPECT_THROW(load.engine->feed("2\n"), Stopped);
}

TEST(IngestEngine, TheCutIntoChunksDoesNotMatter) {
    std::string input =
        "\xEF\xBB\xBF# title\r\nexternal_id,amount,note\r\n\"a\r\nb\",1,\"x "
        "\"\"y\"\"\"\r\nb\"c,2,\r\n\r\nd,bad,n\r\n"
        "e,5\r\nf,6,caf\xc3\xa9\rg,7,\xff\n\"h,8,i\r\nj,9,k";
    auto all = [&](std::size_t chunk) {
        Load load("null", R"({"comment": "#"})");
        load.run(input, chunk);
        Lines lines = load.sink.records;
        for (const Lines& more : {load.sink.rejects, load.sink.raws})
            lines.insert(lines.end(), more.begin(), more.end());
        return lines;
    };
    Lines whole = all(input.size());
    EXPECT_EQ(whole.size(), 3u + 2 * 5u);
    for (std::size_t chunk = 1; chunk < input.size(); ++chunk)
        ASSERT_EQ(all(chunk), whole) << chunk;
}

}  // namespace
}  // namespace recon::test
