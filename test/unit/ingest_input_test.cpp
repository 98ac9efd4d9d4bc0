// Loads of packed files and of files in wide encodings: what a load of their UTF-8 gives, with
// places and raw bytes of the input as it came.
#include <random>

#include "core/detect/suggest.hpp"
#include "detect_support.hpp"
#include "input_support.hpp"

namespace recon::test {
namespace {

using std::string_literals::operator""s;

// Records, rejects, raws.
struct Result {
    Lines records, rejects, raws;
    bool operator==(const Result&) const = default;
};

Result result_of(std::string_view bytes, std::string_view options, std::size_t chunk = SIZE_MAX,
                 std::string_view mapping = "null") {
    Load load(mapping, options);
    load.run(bytes, chunk);
    EXPECT_EQ(load.engine->counts().bytes, bytes.size());
    return {load.sink.records, load.sink.rejects, load.sink.raws};
}

std::string without_offsets(std::string line) {
    std::size_t at = line.find('@');
    return line.erase(at, line.find(' ') - at);
}

constexpr std::string_view table =
    "external_id|amount|description\r\n"
    "1|1|\u4e00\n"
    "2|bad|\"a\"\"\u4e00|\r\n\u4e00\"\n"
    "3|3|\"\u4e00\n"
    "4|4\n"
    "5|5|\"x\ny\"\n"
    "6|\u4e00|z";

TEST(IngestInput, EveryWideEncoding) {
    Result expected = result_of(table, R"({"delimiter": "|"})");
    ASSERT_EQ(expected.records.size(), 2u);
    ASSERT_EQ(expected.rejects.size(), 4u);
    for (const WideName& wide : wide_names) {
        std::string bytes = encoded(table, wide.iconv);
        std::string options =
            R"({"delimiter": "|", "encoding": ")" + std::string(wide.name) + "\"}";
        for (std::size_t chunk = 1; chunk < 9; ++chunk) {
            Result result = result_of(bytes, options, chunk == 8 ? SIZE_MAX : chunk);
            ASSERT_EQ(result.records, expected.records) << wide.name << ' ' << chunk;
            ASSERT_EQ(result.rejects.size(), expected.rejects.size()) << wide.name;
            for (std::size_t i = 0; i < result.rejects.size(); ++i) {
                const std::string& reject = result.rejects[i];
                EXPECT_EQ(without_offsets(reject), without_offsets(expected.rejects[i]));
                EXPECT_EQ(result.raws[i], encoded(expected.raws[i], wide.iconv));
                std::size_t offset = std::stoul(reject.substr(reject.find('@') + 1));
                EXPECT_EQ(bytes.substr(offset, result.raws[i].size()), result.raws[i]);
            }
        }
    }
}

TEST(IngestInput, AByteOrderMarkDecides) {
    for (std::size_t chunk : {std::size_t{1}, std::size_t{3}, SIZE_MAX}) {
        for (const auto& [mark, iconv] :
             {std::pair{"\xFF\xFE"s, "UTF-16LE"}, std::pair{"\xFE\xFF"s, "UTF-16BE"},
              std::pair{"\xFF\xFE\0\0"s, "UTF-32LE"}, std::pair{"\0\0\xFE\xFF"s, "UTF-32BE"},
              std::pair{"\xEF\xBB\xBF"s, "UTF-8"}}) {
            std::string bytes = mark + encoded("amount\n\u00e9\n1\n", iconv);
            std::string bad = encoded("\u00e9", iconv);
            Latin1 latin;
            Load load("null", R"({"encoding": "LATIN1"})", &latin);
            load.run(bytes, chunk);
            EXPECT_EQ(load.sink.records, (Lines{"3: amount=1"})) << iconv;
            EXPECT_EQ(load.sink.raws, (Lines{bad}));
            EXPECT_EQ(load.sink.rejects,
                      (Lines{"2@" + std::to_string(bytes.find(bad, mark.size())) +
                             " [amount] 22P02 invalid number \"\u00e9\""}));
            EXPECT_TRUE(latin.utf8);
            // What is kept of the options is enough to read the rejects again.
            std::string kept = json::to_text(
                resolved(parse_json(R"({"encoding": "LATIN1"})"), load.engine->options()));
            Latin1 again;
            again.utf8 = kept.find("LATIN1") == std::string::npos;
            Load retry(R"({"reference": "amount"})", kept, &again);
            retry.engine->begin_columns({"amount"});
            retry.engine->add_raw({2, 9, bad});
            EXPECT_EQ(retry.sink.records, (Lines{"2: reference='\u00e9'"})) << kept;
        }
    }
    EXPECT_EQ(error_of("\xFF\xFE"), "no error");
    EXPECT_EQ(result_of("a\0m\0o\0\n\0"s, R"({"encoding": "UTF16"})").records, Lines{});
    EXPECT_EQ(result_of("\0a\0\n\0b"s, R"({"encoding": "UTF16"})").records, (Lines{"2: a='b'"}));
}

TEST(IngestInput, MalformedBytesCostTheirRecord) {
    std::string bytes = "external_id,amount\na\x95\n\x83\x5C,1\nb\x95,2\n\x95\"c\",3\n4,4\n";
    for (std::size_t chunk : {std::size_t{1}, std::size_t{2}, SIZE_MAX}) {
        Result result = result_of(bytes, R"({"encoding": "SJIS"})", chunk);
        EXPECT_EQ(result.records,
                  (Lines{"3: external_id='\u30bd' amount=1", "6: external_id='4' amount=4"}));
        EXPECT_EQ(result.rejects,
                  (Lines{"2@19 [] 22P04 record has 1 column, expected 2",
                         "4@27 [external_id] 22021 the value is not valid SJIS text",
                         "5@32 [] 22P04 stray quote in field"}));
        EXPECT_EQ(result.raws, (Lines{"a\x95", "b\x95,2", "\x95\"c\",3"}));
    }
    Result cut = result_of("a\0\n\0b\0\n\0c"s, R"({"encoding": "UTF16LE"})");
    EXPECT_EQ(cut.records, (Lines{"2: a='b'"}));
    EXPECT_EQ(cut.rejects, (Lines{"3@8 [a] 22021 the value is not valid UTF16LE text"}));
    EXPECT_EQ(cut.raws, (Lines{"c"}));
    EXPECT_EQ(error_of("a\x95\n1\n", "null", R"({"encoding": "SJIS"})"),
              "22021 the name of column 1 in the header is not valid SJIS text");
}

TEST(IngestInput, Packed) {
    std::string plain = "external_id,amount\n1,1\n2,x\n3,3\n";
    Result expected = result_of(plain, "{}");
    std::string bytes = packed(plain.substr(0, 25)) + packed(plain.substr(25));
    for (std::size_t chunk : {std::size_t{1}, std::size_t{2}, SIZE_MAX}) {
        EXPECT_EQ(result_of(bytes, "{}", chunk), expected)
            << "places are those of the unpacked file";
        EXPECT_EQ(result_of(bytes, R"({"delimiter": "auto", "encoding": "auto"})", chunk),
                  expected);
    }
    std::string wide = packed("\xFF\xFE" + encoded(plain, "UTF-16LE"));
    for (std::size_t chunk : {std::size_t{1}, SIZE_MAX}) {
        Result result = result_of(wide, "{}", chunk);
        EXPECT_EQ(result.records, expected.records);
        EXPECT_EQ(result.rejects, (Lines{"3@48 [amount] 22P02 invalid number \"x\""}));
    }
    EXPECT_EQ(error_of(bytes.substr(0, bytes.size() - 1)),
              "22P04 the gzip data of the file end too early");
    EXPECT_EQ(error_of("\x1F\x8B\x08"), "22P04 the gzip data of the file end too early");
}

TEST(IngestInput, APackedLineWithoutEndIsBounded) {
    Load load;
    std::string bytes = packed("a\n\"" + std::string(40 << 20, 'x') + "\nb\n", 9);
    for (std::size_t at = 0; at < bytes.size();) {
        std::string_view part = std::string_view(bytes).substr(at, load.engine->part_bytes());
        EXPECT_LE(part.size(), 4096u);
        load.engine->feed(part);
        at += part.size();
    }
    load.engine->finish();
    EXPECT_EQ(load.sink.rejects, (Lines{"2@2 [] 54000 record is longer than 4194304 bytes"}));
    EXPECT_EQ(load.sink.records, (Lines{"3: a='b'"}));
    load.stop.stop = true;
    Load stopped;
    stopped.stop.stop = true;
    EXPECT_THROW(stopped.engine->feed(bytes), Stopped);
}

// A record over the limit keeps its beginning, which must not load as if it were all.
TEST(IngestInput, TheBeginningOfALongLineIsNoRecord) {
    std::string bytes = "a,b\n1," + std::string(5 << 20, 'x') + "\n";
    for (const WideName& wide : {WideName{"UTF8", "UTF-8"}, WideName{"UTF16LE", "UTF-16LE"}}) {
        std::string options = R"({"encoding": ")" + std::string(wide.name) + "\"}";
        Result result = result_of(encoded(bytes, wide.iconv), options);
        ASSERT_EQ(result.raws.size(), 1u);
        EXPECT_EQ(result.raws[0], encoded(bytes.substr(4, 65536), wide.iconv));
        Load retry("null", options);
        retry.engine->begin_columns({"a", "b"});
        retry.engine->add_raw({2, 4, result.raws[0]});
        EXPECT_EQ(retry.sink.records, Lines{});
        EXPECT_EQ(retry.sink.rejects,
                  (Lines{"2@4 [] 54000 only the first 65536 bytes of the record were kept"}));
    }
}

TEST(IngestInput, WhatIsSuggestedLoads) {
    std::string text =
        "Datum;Betrag;Zweck\n2024-01-31;1,50;B\u00e4cker\n2024-02-29;-2,25;M\u00fcller\n2024-03-31;"
        "3,00;Gr\u00fcn\n";
    Lines expected = {"2: transaction_date=2024-01-31 amount=1.50 description='B\u00e4cker'",
                      "3: transaction_date=2024-02-29 amount=-2.25 description='M\u00fcller'",
                      "4: transaction_date=2024-03-31 amount=3.00 description='Gr\u00fcn'"};
    for (const char* iconv : {"UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"}) {
        std::string bytes = encoded("\ufeff" + text, iconv);
        EXPECT_EQ(loaded(bytes), expected) << iconv;
        EXPECT_EQ(loaded(packed(bytes)), expected) << iconv;
    }
    EXPECT_EQ(loaded(encoded(text, "UTF-16LE")), expected) << "without a mark";
    EXPECT_EQ(loaded(encoded(text, "UTF-16BE")), expected);
    EXPECT_EQ(loaded(packed(text)), expected);
}

// Random tables, now and then malformed: the cut into chunks does not matter, and each raw is found
// in the input at its offset.
TEST(IngestInput, AnyBytesInAnyChunks) {
    std::mt19937 random(18030);
    std::size_t rejects = 0;
    for (int round = 0; round < 900; ++round) {
        const WideName& wide = wide_names[round % std::size(wide_names)];
        std::string text = "a,b\n";
        for (std::size_t i = random() % 40; i > 0; --i)
            text += std::string_view("x,\"\n\r1")[random() % 6];
        std::string bytes = encoded(text, wide.iconv);
        for (std::size_t i = random() % 4; i > 0 && bytes.size() > 20; --i)
            bytes[16 + random() % (bytes.size() - 16)] = static_cast<char>(random());
        std::string options = R"({"encoding": ")" + std::string(wide.name) + "\"}";
        Result whole = result_of(bytes, options);
        for (std::size_t chunk : {1, 2, 3, 5})
            ASSERT_EQ(result_of(bytes, options, chunk), whole)
                << wide.name << ' ' << ::testing::PrintToString(bytes);
        for (std::size_t i = 0; i < whole.rejects.size(); ++i) {
            std::size_t offset =
                std::stoul(whole.rejects[i].substr(whole.rejects[i].find('@') + 1));
            ASSERT_EQ(bytes.substr(offset, whole.raws[i].size()), whole.raws[i]);
        }
        rejects += whole.rejects.size();
    }
    EXPECT_GT(rejects, 500u);
}

}  // namespace
}  // namespace recon::test
