// Rejects of a load on their way to recon.ingest_errors. They wait in a temporary file until the
// load's outcome is known: a load that is undone keeps its rejects.
#pragma once

#include "core/ingest/batch.hpp"
#include "pg/spool.hpp"

namespace recon::ingest {

class RejectSpool {
  public:
    // Made before the subtransaction that may be undone.
    RejectSpool() = default;
    void add(const Reject& reject);
    void write_out(std::int64_t project_id, std::int64_t ingestion_id);  // once, at the end

  private:
    pg::Spool spool_;
    std::uint64_t count_ = 0;
};

}  // namespace recon::ingest
