#include "core/csv/reader.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace recon::csv {
namespace {

using std::string_literals::operator""s;

struct Event {
    std::uint64_t line, offset;
    std::string raw;
    std::vector<std::string> fields;  // "NULL" for null, quoted ones in []
    std::string code, message;        // of a reject
};

class Recorder : public RecordHandler {
  public:
    void on_record(std::span<const Field> fields, const Place& place) override {
        Event& event = add(place);
        for (const Field& field : fields) {
            std::string text(field.text);
            event.fields.push_back(field.null ? "NULL" : field.quoted ? "[" + text + "]" : text);
        }
    }
    void on_reject(const char* code, std::string_view message, const Place& place) override {
        Event& event = add(place);
        event.code = code;
        event.message = message;
    }
    std::vector<Event> events;

  private:
    Event& add(const Place& place) {
        return events.emplace_back(
            Event{place.line, place.offset, std::string(place.raw), {}, {}, {}});
    }
};

std::vector<Event> read(std::string_view input, const Dialect& dialect = {}) {
    Recorder recorder;
    RecordReader reader(dialect, recorder);
    reader.feed(input);
    reader.finish();
    return recorder.events;
}

using Fields = std::vector<std::string>;

TEST(CsvReader, TellsNullFromEmptyAndKeepsBlanks) {
    auto events = read("a,,\"\", x ,\"y\"\"z\"\n");
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].fields, (Fields{"a", "NULL", "[]", " x ", "[y\"z]"}));
    EXPECT_EQ(events[0].raw, "a,,\"\", x ,\"y\"\"z\"");
}

TEST(CsvReader, QuotesAreFoundInRawBytesWhateverTheTextHolds) {
    auto events = read("\"\"\"\",\"a,b\",\"\"\"x\"\"\",,\"\r\n\",z");
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].fields, (Fields{"[\"]", "[a,b]", "[\"x\"]", "NULL", "[\r\n]", "z"}));
}

TEST(CsvReader, LastLineNeedsNoTerminator) {
    EXPECT_EQ(read("a,b").at(0).fields, (Fields{"a", "b"}));
    EXPECT_EQ(read("a,").at(0).fields, (Fields{"a", "NULL"}));
    EXPECT_EQ(read("\"a\"").at(0).fields, (Fields{"[a]"}));
    EXPECT_TRUE(read("").empty());
}

TEST(CsvReader, LinesAndOffsetsWithEveryTerminator) {
    for (const std::string& end : {"\n"s, "\r\n"s, "\r"s}) {
        std::string input = "a,b" + end + end + "\"c" + end + "d\",e" + end + "f";
        auto events = read(input);
        ASSERT_EQ(events.size(), 3u);
        EXPECT_EQ(events[0].line, 1u);
        EXPECT_EQ(events[1].line, 3u) << "a blank line counts";
        EXPECT_EQ(events[1].offset, 3 + 2 * end.size());
        EXPECT_EQ(events[1].raw, "\"c" + end + "d\",e");
        EXPECT_EQ(events[1].fields, (Fields{"[c" + end + "d]", "e"}));
        EXPECT_EQ(events[2].line, 5u);
        EXPECT_EQ(input.substr(events[2].offset), "f");
    }
}

TEST(CsvReader, MixedTerminators) {
    auto events = read("a\rb\r\nc\n\rd\n\n\re");
    std::vector<std::uint64_t> lines;
    for (const Event& event : events) lines.push_back(event.line);
    EXPECT_EQ(lines, (std::vector<std::uint64_t>{1, 2, 3, 5, 8}));
}

TEST(CsvReader, OneTerminatorOnly) {
    Dialect dialect;
    dialect.terminator = Terminator::lf;
    EXPECT_EQ(read("a\rb\n", dialect).at(0).fields, (Fields{"a\rb"}));
    EXPECT_EQ(read("a\r\n", dialect).at(0).fields, (Fields{"a\r"}));
    dialect.terminator = Terminator::crlf;
    EXPECT_EQ(read("a\nb\rc\r\nd\r", dialect).at(0).fields, (Fields{"a\nb\rc"}));
    EXPECT_EQ(read("a\r\nd\r", dialect).at(1).fields, (Fields{"d\r"}));
    dialect.terminator = Terminator::cr;
    EXPECT_EQ(read("a\nb\rc", dialect).at(0).fields, (Fields{"a\nb"}));
}

TEST(CsvReader, AStrayQuoteCostsItsLineOnly) {
    auto events = read("a,b\nx\"y,1\n\"p\"q,2\nc,d\n");
    ASSERT_EQ(events.size(), 4u);
    EXPECT_EQ(events[1].code, "22P04");
    EXPECT_EQ(events[1].message, "stray quote in field");
    EXPECT_EQ(events[1].raw, "x\"y,1");
    EXPECT_EQ(events[1].offset, 4u);
    EXPECT_EQ(events[2].raw, "\"p\"q,2");
    EXPECT_EQ(events[2].line, 3u);
    EXPECT_EQ(events[3].fields, (Fields{"c", "d"}));
}

TEST(CsvReader, AnOpenQuoteCostsItsFirstLineOnly) {
    auto events = read("\"a,1\r\nb,2\r\nc,3");
    ASSERT_EQ(events.size(), 3u);
    EXPECT_EQ(events[0].message, "unterminated quoted field");
    EXPECT_EQ(events[0].code, "22P04");
    EXPECT_EQ(events[0].raw, "\"a,1");
    EXPECT_EQ(events[1].fields, (Fields{"b", "2"}));
    EXPECT_EQ(events[1].line, 2u);
    EXPECT_EQ(events[1].offset, 6u);
    EXPECT_EQ(events[2].line, 3u);
}

TEST(CsvReader, AnOpenQuoteThatMeetsALaterQuoteCostsItsFirstLineOnly) {
    auto events = read("1,\"open\n2,\"shut\"\n3,x\n");
    ASSERT_EQ(events.size(), 3u);
    EXPECT_EQ(events[0].message, "stray quote in field");
    EXPECT_EQ(events[0].raw, "1,\"open");
    EXPECT_EQ(events[1].fields, (Fields{"2", "[shut]"}));
    EXPECT_EQ(events[2].fields, (Fields{"3", "x"}));
}

TEST(CsvReader, AnOpenQuoteAtTheEndOfTheLastLine) {
    auto events = read("a\n\"b\n");
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[1].raw, "\"b");
    EXPECT_EQ(events[1].line, 2u);
}

TEST(CsvReader, AnOpenQuoteOverTheLimitCostsItsFirstLineOnly) {
    Dialect dialect;
    dialect.max_record_bytes = 100;
    std::string input = "\"open\n";
    for (int i = 0; i < 50; ++i) input += "row," + std::to_string(i) + "\n";
    auto events = read(input, dialect);
    ASSERT_EQ(events.size(), 51u);
    EXPECT_EQ(events[0].message, "unterminated quoted field");
    EXPECT_EQ(events[0].raw, "\"open");
    EXPECT_EQ(events[50].fields, (Fields{"row", "49"}));
    EXPECT_EQ(events[50].line, 51u);
}

TEST(CsvReader, AnOpenQuoteBeforeManyBlankLinesIsBounded) {
    Dialect dialect;
    dialect.max_record_bytes = 100;
    auto events = read("\"open\n" + std::string(500, '\n') + "a\n", dialect);
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[0].message, "unterminated quoted field");
    EXPECT_EQ(events[1].line, 502u);
}

TEST(CsvReader, LongFieldsAndTooManyFields) {
    Dialect dialect;
    dialect.max_field_bytes = 5;
    dialect.max_fields = 3;
    auto events = read("12345,\"1\n345\"\na,123456\n\"a\nb\"\"cde\",x\n1,2,3,4\n1,2,3\n", dialect);
    ASSERT_EQ(events.size(), 5u);
    EXPECT_EQ(events[0].fields.size(), 2u);
    EXPECT_EQ(events[1].code, "54000");
    EXPECT_EQ(events[1].message, "field 2 is longer than 5 bytes");
    EXPECT_EQ(events[2].message, "field 1 is longer than 5 bytes");
    EXPECT_EQ(events[2].raw, "\"a\nb\"\"cde\",x");
    EXPECT_EQ(events[3].message, "record has more than 3 fields");
    EXPECT_EQ(events[3].line, 6u);
    EXPECT_EQ(events[4].fields.size(), 3u);
}

TEST(CsvReader, AnEndlessLineIsNotHeld) {
    Dialect dialect;
    dialect.max_record_bytes = 1 << 20;
    Recorder recorder;
    RecordReader reader(dialect, recorder);
    reader.feed("a,b\n");
    std::string block(100000, 'x');
    for (int i = 0; i < 1000; ++i) {
        reader.feed(block);
        ASSERT_LE(reader.held(), dialect.max_record_bytes + block.size());
    }
    reader.feed("\nc,d");
    reader.finish();
    ASSERT_EQ(recorder.events.size(), 3u);
    EXPECT_EQ(recorder.events[1].code, "54000");
    EXPECT_EQ(recorder.events[1].message, "record is longer than 1048576 bytes");
    EXPECT_EQ(recorder.events[1].raw, std::string(kept_of_endless_line, 'x'));
    EXPECT_EQ(recorder.events[2].line, 3u);
    EXPECT_EQ(recorder.events[2].offset, 4 + 100000000u + 1);
}

TEST(CsvReader, AnEndlessQuotedLineIsNotHeld) {
    Dialect dialect;
    dialect.max_record_bytes = 1 << 16;
    Recorder recorder;
    RecordReader reader(dialect, recorder);
    reader.feed("\"");
    for (int i = 0; i < 1000; ++i) {
        reader.feed(std::string(1000, 'x'));
        ASSERT_LE(reader.held(), dialect.max_record_bytes + 70000);
    }
    reader.feed("\nc\n");
    reader.finish();
    ASSERT_EQ(recorder.events.size(), 2u);
    EXPECT_EQ(recorder.events[1].fields, (Fields{"c"}));
    EXPECT_EQ(recorder.events[1].line, 2u);
}

TEST(CsvReader, SkippedLinesAndComments) {
    Dialect dialect;
    dialect.skip_lines = 2;
    dialect.comment = '#';
    auto events = read("\"title\r\n\r\na\n#x \"y\n\"b\n#c\"\n#last", dialect);
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[0].line, 3u);
    EXPECT_EQ(events[1].line, 5u);
    EXPECT_EQ(events[1].fields, (Fields{"[b\n#c]"})) << "no comment inside quotes";
}

TEST(CsvReader, OtherDelimiterAndQuote) {
    Dialect dialect;
    dialect.delimiter = ';';
    dialect.quote = dialect.escape = '\'';
    auto events = read("a;'b;''c';\"\n", dialect);
    EXPECT_EQ(events.at(0).fields, (Fields{"a", "[b;'c]", "\""}));
}

TEST(CsvReader, OffsetsCountFromTheFirstByteOfTheFile) {
    Recorder recorder;
    RecordReader reader({}, recorder, 3);
    reader.feed("a\nb\n");
    reader.finish();
    EXPECT_EQ(recorder.events.at(0).offset, 3u);
    EXPECT_EQ(recorder.events.at(1).offset, 5u);
}

TEST(CsvReader, NulAndHighBytesAreText) {
    auto events = read("a\0b,\xff\xfe\n"s);
    EXPECT_EQ(events.at(0).fields, (Fields{"a\0b"s, "\xff\xfe"}));
}

TEST(CsvReader, AnExceptionOfTheHandlerComesThrough) {
    class Thrower : public RecordHandler {
        void on_record(std::span<const Field>, const Place&) override { throw Stopped(); }
        void on_reject(const char*, std::string_view, const Place&) override {}
    } thrower;
    RecordReader reader({}, thrower);
    EXPECT_THROW(reader.feed("a\n"), Stopped);
}

}  // namespace
}  // namespace recon::csv
