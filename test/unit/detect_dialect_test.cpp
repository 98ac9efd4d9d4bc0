// Dialects and encodings of samples; random and cut samples.
#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "core/detect/encoding.hpp"
#include "detect_support.hpp"

namespace recon::test {
namespace {

// Rows written in a dialect; commas, quotes and line ends in the texts.
std::string write(const std::string& delimiter, char quote, char escape, const std::string& end) {
    const char* rows[][4] = {
        {"id", "booking date", "amount", "text"},     {"a1", "2024-01-05", "12.50", "plain"},
        {"a2", "2024-01-06", "-3.10", "a, b; c | d"}, {"a3", "2024-01-17", "700.00", "say X now"},
        {"a4", "2024-01-18", "5.25", "two\nlines"},   {"a5", "2024-01-19", "8.00", "end"}};
    std::string file;
    for (auto& row : rows) {
        for (int i = 0; i < 4; ++i) {
            std::string text = row[i];
            if (i > 0) file += delimiter;
            if (i < 3) {
                file += text;
                continue;
            }
            if (auto at = text.find('X'); at != std::string::npos)
                text.replace(at, 1, std::string{escape, quote, 'X', escape, quote});
            file += quote + text + quote;
        }
        file += end;
    }
    return file;
}

std::string json_text(std::string_view text) {
    return json::quote(text);
}

TEST(DetectDialect, DelimitersQuotesAndLineEnds) {
    for (const char* delimiter :
         {",",  ";",   "\t",  "|",   ":",   "^",   "~",   "||",   ";;",     "::",    ", ",
          "; ", "~|~", "|~|", "^|^", "#|#", "|||", "<|>", "\x1f", "\u00a6", "\u00a7"})
        for (char quote : {'"', '\''})
            for (const char* end : {"\n", "\r\n", "\r"}) {
                std::string file = write(delimiter, quote, quote, end);
                Suggested s(file);
                ASSERT_EQ(s.dialect("delimiter"), json_text(delimiter)) << file;
                ASSERT_EQ(s.dialect("quote"), json_text(std::string(1, quote))) << file;
                ASSERT_EQ(s.dialect("escape"), json_text(std::string(1, quote))) << file;
                ASSERT_EQ(s.dialect("header"), "true") << file;
                ASSERT_EQ(s.field("external_id"), "\"id\"") << file;
                ASSERT_GT(s.sure("dialect"), 0.5) << file;
                parse_options(*s.all.find("dialect"));
                Lines lines = loaded(file);
                ASSERT_EQ(lines.size(), 5u) << file;
                ASSERT_NE(lines[2].find(std::string("say ") + quote + "X" + quote + " now"),
                          std::string::npos)
                    << file << lines[2];
            }
}

TEST(DetectDialect, Backslash) {
    std::string file = write(";", '"', '\\', "\n");
    Suggested s(file);
    EXPECT_EQ(s.dialect("escape"), R"("\\")");
    EXPECT_EQ(s.dialect("quote"), R"("\"")");
    Lines lines = loaded(file);
    ASSERT_EQ(lines.size(), 5u);
    EXPECT_NE(lines[2].find("say \"X\" now"), std::string::npos) << lines[2];
}

TEST(DetectDialect, QuotesThatAreText) {
    // Inches: no field is in quotes, so none of them opens one.
    std::string file = "id,size,amount\na1,19\" rack,5.00\na2,3.5\" bay,7.25\na3,none,1.00\n";
    EXPECT_EQ(Suggested(file).dialect("quote"), R"("")");
    Lines lines = loaded(file);
    ASSERT_EQ(lines.size(), 3u);
    EXPECT_NE(lines[0].find("19\" rack"), std::string::npos) << lines[0];
    // A field in quotes, and the stray one is a fault.
    file = "id,size,amount\na1,19\" rack,5.00\na2,\"a, b\",7.25\na3,none,1.00\n";
    EXPECT_EQ(Suggested(file).dialect("quote"), R"("\"")");
}

TEST(DetectDialect, UnusualLineEnds) {
    EXPECT_EQ(loaded(write(";", '"', '"', "\r\r\n")).size(), 5u);
    std::string file = write("\x1f", '"', '"', "\x1e");
    EXPECT_EQ(Suggested(file).dialect("line_terminator"), json_text("\x1e"));
    EXPECT_EQ(loaded(file).size(), 5u);
}

TEST(DetectDialect, Blanks) {
    std::string file =
        "id  ,date      , amount\na1  ,2024-01-05, 12.50 \na2  ,2024-01-06,  3.50 \n";
    Suggested s(file);
    EXPECT_EQ(s.dialect("trim"), "true");
    EXPECT_EQ(s.dialect("delimiter"), "\",\"");
    EXPECT_EQ(loaded(file)[1], "3: external_id='a2' transaction_date=2024-01-06 amount=3.50");
    std::string spaced = "id date amount\na1 2024-01-05 12.50\na2 2024-01-06 3.50\n";
    EXPECT_EQ(Suggested(spaced).dialect("delimiter"), "\" \"");
}

TEST(DetectDialect, PreambleCommentsAndFooter) {
    std::string titled =
        "Account statement;;;\nPeriod;01.01.2024;31.01.2024;\n;;;\n"
        "Date;Text;Amount;Currency\n05.01.2024;x;1,50;EUR\n16.01.2024;y;2,50;EUR\n"
        "17.01.2024;z;2,75;EUR\n";
    Suggested s(titled);
    EXPECT_EQ(s.dialect("skip_lines"), "3");
    EXPECT_EQ(s.field("amount"), R"({"column": "Amount", "decimal": ","})");
    EXPECT_EQ(loaded(titled).size(), 3u);
    std::string commented =
        "# made by a bank\n# 2024\nid,date,amount\n1,2024-01-01,5\n# noon\n2,2024-01-02,6\n";
    EXPECT_EQ(Suggested(commented).dialect("comment"), "\"#\"");
    EXPECT_EQ(Suggested(commented).dialect("skip_lines"), "0");
    EXPECT_EQ(loaded(commented).size(), 2u);
    std::string wide_header = "date;amount\n2024-01-05;1,50;\n2024-01-06;2,50;\n2024-01-07;3,50;\n";
    Suggested wide(wide_header);
    EXPECT_EQ(wide.dialect("header"), "false");
    EXPECT_EQ(wide.field("amount"), R"({"column": 2, "decimal": ","})");
    EXPECT_EQ(loaded(wide_header).size(), 3u);
}

TEST(DetectDialect, LineEndsInsideFields) {
    std::string file = "id;text;amount\r\n1;a\nb;5,5\r\n2;c;6,5\r\n3;d\ne;7,25\r\n";
    EXPECT_EQ(Suggested(file).dialect("line_terminator"), R"("\u000d\u000a")");
    EXPECT_EQ(loaded(file).size(), 3u);
    EXPECT_EQ(Suggested("a;b\r\n1;2\r\n").dialect("line_terminator"), "absent");
}

std::string utf16(std::string_view ascii, bool little_endian) {
    std::string text;
    for (char c : ascii) {
        if (!little_endian) text += '\0';
        text += c;
        if (little_endian) text += '\0';
    }
    return text;
}

TEST(DetectEncoding, MarksAndPatterns) {
    using detect::detect_encoding;
    std::string_view ascii = "id,date\n1,2024-01-01\n";
    EXPECT_EQ(detect_encoding(ascii).name, "UTF8");
    EXPECT_EQ(detect_encoding("\xEF\xBB\xBF"
                              "a")
                  .mark,
              3u);
    EXPECT_EQ(detect_encoding("\xFF\xFE" + utf16(ascii, true)).name, "UTF16LE");
    EXPECT_EQ(detect_encoding("\xFE\xFF" + utf16(ascii, false)).name, "UTF16BE");
    EXPECT_EQ(detect_encoding(utf16(ascii, true)).name, "UTF16LE");
    EXPECT_EQ(detect_encoding(utf16(ascii, false)).name, "UTF16BE");
    EXPECT_EQ(detect_encoding(std::string_view("\xFF\xFE\0\0", 4)).name, "UTF32LE");
    EXPECT_EQ(detect_encoding("caf\xc3\xa9").name, "UTF8");
    EXPECT_EQ(detect_encoding("caf\xc3\xa9 \xe2\x82").name, "UTF8");  // cut in a character
    EXPECT_EQ(detect_encoding("caf\xe9,x\n").name, "LATIN1");
    EXPECT_EQ(detect_encoding("caf\xe9,x\r\n").name, "WIN1252");
    EXPECT_EQ(detect_encoding("caf\xe9,5 \x80\n").name, "WIN1252");
    EXPECT_EQ(detect_encoding("caf\xe9,5 \xa4\n").name, "LATIN9");
    EXPECT_EQ(detect_encoding("wp\xb3"
                              "ata za us\xb3ug\xea, g\xb3\xf3wna\n")
                  .name,
              "LATIN2");
    EXPECT_EQ(detect_encoding("wp\xb3"
                              "ata w\xb9ska, g\xb3\xf3wna\n")
                  .name,
              "WIN1250");
    EXPECT_EQ(detect_encoding("").confidence, 0);
    EXPECT_EQ(detect::to_utf8("5 \x80", {"WIN1252"}), "5 \u20ac");
    EXPECT_EQ(detect::to_utf8("5 \xa4", {"LATIN9"}), "5 \u20ac");
    EXPECT_EQ(detect::to_utf8("g\xb3\xf3", {"LATIN2"}), "g\u0142\u00f3");
    EXPECT_EQ(detect::to_utf8(utf16(ascii, true) + "x", {"UTF16LE"}), ascii);
    Suggested wide("\xFF\xFE" + utf16(write(";", '"', '"', "\r\n"), true));
    EXPECT_EQ(wide.dialect("delimiter"), "\";\"");
    EXPECT_EQ(wide.field("amount"), "\"amount\"");
}

// Whatever the bytes: an answer, that options and mapping accept, soon.
void check_answer(std::string_view sample) {
    Suggested s(sample);
    Options options = parse_options(*s.all.find("dialect"));
    Mapping mapping = parse_mapping(s.all.find("mapping"));
    if (!options.header) check_without_header(mapping);
    for (const char* key : {"overall", "encoding", "dialect", "header"}) {
        ASSERT_GE(s.sure(key), 0);
        ASSERT_LE(s.sure(key), 1);
    }
    ASSERT_TRUE(field::valid_utf8(json::to_text(s.all)));
}

TEST(DetectProperties, EveryPrefixHasAnAnswer) {
    std::string file = "Kontoauszug\n\n" + write(";", '"', '"', "\r\n") + "caf\u00e9;;\u20ac;x\n";
    for (std::size_t length = 0; length <= file.size(); ++length)
        check_answer(std::string_view(file).substr(0, length));
    std::string wide = utf16(file.substr(0, 120), true);
    for (std::size_t length = 0; length <= wide.size(); ++length)
        check_answer(std::string_view(wide).substr(0, length));
}

TEST(DetectProperties, RandomBytes) {
    std::mt19937 random(42);
    const std::string_view alphabets[] = {",;\t|\"'\\\r\n a1",
                                          std::string_view("\0\xff\xfe,\n\"a", 7),
                                          "0123456789.,-/: \n;", ",\n\xc3\xa9\xe2\x82\xac\xa4\xb3"};
    for (int i = 0; i < 3000; ++i) {
        std::string sample(random() % 300, ' ');
        bool any = random() % 5 == 0;
        std::string_view alphabet = alphabets[random() % 4];
        for (char& c : sample)
            c = any ? static_cast<char>(random()) : alphabet[random() % alphabet.size()];
        check_answer(sample);
    }
}

TEST(DetectProperties, TimeIsBounded) {
    std::string_view pieces[] = {",",   "\"",   "a,", ";1",       "\n",          "1\n",        "'",
                                 " , ", "\\\"", "\0", "1,234.5,", "\"a\"\"b\",", "2024-01-01;"};
    for (std::string_view piece : pieces) {
        std::string sample;
        while (sample.size() < 2 * detect::longest_sample) sample += piece.empty() ? "x" : piece;
        auto start = std::chrono::steady_clock::now();
        check_answer(sample);
        double seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        EXPECT_LT(seconds, 20) << piece;  // under sanitizers; a tenth of a second without
        std::printf("%-10.*s %.3f s\n", static_cast<int>(std::min<std::size_t>(piece.size(), 10)),
                    piece.data(), seconds);
    }
}

}  // namespace
}  // namespace recon::test
