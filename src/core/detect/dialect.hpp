// The dialect of a sample: which of many candidate forms explains it best.
#pragma once

#include <string_view>

#include "core/detect/split.hpp"

namespace recon::detect {

struct DialectGuess {
    Form form;
    bool trim = false;      // many cells have blanks around them
    double confidence = 0;  // 0..1; 0 for a sample without rows
    std::size_t width = 1;  // columns of most rows
};

// Each candidate (delimiter, quote, escape, terminator, comment) is scored by how regular the rows
// it makes are, times how much their cells look like values. After G. J. J. van den Burg, A.
// Nazabal, C. Sutton: "Wrangling messy CSV files by detecting row and type patterns", Data Mining
// and Knowledge Discovery 33 (2019), with these differences: only the rows from the first to the
// last of the most common width are judged, because a preamble says nothing of the dialect, and
// what tells of another dialect (its delimiters or quotes inside a cell) counts against a cell.
//
// Confidence: the share of rows that have the common width, times 1 - (s2/s1)^2, where s1 is the
// score of the best candidate and s2 that of the best with another delimiter. At most 0.3 for a
// single column, 0.4 for a single row.
DialectGuess detect_dialect(std::string_view text);

// The same, where parts of the dialect are known already.
struct Known {
    std::optional<std::string> delimiter, terminator;
    std::optional<char> quote, escape;  // quote 0: none
    std::optional<char> comment;        // 0: none
};
DialectGuess detect_dialect(std::string_view text, const Known& known);

}  // namespace recon::detect
