// Rejects of a load on their way to recon.ingest_errors: they wait in a temporary file until the
// load's outcome is known.
#pragma once

#include "core/ingest/batch.hpp"
#include "pg/spi.hpp"
#include "pg/spool.hpp"

namespace recon::ingest {

class RejectSpool {
  public:
    void add(const Reject& reject);
    std::uint64_t count() const { return count_; }

    // Once, at the end: as rows of a load of their own, or as the newest word on rejects of an
    // earlier load that were tried again.
    void write_out(std::int64_t project_id, std::int64_t ingestion_id);
    void write_back(pg::Spi& spi, std::int64_t project_id, std::int64_t retry_of);
    void open() { spool_.open(); }
    void close() { spool_.close(); }

  private:
    pg::Spool spool_;
    std::uint64_t count_ = 0;
};

}  // namespace recon::ingest
