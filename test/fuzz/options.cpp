// Options, mappings and rules from any JSON: taken, or refused with a reason.
#include <stdexcept>

#include "../unit/json_text.hpp"
#include "core/error.hpp"
#include "core/field/raw_text.hpp"
#include "core/ingest/mapping.hpp"
#include "core/rule/rule.hpp"
#include "options.hpp"

using namespace recon;

namespace {

template <class Parse>
void attempt(const Parse& parse) {
    try {
        parse();
    } catch (const Error& error) {
        fuzz::require(std::string_view(error.code()).size() == 5, "an SQLSTATE");
        fuzz::require(!error.message().empty(), "a reason");
        fuzz::require(field::valid_utf8(error.message() + error.detail() + error.hint()),
                      "a reason is text", error.message() + error.detail());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    json::Value value;
    try {
        value = test::parse_json({reinterpret_cast<const char*>(data), size});
    } catch (const std::invalid_argument&) {
        return 0;
    }
    attempt([&] {
        ingest::Options options = ingest::parse_options(value);
        ingest::Options again = ingest::parse_options(ingest::merge(value, value));
        fuzz::require(options.delimiter == again.delimiter && options.nulls == again.nulls,
                      "options over themselves");
        ingest::resolved(value, options);
        ingest::dialect_of(options);
    });
    attempt([&] { ingest::parse_mapping(&value); });
    attempt([&] { ingest::parse_mapping(&value, true); });
    attempt([&] { rule::parse(value); });
    return 0;
}
