// The background worker that visits a database.
#pragma once

#include "pg/worker.hpp"

namespace recon::ops {

// With a cleanup, or only to look after the jobs. Nothing where no worker can be started now.
std::optional<pg::WorkerHandle> start_visit(Oid database, bool with_cleanup);

}  // namespace recon::ops
