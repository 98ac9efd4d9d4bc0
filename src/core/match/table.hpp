// The open records of one side of a job, as columns. Rows come in the contract's order
// (external_id, then the content of all fields), so that a lower row number is "first in order" and
// no tie falls to the order of loading.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/field/date.hpp"
#include "core/field/decimal.hpp"

namespace recon::match {

enum class Type : std::uint8_t { text, decimal, date, timestamp };

const char* type_name(Type type);

// One column; only the vector of its type is filled. A value counts where present[row] is 1.
struct Column {
    Type type = Type::text;
    std::vector<std::uint8_t> present;
    std::vector<field::int128> decimals;  // coefficients at `scale`
    int scale = 0;
    std::vector<field::Day> days;
    std::vector<std::int64_t> micros;
    std::vector<std::uint64_t> ends;  // text of row i is arena[ends[i-1], ends[i])
    std::string arena;

    std::string_view text(std::size_t row) const {
        std::uint64_t begin = row == 0 ? 0 : ends[row - 1];
        return std::string_view(arena).substr(begin, ends[row] - begin);
    }
    void add_null();
    void add_text(std::string_view value);
    void add_decimal(const field::Decimal& value);  // raises the column's scale where needed
    void add_day(field::Day value);
    void add_micros(std::int64_t value);
    std::size_t bytes() const;  // memory held, for the budget
};

struct Table {
    std::vector<std::int64_t> record_ids;
    std::vector<std::string> names;  // of columns: canonical fields and attribute keys
    std::vector<Column> columns;

    std::size_t rows() const { return record_ids.size(); }
    int find(std::string_view name) const;  // -1 where there is no such column
    std::size_t bytes() const;
};

}  // namespace recon::match
