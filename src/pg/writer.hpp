// The one writer of recon's tables. Rows are appended in batches, below the executor where the table is an ordinary
// heap (table_multi_insert; indexes, NOT NULL and CHECK kept in step), else by one INSERT ... SELECT FROM unnest(...)
// a batch. Foreign keys are proved by the caller once a batch (by a lock on the parent, see each caller): no trigger
// runs a row. The caller's rights were checked before.
#pragma once

#include <string>
#include <vector>

#include "pg/guard.hpp"

namespace recon::pg {

class Writer {
  public:
    static constexpr int batch_rows = 1000;

    // All columns of recon.<table> that are not generated, in the order in which add() gets their values.
    Writer(const char* table, std::initializer_list<const char*> columns);
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    // Where the values of one row are to be allocated; emptied with each batch.
    MemoryContext memory() const { return batch_memory_; }

    // The next row's cells; set them, then call add(). Every cell starts as NULL.
    Datum* values() { return values_; }
    bool* nulls() { return nulls_; }
    void add();                        // writes the batch when it is full

    void finish();                     // writes what is left, closes, makes the rows visible to what follows
    std::uint64_t rows() const { return rows_; }

    struct State;

  private:
    void flush();
    void write_heap();
    void write_spi();

    State* state_;                     // in the writer's memory context, like everything it points to
    MemoryContext batch_memory_;
    Datum* values_ = nullptr;
    bool* nulls_ = nullptr;
    std::uint64_t rows_ = 0;
};

}  // namespace recon::pg
