// The one writer of recon's tables. Rows are appended in batches, below the executor where the
// table is an ordinary heap (table_multi_insert; indexes, NOT NULL and CHECK kept in step), else by
// one INSERT ... SELECT FROM unnest(...) a batch. Foreign keys are proved by the caller once a
// batch (by a lock on the parent, see each caller): no trigger runs a row. The caller's rights were
// checked before.
#pragma once

#include <string>
#include <vector>

#include "core/field/decimal.hpp"
#include "pg/guard.hpp"

namespace recon::pg {

class Writer {
  public:
    static constexpr int batch_rows = 1000;
    static constexpr std::size_t batch_bytes = std::size_t{1}
                                               << 20;  // of cells; ends a batch earlier

    // All columns of recon.<table> that are not generated, in the order in which add() gets their
    // values.
    // `parent`: the writer of the rows that these refer to. Where SQL writes, and so checks the
    // foreign keys, its rows go first. It must outlive this one, and may be finished before it.
    Writer(const char* table, std::initializer_list<const char*> columns, Writer* parent = nullptr)
        : Writer(table, columns, parent, nullptr, {}) {}
    // B-trees whose last column is one of `sorted` get their entries in order, a million or what
    // there is at a time: for keys in whose order the rows do not come.
    struct Sorted {
        std::initializer_list<const char*> columns;
    };
    Writer(const char* table, std::initializer_list<const char*> columns, Sorted sorted)
        : Writer(table, columns, nullptr, nullptr, sorted.columns) {}
    // The rows go to a statement of the caller's instead, as arrays $1, $2, ... of the columns'
    // types.
    Writer(const char* table, std::initializer_list<const char*> columns, const char* statement)
        : Writer(table, columns, nullptr, statement, {}) {}
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    // Set a cell of the next row, by its place in the list of columns; every cell starts as NULL.
    // What is given is copied.
    void bigint(int column, std::int64_t value);
    void integer(int column, std::int32_t value);
    void real(int column, double value);
    void boolean(int column, bool value);
    void character(int column, char value);  // "char"
    void timestamp(int column, TimestampTz value);
    void text(int column, std::string_view value);                                  // also bytea
    void difference(int column, const field::Decimal& a, const field::Decimal& b);  // numeric a - b

    void add();  // ends the row; writes the batch when it is full

    // Writes rows that TupleFormer made, at most batch_rows, after those added before.
    void write(std::span<HeapTupleData> tuples);

    void finish();  // writes what is left, closes, makes the rows visible to what follows
    std::uint64_t rows() const { return rows_; }

    struct State;

  private:
    Writer(const char* table, std::initializer_list<const char*> columns, Writer* parent,
           const char* statement, std::initializer_list<const char*> sorted);
    void set(int column, Datum value) {
        values_[column] = value;
        nulls_[column] = false;
    }
    void flush();
    void write_rows();
    void insert(TupleTableSlot** slots, int count);
    void write_spi();

    Writer* parent_;
    State* state_;  // nullptr once finished; in the writer's memory context, like everything it
                    // points to
    MemoryContext batch_memory_;
    Datum* values_ = nullptr;
    bool* nulls_ = nullptr;
    std::uint64_t rows_ = 0;
};

}  // namespace recon::pg
