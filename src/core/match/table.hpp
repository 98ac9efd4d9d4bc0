// The open records of one side of a job, as columns, in any order.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/field/date.hpp"
#include "core/field/decimal.hpp"
#include "core/match/buffer.hpp"
#include "core/match/dictionary.hpp"

namespace recon::match {

enum class Type : std::uint8_t { text, decimal, date, timestamp };

const char* type_name(Type type);

// What stands for NULL: no value of a column has it. (The least numbers themselves are the server's
// "-infinity" of dates and times.)
inline constexpr std::int64_t null_number = std::numeric_limits<std::int64_t>::min() + 1;
inline constexpr field::Day null_day = std::numeric_limits<field::Day>::min() + 1;
inline constexpr field::int128 null_wide = static_cast<field::int128>(field::uint128{1} << 127);

// One column; only the arrays of its type are filled.
class Column {
  public:
    Column(Type column_type, std::shared_ptr<Texts> texts)
        : type(column_type), texts_(std::move(texts)) {}

    Type type;
    int scale = 0;                 // of decimals
    Buffer<std::uint32_t> ids;     // text: numbers of texts(); 0 is NULL
    Buffer<std::int64_t> numbers;  // timestamp: microseconds; decimal: coefficients at `scale`
    Buffer<field::int128> wide;    // decimal: instead, once a coefficient does not fit
    Buffer<field::Day> days;       // date
    bool is_wide = false;

    void add_null();
    void add_text(std::string_view value);
    // As many add_text, or add_null where data() is null, in one: faster, as the misses of the
    // dictionary overlap.
    void add_texts(std::span<const std::string_view> values);
    void add_decimal(const field::Decimal& value);  // raises the column's scale where needed
    void add_day(field::Day value);
    void add_micros(std::int64_t value);
    void reserve(std::size_t rows);

    bool is_known(std::size_t row) const {
        switch (type) {
            case Type::text:
                return ids[row] != 0;
            case Type::decimal:
                return is_wide ? wide[row] != null_wide : numbers[row] != null_number;
            case Type::date:
                return days[row] != null_day;
            case Type::timestamp:
                return numbers[row] != null_number;
        }
        return false;
    }
    std::string_view text(std::size_t row) const {  // of a known text
        return texts_->view(ids[row]);
    }
    field::int128 coefficient(std::size_t row) const {
        return is_wide ? wide[row] : field::int128{numbers[row]};
    }
    field::Decimal decimal(std::size_t row) const { return {coefficient(row), scale}; }

    std::size_t bytes() const;  // memory held, for the budget; without the texts

  private:
    void raise_scale(int to);
    void widen();

    std::shared_ptr<Texts> texts_;
};

class Table {
  public:
    // Tables that are matched with one another share their texts.
    explicit Table(std::shared_ptr<Texts> texts = std::make_shared<Texts>())
        : texts_(std::move(texts)) {}

    std::vector<std::int64_t> record_ids;
    std::vector<std::string> names;  // of columns: canonical fields and attribute keys
    std::vector<Column> columns;

    Column& add_column(std::string name, Type type) {
        names.push_back(std::move(name));
        return columns.emplace_back(type, texts_);
    }
    Texts& texts() const { return *texts_; }
    const std::shared_ptr<Texts>& shared_texts() const { return texts_; }

    std::size_t rows() const { return record_ids.size(); }
    int find(std::string_view name) const;  // -1 where there is no such column
    std::size_t bytes() const;              // without the texts

  private:
    std::shared_ptr<Texts> texts_;
};

}  // namespace recon::match
