// Properties of the reader on random bytes: the cut into chunks does not matter, places are true,
// nothing is lost, and what libcsv reads from the whole input at once is what the reader gives.
#include <csv.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "csv_support.hpp"

namespace recon::csv {
namespace {

using test::Event;
using test::read;

std::string random_input(std::mt19937& random) {
    static constexpr std::string_view alphabets[] = {"a,\"\n", "ab,,\"\"\r\n\n", "x,\"\"\"\r\n#",
                                                     "abcdefgh,;'\"\r\n#\t \xC3\xA9"};
    std::string_view alphabet = alphabets[random() % 4];
    std::string input(random() % 60, ' ');
    for (char& c : input) c = alphabet[random() % alphabet.size()];
    if (random() % 8 == 0 && !input.empty()) input[random() % input.size()] = '\0';
    return input;
}

Dialect random_dialect(std::mt19937& random) {
    Dialect dialect;
    dialect.terminator =
        random() % 2 == 0 ? Terminator::any : static_cast<Terminator>(random() % 4);
    if (random() % 4 == 0) dialect.comment = '#';
    dialect.skip_lines = random() % 4 == 0 ? random() % 4 : 0;
    dialect.max_record_bytes = random() % 2 == 0 ? 1000 : 1 + random() % 20;
    dialect.max_field_bytes = random() % 2 == 0 ? 1000 : 1 + random() % 8;
    dialect.max_fields = random() % 4 == 0 ? 1 + random() % 4 : 1000;
    return dialect;
}

TEST(CsvProperty, TheCutIntoChunksDoesNotMatter) {
    std::mt19937 random(20240229);
    for (int round = 0; round < 4000; ++round) {
        std::string input = random_input(random);
        Dialect dialect = random_dialect(random);
        auto whole = read(input, dialect, input.size() + 1);
        for (std::size_t chunk = 1; chunk <= input.size(); ++chunk)
            ASSERT_EQ(read(input, dialect, chunk), whole)
                << "round " << round << ", chunks of " << chunk << ": "
                << ::testing::PrintToString(input);
    }
}

TEST(CsvProperty, TheCleanPathGivesWhatLibcsvGives) {
    std::mt19937 random(31337);
    int records = 0, rejects = 0;
    for (int round = 0; round < 60000; ++round) {
        std::string input = random_input(random);
        if (round % 16 == 0)  // over the blocks of the masks
            for (int more = 0; more < 8; ++more) input += random_input(random);
        Dialect dialect = random_dialect(random);
        if (random() % 4 == 0) dialect.delimiter = ';';
        if (random() % 4 == 0) dialect.quote = dialect.escape = '\'';
        std::size_t chunk = 1 + random() % (input.size() + 1);
        auto clean = read(input, dialect, chunk);
        dialect.clean_path = false;
        ASSERT_EQ(clean, read(input, dialect, chunk))
            << "round " << round << ", chunks of " << chunk << ", terminator "
            << static_cast<int>(dialect.terminator) << ": " << ::testing::PrintToString(input);
        for (const Event& event : clean) ++(event.code.empty() ? records : rejects);
    }
    EXPECT_GT(records, 10000);
    EXPECT_GT(rejects, 10000);
}

// Length of the terminator at `at`, or 0.
std::size_t terminator_at(std::string_view input, std::size_t at, Terminator kind) {
    if (at >= input.size()) return 0;
    bool pair = input.substr(at, 2) == "\r\n";
    switch (kind) {
        case Terminator::lf:
            return input[at] == '\n';
        case Terminator::cr:
            return input[at] == '\r';
        case Terminator::crlf:
            return pair ? 2 : 0;
        case Terminator::custom:
        case Terminator::any:
            break;
    }
    return pair ? 2 : input[at] == '\r' || input[at] == '\n';
}

TEST(CsvProperty, PlacesAreTrueAndNothingIsLost) {
    std::mt19937 random(7);
    for (int round = 0; round < 20000; ++round) {
        std::string input = random_input(random);
        Dialect dialect = random_dialect(random);
        dialect.comment.reset();
        dialect.skip_lines = 0;
        dialect.max_record_bytes = 1000;
        std::size_t at = 0;
        std::uint64_t line = 1;
        auto pass_terminators = [&](std::size_t end) {
            while (at < end) {
                std::size_t length = terminator_at(input, at, dialect.terminator);
                at += length > 0 ? length : 1;
                line += length > 0;
            }
        };
        for (const Event& event : read(input, dialect, 1 + random() % 20)) {
            ASSERT_EQ(input.substr(event.offset, event.raw.size()), event.raw);
            while (std::size_t length = terminator_at(input, at, dialect.terminator)) {
                at += length;
                ++line;
            }
            ASSERT_EQ(event.offset, at)
                << "bytes between records: " << ::testing::PrintToString(input);
            ASSERT_EQ(event.line, line) << ::testing::PrintToString(input);
            pass_terminators(at + event.raw.size());
        }
        while (std::size_t length = terminator_at(input, at, dialect.terminator)) at += length;
        ASSERT_EQ(at, input.size()) << ::testing::PrintToString(input);
    }
}

struct Oracle {
    std::vector<std::vector<std::string>> records;
    std::vector<std::string> fields;
    static void field(void* text, std::size_t length, void* self) {
        static_cast<Oracle*>(self)->fields.push_back(
            text == nullptr ? "N" : "T" + std::string(static_cast<char*>(text), length));
    }
    static void row(int, void* self) {
        auto* oracle = static_cast<Oracle*>(self);
        oracle->records.push_back(std::move(oracle->fields));
        oracle->fields.clear();
    }
};

// libcsv over the whole input; false where it refuses it.
bool read_with_libcsv(const std::string& input, std::vector<std::vector<std::string>>& records) {
    Oracle oracle;
    csv_parser parser;
    csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL);
    csv_set_space_func(&parser, [](unsigned char) { return 0; });
    bool good = csv_parse(&parser, input.data(), input.size(), Oracle::field, Oracle::row,
                          &oracle) == input.size() &&
                csv_fini(&parser, Oracle::field, Oracle::row, &oracle) == 0;
    csv_free(&parser);
    records = std::move(oracle.records);
    return good;
}

TEST(CsvProperty, FieldsAreThoseOfLibcsv) {
    std::mt19937 random(11);
    int compared = 0;
    for (int round = 0; round < 60000; ++round) {
        std::string input = random_input(random);
        std::vector<std::vector<std::string>> expected, seen;
        bool good = read_with_libcsv(input, expected);
        bool rejected = false;
        for (Event& event : read(input, Dialect{}, 1 + random() % 30)) {
            rejected = rejected || !event.code.empty();
            for (std::string& field : event.fields)
                if (field[0] == 'Q') field[0] = 'T';
            seen.push_back(std::move(event.fields));
        }
        ASSERT_EQ(good, !rejected) << ::testing::PrintToString(input);
        if (!good) continue;
        ASSERT_EQ(seen, expected) << ::testing::PrintToString(input);
        ++compared;
    }
    EXPECT_GT(compared, 5000);
}

// The cost of coming back after an open quote is bounded: each byte is read a few times, not once a
// line.
TEST(CsvProperty, ManyOpenQuotesAreReadInLinearTime) {
    std::string input;
    for (int i = 0; i < 200000; ++i)
        input += i % 3 == 0 ? "a,\"b\n" : i % 3 == 1 ? "c,d\n" : "e,\"\",f\n";
    Dialect dialect;
    auto events = read(input, dialect, 65536);
    EXPECT_GT(events.size(), 100000u);
}

}  // namespace
}  // namespace recon::csv
