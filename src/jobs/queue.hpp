// The jobs that wait for a background worker or have one, in shared memory, for the launcher. What
// counts is the row in recon.jobs: an entry that is lost (a crash, a full queue, a prepared
// transaction) is put in again by the next visit to its database.
#pragma once

#include "pg/guard.hpp"

namespace recon::jobs::queue {

enum class State : std::uint8_t {
    free,
    waiting,      // for a worker
    starting,     // its worker was asked for
    running,      // its worker has come up
    ended,        // its worker is done with it, and about to end
    unstartable,  // no worker could be started for it
};

enum class Wait : std::uint8_t {
    none,
    job_slot,        // recon.max_concurrent_jobs are at work
    worker_process,  // none of max_worker_processes is free
    start,           // its worker ended before it took the job
    transient,       // it failed for a reason that may have gone
};
const char* wait_text(Wait wait);  // null for none

struct Entry {
    std::int64_t project_id = 0, job_id = 0;
    std::uint64_t number = 0;     // they are taken in this order
    TimestampTz next_try_at = 0;  // not before
    Oid database = InvalidOid, role = InvalidOid;
    std::int32_t tries = 0;  // that failed
    std::int32_t pid = 0;    // of its worker, from when that has come up until it is done
    State state = State::free;
    Wait wait = Wait::none;
    bool cancelled = false;

    bool is_at_work() const {
        return state == State::starting || state == State::running || state == State::ended;
    }
};
constexpr std::size_t capacity = 1024;

void reserve();  // from _PG_init: its shared memory
bool available();

// Once the transaction commits, the job waits for a worker in this database, and the launcher is
// woken.
void put_at_commit(std::int64_t project_id, std::int64_t job_id, Oid role);
// At once, where the job is not there. False where the queue is full.
bool put(std::int64_t project_id, std::int64_t job_id, Oid role, TimestampTz next_try_at);

// Once the transaction commits, the job waits no longer.
void drop_at_commit(std::int64_t job_id);

// Tells the worker that is at a job of this database to stop, and that the job was cancelled. False
// where there is none.
bool cancel(std::int64_t job_id);
bool has_worker(std::int64_t job_id);  // likewise

std::vector<Entry> entries();  // of all databases, those that are not free
std::size_t count_at_work();

// The place of an entry, and its number there.
struct Ticket {
    std::uint32_t place = 0;
    std::uint64_t number = 0;
};

// For the worker of an entry: from now on a cancel reaches it, until it ends. False where it was
// cancelled before.
bool begin_work(const Ticket& ticket);
bool is_cancelled(const Ticket& ticket);
std::int32_t tries(const Ticket& ticket);
void end_work(const Ticket& ticket);
void put_back(const Ticket& ticket);  // it could not take the job: as if it had not come up
void try_again(const Ticket& ticket, TimestampTz at);  // by another worker

// For the launcher: this process is it, until it ends. Returns the entries whose workers an earlier
// one has started.
std::vector<std::pair<Ticket, Entry>> open_launcher();
void wake_launcher();
int launcher_pid();  // 0 while there is none
// The entry whose turn it is, `starting` now. None where there is none yet; then `next` is the time
// when there will be one, if that is known.
std::optional<std::pair<Ticket, Entry>> take_due(TimestampTz now, std::optional<TimestampTz>& next);
void give_back(const Ticket& ticket, TimestampTz next_try_at);  // no worker could be started
void set_wait(Wait wait, TimestampTz now);                      // of all that are due
void refuse(const Ticket& ticket);                              // it is unstartable
void drop_database(Oid database);
// Its worker has ended, as it should or not: then its database must be visited.
std::optional<Oid> worker_ended(const Ticket& ticket, std::int32_t most_tries, TimestampTz now);

// For the visit of this database: takes out what is unstartable.
std::vector<Entry> take_unstartable();

// Milliseconds to wait after so many tries that failed: 10, 20, 40 and so on, 30 s at most.
std::int64_t backoff_ms(std::int32_t failed);

}  // namespace recon::jobs::queue
