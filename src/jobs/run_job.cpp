#include "jobs/run_job.hpp"

#include "access/audit.hpp"
#include "jobs/progress.hpp"
#include "jobs/queue.hpp"
#include "jobs/run_counters.hpp"
#include "jobs/status.hpp"
#include "pg/owner.hpp"
#include "stats/counters.hpp"

namespace recon::jobs {

Report run(std::int64_t job_id, Oid user) {
    auto start = std::chrono::steady_clock::now();
    pg::OwnerScope owner;
    pg::Spi spi;
    Job job = open_job(spi, job_id, user, Purpose::run);
    pg::Rows before = spi.query(
        "WITH before AS (SELECT b.status, to_jsonb(b)::text AS job FROM recon.jobs b WHERE "
        "project_id = $1 AND job_id = $2) "
        "UPDATE recon.jobs j SET started_at = clock_timestamp() FROM before WHERE project_id = $1 "
        "AND job_id = $2 RETURNING before.status, before.job",
        {pg::bigint(job.project_id), pg::bigint(job_id)});
    std::string status = before.text(0, 0);
    RunProgress progress(job.project_id, job_id);
    Matched matched = match_job(spi, job, progress, progress);
    Report report;
    report.job_id = job_id;
    report.total = static_cast<std::int64_t>(matched.a.rows() + matched.b.rows());
    report.stored = store(spi, job, matched, progress);
    report.elapsed_ms =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    const Stored& stored = report.stored;
    pg::Rows after = spi.query(
        "UPDATE recon.jobs j SET status = 'completed', runs = runs + 1, total_records = $3, "
        "matched_records = $4, unmatched_records = $3 - $4, matches = $5, proposed = $6, approved "
        "= $7, "
        "processing_time_ms = $8, assignment_gap = $9, finished_at = clock_timestamp(), "
        "wait_reason = NULL, next_try_at = NULL, error_code = NULL, error_message = NULL, "
        "error_detail = NULL, error_hint = NULL, error_context = NULL, kept_at = NULL WHERE "
        "project_id = $1 AND job_id = $2 RETURNING to_jsonb(j)::text",
        {pg::bigint(job.project_id), pg::bigint(job_id), pg::bigint(report.total),
         pg::bigint(stored.matched_records), pg::bigint(stored.matches),
         pg::bigint(stored.proposed), pg::bigint(stored.approved), pg::real(report.elapsed_ms),
         pg::real(assignment_gap(matched.result))});
    stats::Delta change;
    change.count_status(status, -1);
    change.count_status("completed", 1);
    change.matched_records = stored.matched_records;
    change.proposed_matches = stored.proposed;
    change.approved_matches = stored.approved;
    change.confidence = stored.confidence;
    stats::add(spi, job.project_id, change);
    announce(job_id, "completed");
    count_run("completed", static_cast<std::uint64_t>(report.elapsed_ms + 0.5),
              static_cast<std::uint64_t>(stored.matches));
    queue::drop_at_commit(job_id);  // where it waited for a worker
    access::audit(spi, user, job.project_id, "run", "job", job_id, before.text(0, 1),
                  after.text(0, 0));
    return report;
}

std::array<pg::Value, 9> Report::row() const {
    return {job_id,
            "completed",
            total,
            stored.matched_records,
            total - stored.matched_records,
            stored.matches,
            stored.proposed,
            stored.approved,
            elapsed_ms};
}

}  // namespace recon::jobs
