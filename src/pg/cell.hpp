// The core's typed cells as the server's values.
#pragma once

#include "core/ingest/batch.hpp"
#include "pg/server.hpp"

namespace recon::pg {

// All run inside call().
Datum text_datum(std::string_view text);     // also bytea
Datum cell_datum(const ingest::Cell& cell);  // text, numeric or date
Datum object_datum(std::span<const ingest::Attribute> members,
                   const std::vector<std::string>& keys);  // jsonb

}  // namespace recon::pg
