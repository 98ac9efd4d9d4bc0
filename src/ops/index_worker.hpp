// The background worker of build_indexes(concurrently => true).
#pragma once

#include "pg/worker.hpp"

namespace recon::ops {

// In this database. Nothing where no background worker is free.
std::optional<pg::WorkerHandle> start_index_worker();

}  // namespace recon::ops
