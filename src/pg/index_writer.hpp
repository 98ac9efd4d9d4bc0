// Keeps a table's indexes in step with rows that are appended in batches: index by index instead of
// row by row, so that each stays in the processor's caches for a while, and where asked for in the
// order of its key over many batches, so that a B-tree grows at its end. For pg::Writer alone:
// plain data in its memory context, all functions run inside call().
#pragma once

#include "pg/server.hpp"

namespace recon::pg {

class IndexWriter {
  public:
    // `result` has its indexes open. `sorted`: attribute number of a bigint column whose index gets
    // its entries in order, a million or what there is at a time (16 MB); 0: none does.
    static IndexWriter* make(ResultRelInfo* result, EState* estate, AttrNumber sorted);

    // The slots hold rows with their places in the table. Uniqueness is checked, here or in
    // flush().
    void insert(TupleTableSlot** slots, int count);
    void flush();

  private:
    static constexpr std::size_t most_entries = std::size_t{1} << 20,
                                 part_entries = std::size_t{1} << 17;

    struct Entry {
        std::int64_t key;
        ItemPointerData place;
    };

    void insert_into(int index, TupleTableSlot* slot);
    bool has_entry(int index, TupleTableSlot* slot);
    bool is_repeated(int index, TupleTableSlot* slot, TupleTableSlot* before);
    bool keep(TupleTableSlot* slot);

    ResultRelInfo* result_;
    EState* estate_;
    MemoryContext memory_;
    bool simple_;             // every index has plain columns for its key
    ExprState** predicates_;  // of partial indexes; null: all rows
    bool* summaries_;         // of indexes: whether it summarises pages
    AttrNumber sorted_;
    int sorted_index_;  // -1: none
    Entry* entries_;
    std::size_t count_, room_;
};

}  // namespace recon::pg
