// How one CSV file is written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace recon::csv {

enum class Terminator : std::uint8_t {
    any,
    lf,
    crlf,
    cr,
    custom
};  // any: LF, CRLF and CR, mixed as they come; custom: what custom_terminator says

struct Dialect {
    std::string delimiter = ",";       // bytes, one at least
    std::optional<char> quote = '"';   // none: quotes are text
    std::optional<char> escape = '"';  // inside a quoted field, before a quote or itself; none: no
                                       // quote can stand in one
    Terminator terminator = Terminator::any;
    std::string custom_terminator;  // ends a line wherever it stands, and no other byte does
    bool trim = false;              // blanks between a quote and the delimiter are nothing
    std::optional<char>
        comment;  // a line that starts with it, outside a quoted field, is no record
    std::uint64_t skip_lines = 0;  // physical lines before the first record, whatever they hold
    bool clean_path = true;        // false: LineParser splits every record; for tests
    bool header = true;            // the first record names the columns; for the reader's caller

    // Bounds on memory, whatever the input. A record over max_record_bytes costs its first line
    // only.
    std::size_t max_field_bytes = std::size_t{1} << 20;
    std::size_t max_record_bytes = std::size_t{4} << 20;
    std::size_t max_fields = 10000;

    // What libcsv reads: one-byte delimiter and quote, and a quote in a quoted field written twice.
    bool is_plain() const { return delimiter.size() == 1 && quote && escape == quote; }
};

}  // namespace recon::csv
