// The audit trail: one entry a change, written by whoever makes the change, in the same
// transaction. What one call writes is a batch, the next link of one of the project's chains.
#pragma once

#include "pg/spi.hpp"

namespace recon::access {

// Both run with the owner's rights; `user` is the caller. Project 0: what belongs to no project.

// One change. `before` and `after` are JSON texts.
void audit(pg::Spi& spi, Oid user, std::int64_t project_id, const char* action,
           const char* resource, std::optional<std::int64_t> resource_id,
           const std::optional<std::string>& before, const std::optional<std::string>& after);

// The changes of one statement, of any number. `changes` are its common table expressions, without
// the WITH, and one of them is `entries`: a row a change, with the columns at, resource_id, before
// and after. `result` is the query that follows; its rows are returned. Both may use `params`.
pg::Rows audit_all(pg::Spi& spi, Oid user, std::int64_t project_id, const char* action,
                   const char* resource, const char* changes, const char* result,
                   std::initializer_list<pg::Param> params);

}  // namespace recon::access
