#include "jobs/queue.hpp"

#include <csignal>

#include "pg/shared_lock.hpp"
#include "pg/shared_memory.hpp"
#include "pg/transaction_end.hpp"

extern "C" {
#include "storage/ipc.h"
#include "storage/latch.h"
}

namespace recon::jobs::queue {

namespace {

struct Shared {
    pg::SharedLock lock;
    Latch* launcher;  // null while there is none
    int launcher_pid;
    std::uint64_t last_number;
    std::array<Entry, capacity> entries;
};

constinit pg::SharedArea area{"recon job queue", [] { return sizeof(Shared); },
                              [](void* memory) {
                                  auto* shared = ::new (memory) Shared();
                                  shared->lock.initialize("ReconJobQueue");
                              }};

Shared& shared() {
    return *static_cast<Shared*>(area.memory);
}

using Holder = pg::SharedLock::Holder;

// The functions below are called with the lock held.

void wake() noexcept {
    if (shared().launcher != nullptr) SetLatch(shared().launcher);
}

Entry* find(Oid database, std::int64_t job_id, bool (*wanted)(State)) noexcept {
    for (Entry& entry : shared().entries)
        if (entry.database == database && entry.job_id == job_id && wanted(entry.state))
            return &entry;
    return nullptr;
}

bool put_locked(Oid database, std::int64_t project_id, std::int64_t job_id, Oid role,
                TimestampTz next_try_at) noexcept {
    for (Entry& entry : shared().entries) {
        if (entry.state != State::free) continue;
        entry = Entry();
        entry.project_id = project_id;
        entry.job_id = job_id;
        entry.number = ++shared().last_number;
        entry.next_try_at = next_try_at;
        entry.database = database;
        entry.role = role;
        entry.state = State::waiting;
        return true;
    }
    return false;
}

Entry* at(const Ticket& ticket) noexcept {
    Entry& entry = shared().entries[ticket.place];
    return entry.number == ticket.number && entry.state != State::free ? &entry : nullptr;
}

// Where the queue is full, the next visit finds the job.
void put_now(const pg::CommitTask& task) noexcept {
    if (!available()) return;
    Holder holder(shared().lock);
    const std::int64_t project_id = task.values[0], job_id = task.values[1];
    const auto role = static_cast<Oid>(task.values[2]);
    // One that waits already is of a job that is gone, or was cancelled in a prepared transaction.
    Entry* entry = find(MyDatabaseId, job_id, [](State state) { return state == State::waiting; });
    if (entry != nullptr) entry->state = State::free;
    put_locked(MyDatabaseId, project_id, job_id, role, 0);
    wake();
}

void drop_now(const pg::CommitTask& task) noexcept {
    if (!available()) return;
    Holder holder(shared().lock);
    Entry* entry =
        find(MyDatabaseId, task.values[0], [](State state) { return state == State::waiting; });
    if (entry != nullptr) entry->state = State::free;
}

void close_launcher(int, Datum) {
    Holder holder(shared().lock);
    shared().launcher = nullptr;
    shared().launcher_pid = 0;
}

// A worker that dies before it is done: its process is no more to be signalled.
Ticket own;
void forget_process(int, Datum) {
    Holder holder(shared().lock);
    if (Entry* entry = at(own); entry != nullptr && entry->pid == MyProcPid) entry->pid = 0;
}

}  // namespace

const char* wait_text(Wait wait) {
    switch (wait) {
        case Wait::none:
            return nullptr;
        case Wait::job_slot:
            return "no_job_slot";
        case Wait::worker_process:
            return "no_worker_slot";
        case Wait::start:
            return "worker_did_not_start";
        case Wait::transient:
            return "transient_failure";
    }
    return nullptr;
}

std::int64_t backoff_ms(std::int32_t failed) {
    constexpr std::int64_t first = 10, most = 30'000;
    return failed > 12 ? most : std::min(first << std::max(failed - 1, 0), most);
}

void reserve() {
    area.reserve();
}

bool available() {
    return area.memory != nullptr;
}

void put_at_commit(std::int64_t project_id, std::int64_t job_id, Oid role) {
    pg::run_at_commit({put_now, {project_id, job_id, static_cast<std::int64_t>(role)}});
}

void drop_at_commit(std::int64_t job_id) {
    pg::run_at_commit({drop_now, {job_id}});
}

bool put(std::int64_t project_id, std::int64_t job_id, Oid role, TimestampTz next_try_at) {
    if (!available()) return true;
    Holder holder(shared().lock);
    if (find(MyDatabaseId, job_id, [](State state) { return state != State::free; }) != nullptr)
        return true;
    return put_locked(MyDatabaseId, project_id, job_id, role, next_try_at);
}

bool cancel(std::int64_t job_id) {
    if (!available()) return false;
    Holder holder(shared().lock);
    Entry* entry = find(MyDatabaseId, job_id, [](State state) {
        return state == State::starting || state == State::running;
    });
    if (entry == nullptr) return false;
    entry->cancelled = true;
    if (entry->pid != 0) kill(entry->pid, SIGINT);
    return true;
}

bool has_worker(std::int64_t job_id) {
    if (!available()) return false;
    Holder holder(shared().lock, LW_SHARED);
    return find(MyDatabaseId, job_id, [](State state) {
               return state == State::starting || state == State::running;
           }) != nullptr;
}

std::vector<Entry> entries() {
    std::vector<Entry> found;
    if (!available()) return found;
    found.reserve(capacity);  // nothing may fail under the lock
    Holder holder(shared().lock, LW_SHARED);
    for (const Entry& entry : shared().entries)
        if (entry.state != State::free) found.push_back(entry);
    return found;
}

std::size_t count_at_work() {
    if (!available()) return 0;
    Holder holder(shared().lock, LW_SHARED);
    return static_cast<std::size_t>(
        std::ranges::count_if(shared().entries, [](const Entry& e) { return e.is_at_work(); }));
}

bool begin_work(const Ticket& ticket) {
    own = ticket;
    before_shmem_exit(forget_process, 0);
    Holder holder(shared().lock);
    Entry* entry = at(ticket);
    if (entry == nullptr) return false;
    entry->pid = MyProcPid;
    entry->state = State::running;
    entry->wait = Wait::none;
    return !entry->cancelled;
}

bool is_cancelled(const Ticket& ticket) {
    Holder holder(shared().lock, LW_SHARED);
    const Entry* entry = at(ticket);
    return entry != nullptr && entry->cancelled;
}

std::int32_t tries(const Ticket& ticket) {
    Holder holder(shared().lock, LW_SHARED);
    const Entry* entry = at(ticket);
    return entry == nullptr ? 0 : entry->tries;
}

void end_work(const Ticket& ticket) {
    Holder holder(shared().lock);
    Entry* entry = at(ticket);
    if (entry == nullptr) return;
    entry->state = State::ended;
    entry->pid = 0;
}

void put_back(const Ticket& ticket) {
    Holder holder(shared().lock);
    Entry* entry = at(ticket);
    if (entry == nullptr) return;
    entry->state = State::starting;
    entry->pid = 0;
}

void try_again(const Ticket& ticket, TimestampTz at_time) {
    Holder holder(shared().lock);
    Entry* entry = at(ticket);
    if (entry == nullptr) return;
    // The launcher knows this worker by the old number.
    entry->number = ++shared().last_number;
    entry->state = State::waiting;
    entry->wait = Wait::transient;
    entry->pid = 0;
    entry->next_try_at = at_time;
    ++entry->tries;
    wake();
}

std::vector<std::pair<Ticket, Entry>> open_launcher() {
    std::vector<std::pair<Ticket, Entry>> at_work;
    at_work.reserve(capacity);  // nothing may fail under the lock
    before_shmem_exit(close_launcher, 0);
    Holder holder(shared().lock);
    shared().launcher = MyLatch;
    shared().launcher_pid = MyProcPid;
    for (std::uint32_t place = 0; place < capacity; ++place) {
        Entry& entry = shared().entries[place];
        if (!entry.is_at_work()) continue;
        // A worker that has not come up finds that its entry is gone.
        if (entry.pid == 0)
            entry.state = State::free;
        else
            at_work.emplace_back(Ticket{place, entry.number}, entry);
    }
    return at_work;
}

void wake_launcher() {
    if (!available()) return;
    Holder holder(shared().lock, LW_SHARED);
    wake();
}

int launcher_pid() {
    if (!available()) return 0;
    Holder holder(shared().lock, LW_SHARED);
    return shared().launcher_pid;
}

std::optional<std::pair<Ticket, Entry>> take_due(TimestampTz now,
                                                 std::optional<TimestampTz>& next) {
    Holder holder(shared().lock);
    Entry* first = nullptr;
    for (Entry& entry : shared().entries) {
        if (entry.state != State::waiting) continue;
        if (entry.next_try_at > now) {
            next = std::min(next.value_or(entry.next_try_at), entry.next_try_at);
            continue;
        }
        if (first == nullptr || entry.number < first->number) first = &entry;
    }
    if (first == nullptr) return std::nullopt;
    first->state = State::starting;
    Ticket ticket{static_cast<std::uint32_t>(first - shared().entries.data()), first->number};
    return std::pair(ticket, *first);
}

void give_back(const Ticket& ticket, TimestampTz next_try_at) {
    Holder holder(shared().lock);
    Entry* entry = at(ticket);
    if (entry == nullptr || entry->state != State::starting) return;
    entry->state = State::waiting;
    entry->next_try_at = next_try_at;
}

void set_wait(Wait wait, TimestampTz now) {
    Holder holder(shared().lock);
    for (Entry& entry : shared().entries)
        if (entry.state == State::waiting && entry.next_try_at <= now) entry.wait = wait;
}

void refuse(const Ticket& ticket) {
    Holder holder(shared().lock);
    if (Entry* entry = at(ticket); entry != nullptr) entry->state = State::unstartable;
}

void drop_database(Oid database) {
    Holder holder(shared().lock);
    for (Entry& entry : shared().entries)
        if (entry.database == database && !entry.is_at_work()) entry.state = State::free;
}

std::optional<Oid> worker_ended(const Ticket& ticket, std::int32_t most_tries, TimestampTz now) {
    Holder holder(shared().lock);
    Entry* entry = at(ticket);
    if (entry == nullptr) return std::nullopt;
    switch (entry->state) {
        case State::ended:
            entry->state = State::free;
            return std::nullopt;
        case State::running:  // it died
            entry->state = State::free;
            return entry->database;
        case State::starting:
            break;
        default:
            return std::nullopt;
    }
    entry->wait = Wait::start;
    bool again = ++entry->tries < most_tries && !entry->cancelled;
    entry->state = again ? State::waiting : State::unstartable;
    entry->next_try_at = now + backoff_ms(entry->tries + 6) * 1000;  // 640 ms and more
    if (again) return std::nullopt;
    return entry->database;
}

std::vector<Entry> take_unstartable() {
    std::vector<Entry> taken;
    if (!available()) return taken;
    taken.reserve(capacity);
    Holder holder(shared().lock);
    for (Entry& entry : shared().entries) {
        if (entry.database != MyDatabaseId || entry.state != State::unstartable) continue;
        taken.push_back(entry);
        entry.state = State::free;
    }
    return taken;
}

}  // namespace recon::jobs::queue
