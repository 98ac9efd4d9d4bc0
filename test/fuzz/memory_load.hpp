// A load in memory that writes down what became of each record.
#pragma once

#include <memory>

#include "core/field/raw_text.hpp"
#include "core/ingest/engine.hpp"
#include "draw.hpp"

namespace recon::fuzz {

class Utf8Codec final : public ingest::TextCodec {
  public:
    bool decode(std::string_view raw, std::string&, std::string_view& out) override {
        out = raw;
        return field::valid_utf8(raw);
    }
    bool keeps_utf8() const override { return true; }
};

class NeverStop final : public StopToken {
  public:
    bool should_stop() override { return false; }
};

inline std::string shown(const ingest::Cell& cell) {
    switch (cell.kind) {
        case ingest::Cell::Kind::null:
            return "-";
        case ingest::Cell::Kind::text:
            return "'" + std::string(cell.text) + "'";
        case ingest::Cell::Kind::decimal:
            return field::to_text(cell.decimal);
        case ingest::Cell::Kind::boolean:
            return cell.boolean ? "true" : "false";
        case ingest::Cell::Kind::timestamp:
            return "@" + std::to_string(cell.micros);
        case ingest::Cell::Kind::date:
            return "d" + std::to_string(cell.day);
    }
    return {};
}

struct Outcome {
    std::uint64_t line, offset;
    std::string raw, what;
    bool rejected;
    bool operator==(const Outcome&) const = default;
};

class OutcomeSink final : public ingest::Sink {
  public:
    void take(const ingest::Record& record) override {
        std::string what;
        for (const ingest::Cell& cell : record.fields) what += shown(cell) + " ";
        for (const ingest::Attribute& attribute : record.attributes)
            what += std::to_string(attribute.key) + "=" + shown(attribute.value) + " ";
        outcomes.push_back(
            {record.line_no, record.byte_offset, std::string(record.raw), what, false});
    }
    void take(const ingest::Reject& reject) override {
        outcomes.push_back({reject.line_no, reject.byte_offset, std::string(reject.raw),
                            reject.code + (" " + std::string(reject.column_name)) + " " +
                                std::string(reject.message),
                            true});
    }
    std::vector<Outcome> outcomes;
};

struct MemoryLoad {
    MemoryLoad(const json::Value& options, const ingest::Mapping& mapping)
        : engine(ingest::parse_options(options), mapping, codec, sink, stop) {}
    Utf8Codec codec;
    NeverStop stop;
    OutcomeSink sink;
    ingest::Engine engine;
};

inline std::string shown(const std::vector<Outcome>& outcomes) {
    std::string text;
    for (const Outcome& outcome : outcomes)
        text += std::to_string(outcome.line) + "@" + std::to_string(outcome.offset) +
                (outcome.rejected ? " REJECT " : " ") + outcome.what + " <" + outcome.raw + ">\n";
    return text;
}

}  // namespace recon::fuzz
