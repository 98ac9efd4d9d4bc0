// Known records that get new content: the old version is kept, a proposed match withdrawn.
#pragma once

#include <unordered_set>

#include "ingest/stage.hpp"
#include "pg/spi.hpp"
#include "pg/writer.hpp"
#include "stats/counters.hpp"

namespace recon::ingest {

class RecordUpdates {
  public:
    // The project is locked against runs that store. `user`: who loads. `update_no`:
    // data_sources.updates of this load.
    RecordUpdates(pg::Spi& spi, Oid user, std::int64_t project_id, std::int64_t ingestion_id,
                  std::int64_t update_no);

    void add(std::int64_t known_id, const StagedRecord& record);
    void flush();  // before what was added goes away

    // Ends writing, also what the withdrawn matches change in the project's figures.
    void finish();

  private:
    void keep_versions();
    void withdraw_matches();

    pg::Spi& spi_;
    Oid user_;
    std::int64_t project_id_, ingestion_id_, update_no_;
    pg::Writer writer_;
    std::vector<std::int64_t> ids_;
    std::unordered_set<std::int64_t> in_batch_;
    std::vector<HeapTupleData> tuples_;
    stats::Delta change_;
};

}  // namespace recon::ingest
