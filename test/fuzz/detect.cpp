// suggest_mapping on any bytes: it ends, it says the same again, and what it says is accepted.
#include "core/detect/suggest.hpp"

#include "core/error.hpp"
#include "memory_load.hpp"

using namespace recon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view sample(reinterpret_cast<const char*>(data), size);
    json::Value found = detect::suggest(sample);
    fuzz::require(json::to_text(detect::suggest(sample)) == json::to_text(found),
                  "the same sample, the same suggestion");
    fuzz::require(field::valid_utf8(json::to_text(found)), "a suggestion is text");
    const json::Value& dialect = *found.find("dialect");
    ingest::Mapping mapping;
    try {
        ingest::parse_options(dialect);
        mapping = ingest::parse_mapping(found.find("mapping"));
    } catch (const Error& error) {
        fuzz::require(false, "what is suggested is accepted",
                      error.message() + "\n" + error.detail() + "\n" + json::to_text(found));
    }
    try {
        fuzz::MemoryLoad load(dialect, mapping);
        load.engine.feed(sample);
        load.engine.finish();
    } catch (const Error&) {  // of the file
    }
    return 0;
}
