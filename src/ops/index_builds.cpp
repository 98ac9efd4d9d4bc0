#include "ops/index_builds.hpp"

#include "pg/shared_lock.hpp"
#include "pg/shared_memory.hpp"

extern "C" {
#include "storage/ipc.h"
}

namespace recon::ops::index_builds {

namespace {

constexpr std::size_t capacity = 8;  // databases
constexpr std::int64_t longest_start =
    60'000'000;  // after which a worker will not come up any more

struct Shared {
    pg::SharedLock lock;
    std::array<Build, capacity> builds;
};

constinit pg::SharedArea area{"recon index builds", [] { return sizeof(Shared); },
                              [](void* memory) {
                                  auto* shared = ::new (memory) Shared();
                                  shared->lock.initialize("ReconIndexBuilds");
                              }};

Shared& shared() {
    return *static_cast<Shared*>(area.memory);
}

using Holder = pg::SharedLock::Holder;

// With the lock held; null where it is not known.
Build* find_locked() noexcept {
    for (Build& build : shared().builds)
        if (build.database == MyDatabaseId) return &build;
    return nullptr;
}

bool has_worker(const Build& build, TimestampTz now) noexcept {
    return build.pid != 0 || (build.starting && now - build.started_at < longest_start);
}

// A place that was never used, or else the one whose build is the oldest that ended.
Build* find_free(TimestampTz now) noexcept {
    Build* free = nullptr;
    for (Build& build : shared().builds)
        if (!has_worker(build, now) && (free == nullptr || build.started_at < free->started_at))
            free = &build;
    return free;
}

template <std::size_t size>
void copy(char (&to)[size], const std::string& from) noexcept {
    std::size_t n = std::min(from.size(), size - 1);
    std::memcpy(to, from.data(), n);
    to[n] = '\0';
}

void leave(int, Datum) {
    Holder holder(shared().lock);
    Build* build = find_locked();
    if (build == nullptr || build->pid != MyProcPid) return;
    build->pid = 0;
    build->index[0] = '\0';
}

}  // namespace

void reserve() {
    area.reserve();
}

bool available() {
    return area.memory != nullptr;
}

std::optional<Build> find() {
    if (!available()) return std::nullopt;
    TimestampTz now = GetCurrentTimestamp();
    std::optional<Build> found;
    Holder holder(shared().lock, LW_SHARED);
    if (Build* build = find_locked(); build != nullptr) {
        found.emplace(*build);
        found->starting = build->pid == 0 && has_worker(*build, now);
    }
    return found;
}

bool ask() {
    TimestampTz now = GetCurrentTimestamp();
    Holder holder(shared().lock);
    Build* build = find_locked();
    if (build != nullptr && has_worker(*build, now)) return false;
    if (build == nullptr) build = find_free(now);
    if (build == nullptr) return false;
    *build = Build();
    build->database = MyDatabaseId;
    build->starting = true;
    build->started_at = now;
    return true;
}

void did_not_start() {
    Holder holder(shared().lock);
    if (Build* build = find_locked(); build != nullptr) build->starting = false;
}

void begin() {
    before_shmem_exit(leave, 0);
    Holder holder(shared().lock);
    Build* build = find_locked();
    if (build == nullptr) return;
    build->starting = false;
    build->pid = MyProcPid;
}

void enter(const std::string& index) {
    Holder holder(shared().lock);
    if (Build* build = find_locked(); build != nullptr) copy(build->index, index);
}

void fail(const std::string& index, const std::string& code, const std::string& message) {
    Holder holder(shared().lock);
    Build* build = find_locked();
    if (build == nullptr || build->failed == most_failed) return;
    Failed& failed = build->failures[build->failed++];
    copy(failed.index, index);
    copy(failed.code, code);
    copy(failed.message, message);
}

}  // namespace recon::ops::index_builds
