// Rejects of a load on their way to recon.ingest_errors. They wait in a temporary file until the load's outcome is
// known: a load that is undone keeps its rejects.
#pragma once

#include "core/ingest/batch.hpp"
#include "pg/guard.hpp"

namespace recon::ingest {

class RejectSpool {
  public:
    // Before any subtransaction: the file must outlive it.
    RejectSpool();
    void add(const Reject& reject);
    void write_out(std::int64_t project_id, std::int64_t ingestion_id);  // once, at the end

  private:
    void put(const void* bytes, std::size_t size);
    BufFile* file_;
    std::uint64_t count_ = 0;
};

}  // namespace recon::ingest
