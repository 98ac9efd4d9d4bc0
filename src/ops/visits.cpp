#include "ops/visits.hpp"

#include "jobs/queue.hpp"
#include "pg/shared_lock.hpp"
#include "pg/shared_memory.hpp"
#include "pg/transaction_end.hpp"

extern "C" {
#include "storage/ipc.h"
}

namespace recon::ops::visits {

namespace {

constexpr std::int64_t first_pause = 1'000'000, longest_pause = 60'000'000;

struct Shared {
    pg::SharedLock lock;
    std::array<Database, capacity> databases;
};

constinit pg::SharedArea area{"recon databases", [] { return sizeof(Shared); },
                              [](void* memory) {
                                  auto* shared = ::new (memory) Shared();
                                  shared->lock.initialize("ReconDatabases");
                              }};

Shared& shared() {
    return *static_cast<Shared*>(area.memory);
}

using Holder = pg::SharedLock::Holder;

// With the lock held; null where it is not known, or for InvalidOid where there is no room.
Database* find(Oid oid) noexcept {
    for (Database& database : shared().databases)
        if (database.oid == oid) return &database;
    return nullptr;
}

// False where it was known already, or there is no room.
bool add_locked(Oid oid) noexcept {
    if (find(oid) != nullptr) return false;
    Database* free = find(InvalidOid);
    if (free == nullptr) return false;
    *free = Database();
    free->oid = oid;
    return true;
}

void leave(int, Datum) {
    Holder holder(shared().lock);
    if (Database* database = find(MyDatabaseId); database != nullptr && database->pid == MyProcPid)
        database->pid = 0;
}

}  // namespace

void reserve() {
    area.reserve();
}

bool available() {
    return area.memory != nullptr;
}

// A database that lost the extension and has it again becomes known by its next session.
void note_database() {
    if (!available()) return;
    bool added = false;
    {
        Holder holder(shared().lock);
        added = add_locked(MyDatabaseId);
    }
    if (added) jobs::queue::wake_launcher();
}

void visit_soon(Oid oid) {
    if (!available()) return;
    {
        Holder holder(shared().lock);
        add_locked(oid);
        if (Database* database = find(oid); database != nullptr) ++database->asked;
    }
    jobs::queue::wake_launcher();
}

void remove(Oid oid) {
    Holder holder(shared().lock);
    if (Database* database = find(oid); database != nullptr) *database = Database();
}

std::vector<Database> databases() {
    std::vector<Database> found;
    if (!available()) return found;
    found.reserve(capacity);  // nothing may fail under the lock
    Holder holder(shared().lock, LW_SHARED);
    for (const Database& database : shared().databases)
        if (OidIsValid(database.oid)) found.push_back(database);
    return found;
}

std::optional<Visit> due(TimestampTz now, int interval, std::optional<TimestampTz>& next) {
    Holder holder(shared().lock, LW_SHARED);
    for (const Database& database : shared().databases) {
        if (!OidIsValid(database.oid)) continue;
        TimestampTz cleanup = database.began_at + std::int64_t{interval} * 1'000'000;
        TimestampTz visit = database.visited_at + longest_pause;
        bool with_cleanup = interval > 0 && cleanup <= now;
        bool wanted = database.asked != database.answered || with_cleanup || visit <= now;
        if (wanted && database.not_before <= now) return Visit{database.oid, with_cleanup};
        if (interval > 0) visit = std::min(visit, cleanup);
        if (wanted) visit = database.not_before;
        next = std::min(next.value_or(visit), visit);
    }
    return std::nullopt;
}

void started(const Visit& visit, TimestampTz now) {
    Holder holder(shared().lock);
    Database* database = find(visit.database);
    if (database == nullptr) return;
    database->visited_at = now;
    database->not_before = now + (first_pause << std::min(database->failed, 6));
    ++database->failed;
    if (visit.with_cleanup) database->began_at = now;
}

void postpone(Oid oid, TimestampTz to) {
    Holder holder(shared().lock);
    if (Database* database = find(oid); database != nullptr) database->not_before = to;
}

std::uint32_t begin() {
    before_shmem_exit(leave, 0);
    Holder holder(shared().lock);
    Database* database = find(MyDatabaseId);
    if (database == nullptr) return 0;
    database->pid = MyProcPid;
    return database->asked;
}

void answer(std::uint32_t asked) {
    Holder holder(shared().lock);
    Database* database = find(MyDatabaseId);
    if (database == nullptr) return;
    database->answered = asked;
    database->failed = 0;
    database->not_before = 0;
}

void cleaned(std::int64_t removed, const std::string& result) {
    Holder holder(shared().lock);
    Database* database = find(MyDatabaseId);
    if (database == nullptr) return;
    database->cleaned_at = GetCurrentTimestamp();
    database->removed = removed;
    std::size_t size = std::min(result.size(), sizeof database->result - 1);
    std::memcpy(database->result, result.data(), size);
    database->result[size] = '\0';
}

void note_call_at_commit() {
    if (!available()) return;
    pg::run_at_commit({[](const pg::CommitTask&) noexcept {
                           Holder holder(shared().lock);
                           if (Database* database = find(MyDatabaseId); database != nullptr)
                               database->called_at = GetCurrentTimestamp();
                       },
                       {}});
}

}  // namespace recon::ops::visits
