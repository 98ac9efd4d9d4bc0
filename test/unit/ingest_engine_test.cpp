#include "core/ingest/engine.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/field/raw_text.hpp"
#include "json_text.hpp"

namespace recon::ingest {
namespace {

using std::string_literals::operator""s;

class Utf8 : public TextCodec {
  public:
    bool decode(std::string_view raw, std::string&, std::string_view& out) override {
        out = raw;
        return field::valid_utf8(raw);
    }
};

class Latin1 : public TextCodec {
  public:
    bool decode(std::string_view raw, std::string& scratch, std::string_view& out) override {
        if (utf8) {
            out = raw;
            return field::valid_utf8(raw);
        }
        scratch.clear();
        for (char c : raw) {
            auto byte = static_cast<unsigned char>(c);
            if (byte >= 0x80) scratch += static_cast<char>(0xC0 | byte >> 6);
            scratch += static_cast<char>(byte >= 0x80 ? 0x80 | (byte & 63) : byte);
        }
        out = scratch;
        return true;
    }
    void use_utf8() override { utf8 = true; }
    bool utf8 = false;
};

class NeverStop : public StopToken {
  public:
    bool should_stop() override { return stop; }
    bool stop = false;
};

std::string two(int number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
}

std::string shown(const Cell& cell) {
    switch (cell.kind) {
        case Cell::Kind::null:
            return "NULL";
        case Cell::Kind::text:
            return "'" + std::string(cell.text) + "'";
        case Cell::Kind::decimal:
            return field::to_text(cell.decimal);
        case Cell::Kind::boolean:
            return cell.boolean ? "true" : "false";
        case Cell::Kind::timestamp:
            return "@" + std::to_string(cell.micros);
        case Cell::Kind::date:
            break;
    }
    field::YearMonthDay date = field::to_year_month_day(cell.day);
    return std::to_string(date.year) + "-" + two(date.month) + "-" + two(date.day);
}

// Writes down what it is given: a line per record ("3: external_id='x' ... iban='y'") and per
// reject.
class Recorder : public Sink {
  public:
    void take(const Batch& batch) override {
        EXPECT_EQ(engine->counts().read, engine->counts().loaded + engine->counts().rejected);
        ++batches;
        largest_batch = std::max(largest_batch, batch.records.size());
        for (const Record& record : batch.records) {
            std::string line = std::to_string(record.line_no) + ":";
            for (std::size_t i = 0; i < field_count; ++i)
                if (record.fields[i].kind != Cell::Kind::null)
                    line += " " + std::string(field_names[i]) + "=" + shown(record.fields[i]);
            for (const Attribute& attribute :
                 batch.attributes.subspan(record.first_attribute, record.attribute_count))
                line +=
                    " " + engine->attribute_keys()[attribute.key] + "=" + shown(attribute.value);
            records.push_back(line);
        }
        for (const Reject& reject : batch.rejects) {
            rejects.push_back(std::to_string(reject.line_no) + "@" +
                              std::to_string(reject.byte_offset) + " [" + reject.column_name +
                              "] " + reject.code + " " + reject.message);
            raws.push_back(reject.raw);
        }
    }
    Engine* engine = nullptr;
    int batches = 0;
    std::size_t largest_batch = 0;
    std::vector<std::string> records, rejects, raws;
};

struct Load {
    explicit Load(std::string_view mapping = "null", std::string_view options = "{}",
                  TextCodec* other = nullptr) {
        json::Value mapping_value = test::parse_json(mapping);
        engine = std::make_unique<Engine>(parse_options(test::parse_json(options)),
                                          parse_mapping(&mapping_value),
                                          other != nullptr ? *other : codec, sink, stop);
        sink.engine = engine.get();
    }
    Load& run(std::string_view input, std::size_t chunk = SIZE_MAX) {
        for (std::size_t at = 0; at < input.size();) {
            std::string piece(input.substr(at, chunk));
            engine->feed(piece);
            at += piece.size();
        }
        engine->finish();
        return *this;
    }
    Utf8 codec;
    NeverStop stop;
    Recorder sink;
    std::unique_ptr<Engine> engine;
};

using Lines = std::vector<std::string>;

std::string error_of(std::string_view input, std::string_view mapping = "null",
                     std::string_view options = "{}") {
    try {
        Load(mapping, options).run(input);
    } catch (const Error& error) {
        return std::string(error.code()) + " " + error.message();
    }
    return "no error";
}

// The single reject of a file with a header, one mapped column and one row.
std::string reject_of(std::string_view field, std::string_view value) {
    Load load("{\"amount\": 1, " + std::string(field) + "}");
    load.run("A,B\n1," + std::string(value) + "\n");
    EXPECT_EQ(load.sink.rejects.size(), 1u) << value;
    return load.sink.rejects.empty() ? "loaded" : load.sink.rejects[0];
}

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

TEST(IngestEngine, RejectsSayWhatWasWrong) {
    EXPECT_EQ(reject_of(R"("x": {"column": 2, "type": "numeric"})", "\"12,5x\""),
              "2@4 [B] 22P02 invalid number \"12,5x\"");
    EXPECT_EQ(reject_of(R"("x": {"column": 2, "type": "numeric"})", "\"\""),
              "2@4 [B] 22P02 invalid number \"\"");
    EXPECT_EQ(reject_of(R"("x": {"column": 2, "type": "numeric"})", "1e30"),
              "2@4 [B] 22003 number \"1e30\" is out of range");
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

TEST(IngestEngine, TheFirstBadColumnOfTheFileRejects) {
    Load load(
        R"({"amount": "C", "value_date": "B", "x": {"debit": "A", "credit": "D", "type": "numeric"}})");
    load.run("A,B,C,D\n1,bad,bad,bad\nbad,bad,bad,1\n1,2024-01-01,1,bad\n");
    EXPECT_EQ(load.sink.rejects, (Lines{"2@8 [D] 22P02 invalid number \"bad\"",
                                        "3@22 [A] 22P02 invalid number \"bad\"",
                                        "4@36 [D] 22P02 invalid number \"bad\""}));
    EXPECT_EQ(load.sink.raws, (Lines{"1,bad,bad,bad", "bad,bad,bad,1", "1,2024-01-01,1,bad"}));
}

TEST(IngestEngine, ARejectLeavesNoTrace) {
    Load load;
    load.run("a,b,amount\n1,2,x\n3,4,5\n");
    EXPECT_EQ(load.sink.records, (Lines{"3: amount=5 a='3' b='4'"}));
    EXPECT_EQ(load.engine->counts().rejected, 1u);
}

TEST(IngestEngine, SumsOutOfRange) {
    Load load(R"({"amount": {"debit": 1, "credit": 2}})");
    load.run("D,C\n-99999999999999999999,99999999999999999999\n");
    EXPECT_EQ(load.sink.rejects, (Lines{"2@4 [D] 22003 credit less debit is out of range"}));
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
    EXPECT_EQ(error_of("\xFF\xFE"
                       "a\0"s),
              "0A000 the file is UTF-16");
    EXPECT_EQ(error_of("\xFE\xFF\0a"s), "0A000 the file is UTF-16");
    EXPECT_EQ(error_of("\xFF\xFE\0\0"s), "0A000 the file is UTF-32");
    EXPECT_EQ(error_of("\0\0\xFE\xFF"s), "0A000 the file is UTF-32");
    EXPECT_EQ(error_of("\xFF\xFE"), "0A000 the file is UTF-16");
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

TEST(IngestEngine, HeaderFaults) {
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
    EXPECT_EQ(error_of("a", "null", R"({"delimiter": "auto"})"),
              "0A000 option \"delimiter\": the value \"auto\" is not supported yet");
}

TEST(IngestEngine, Batches) {
    Load load("null", R"({"batch_size": 10})");
    std::string input = "amount\n";
    for (int i = 0; i < 95; ++i) input += i % 10 == 0 ? "bad\n" : "1\n";
    load.run(input);
    EXPECT_EQ(load.sink.records.size(), 85u);
    EXPECT_EQ(load.sink.rejects.size(), 10u);
    EXPECT_EQ(load.sink.largest_batch, 10u);
    EXPECT_EQ(load.sink.batches, 9);

    Load large("null", R"({"batch_size": 100000})");
    input = "reference\n";
    for (int i = 0; i < 300; ++i) input += std::string(50000, 'x') + "\n";
    large.run(input, 65536);
    EXPECT_EQ(large.sink.records.size(), 300u);
    EXPECT_LE(large.sink.largest_batch, 21u) << "about 1 MiB";
}

TEST(IngestEngine, MaxRejectsIsTold) {
    Load load("null", R"({"max_rejects": 1})");
    load.engine->feed("amount\nx\n");
    EXPECT_FALSE(load.engine->over_max_rejects());
    load.engine->feed("1\ny\n2\n");
    EXPECT_TRUE(load.engine->over_max_rejects());
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
}  // namespace recon::ingest
