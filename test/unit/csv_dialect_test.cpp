// Dialects that libcsv does not read, and line ends of one's own: what they mean by example, and by
// a parser as simple as the definition.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>

#include "csv_support.hpp"

namespace recon::csv {
namespace {

using test::Event;
using test::read;
using Fields = std::vector<std::string>;

// T: text, Q: quoted, N: null; a reject is its message.
std::vector<Fields> rows(std::string_view input, const Dialect& dialect) {
    std::vector<Fields> found;
    for (Event& event : read(input, dialect, SIZE_MAX))
        found.push_back(event.code.empty() ? std::move(event.fields) : Fields{event.message});
    return found;
}

const Fields stray_quote = {"stray quote in field"};

TEST(CsvDialect, DelimiterOfSeveralBytes) {
    Dialect dialect;
    dialect.delimiter = "||";
    EXPECT_EQ(rows("a||b|c||\n\"x||y\"||\"\"||\"q\"\"\"\n|||\n", dialect),
              (std::vector<Fields>{{"Ta", "Tb|c", "N"}, {"Qx||y", "Q", "Qq\""}, {"N", "T|"}}));
    EXPECT_EQ(rows("\"a\"|\n\"b\"x||c\nd\"||e\n", dialect),
              (std::vector<Fields>{stray_quote, stray_quote, stray_quote}));
    dialect.delimiter = "\u00a6";
    EXPECT_EQ(rows("a\u00a6b\xC2\n", dialect), (std::vector<Fields>{{"Ta", "Tb\xC2"}}));
}

TEST(CsvDialect, EscapeOtherThanTheQuote) {
    Dialect dialect;
    dialect.escape = '\\';
    // Before anything but a quote or itself it is text, and so it is in a field without quotes.
    EXPECT_EQ(rows("\"a\\\"b\\\\\",\"\\n\",c\\d\\\n", dialect),
              (std::vector<Fields>{{"Qa\"b\\", "Q\\n", "Tc\\d\\"}}));
    EXPECT_EQ(rows("\"a\"\"b\",1\n\"c\\\\\",2\n", dialect),
              (std::vector<Fields>{stray_quote, {"Qc\\", "T2"}}));
    EXPECT_EQ(rows("\"a\\\nb\",1\n", dialect), (std::vector<Fields>{{"Qa\\\nb", "T1"}}));
    dialect.escape.reset();
    EXPECT_EQ(rows("\"a\\\",1\n\"a\"\"\",2\n", dialect),
              (std::vector<Fields>{{"Qa\\", "T1"}, stray_quote}));
}

TEST(CsvDialect, NoQuote) {
    Dialect dialect;
    dialect.quote.reset();
    dialect.escape.reset();
    EXPECT_EQ(rows("\"a,b\"c,,\n\n37'36.8\"N,x", dialect),
              (std::vector<Fields>{{"T\"a", "Tb\"c", "N", "N"}, {"T37'36.8\"N", "Tx"}}));
}

TEST(CsvDialect, LineEndsOfOnesOwn) {
    Dialect dialect;
    dialect.terminator = Terminator::custom;
    dialect.custom_terminator = ";;";
    dialect.delimiter = ";";
    auto events = read("a;b;;\"c;;d\";\n;;;;e", dialect, 1);
    ASSERT_EQ(events.size(), 3u);
    EXPECT_EQ(events[0].fields, (Fields{"Ta", "Tb"}));
    EXPECT_EQ(events[1].fields, (Fields{"Qc;;d", "T\n"}));
    EXPECT_EQ(events[1].line, 2u);
    EXPECT_EQ(events[2].fields, (Fields{"Te"}));
    EXPECT_EQ(events[2].line, 5u) << "two in the second record, and a blank line";
    dialect.custom_terminator = "\r\r\n";
    EXPECT_EQ(rows("a;b\r\r\r\nc\n;d\r\r\n", dialect),
              (std::vector<Fields>{{"Ta", "Tb\r"}, {"Tc\n", "Td"}}));
    events = read("\"open\r\r\nnext;1\r\r\n", dialect, 2);
    EXPECT_EQ(events.at(0).raw, "\"open");
    EXPECT_EQ(events.at(1).fields, (Fields{"Tnext", "T1"}));
    EXPECT_EQ(events.at(1).offset, 8u);
}

TEST(CsvDialect, BlanksAroundQuotes) {
    Dialect dialect;
    dialect.trim = true;
    EXPECT_EQ(rows(" \"a\" ,\t\" b\" ,  c \n\"x\" y,1\n  \"z\"", dialect),
              (std::vector<Fields>{{"Qa", "Q b", "T  c "}, stray_quote, {"Qz"}}));
    dialect.delimiter = " ";
    EXPECT_EQ(rows("\"a\" \"b\"\t \"c\"\n", dialect), (std::vector<Fields>{{"Qa", "Qb", "Qc"}}));
    dialect.delimiter = " | ";
    EXPECT_EQ(rows("\"a\"  | \"b\" | |x\n", dialect), (std::vector<Fields>{{"Qa", "Qb", "T|x"}}));
}

// ---- against the definition -------------------------------------------------------------------

struct Line {
    std::size_t end, next;
};

Line line_from(std::string_view input, std::size_t at, const Dialect& dialect) {
    for (; at < input.size(); ++at) {
        std::string_view rest = input.substr(at);
        bool pair = rest.starts_with("\r\n");
        std::size_t length = 0;
        switch (dialect.terminator) {
            case Terminator::custom:
                length = rest.starts_with(dialect.custom_terminator)
                             ? dialect.custom_terminator.size()
                             : 0;
                break;
            case Terminator::lf:
                length = rest[0] == '\n';
                break;
            case Terminator::cr:
                length = rest[0] == '\r';
                break;
            case Terminator::crlf:
                length = pair ? 2 : 0;
                break;
            case Terminator::any:
                length = pair ? 2 : rest[0] == '\n' || rest[0] == '\r';
        }
        if (length > 0) return {at, at + length};
    }
    return {at, at};
}

enum class Verdict { record, open, stray };

struct Text {
    std::string_view text;
    std::size_t at = 0;
    bool ended() const { return at == text.size(); }
    bool has(std::string_view what) const { return text.substr(at).starts_with(what); }
    bool has(std::optional<char> what) const { return !ended() && text[at] == what; }
    void pass_blanks(const Dialect& dialect) {
        while (dialect.trim && (has(' ') || has('\t')) && !has(dialect.delimiter)) ++at;
    }
};

Verdict split(std::string_view whole, const Dialect& dialect, Fields& fields) {
    Text text{whole};
    fields.clear();
    while (true) {
        std::size_t begin = text.at;
        text.pass_blanks(dialect);
        if (text.has(dialect.quote)) {
            std::string value = "Q";
            bool open = true;
            for (++text.at; open && !text.ended(); ++text.at) {
                char c = whole[text.at];
                bool pair =
                    text.at + 1 < whole.size() && c == dialect.escape &&
                    (whole[text.at + 1] == dialect.quote || whole[text.at + 1] == dialect.escape);
                if (pair)
                    value += whole[++text.at];
                else if (c == dialect.quote)
                    open = false;
                else
                    value += c;
            }
            if (open) return Verdict::open;
            fields.push_back(value);
            text.pass_blanks(dialect);
            if (!text.ended() && !text.has(dialect.delimiter)) return Verdict::stray;
        } else {
            text.at = std::min(whole.find(dialect.delimiter, begin), whole.size());
            std::string value(whole.substr(begin, text.at - begin));
            if (dialect.quote && value.find(*dialect.quote) != std::string::npos)
                return Verdict::stray;
            fields.push_back(value.empty() ? "N" : "T" + value);
        }
        if (text.ended()) return Verdict::record;
        text.at += dialect.delimiter.size();
    }
}

std::vector<Event> reference(std::string_view input, const Dialect& dialect) {
    std::vector<Event> events;
    std::uint64_t line_no = 1, skip = dialect.skip_lines;
    for (std::size_t at = 0; at < input.size();) {
        Line first = line_from(input, at, dialect), line = first;
        bool is_comment = dialect.comment && input[at] == *dialect.comment;
        if (skip > 0 || is_comment || first.end == at) {
            if (skip > 0) --skip;
            at = first.next;
            ++line_no;
            continue;
        }
        Event event{line_no, at, "", "", "", {}};
        std::uint64_t lines = 1;
        Verdict verdict;
        while ((verdict = split(input.substr(at, line.end - at), dialect, event.fields)) ==
                   Verdict::open &&
               line.next > line.end) {
            line = line_from(input, line.next, dialect);
            ++lines;
        }
        std::size_t longest = 0;
        for (const std::string& field : event.fields) longest = std::max(longest, field.size() - 1);
        if (verdict != Verdict::record) {
            line = first;
            lines = 1;
            event.fields.clear();
            event.code = "22P04";
            event.message =
                verdict == Verdict::stray ? "stray quote in field" : "unterminated quoted field";
        } else if (event.fields.size() > dialect.max_fields || longest > dialect.max_field_bytes) {
            event.message = event.fields.size() > dialect.max_fields ? "record has" : "field";
            event.fields.clear();
            event.code = "54000";
        }
        event.raw = input.substr(at, line.end - at);
        at = line.next;
        line_no += lines;
        events.push_back(event);
    }
    return events;
}

Dialect random_dialect(std::mt19937& random) {
    static constexpr std::string_view delimiters[] = {",",   "||", "|||", ", ",     " , ",
                                                      "~|~", "::", " ",   "\u00a6", "ab"};
    static constexpr std::string_view ends[] = {";", "\r\r\n", "|\n", ";;", "\n\n", "aba", "~|"};
    Dialect dialect;
    dialect.delimiter = delimiters[random() % std::size(delimiters)];
    if (random() % 3 == 0) dialect.quote = dialect.escape = '\'';
    if (random() % 3 == 0) dialect.escape = '\\';
    if (random() % 8 == 0) dialect.escape.reset();
    if (random() % 6 == 0) {
        dialect.quote.reset();
        dialect.escape.reset();
    }
    dialect.trim = random() % 3 == 0;
    dialect.terminator = static_cast<Terminator>(random() % 5);
    if (dialect.terminator == Terminator::custom)
        dialect.custom_terminator = ends[random() % std::size(ends)];
    if (random() % 4 == 0) dialect.comment = '#';
    dialect.skip_lines = random() % 4 == 0 ? random() % 4 : 0;
    dialect.max_field_bytes = random() % 4 == 0 ? 1 + random() % 8 : 1000;
    dialect.max_fields = random() % 4 == 0 ? 1 + random() % 4 : 1000;
    return dialect;
}

// Pieces of the dialect, and text.
std::string random_input(std::mt19937& random, const Dialect& dialect) {
    std::string input;
    for (std::size_t pieces = random() % 24; pieces > 0; --pieces) {
        switch (random() % 10) {
            case 0:
            case 1:
                input += dialect.delimiter;
                break;
            case 2:
                input += dialect.quote.value_or('"');
                break;
            case 3:
                input += dialect.escape.value_or('\\');
                break;
            case 4:
                input += dialect.custom_terminator;
                break;
            case 5:
                input += dialect.delimiter + dialect.quote.value_or('x');
                break;
            case 6:
                input += dialect.quote.value_or('x') + dialect.delimiter;
                break;
            default:
                static constexpr std::string_view bytes("aab\"'\\ \t\r\n\n|~:;,#\xC2\0", 20);
                input += bytes[random() % bytes.size()];
        }
    }
    return input;
}

std::string shown(const Dialect& dialect) {
    return ::testing::PrintToString(dialect.delimiter) + " quote " +
           ::testing::PrintToString(dialect.quote) + " escape " +
           ::testing::PrintToString(dialect.escape) + " end " +
           std::to_string(static_cast<int>(dialect.terminator)) + " " +
           ::testing::PrintToString(dialect.custom_terminator) + " trim " +
           std::to_string(dialect.trim);
}

TEST(CsvDialect, RandomDialectsReadAsDefined) {
    std::mt19937 random(415);
    int records = 0, rejects = 0;
    for (int round = 0; round < 60000; ++round) {
        Dialect dialect = random_dialect(random);
        std::string input = random_input(random, dialect);
        auto expected = reference(input, dialect);
        auto seen = read(input, dialect, 1 + random() % (input.size() + 1));
        for (Event& event : seen)  // the reference does not number fields
            if (event.code == "54000") event.message.resize(event.message[0] == 'r' ? 10 : 5);
        ASSERT_EQ(seen, expected) << "round " << round << ": " << shown(dialect) << " in "
                                  << ::testing::PrintToString(input);
        for (const Event& event : expected) ++(event.code.empty() ? records : rejects);
    }
    EXPECT_GT(records, 20000);
    EXPECT_GT(rejects, 20000);
}

TEST(CsvDialect, TheCutIntoChunksDoesNotMatter) {
    std::mt19937 random(1848);
    for (int round = 0; round < 8000; ++round) {
        Dialect dialect = random_dialect(random);
        if (random() % 2 == 0) dialect.max_record_bytes = 1 + random() % 20;
        std::string input = random_input(random, dialect);
        auto whole = read(input, dialect, input.size() + 1);
        for (std::size_t chunk = 1; chunk <= input.size(); ++chunk)
            ASSERT_EQ(read(input, dialect, chunk), whole)
                << "round " << round << ", chunks of " << chunk << ": " << shown(dialect) << " in "
                << ::testing::PrintToString(input);
    }
}

TEST(CsvDialect, TheCleanPathChangesNothing) {
    std::mt19937 random(77);
    for (int round = 0; round < 20000; ++round) {
        Dialect dialect = random_dialect(random);
        dialect.delimiter = ",";
        dialect.escape = dialect.quote;
        if (random() % 2 == 0) dialect.trim = true;
        std::string input = random_input(random, dialect);
        std::size_t chunk = 1 + random() % (input.size() + 1);
        auto clean = read(input, dialect, chunk);
        dialect.clean_path = false;
        ASSERT_EQ(clean, read(input, dialect, chunk))
            << shown(dialect) << " in " << ::testing::PrintToString(input);
    }
}

TEST(CsvDialect, AnEndlessLineIsNotHeld) {
    for (const char* end : {";;", "\r\r\n"}) {
        Dialect dialect;
        dialect.delimiter = "||";
        dialect.terminator = Terminator::custom;
        dialect.custom_terminator = end;
        dialect.max_record_bytes = 1 << 16;
        test::Recorder recorder;
        RecordReader reader(dialect, recorder);
        for (int i = 0; i < 1000; ++i) {
            reader.feed(i == 0 ? "\"" : std::string(1000, 'x'));
            ASSERT_LE(reader.held(), dialect.max_record_bytes + 70000);
        }
        reader.feed(end + std::string("c") + end);
        reader.finish();
        ASSERT_EQ(recorder.events.size(), 2u);
        EXPECT_EQ(recorder.events[1].fields, (Fields{"Tc"}));
        EXPECT_EQ(recorder.events[1].line, 2u);
    }
}

}  // namespace
}  // namespace recon::csv
