// Pieces of an HTML page, all in ASCII: what is not comes as a character reference, so that a page
// is the same in every encoding.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace recon::report {

// Text of a user's, UTF-8: no character of it is markup; control characters and those that change
// the direction of what follows are shown by their names; bytes that are no UTF-8 as \xNN.
std::string escaped(std::string_view text);
// The same, set apart from the direction of the text around it.
std::string isolated(std::string_view text);

std::string count(std::int64_t number);  // 1,234,567

// A decimal number, in the notation of numeric, with so many digits after the point at least, or
// else as many as it has.
std::string amount(std::string_view number, int scale);
int scale_of(std::string_view number);

// part of whole, as "97.3 %"; 0 of 0 is "–".
std::string percent(std::int64_t part, std::int64_t whole);

// A table that becomes a list of cards where the page is narrow.
class Table {
  public:
    enum Kind { text, number, date, code };
    struct Column {
        const char* title;
        Kind kind = text;
    };
    Table(std::string& page, std::initializer_list<Column> columns);
    ~Table();
    Table(const Table&) = delete;
    Table& operator=(const Table&) = delete;

    // Cells are HTML; `kind` is a class of the style sheet.
    void row(std::initializer_list<std::string> cells, const char* kind = nullptr);

  private:
    std::string& page_;
    std::vector<Column> columns_;
};

}  // namespace recon::report
