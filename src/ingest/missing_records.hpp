// Records of a relation source whose row the newest synchronisation did not find.
#pragma once

#include "pg/spi.hpp"
#include "pg/spool.hpp"

namespace recon::ingest {

struct Synchronisation {
    std::int64_t project_id, source_id, ingestion_id;
};

// Brings recon.missing_records to what `missing` (ids, bigint, in any order) says: writes only what
// is new there, and those that came back. Returns how many are new.
std::uint64_t write_missing(pg::Spi& spi, const Synchronisation& sync, pg::Spool& missing);

}  // namespace recon::ingest
