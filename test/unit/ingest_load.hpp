// A load in memory: the engine with a sink that writes down what it is given.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/field/raw_text.hpp"
#include "core/ingest/engine.hpp"
#include "json_text.hpp"

namespace recon::test {

using namespace recon::ingest;

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

inline std::string two(int number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
}

inline std::string shown(const Cell& cell) {
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
    void take(const Record& record) override {
        EXPECT_EQ(engine->counts().read, engine->counts().loaded + engine->counts().rejected);
        std::string line = std::to_string(record.line_no) + ":";
        for (std::size_t i = 0; i < field_count; ++i)
            if (record.fields[i].kind != Cell::Kind::null)
                line += " " + std::string(field_names[i]) + "=" + shown(record.fields[i]);
        for (const Attribute& attribute : record.attributes)
            line += " " + engine->attribute_keys()[attribute.key] + "=" + shown(attribute.value);
        records.push_back(line);
    }
    void take(const Reject& reject) override {
        rejects.push_back(std::to_string(reject.line_no) + "@" +
                          std::to_string(reject.byte_offset) + " [" +
                          std::string(reject.column_name) + "] " + reject.code + " " +
                          std::string(reject.message));
        raws.emplace_back(reject.raw);
        rejected_ids.emplace_back(reject.external_id.value_or("none"));
    }
    Engine* engine = nullptr;
    std::vector<std::string> records, rejects, raws, rejected_ids;
};

struct Load {
    explicit Load(std::string_view mapping = "null", std::string_view options = "{}",
                  TextCodec* other = nullptr) {
        json::Value mapping_value = parse_json(mapping);
        engine = std::make_unique<Engine>(parse_options(parse_json(options)),
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

inline std::string error_of(std::string_view input, std::string_view mapping = "null",
                            std::string_view options = "{}") {
    try {
        Load(mapping, options).run(input);
    } catch (const Error& error) {
        return std::string(error.code()) + " " + error.message();
    }
    return "no error";
}

}  // namespace recon::test
