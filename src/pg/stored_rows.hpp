// Rows of a composite type as bytes, which outlive the query and the process that read them.
#pragma once

#include "pg/spi.hpp"

namespace recon::pg {

// Appends the rows of a result of two columns, an id and a row, in whole words: id, size, row.
void append_rows(const Rows& rows, std::vector<std::uint64_t>& words);

// What tells whether rows that were kept are still read in the same way: the columns of the type.
std::uint64_t shape_of(Oid row_type);
Oid row_type_of(const char* table);  // in schema recon

// The rows of a set-returning function whose result type is theirs.
class StoredRowSet {
  public:
    explicit StoredRowSet(FunctionCallInfo fcinfo);
    void add(std::span<const std::uint64_t> row);  // without id and size

  private:
    ReturnSetInfo* info_;
};

// A row as the result of a function.
Datum stored_row(std::span<const std::uint64_t> row);

// Calls each(id, row).
template <class F>
void for_rows(std::span<const std::uint64_t> words, F&& each) {
    for (std::size_t at = 0; at < words.size();) {
        auto id = static_cast<std::int64_t>(words[at]);
        std::size_t size = words[at + 1];
        each(id, words.subspan(at + 2, size));
        at += 2 + size;
    }
}

}  // namespace recon::pg
