// A row of recon.data_sources as a load needs it.
#pragma once

#include "core/field/date.hpp"
#include "core/json.hpp"
#include "pg/spi.hpp"

namespace recon::ingest {

struct Source {
    std::int64_t source_id = 0, project_id = 0;
    std::string name, kind;
    std::string relation;  // qualified and quoted; of a relation source, as the role it is read as
    Oid relation_owner = InvalidOid;
    std::optional<json::Value> mapping;
    json::Value options;
    std::optional<field::Day> closed_until;  // the last day of the project's closed period
};

// Reads and locks the source, so that neither it nor its project goes away before the transaction
// ends. 42704 where `user` does not see it, 42501 where he may not load, 55000 where it is disabled
// or its project archived.
Source open_source(pg::Spi& spi, std::int64_t source_id, Oid user);

// Likewise, and 55000 where it is a relation source.
Source open_file_source(pg::Spi& spi, std::int64_t source_id, Oid user);

}  // namespace recon::ingest
