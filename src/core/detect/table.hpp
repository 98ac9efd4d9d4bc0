// Where the table begins in a sample, and whether its columns have names.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/detect/dialect.hpp"

namespace recon::detect {

struct Table {
    std::size_t skip_lines = 0;  // physical lines before its header, or before its first row
    bool header = true;
    double confidence = 0;           // that `header` is right; 0 without rows
    std::vector<std::string> names;  // of the columns; empty where nothing names them
    std::vector<std::size_t> rows;   // the data rows of the common width, in `all`
    Rows all;
};

// `known_header`, `known_skip`: what the user says already.
//
// The header is the row, among the first of the common width, that differs most from the rows after
// it: texts above columns of numbers and dates, and names that meanings_of() knows. A column votes
// 1 for such a name or such a difference, and against it where its first cell is a value like the
// others. Confidence is 0.5 plus half the vote's share of the columns.
Table find_table(std::string_view text, const DialectGuess& dialect,
                 std::optional<bool> known_header = std::nullopt,
                 std::optional<std::size_t> known_skip = std::nullopt);

}  // namespace recon::detect
