// How one CSV file is written. The reader runs what libcsv runs: one-byte delimiter and quote, and
// a quote inside a quoted field written twice (escape == quote).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace recon::csv {

enum class Terminator : std::uint8_t {
    any,
    lf,
    crlf,
    cr
};  // any: LF, CRLF and CR, mixed as they come

struct Dialect {
    char delimiter = ',';
    char quote = '"';
    char escape = '"';
    Terminator terminator = Terminator::any;
    std::optional<char>
        comment;  // a line that starts with it, outside a quoted field, is no record
    std::uint64_t skip_lines = 0;  // physical lines before the first record, whatever they hold
    bool clean_path = true;        // false: libcsv splits every record; for tests
    bool header = true;            // the first record names the columns; for the reader's caller

    // Bounds on memory, whatever the input. A record over max_record_bytes costs its first line
    // only.
    std::size_t max_field_bytes = std::size_t{1} << 20;
    std::size_t max_record_bytes = std::size_t{4} << 20;
    std::size_t max_fields = 10000;
};

}  // namespace recon::csv
