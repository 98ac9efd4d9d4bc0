// Keeps a table's indexes in step with rows that are appended in batches: index by index instead of
// row by row, so that each stays in the processor's caches for a while, and where asked for in the
// order of its key over many batches, so that a B-tree grows at its end. For pg::Writer alone:
// plain data in its memory context, all functions run inside call().
#pragma once

#include "pg/server.hpp"

namespace recon::pg {

class IndexWriter {
  public:
    // `result` has its indexes open. `sorted`: columns (bigint, date, time or float8); a B-tree
    // whose last column is one of them gets its entries in order, those that a sixteenth of
    // recon.work_mem holds at a time (a million at most), while the columns before it have the
    // same values.
    static IndexWriter* make(ResultRelInfo* result, EState* estate, const Bitmapset* sorted);

    // The slots hold rows with their places in the table. Uniqueness is checked, here or in
    // flush().
    void insert(TupleTableSlot** slots, int count);
    void flush();

  private:
    struct Summary;
    struct Predicate;
    struct Pending;

    void add(int index, TupleTableSlot* slot);
    bool keep(int index, const Datum* values, const bool* nulls, ItemPointer place);
    void insert_entry(int index, Datum* values, bool* nulls, ItemPointer place);
    void flush(int index);

    ResultRelInfo* result_;
    EState* estate_;
    MemoryContext memory_;
    bool simple_;             // every index has plain columns for its key
    Predicate** predicates_;  // of partial indexes; else null
    Summary** summaries_;     // of indexes that summarise pages; else null
    Pending** pending_;       // of indexes that get their entries in order; else null
};

}  // namespace recon::pg
