// cancel_job.
#include "access/audit.hpp"
#include "access/membership.hpp"
#include "jobs/progress.hpp"
#include "jobs/queue.hpp"
#include "jobs/status.hpp"
#include "pg/owner.hpp"
#include "pg/report.hpp"
#include "pg/worker.hpp"

using namespace recon;
using access::Level;

namespace {

// In the row alone: it waits, or its worker is gone. Nothing where somebody holds the row, who is
// about to run it or to end it.
std::optional<bool> cancel_in_row(pg::Spi& spi, Oid user, std::int64_t project_id,
                                  std::int64_t job_id) {
    pg::Rows row = spi.query(
        "SELECT status FROM recon.jobs WHERE project_id = $1 AND job_id = $2 FOR UPDATE SKIP "
        "LOCKED",
        {pg::bigint(project_id), pg::bigint(job_id)});
    if (row.empty()) return std::nullopt;
    std::string status = row.text(0, 0);
    if (status == "running" && jobs::queue::has_worker(job_id)) return std::nullopt;
    if (status != "queued" && status != "running") return false;
    jobs::end_without_result(spi, user, "cancel", project_id, job_id, "cancelled",
                             {"57014", "job was cancelled before it ran", {}, {}, {}});
    jobs::queue::drop_at_commit(job_id);
    return true;
}

bool cancel(std::int64_t job_id, Oid user) {
    pg::OwnerScope owner;
    pg::Spi spi;
    std::int64_t project_id =
        access::require_object(spi, access::Object::job, job_id, user, Level::worker);
    // A moment, as a rule, until one of these knows of it.
    constexpr int tries = 100, wait_ms = 10;
    for (int i = 0; i < tries; ++i) {
        if (jobs::queue::cancel(job_id) || jobs::cancel_run(job_id)) {
            access::audit(spi, user, project_id, "cancel", "job", job_id, std::nullopt,
                          std::nullopt);
            return true;
        }
        if (std::optional<bool> done = cancel_in_row(spi, user, project_id, job_id)) {
            if (!*done && !jobs::queue::available())
                pg::notice("jobs that run in other sessions are not known without the preload",
                           "Add recon to \"shared_preload_libraries\", or use "
                           "pg_cancel_backend.");
            return *done;
        }
        pg::sleep(wait_ms);
    }
    return false;
}

}  // namespace

RECON_FUNCTION(recon_cancel_job) {
    pg::Arguments args(fcinfo);
    return BoolGetDatum(cancel(args.bigint(0, "job_id"), GetUserId()));
}
