// The audit trail: one row a change, written by whoever makes the change, in the same transaction.
#pragma once

#include "pg/spi.hpp"

namespace recon::access {

// Runs with the owner's rights; `user` is the caller. `before` and `after` are JSON texts.
void audit(pg::Spi& spi, Oid user, std::int64_t project_id, const char* action,
           const char* resource, std::optional<std::int64_t> resource_id,
           const std::optional<std::string>& before, const std::optional<std::string>& after);

}  // namespace recon::access
