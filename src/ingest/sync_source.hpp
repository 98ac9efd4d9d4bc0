// The door for relations of this database.
#pragma once

#include "ingest/load.hpp"

namespace recon::ingest {

// What sync_source does: loads the new and changed rows of a relation source, as part of the
// caller's transaction, with the owner's rights once `user` is seen to have his.
Report sync(std::int64_t source_id, Oid user);

// Keeps others from synchronising the source until the transaction ends.
void lock_sync(std::int64_t source_id);

}  // namespace recon::ingest
