// start_job: the job waits for a background worker from the commit on.
#include "access/audit.hpp"
#include "access/membership.hpp"
#include "jobs/progress.hpp"
#include "jobs/queue.hpp"
#include "jobs/run_job.hpp"
#include "jobs/status.hpp"
#include "pg/owner.hpp"
#include "pg/processes.hpp"
#include "pg/settings.hpp"
#include "pg/shared_memory.hpp"

using namespace recon;
using access::Level;

namespace {

// The worker connects as this role.
void check_role(Oid user) {
    pg::ConnectRights rights = pg::connect_rights(user);
    std::string name = pg::role_name(user);
    if (!rights.login)
        throw Error("42501", "role \"" + name + "\" is not permitted to log in",
                    "The background worker connects as the role that starts the job.",
                    "Start it as a role with LOGIN, or run it with recon.run_job.");
    if (!rights.connect)
        throw Error("42501", "role \"" + name + "\" has no privilege to connect to this database",
                    "The background worker connects as the role that starts the job.",
                    "Grant it CONNECT on the database, or run the job with recon.run_job.");
}

// Why a job that came now would have to wait.
jobs::queue::Wait shortage() {
    if (jobs::queue::entries().size() >=
        static_cast<std::size_t>(pg::settings::max_concurrent_jobs))
        return jobs::queue::Wait::job_slot;
    if (pg::count_processes().workers >= pg::worker_capacity())
        return jobs::queue::Wait::worker_process;
    return jobs::queue::Wait::none;
}

bool is_active(std::string_view status) {
    return status == "queued" || status == "running";
}

// Nothing where it is queued or running already.
std::optional<std::string> lock_job(pg::Spi& spi, std::int64_t project_id, std::int64_t job_id) {
    // A run holds the row until it ends: not to be waited for.
    std::string status =
        spi.query("SELECT status FROM recon.jobs WHERE project_id = $1 AND job_id = $2",
                  {pg::bigint(project_id), pg::bigint(job_id)})
            .text(0, 0);
    if (is_active(status) || jobs::is_running(job_id)) return std::nullopt;
    status = spi.query(
                    "SELECT status FROM recon.jobs WHERE project_id = $1 AND job_id = $2 "
                    "FOR UPDATE",
                    {pg::bigint(project_id), pg::bigint(job_id)})
                 .text(0, 0);
    if (is_active(status)) return std::nullopt;
    return status;
}

// What the job's status is after the call.
std::string start(std::int64_t job_id, Oid user) {
    if (!jobs::queue::available())
        throw pg::not_preloaded("Background jobs are started by a worker of the server.",
                                "Without it, run the job with recon.run_job.");
    jobs::queue::Wait wait = jobs::queue::Wait::none;
    {
        pg::OwnerScope owner;
        pg::Spi spi;
        std::int64_t project_id =
            access::require_object(spi, access::Object::job, job_id, user, Level::worker);
        access::lock_active(spi, project_id, user, Level::worker);
        check_role(user);
        std::optional<std::string> before = lock_job(spi, project_id, job_id);
        if (!before) return "queued";
        wait = shortage();
        if (wait != jobs::queue::Wait::none && pg::settings::on_no_worker == pg::settings::on_error)
            throw Error("53000", "no background worker is free for job " + std::to_string(job_id),
                        wait == jobs::queue::Wait::job_slot
                            ? "\"recon.max_concurrent_jobs\" jobs are running or waiting."
                            : "All of \"max_worker_processes\" are in use.",
                        "Try again later, or set \"recon.on_no_worker\" to \"queue\".");
        if (wait == jobs::queue::Wait::none ||
            pg::settings::on_no_worker == pg::settings::on_queue) {
            std::optional<std::string> reason;
            if (wait != jobs::queue::Wait::none) reason = jobs::queue::wait_text(wait);
            pg::Rows row = spi.query(
                "WITH before AS (SELECT to_jsonb(b)::text AS job FROM recon.jobs b WHERE "
                "project_id = $1 AND job_id = $2) "
                "UPDATE recon.jobs j SET status = 'queued', queued_at = clock_timestamp(), "
                "queued_as = $3::oid::regrole, queued_session = $5::oid::regrole, attempts = 0, "
                "wait_reason = $4, next_try_at = NULL, started_at = NULL, finished_at = NULL, "
                "error_code = NULL, error_message = NULL, error_detail = NULL, error_hint = NULL, "
                "error_context = NULL FROM before WHERE project_id = $1 AND job_id = $2 "
                "RETURNING before.job, to_jsonb(j)::text",
                {pg::bigint(project_id), pg::bigint(job_id), pg::oid(user), pg::text(reason),
                 pg::oid(GetSessionUserId())});
            jobs::status_changed(spi, project_id, job_id, *before, "queued");
            access::audit(spi, user, project_id, "start", "job", job_id, row.text(0, 0),
                          row.text(0, 1));
            jobs::queue::put_at_commit(project_id, job_id, user);
            return "queued";
        }
    }
    jobs::run(job_id, user);
    return "completed";
}

}  // namespace

RECON_FUNCTION(recon_start_job) {
    pg::Arguments args(fcinfo);
    return pg::make_text(start(args.bigint(0, "job_id"), GetUserId()));
}
