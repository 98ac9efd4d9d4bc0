// Forms rows of one of recon's tables as heap tuples, without a call of the server for each value:
// the values go straight to the place that heap_form_tuple would give them.
#pragma once

#include "pg/packed.hpp"

namespace recon::pg {

class TupleFormer {
  public:
    // `columns`: all columns of recon.<table> that are not generated, in the table's order.
    TupleFormer(const char* table, std::initializer_list<const char*> columns);

    // A row at the end of `out`, which takes nothing else until finish().
    void begin(Bytes& out);

    // Its values, in the order of the columns.
    void null() { ++column_; }
    void bigint(std::int64_t value) { fixed(&value, sizeof value); }
    void integer(std::int32_t value) { fixed(&value, sizeof value); }
    void real(double value) { fixed(&value, sizeof value); }
    void boolean(bool value) { fixed(&value, sizeof value); }
    void character(char value) { fixed(&value, sizeof value); }  // "char"
    void timestamp(TimestampTz value) { fixed(&value, sizeof value); }
    void text(std::string_view value);  // also bytea and, by its packed form, jsonb
    void decimal(const field::Decimal& value);
    void difference(const field::Decimal& a, const field::Decimal& b);  // numeric a - b
    void day(field::Day value) { fixed(&value, sizeof value); }
    void cell(const ingest::Cell& value);  // null, text, decimal or date

    // The row's bytes, from its header on: in `out`, aligned as the server wants them, valid until
    // more is added there.
    std::span<char> finish();

  private:
    struct Column {
        std::uint16_t attribute;  // from 0
        std::uint8_t alignment;
        bool packable;  // a short value is stored with a header of one byte, unaligned
    };

    const Column& next() {  // of a value that is not null
        const Column& column = *column_++;
        bitmap_[column.attribute / 8] =
            static_cast<std::uint8_t>(bitmap_[column.attribute / 8] | 1u << column.attribute % 8);
        ++set_;
        return column;
    }
    void fixed(const void* value, std::size_t size) {
        out_->align(next().alignment);
        out_->append(value, size);
    }

    std::vector<Column> columns_;
    std::uint16_t attributes_;  // of the table, dropped ones too
    std::size_t largest_header_;
    // The row at hand.
    Bytes* out_ = nullptr;
    std::size_t data_ = 0;  // where its values begin in out_
    const Column* column_ = nullptr;
    std::size_t set_ = 0;
    bool variable_ = false;
    std::vector<std::uint8_t> bitmap_;  // 1: the attribute has a value
};

}  // namespace recon::pg
