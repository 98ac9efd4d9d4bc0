// Splits the records that are certainly clean, at the speed of memory: quotes only around whole
// fields and doubled inside, nothing over a limit, the whole record in the window. What a record
// like that means is beyond doubt; every other one is declined, and LineParser decides. A property
// test holds the two to the same answers.
//
// Structural bytes are found 64 at a time as bit masks (Mula & Lemire; simdjson 2019), and the
// record is walked from one to the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/csv/dialect.hpp"
#include "core/csv/reader.hpp"

namespace recon::csv {

class CleanSplitter {
  public:
    static bool reads(const Dialect& dialect) {
        return dialect.is_plain() && dialect.terminator != Terminator::custom;
    }
    explicit CleanSplitter(const Dialect& dialect);  // one that it reads

    enum class Outcome : std::uint8_t { record, declined, incomplete };

    // The record that begins at window[start]; `last`: nothing follows the window.
    Outcome split(std::string_view window, std::size_t start, bool last);

    // Forgets the window.
    void restart() { block_ = SIZE_MAX; }

    // Of the record: valid until the next split().
    const std::vector<Field>& fields() const { return fields_; }
    std::size_t content_end() const { return content_end_; }
    std::size_t next() const { return next_; }
    std::uint64_t line_ends() const { return line_ends_; }  // inside its quoted fields

  private:
    std::size_t find(std::size_t from);  // the next structural byte, or the window's size
    std::uint64_t mask_of(const char* block) const;
    // A line end at `at`: its length, 0 where there is none, SIZE_MAX where the window does not
    // tell.
    std::size_t line_end_at(std::size_t at) const;
    bool end_quoted(std::size_t& at, bool& escaped);
    void unescape();

    struct Plain {
        char delimiter, quote;
        Terminator terminator;
        std::size_t max_field_bytes, max_record_bytes, max_fields;
    };

    const Plain dialect_;
    std::string_view window_;
    bool last_ = false;
    std::size_t block_ = SIZE_MAX;  // whose mask is at hand
    std::uint64_t mask_ = 0;

    std::vector<Field> fields_;
    std::vector<std::uint32_t> escaped_;  // fields in which quotes are doubled
    std::vector<char> unescaped_;
    std::size_t content_end_ = 0, next_ = 0;
    std::uint64_t line_ends_ = 0;
    bool incomplete_ = false;
};

}  // namespace recon::csv
