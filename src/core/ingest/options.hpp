// The `options` of a source or a load: parsed, checked, with defaults.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/csv/dialect.hpp"
#include "core/field/decimal.hpp"
#include "core/json.hpp"

namespace recon::ingest {

enum class OnDuplicate : std::uint8_t { skip, reject, error, update };

struct MaxRejects {
    enum class Kind : std::uint8_t { unlimited, count, percent };
    Kind kind = Kind::unlimited;
    std::uint64_t count = 0;
    field::Decimal percent;

    // A percentage is of the records read, so it means something at the end of a load only.
    bool exceeded(std::uint64_t rejected, std::uint64_t read) const;
};

struct Options {
    std::string delimiter = ",";
    std::string quote = "\"";     // empty: none
    std::string escape = "\"";    // empty: none
    std::string line_terminator;  // empty: any of LF, CRLF, CR
    std::string encoding = "UTF8";
    bool encoding_found = false;  // what the input itself told, by a byte order mark or otherwise
    bool header = true;
    std::uint64_t skip_lines = 0;
    std::string comment;  // empty: none
    // Texts of unquoted fields that mean NULL; as in COPY, they take the place of the unquoted
    // empty one. Sorted.
    std::optional<std::vector<std::string>> nulls;
    bool trim = false;
    std::size_t max_field_bytes = std::size_t{1} << 20;
    MaxRejects max_rejects;
    OnDuplicate on_duplicate = OnDuplicate::skip;
    std::uint32_t batch_size = 1000;
    bool force = false;
    std::vector<std::string>
        auto_keys;  // options that say "auto": their values above are the defaults

    bool is_auto(std::string_view key) const;
    csv::Terminator terminator() const;
};

// Throws Error 22023 naming the JSON path ("$.delimiter").
Options parse_options(const json::Value& value);

// Key by key, `over` wins; a null in `over` puts the default back. Another quote brings its own
// escape, where the one in `base` was the quote.
json::Value merge(const json::Value& base, const json::Value& over);

// The options as they were given, with what was found in the place of each "auto" that `options`
// has resolved, and the encoding that a byte order mark named.
json::Value resolved(const json::Value& given, const Options& options);

// The reader's part of the options; its texts are still in the server's encoding.
csv::Dialect dialect_of(const Options& options);

}  // namespace recon::ingest
