// Rows of text made in C++ for statements to read under a name, as if they were a table's.
#pragma once

#include "pg/spi.hpp"

namespace recon::pg {

// Beyond work_mem the rows are in a temporary file.
class TextRows {
  public:
    // Statements of this connection find them, never those of another, nor after it closed. The
    // names outlive the rows.
    TextRows(Spi& spi, const char* name, std::initializer_list<const char*> columns);
    ~TextRows();
    TextRows(const TextRows&) = delete;
    TextRows& operator=(const TextRows&) = delete;

    // All before the first statement that reads them; no NULLs.
    void add(std::initializer_list<std::string_view> row);
    void finish();

  private:
    const char* name_;
    TupleDesc description_ = nullptr;
    Tuplestorestate* rows_ = nullptr;
    MemoryContext row_memory_ = nullptr;
    std::uint64_t count_ = 0;
    int exceptions_ = std::uncaught_exceptions();
};

}  // namespace recon::pg
