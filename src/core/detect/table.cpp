#include "core/detect/table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "core/detect/cell_class.hpp"
#include "core/detect/names.hpp"
#include "core/field/raw_text.hpp"

namespace recon::detect {

namespace {

constexpr std::size_t most_rows = 2000;
constexpr std::size_t header_candidates = 20;  // rows of the common width that may be the header
constexpr std::size_t compared_rows = 50;      // after each of them

bool is_value(CellClass c) {
    return c != CellClass::empty && c != CellClass::text;
}

class HeaderSearch {
  public:
    HeaderSearch(const Rows& rows, const std::vector<std::size_t>& fitting, std::size_t width)
        : rows_(rows), fitting_(fitting), width_(width) {
        std::size_t needed = std::min(fitting.size(), header_candidates + compared_rows);
        for (std::size_t i = 0; i < needed; ++i) {
            auto& row = classes_.emplace_back();
            for (const SampleCell& cell : rows.of(fitting[i])) row.push_back(classify(cell.text));
        }
    }

    // The vote of the columns for row `at` of the fitting ones, -1.5..1.
    double vote(std::size_t at) const {
        double sum = 0;
        std::size_t filled = 0;
        for (std::size_t column = 0; column < width_; ++column) {
            std::string_view cell = rows_.of(fitting_[at])[column].text;
            CellClass here = classes_[at][column];
            filled += here != CellClass::empty;
            sum += vote_of(at, column, cell, here);
        }
        // A title above the table fills a cell or two.
        if (2 * filled < width_) return -1;
        return sum / static_cast<double>(width_);
    }

    bool is_sparse(std::size_t at) const {
        std::size_t filled = 0, values = 0;
        for (CellClass c : classes_[at]) {
            filled += c != CellClass::empty;
            values += is_value(c);
        }
        return 2 * filled < width_ && values == 0;
    }

    std::size_t candidates() const { return std::min(fitting_.size(), header_candidates); }

  private:
    double vote_of(std::size_t at, std::size_t column, std::string_view cell,
                   CellClass here) const {
        std::size_t values = 0, filled = 0, same = 0;
        std::size_t last = std::min(classes_.size(), at + 1 + compared_rows);
        for (std::size_t row = at + 1; row < last; ++row) {
            CellClass c = classes_[row][column];
            filled += c != CellClass::empty;
            values += is_value(c);
            same += c != CellClass::empty && rows_.of(fitting_[row])[column].text == cell;
        }
        bool body_of_values = filled > 0 && 5 * values >= 4 * filled;
        if (here == CellClass::empty) return filled > 0 ? -0.25 : 0;
        if (is_value(here)) {
            // "ID" and "No" are short names too; a year or a number names no column.
            bool word = here == CellClass::currency || here == CellClass::boolean;
            if (!word || filled == 0 || body_of_values) return filled == 0 && word ? 0 : -1.5;
            return -0.5;
        }
        auto meanings = meanings_of(cell);
        if (!meanings.empty() && meanings[0].score >= 0.7 && same == 0) return 1;
        if (body_of_values) return 1;
        if (same > 0) return -0.5;
        return filled == 0 ? 0.25 : 0.1;
    }

    const Rows& rows_;
    const std::vector<std::size_t>& fitting_;
    std::size_t width_;
    std::vector<std::vector<CellClass>> classes_;
};

std::vector<std::string> names_of(std::span<const SampleCell> cells, const DialectGuess& dialect) {
    std::vector<std::string> names;
    for (const SampleCell& cell : cells) {
        std::string name = unescaped(cell, dialect.form);
        names.emplace_back(dialect.trim ? field::trim_blanks(name) : std::string_view(name));
    }
    return names;
}

// Names in a row of another width, right above the first row: no reader can bind them.
bool names_above(const Rows& rows, std::size_t first) {
    if (first == 0) return false;
    std::size_t known = 0, texts = 0;
    auto cells = rows.of(first - 1);
    for (const SampleCell& cell : cells) {
        texts += classify(cell.text) == CellClass::text;
        auto meanings = meanings_of(cell.text);
        known += !meanings.empty() && meanings[0].score >= 0.9;
    }
    return cells.size() > 1 && known >= 2 && texts + 1 >= cells.size();
}

// Lines that a reader passes over by itself need no skipping.
std::size_t lines_before(const Rows& rows, std::size_t row) {
    return row == 0 ? 0 : rows.rows[row].line;
}

}  // namespace

Table find_table(std::string_view text, const DialectGuess& dialect,
                 std::optional<bool> known_header, std::optional<std::size_t> known_skip) {
    Table table;
    table.all = split(text, dialect.form, most_rows);
    const Rows& rows = table.all;
    std::vector<std::size_t> fitting;
    for (std::size_t i = 0; i < rows.rows.size(); ++i) {
        if (known_skip && rows.rows[i].line < *known_skip) continue;
        if (rows.rows[i].count == dialect.width) fitting.push_back(i);
    }
    if (fitting.empty()) return table;

    HeaderSearch search(rows, fitting, dialect.width);
    std::size_t best = 0;
    double best_vote = search.vote(0);
    // With a known number of lines to skip, only the first row can be the header.
    // A last row would have nothing to stand above.
    for (std::size_t at = 1; !known_skip && at < search.candidates() && at + 1 < fitting.size();
         ++at) {
        double vote = search.vote(at);
        if (vote <= best_vote + 0.05) continue;
        best = at;
        best_vote = vote;
    }
    bool above = !known_skip && !known_header && names_above(rows, fitting[0]) && best_vote < 0.7;
    table.header = known_header.value_or(best_vote > 0 && !above);
    if (!table.header && !known_skip) {
        best = 0;
        while (best + 1 < search.candidates() && search.is_sparse(best)) ++best;
    }
    table.confidence =
        known_header ? 1 : std::min(1.0, 0.5 + 0.5 * std::min(1.0, std::fabs(best_vote)));
    if (above) {
        table.names = names_of(rows.of(fitting[0] - 1), dialect);
        table.names.resize(dialect.width);
        table.confidence = 0.6;
    }
    table.skip_lines = known_skip.value_or(lines_before(rows, fitting[best]));
    if (table.header) table.names = names_of(rows.of(fitting[best]), dialect);
    table.rows.assign(fitting.begin() + static_cast<std::ptrdiff_t>(best + (table.header ? 1 : 0)),
                      fitting.end());
    return table;
}

}  // namespace recon::detect
