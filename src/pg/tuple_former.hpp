// Forms rows of one of recon's tables as heap tuples, without a call of the server for each value:
// the values go straight to the place that heap_form_tuple would give them.
#pragma once

#include "pg/packed.hpp"

namespace recon::pg {

class TupleFormer {
  public:
    // `columns`: all columns of recon.<table> that are not generated, in the table's order.
    TupleFormer(const char* table, std::initializer_list<const char*> columns);

    // The values of one row, in the order of the columns.
    void null();
    void bigint(std::int64_t value);
    void text(std::string_view value);  // also bytea and, by its packed form, jsonb
    void decimal(const field::Decimal& value);
    void day(field::Day value);
    void cell(const ingest::Cell& value);  // null, text, decimal or date

    // The row's bytes, from its header on; valid until the next value.
    std::string_view finish();

  private:
    struct Column {
        std::uint16_t attribute;  // from 0
        std::uint8_t alignment;
        bool packable;  // a short value is stored with a header of one byte, unaligned
    };

    const Column& next();  // of the next value, all columns before it are set
    void mark(const Column& column) {
        bitmap_[column.attribute / 8] =
            static_cast<std::uint8_t>(bitmap_[column.attribute / 8] | 1u << column.attribute % 8);
    }

    std::vector<Column> columns_;
    std::uint16_t attributes_;  // of the table, dropped ones too
    std::size_t at_ = 0, set_ = 0;
    bool variable_ = false;
    std::vector<std::uint8_t> bitmap_;  // 1: the attribute has a value
    Bytes data_, tuple_;
};

}  // namespace recon::pg
