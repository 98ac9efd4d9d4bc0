#include "jobs/status.hpp"

#include "access/audit.hpp"
#include "jobs/run_counters.hpp"
#include "pg/transaction_end.hpp"
#include "stats/counters.hpp"

namespace recon::jobs {

namespace {

std::optional<std::string> or_null(const std::string& text) {
    if (text.empty()) return std::nullopt;
    return text;
}

}  // namespace

void announce(std::int64_t job_id, std::string_view status) {
    pg::notify_at_commit(notification_channel, "{\"job_id\": " + std::to_string(job_id) +
                                                   ", \"status\": \"" + std::string(status) +
                                                   "\"}");
}

void status_changed(pg::Spi& spi, std::int64_t project_id, std::int64_t job_id,
                    std::string_view from, std::string_view to) {
    stats::Delta change;
    change.count_status(from, -1);
    change.count_status(to, 1);
    stats::add(spi, project_id, change);
    announce(job_id, to);
}

void end_without_result(pg::Spi& spi, Oid user, const char* action, std::int64_t project_id,
                        std::int64_t job_id, std::string_view to, const pg::Failure& why) {
    pg::Rows row = spi.query(
        "WITH before AS (SELECT b.status, to_jsonb(b)::text AS job FROM recon.jobs b WHERE "
        "project_id = $1 AND job_id = $2) "
        "UPDATE recon.jobs j SET status = $3, finished_at = clock_timestamp(), wait_reason = NULL, "
        "next_try_at = NULL, kept_at = NULL, error_code = $4, error_message = $5, error_detail = "
        "$6, error_hint = "
        "$7, error_context = $8 FROM before WHERE project_id = $1 AND job_id = $2 "
        "RETURNING before.status, before.job, to_jsonb(j)::text",
        {pg::bigint(project_id), pg::bigint(job_id), pg::text(to), pg::text(or_null(why.sqlstate)),
         pg::text(or_null(why.message)), pg::text(or_null(why.detail)), pg::text(or_null(why.hint)),
         pg::text(or_null(why.context))});
    status_changed(spi, project_id, job_id, row.text(0, 0), to);
    count_run(to, 0, 0);
    access::audit(spi, user, project_id, action, "job", job_id, row.text(0, 1), row.text(0, 2));
}

void wait_again(pg::Spi& spi, std::int64_t project_id, std::int64_t job_id, const char* reason,
                TimestampTz at, bool attempt_counts) {
    spi.execute(
        "UPDATE recon.jobs SET status = 'queued', wait_reason = $3, next_try_at = $4, attempts = "
        "attempts - $5 WHERE project_id = $1 AND job_id = $2",
        {pg::bigint(project_id), pg::bigint(job_id), pg::text(reason), pg::timestamp(at),
         pg::bigint(attempt_counts ? 0 : 1)});
    status_changed(spi, project_id, job_id, "running", "queued");
}

}  // namespace recon::jobs
