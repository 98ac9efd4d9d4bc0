// A run of a job: what run_job, run_project and the background worker have in common.
#pragma once

#include "jobs/match_store.hpp"

namespace recon::jobs {

// A row of recon.job_report.
struct Report {
    std::int64_t job_id = 0;
    std::int64_t total = 0;  // open records of both sides at the start
    Stored stored;
    double elapsed_ms = 0;

    std::array<pg::Value, 9> row() const;
};

// Runs it as part of the caller's transaction, with the owner's rights once `user` is seen to have
// his: an error leaves the job as it was.
Report run(std::int64_t job_id, Oid user);

}  // namespace recon::jobs
