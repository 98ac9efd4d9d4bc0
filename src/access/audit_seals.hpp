// Seals: the ends of the chains of the audit trail, written down from time to time.
#pragma once

#include "pg/spi.hpp"

namespace recon::access {

// Those whose trail has grown since, ascending. None where the transaction keeps one snapshot.
std::vector<std::int64_t> projects_to_seal(pg::Spi& spi);

// Returns how many chains were sealed: none where another transaction is at it. Once the
// transaction commits, a line in the server's log tells the newest seal's hash.
std::int64_t seal(pg::Spi& spi, std::int64_t project_id);

}  // namespace recon::access
