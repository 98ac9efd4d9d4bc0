// One transaction takes the job, so that all can see that it runs; the next runs it, as run_job
// does; where that fails, a third one says why. A worker that dies in between leaves the status
// `running`, which the next visit to the database puts right.
#include "jobs/job_worker.hpp"

#include "jobs/run_job.hpp"
#include "jobs/status.hpp"
#include "pg/owner.hpp"
#include "pg/processes.hpp"
#include "pg/run_timeout.hpp"
#include "pg/settings.hpp"
#include "pg/table.hpp"

namespace recon::jobs {

namespace {

constexpr pg::WorkerKind kind{"recon_job_worker", "recon job"};
constexpr int quick_tries = 3;  // after 10, 20 and 40 ms, where it fails for a transient reason

bool is_transient(const pg::Failure& failure) {
    return failure.sqlstate == "40001" || failure.sqlstate == "40P01" ||
           failure.sqlstate == pg::lock_not_available;
}

class Worker {
  public:
    Worker(const queue::Ticket& ticket, std::int64_t project_id, std::int64_t job_id)
        : ticket_(ticket), project_id_(project_id), job_id_(job_id), user_(GetUserId()) {}

    void work();

  private:
    enum class Taken { yes, no, failed };
    Taken take(bool cancelled);
    std::optional<pg::Failure> run();
    void end(const pg::Failure& failure, bool timed_out);
    bool end_in_row(const pg::Failure& failure, const char* status);
    bool wait_in_row(const char* reason, TimestampTz at);
    std::optional<std::string> lock_row(pg::Spi& spi);
    bool is_queued_as_user(pg::Spi& spi) const;
    void log_failure(const pg::Failure& failure, const char* what) const {
        pg::log("recon job " + std::to_string(job_id_) + " " + what + ": " + failure.message);
    }

    queue::Ticket ticket_;
    std::int64_t project_id_, job_id_;
    Oid user_;
};

// Nothing where the job is gone, or the extension.
std::optional<std::string> Worker::lock_row(pg::Spi& spi) {
    pg::Rows row =
        spi.query("SELECT status FROM recon.jobs WHERE project_id = $1 AND job_id = $2 FOR UPDATE",
                  {pg::bigint(project_id_), pg::bigint(job_id_)});
    if (row.empty()) return std::nullopt;
    return row.text(0, 0);
}

// An entry of the queue may be older than the job that has its id now.
bool Worker::is_queued_as_user(pg::Spi& spi) const {
    return !spi.query(
                   "SELECT FROM recon.jobs WHERE project_id = $1 AND job_id = $2 AND queued_as = "
                   "$3::oid::regrole",
                   {pg::bigint(project_id_), pg::bigint(job_id_), pg::oid(user_)})
                .empty();
}

// `no` where it waits no longer: it was run, cancelled or dropped meanwhile.
Worker::Taken Worker::take(bool cancelled) {
    bool taken = false;
    pg::HoldCancel hold;
    std::optional<pg::Failure> failure = pg::in_transaction([&] {
        if (!pg::has_extension()) return;
        pg::OwnerScope owner;
        pg::Spi spi;
        if (lock_row(spi) != "queued" || !is_queued_as_user(spi)) return;
        if (cancelled) {
            end_without_result(spi, user_, "end", project_id_, job_id_, "cancelled",
                               {"57014", "job was cancelled before it ran", {}, {}, {}});
            return;
        }
        spi.execute(
            "UPDATE recon.jobs SET status = 'running', attempts = attempts + 1, started_at = "
            "clock_timestamp(), wait_reason = NULL, next_try_at = NULL WHERE project_id = $1 AND "
            "job_id = $2",
            {pg::bigint(project_id_), pg::bigint(job_id_)});
        status_changed(spi, project_id_, job_id_, "queued", "running");
        taken = true;
    });
    if (!failure) return taken ? Taken::yes : Taken::no;
    if (!pg::extension_exists()) return Taken::no;
    log_failure(*failure, "could not be started");
    return Taken::failed;
}

std::optional<pg::Failure> Worker::run() {
    return pg::in_transaction([&] {
        {
            pg::OwnerScope owner;
            pg::Spi spi;
            // Somebody may have run it, or ended it, since this worker took it.
            if (lock_row(spi) != "running") return;
        }
        jobs::run(job_id_, user_);
    });
}

// False where that failed.
bool Worker::end_in_row(const pg::Failure& why, const char* status) {
    pg::HoldCancel hold;
    return !pg::in_transaction([&] {
        pg::OwnerScope owner;
        pg::Spi spi;
        if (lock_row(spi) == "running")
            end_without_result(spi, user_, "end", project_id_, job_id_, status, why);
    });
}

bool Worker::wait_in_row(const char* reason, TimestampTz at) {
    pg::HoldCancel hold;
    return !pg::in_transaction([&] {
        pg::OwnerScope owner;
        pg::Spi spi;
        if (lock_row(spi) == "running") wait_again(spi, project_id_, job_id_, reason, at, false);
    });
}

void Worker::end(const pg::Failure& failure, bool timed_out) {
    bool cancelled = failure.sqlstate == "57014";
    if (cancelled && timed_out) {
        pg::Failure why = failure;
        why.message = "job took longer than \"recon.job_timeout\"";
        end_in_row(why, "timed_out");
    } else if (cancelled || queue::is_cancelled(ticket_)) {
        end_in_row(failure, "cancelled");
    } else if (is_transient(failure)) {
        TimestampTz at = GetCurrentTimestamp() +
                         queue::backoff_ms(queue::tries(ticket_) + quick_tries + 1) * 1000;
        if (wait_in_row(("retry after SQLSTATE " + failure.sqlstate).c_str(), at)) {
            queue::try_again(ticket_, at);
            return;
        }
    } else if (pg::extension_exists()) {
        log_failure(failure, "failed");
        end_in_row(failure, "failed");
    }
    // Where the row could not be changed, the next visit sees a job that runs without a worker.
    queue::end_work(ticket_);
}

void Worker::work() {
    bool cancelled = !queue::begin_work(ticket_);
    if (cancelled && !queue::is_cancelled(ticket_)) return;  // the entry is no more its own
    switch (take(cancelled)) {
        case Taken::yes:
            break;
        case Taken::no:
            return queue::end_work(ticket_);
        case Taken::failed:
            return queue::put_back(ticket_);
    }
    pg::RunTimeout timeout(pg::settings::job_timeout);
    std::optional<pg::Failure> failure;
    for (int attempt = 0;; ++attempt) {
        failure = queue::is_cancelled(ticket_)
                      ? pg::Failure{"57014", "canceling statement due to user request", {}, {}, {}}
                      : run();
        if (!failure || !is_transient(*failure) || attempt == quick_tries) break;
        // A cancel or the time limit ends the wait.
        failure = pg::in_transaction([&] { pg::sleep(queue::backoff_ms(attempt + 1)); });
        if (failure) break;
    }
    if (failure)
        end(*failure, timeout.has_passed());
    else
        queue::end_work(ticket_);
}

}  // namespace

std::optional<pg::WorkerHandle> start_job_worker(const queue::Ticket& ticket,
                                                 const queue::Entry& entry) {
    pg::WorkerArguments arguments{{static_cast<std::int64_t>(entry.database),
                                   static_cast<std::int64_t>(entry.role), entry.project_id,
                                   entry.job_id, static_cast<std::int64_t>(ticket.place),
                                   static_cast<std::int64_t>(ticket.number)}};
    return pg::start_worker(kind, "recon job " + std::to_string(entry.job_id), arguments);
}

}  // namespace recon::jobs

using namespace recon;

RECON_WORKER(recon_job_worker) {
    const auto arguments = pg::worker_arguments().values;
    pg::connect_as_role(static_cast<Oid>(arguments[0]), static_cast<Oid>(arguments[1]));
    pg::show_activity("running job " + std::to_string(arguments[3]));
    jobs::queue::Ticket ticket{static_cast<std::uint32_t>(arguments[4]),
                               static_cast<std::uint64_t>(arguments[5])};
    jobs::Worker(ticket, arguments[2], arguments[3]).work();
}
