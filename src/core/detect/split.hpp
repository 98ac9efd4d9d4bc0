// A sample cut into rows and cells under one assumed dialect. Unlike the reader of a load it takes
// anything, and marks what the dialect does not explain.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace recon::detect {

struct Form {
    std::string delimiter = ",";
    char quote = '"';
    char escape = '"';
    std::string terminator;  // empty: any of LF, CRLF, CR
    std::optional<char> comment;
};

struct SampleCell {
    std::string_view text;  // without quotes; with escapes as they stand
    bool quoted = false;
    bool bad = false;  // text after a closing quote, or a quote that is never closed
};

struct SampleRow {
    std::size_t line = 0;  // 0-based physical line on which it starts
    std::size_t first = 0, count = 0;
};

struct Rows {
    std::vector<SampleCell> cells;
    std::vector<SampleRow> rows;  // blank lines are none

    std::span<const SampleCell> of(std::size_t row) const {
        return {cells.data() + rows[row].first, rows[row].count};
    }
};

// Stops after `most_rows` rows. A last row that the sample does not end, and that is shorter than
// the one before it or one of many, is left out: it may have been cut. The views are into `text`.
Rows split(std::string_view text, const Form& form, std::size_t most_rows);

// A cell's text as a load would read it.
std::string unescaped(const SampleCell& cell, const Form& form);

}  // namespace recon::detect
