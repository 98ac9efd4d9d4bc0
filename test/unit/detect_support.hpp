// A sample suggested and then loaded by what was suggested.
#pragma once

#include <string>
#include <string_view>

#include "core/detect/suggest.hpp"
#include "ingest_load.hpp"

namespace recon::test {

inline std::string member_text(const json::Value& value, std::string_view key) {
    const json::Value* found = value.find(key);
    return found == nullptr ? "absent" : json::to_text(*found);
}

struct Suggested {
    explicit Suggested(std::string_view sample) : all(detect::suggest(sample)) {}
    std::string dialect(std::string_view key) const {
        return member_text(*all.find("dialect"), key);
    }
    std::string field(std::string_view key) const { return member_text(*all.find("mapping"), key); }
    double sure(std::string_view key) const {
        const json::Value& confidence = *all.find("confidence");
        const json::Value* found = confidence.find(key);
        if (found == nullptr) found = confidence.find("fields")->find(key);
        return found == nullptr ? -1 : std::stod(found->text);
    }
    std::string notes() const { return json::to_text(*all.find("notes")); }
    std::string mapping() const { return json::to_text(*all.find("mapping")); }
    std::string options() const { return json::to_text(*all.find("dialect")); }
    json::Value all;
};

// What the engine makes of the sample with the suggestion: a line per record, then per reject.
inline Lines loaded(std::string_view sample) {
    Suggested suggested(sample);
    Latin1 latin1;
    Utf8 utf8;
    bool bytes = suggested.dialect("encoding") != "\"UTF8\"";
    Load load(suggested.mapping(), suggested.options(),
              bytes ? static_cast<TextCodec*>(&latin1) : &utf8);
    load.run(sample);
    Lines lines = load.sink.records;
    for (const std::string& reject : load.sink.rejects) lines.push_back("REJECT " + reject);
    return lines;
}

}  // namespace recon::test
