// The status of a job: pending -> queued -> running -> completed, failed, cancelled or timed_out.
#pragma once

#include "pg/spi.hpp"
#include "pg/worker.hpp"

namespace recon::jobs {

inline constexpr char notification_channel[] = "recon_job";

// Tells those who listen, at commit: {"job_id": 7, "status": "completed"}.
void announce(std::int64_t job_id, std::string_view status);

// Where the row of a job was given another status: the project's figures, and those who listen.
void status_changed(pg::Spi& spi, std::int64_t project_id, std::int64_t job_id,
                    std::string_view from, std::string_view to);

// Ends a job that is queued or running, which its row says still, without a result; the caller has
// the row locked. `user` and `action` are for the audit trail.
void end_without_result(pg::Spi& spi, Oid user, const char* action, std::int64_t project_id,
                        std::int64_t job_id, std::string_view to, const pg::Failure& why);

// Lets it wait for a worker again, not before `at`; `reason` as in recon.jobs.wait_reason. Its
// worker's attempt counts, or not.
void wait_again(pg::Spi& spi, std::int64_t project_id, std::int64_t job_id, const char* reason,
                TimestampTz at, bool attempt_counts);

}  // namespace recon::jobs
