// The files of test/corpus, each with its options and what it means, through the engine.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>

#include "ingest_load.hpp"

#ifndef RECON_CORPUS
#define RECON_CORPUS "test/corpus"
#endif

namespace recon::test {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<fs::path> files(const fs::path& directory, const char* extension) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(directory))
        if (entry.path().extension() == extension) found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
}

std::string field_list(const std::map<std::string, std::string>& fields) {
    std::string line;
    for (const auto& [name, value] : fields) line += name + "=" + value + "\n";
    return line;
}

// Its fields by name, amounts as text.
class Keeper : public Sink {
  public:
    void take(const Record& record) override {
        std::map<std::string, std::string> fields;
        for (std::size_t i = 0; i < field_count; ++i) {
            if (record.fields[i].kind != Cell::Kind::null)
                fields[std::string(field_names[i])] = plain(record.fields[i]);
        }
        for (const Attribute& attribute : record.attributes)
            fields[engine->attribute_keys()[attribute.key]] = plain(attribute.value);
        rows.push_back(field_list(fields));
    }
    void take(const Reject& reject) override {
        rejects.push_back(std::to_string(reject.line_no) + " " + reject.code + " " +
                          std::string(reject.message));
        raws.emplace_back(reject.raw);
    }
    const Engine* engine = nullptr;
    Lines rows, rejects, raws;

  private:
    static std::string plain(const Cell& cell) {
        return cell.kind == Cell::Kind::text ? std::string(cell.text) : shown(cell);
    }
};

// Latin-1 where the options say so, or "auto" does.
class TwoEncodings : public Latin1 {
  public:
    explicit TwoEncodings(const std::string& encoding) { use(encoding); }
    void use(const std::string& encoding) override { utf8 = encoding != "LATIN1"; }
    bool encode(std::string_view text, std::string& raw) override {
        raw = text;
        for (std::size_t at = 0; !utf8 && at + 1 < raw.size(); ++at) {
            if (static_cast<unsigned char>(raw[at]) < 0x80) continue;
            raw[at] = static_cast<char>(raw[at] << 6 | (raw[at + 1] & 0x3F));
            raw.erase(at + 1, 1);
        }
        return true;
    }
};

struct Outcome {
    Lines rows, rejects, raws;
    std::string error;
};

Outcome run(std::string_view input, const json::Value& options_value, const json::Value* mapping,
            std::size_t chunk) {
    Options options = parse_options(options_value);
    TwoEncodings codec(options.encoding);
    NeverStop stop;
    Keeper keeper;
    std::string error;
    try {
        Engine engine(options, parse_mapping(mapping), codec, keeper, stop);
        keeper.engine = &engine;
        for (std::size_t at = 0; at < input.size(); at += chunk)
            engine.feed(std::string(input.substr(at, chunk)));
        engine.finish();
        EXPECT_EQ(engine.counts().read, keeper.rows.size() + keeper.rejects.size());
    } catch (const Error& caught) {
        error = caught.code();
    }
    return {keeper.rows, keeper.rejects, keeper.raws, error};
}

Lines rows_of(const json::Value& objects) {
    Lines rows;
    for (const json::Value& object : objects.items) {
        std::map<std::string, std::string> fields;
        for (const auto& [name, value] : object.members) fields[name] = value.text;
        rows.push_back(field_list(fields));
    }
    return rows;
}

Outcome expected_of(const json::Value& spec) {
    Outcome expected;
    if (const json::Value* error = spec.find("error")) {
        expected.error = error->text;
        return expected;
    }
    expected.rows = rows_of(*spec.find("rows"));
    for (const json::Value& reject : spec.find("rejects")->items) {
        expected.rejects.push_back(reject.items[0].text + " " + reject.items[1].text + " " +
                                   reject.items[2].text);
        if (reject.items.size() > 3) expected.raws.push_back(reject.items[3].text);
    }
    return expected;
}

// The options with "auto" for all that can be found.
json::Value automatic(const json::Value& options) {
    json::Value found = parse_json(
        R"({"delimiter": "auto", "quote": "auto", "escape": "auto", "encoding": "auto",
            "header": "auto", "skip_lines": "auto", "comment": "auto", "line_terminator": "auto"})");
    for (const auto& [key, value] : options.members)
        if (found.find(key) == nullptr) found.members.emplace_back(key, value);
    return found;
}

TEST(CsvCorpus, EachFileMeansWhatItSays) {
    std::size_t count = 0;
    for (const fs::path& path : files(RECON_CORPUS, ".json")) {
        SCOPED_TRACE(path.stem());
        json::Value spec = parse_json(content(path));
        std::string input = content(fs::path(path).replace_extension(".csv"));
        Outcome expected = expected_of(spec);
        for (std::size_t chunk : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7},
                                  std::size_t{64}, input.size() + 1}) {
            Outcome seen = run(input, *spec.find("options"), spec.find("mapping"), chunk);
            EXPECT_EQ(seen.error, expected.error) << chunk;
            EXPECT_EQ(seen.rows, expected.rows) << chunk;
            EXPECT_EQ(seen.rejects, expected.rejects) << chunk;
            if (!expected.raws.empty()) {
                EXPECT_EQ(seen.raws, expected.raws) << chunk;
            }
        }
        ++count;
    }
    EXPECT_EQ(count, files(RECON_CORPUS, ".csv").size());
    EXPECT_GT(count, 100u);
}

// Which of the files "auto" reads as they are meant: "auto" in their description says so.
TEST(CsvCorpus, WhatAutoFinds) {
    std::size_t count = 0, found = 0;
    for (const fs::path& path : files(RECON_CORPUS, ".json")) {
        json::Value spec = parse_json(content(path));
        std::string input = content(fs::path(path).replace_extension(".csv"));
        Outcome expected = expected_of(spec);
        Outcome seen = run(input, automatic(*spec.find("options")), spec.find("mapping"), 10000);
        // Where a dialect differs, lines may be counted in another way: only the rows are judged.
        bool same = seen.error == expected.error && seen.rows == expected.rows;
        EXPECT_EQ(same, spec.find("auto")->boolean) << path.stem();
        ++count;
        found += same;
    }
    std::printf("auto: %zu of %zu files\n", found, count);
}

// The files of csv-spectrum, which are not part of this tree: RECON_DATA names the directory that
// holds csv_spectrum.
TEST(CsvCorpus, CsvSpectrum) {
    const char* data = std::getenv("RECON_DATA");
    fs::path directory = fs::path(data == nullptr ? "" : data) / "csv_spectrum";
    if (data == nullptr || !fs::exists(directory))
        GTEST_SKIP() << "RECON_DATA names no directory with csv_spectrum in it";
    std::size_t count = 0;
    for (const fs::path& path : files(directory, ".csv")) {
        SCOPED_TRACE(path.stem());
        json::Value rows =
            parse_json(content(directory / "json" / path.stem().replace_extension(".json")));
        std::string options = R"({"null": []})";
        Outcome seen;
        if (rows.kind == json::Kind::object) {
            // Degrees, minutes and seconds: a quote is text there. And its CSV has another
            // telephone number than its JSON.
            options = R"({"null": [], "quote": ""})";
            rows.members.at(0).second.text = "2095257564";
            json::Value list;
            list.kind = json::Kind::array;
            list.items.push_back(std::move(rows));
            rows = std::move(list);
        }
        for (std::size_t chunk : {std::size_t{1}, std::size_t{5}, std::size_t{10000}})
            EXPECT_EQ(run(content(path), parse_json(options), nullptr, chunk).rows, rows_of(rows));
        ++count;
    }
    EXPECT_EQ(count, 12u);
}

}  // namespace
}  // namespace recon::test
