// The background worker that runs one job, as the role that started it.
#pragma once

#include "jobs/queue.hpp"
#include "pg/worker.hpp"

namespace recon::jobs {

// Nothing where no worker can be started now.
std::optional<pg::WorkerHandle> start_job_worker(const queue::Ticket& ticket,
                                                 const queue::Entry& entry);

}  // namespace recon::jobs
