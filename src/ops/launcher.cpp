// It has no connection to a database and no snapshot while it sleeps. Its latch is set by commits
// that queue a job and by the ends of its workers.
#include "ops/launcher.hpp"

#include "jobs/job_worker.hpp"
#include "ops/pools.hpp"
#include "ops/visit.hpp"
#include "ops/visits.hpp"
#include "pg/processes.hpp"
#include "pg/settings.hpp"

namespace recon::ops {

namespace {

namespace queue = jobs::queue;

constexpr pg::WorkerKind kind{"recon_launcher", "recon launcher"};
constexpr int restart_seconds = 10;
constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t sample_every = 5 * second;
constexpr std::int64_t tell_every = 60 * second;  // of a shortage that comes and goes

struct Running {
    queue::Ticket ticket;
    std::optional<pg::WorkerHandle> handle;
    std::int32_t pid = 0;  // of one that an earlier launcher has started
    bool is_running() { return handle ? handle->is_running() : pg::is_backend(pid); }
};

class Launcher {
  public:
    Launcher();
    void cycle();

  private:
    void reap();
    void visit();
    void start_jobs();
    void no_slot();
    void end_of_shortage();
    static pg::Access access_for(const queue::Entry& entry);
    void wait_until(TimestampTz time) { wake_at_ = std::min(wake_at_.value_or(time), time); }

    std::vector<Running> jobs_;
    std::optional<pg::WorkerHandle> visit_;
    std::int32_t failed_ = 0;  // tries to start a worker since one could be started
    bool waits_ = false;       // something waits for a worker, in this cycle
    bool short_ = false;       // something has waited for longer than the quick tries
    bool told_ = false;        // the log has it
    TimestampTz told_at_ = 0;
    bool visit_ended_ = false;
    TimestampTz try_again_at_ = 0;  // not before
    TimestampTz sampled_at_ = 0, now_ = 0;
    std::optional<TimestampTz> wake_at_;
};

Launcher::Launcher() {
    for (const auto& [ticket, entry] : queue::open_launcher())
        jobs_.push_back({ticket, std::nullopt, entry.pid});
    // Which databases have the extension is seen by a look into each.
    std::optional<pg::Failure> failure = pg::in_transaction([] {
        for (Oid database : pg::connectable_databases()) visits::visit_soon(database);
    });
    if (failure) pg::log("recon could not list the databases: " + failure->message);
    int needed = pg::settings::max_concurrent_jobs + 2;
    if (needed > pg::worker_capacity())
        pg::log(
            "\"max_worker_processes\" leaves too few background workers for "
            "\"recon.max_concurrent_jobs\"",
            "Set it to " + std::to_string(needed) +
                " or more, with what parallel queries and other extensions need beside.");
}

// What has ended, as it should or not.
void Launcher::reap() {
    bool ended = false;
    visit_ended_ = false;
    std::erase_if(jobs_, [&](Running& running) {
        if (running.is_running()) return false;
        if (running.handle) running.handle->release();
        std::optional<Oid> database =
            queue::worker_ended(running.ticket, pg::settings::job_max_attempts, now_);
        if (database) visits::visit_soon(*database);
        ended = true;
        return true;
    });
    if (visit_ && !visit_->is_running()) {
        visit_->release();
        visit_.reset();
        visit_ended_ = ended = true;
    }
    if (ended) try_again_at_ = 0;
}

void Launcher::no_slot() {
    ++failed_;
    try_again_at_ = now_ + queue::backoff_ms(failed_) * 1000;
    constexpr std::int32_t quick_tries = 3;  // after 10, 20 and 40 ms
    waits_ = true;
    if (failed_ > quick_tries && !short_) {
        short_ = true;
        told_ = now_ - told_at_ >= tell_every;
        if (told_) {
            told_at_ = now_;
            pg::log("no background worker is free for recon: jobs and cleanups wait",
                    "Raise \"max_worker_processes\".");
        }
    }
    if (short_) queue::set_wait(queue::Wait::worker_process, now_);
    wait_until(try_again_at_);
}

void Launcher::end_of_shortage() {
    if (!short_ || waits_) return;
    short_ = false;
    if (told_) pg::log("background workers are free for recon again");
}

// One at a time, so that they leave the slots to the jobs.
void Launcher::visit() {
    if (visit_) return;
    std::optional<visits::Visit> due = visits::due(now_, pg::settings::cleanup_interval, wake_at_);
    if (!due) return;
    auto access = pg::Access::busy;
    pg::in_transaction([&] { access = pg::access_to(due->database); });
    if (access != pg::Access::open) {
        if (access == pg::Access::busy) {
            visits::postpone(due->database, now_ + second);
        } else {
            queue::drop_database(due->database);
            visits::remove(due->database);
        }
        wait_until(now_);
        return;
    }
    if (now_ < try_again_at_) {
        waits_ = true;
        wait_until(try_again_at_);
        return;
    }
    visit_ = start_visit(due->database, due->with_cleanup);
    if (!visit_) {
        no_slot();
        return;
    }
    failed_ = 0;
    visits::started(*due, now_);
}

// What the server would refuse, with a line in its log, is not tried.
pg::Access Launcher::access_for(const queue::Entry& entry) {
    auto access = pg::Access::busy;
    pg::in_transaction([&] {
        pg::Access to_database = pg::access_to(entry.database);
        if (to_database == pg::Access::open) {
            pg::ConnectRights rights = pg::connect_rights(entry.role, entry.database);
            if (!rights.login || !rights.connect) to_database = pg::Access::none;
        }
        access = to_database;
    });
    return access;
}

void Launcher::start_jobs() {
    while (queue::count_at_work() < static_cast<std::size_t>(pg::settings::max_concurrent_jobs)) {
        if (now_ < try_again_at_) {
            waits_ = true;
            wait_until(try_again_at_);
            return;
        }
        auto due = queue::take_due(now_, wake_at_);
        if (!due) return;
        const auto& [ticket, entry] = *due;
        pg::Access access = access_for(entry);
        if (access == pg::Access::busy) {
            queue::give_back(ticket, now_ + second);
            continue;
        }
        if (access == pg::Access::none) {
            queue::refuse(ticket);
            visits::visit_soon(entry.database);
            continue;
        }
        std::optional<pg::WorkerHandle> handle = jobs::start_job_worker(ticket, entry);
        if (!handle) {
            queue::give_back(ticket, 0);
            no_slot();
            return;
        }
        failed_ = 0;
        jobs_.push_back({ticket, handle, 0});
    }
    queue::set_wait(queue::Wait::job_slot, now_);
}

void Launcher::cycle() {
    now_ = GetCurrentTimestamp();
    wake_at_.reset();
    waits_ = false;
    reap();
    // Where there are too few workers, a visit has its turn, and the next is a job's.
    if (!visit_ended_) visit();
    start_jobs();
    if (visit_ended_) visit();
    end_of_shortage();
    if (now_ - sampled_at_ >= sample_every) {
        sample_pools();
        sampled_at_ = now_;
    }
    wait_until(sampled_at_ + sample_every);
    auto milliseconds = (*wake_at_ - GetCurrentTimestamp() + 999) / 1000;
    if (milliseconds > 0)
        pg::wait_for_latch(static_cast<long>(milliseconds));
    else
        pg::serve_interrupts();
}

}  // namespace

void register_launcher() {
    pg::register_static_worker(kind, restart_seconds);
}

}  // namespace recon::ops

using namespace recon;

RECON_WORKER(recon_launcher) {
    pg::connect_to_no_database();
    pg::end_quietly();
    ops::Launcher launcher;
    for (;;) launcher.cycle();
}
