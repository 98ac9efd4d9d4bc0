#include "jobs/recover.hpp"

#include "jobs/queue.hpp"
#include "jobs/status.hpp"
#include "pg/owner.hpp"
#include "pg/processes.hpp"
#include "pg/settings.hpp"

namespace recon::jobs {

namespace {

constexpr char died[] = "58000";  // system_error

// Who holds a row is at it.
void recover_running(pg::Spi& spi) {
    pg::Rows rows = spi.query(
        "SELECT project_id, job_id, attempts, queued_as::oid FROM recon.jobs WHERE status = "
        "'running' FOR UPDATE SKIP LOCKED");
    for (std::uint64_t i = 0; i < rows.size(); ++i) {
        std::int64_t project_id = rows.bigint(i, 0), job_id = rows.bigint(i, 1);
        if (queue::has_worker(job_id)) continue;
        std::int64_t attempts = rows.bigint(i, 2);
        std::string times = std::to_string(attempts) + (attempts == 1 ? " time" : " times");
        if (attempts >= pg::settings::job_max_attempts) {
            end_without_result(
                spi, GetUserId(), "end", project_id, job_id, "failed",
                {died, "the background worker of the job ended unexpectedly " + times,
                 "It was terminated, or the server stopped or crashed.",
                 "See the server's log; then start the job again.", ""});
            pg::log("recon job " + std::to_string(job_id) +
                    " failed: its worker ended unexpectedly " + times);
            continue;
        }
        wait_again(spi, project_id, job_id, "worker_ended", GetCurrentTimestamp(), true);
        queue::put_at_commit(project_id, job_id, rows.oid(i, 3));
    }
}

pg::Failure why_not(const queue::Entry& entry) {
    pg::ConnectRights rights = pg::connect_rights(entry.role);
    const std::string role = "role \"" + pg::role_name(entry.role) + "\"";
    const char hint[] = "Start the job as another role, or run it with recon.run_job.";
    if (!rights.exists)
        return {"42704", "the role that started the job does not exist", "", hint, ""};
    if (!rights.login) return {"42501", role + " is not permitted to log in", "", hint, ""};
    if (!rights.connect)
        return {"42501", role + " has no privilege to connect to this database", "", hint, ""};
    return {"58000", "the background worker of the job did not start",
            std::to_string(entry.tries) + " attempts were made, as " + role + ".",
            "See the server's log; then start the job again.", ""};
}

void end_unstartable(pg::Spi& spi, const queue::Entry& entry) {
    pg::Rows row = spi.query(
        "SELECT FROM recon.jobs WHERE project_id = $1 AND job_id = $2 AND status = 'queued' FOR "
        "UPDATE",
        {pg::bigint(entry.project_id), pg::bigint(entry.job_id)});
    if (row.empty()) return;
    if (entry.cancelled)
        end_without_result(spi, GetUserId(), "end", entry.project_id, entry.job_id, "cancelled",
                           {"57014", "job was cancelled before it ran", "", "", ""});
    else
        end_without_result(spi, GetUserId(), "end", entry.project_id, entry.job_id, "failed",
                           why_not(entry));
}

void put_waiting(pg::Spi& spi) {
    pg::Rows rows = spi.query(
        "SELECT project_id, job_id, queued_as::oid, next_try_at FROM recon.jobs WHERE status = "
        "'queued' ORDER BY queued_at, job_id LIMIT $1",
        {pg::bigint(std::int64_t{queue::capacity})});
    for (std::uint64_t i = 0; i < rows.size(); ++i) {
        TimestampTz next_try = rows.is_null(i, 3) ? 0 : DatumGetTimestampTz(rows.datum(i, 3));
        if (!queue::put(rows.bigint(i, 0), rows.bigint(i, 1), rows.oid(i, 2), next_try)) break;
    }
}

}  // namespace

bool recover(const std::string& database) {
    auto run = [&](const std::function<void(pg::Spi&)>& step) {
        std::optional<pg::Failure> failure = pg::in_transaction([&] {
            if (!pg::has_extension()) return;
            pg::OwnerScope owner;
            pg::Spi spi;
            step(spi);
        });
        if (!failure || !pg::extension_exists()) return true;
        pg::log("recon could not look after the jobs of database \"" + database +
                "\": " + failure->message);
        return failure->sqlstate != pg::lock_not_available;
    };
    if (!run(recover_running)) return false;
    for (const queue::Entry& entry : queue::take_unstartable())
        if (!run([&](pg::Spi& spi) { end_unstartable(spi, entry); })) return false;
    if (!run(put_waiting)) return false;
    queue::wake_launcher();
    return true;
}

}  // namespace recon::jobs
