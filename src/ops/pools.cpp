#include "ops/pools.hpp"

#include <atomic>

#include "jobs/queue.hpp"
#include "memo/entries.hpp"
#include "pg/processes.hpp"
#include "pg/settings.hpp"
#include "pg/shared_memory.hpp"
#include "pg/worker.hpp"

namespace recon::ops {

namespace {

using Warnings = std::array<std::atomic<bool>, pool_count>;  // zeros: none

constinit pg::SharedArea area{"recon pool warnings", [] { return sizeof(Warnings); }, [](void*) {}};

Warnings* warnings() {
    return static_cast<Warnings*>(area.memory);
}

constexpr double warn_above = 0.8, clear_below = 0.7;

}  // namespace

void reserve_pools() {
    area.reserve();
}

std::array<Pool, pool_count> pools() {
    pg::Processes processes = pg::count_processes();
    bool preloaded = jobs::queue::available();
    std::array<Pool, pool_count> all{
        {{"connections", processes.connections, pg::connection_capacity(), "max_connections"},
         {"worker_processes", processes.workers, pg::worker_capacity(), "max_worker_processes"},
         {"job_slots", static_cast<std::int64_t>(jobs::queue::count_at_work()),
          preloaded ? pg::settings::max_concurrent_jobs : 0, "recon.max_concurrent_jobs"},
         {"memo_bytes", static_cast<std::int64_t>(memo::entries::bytes_used()),
          static_cast<std::int64_t>(memo::entries::bytes_limit()), "recon.memo_size"}}};
    for (std::size_t i = 0; i < pool_count; ++i) {
        bool warned = warnings() != nullptr && (*warnings())[i].load(std::memory_order_relaxed);
        double share = all[i].utilization();
        all[i].warning = share > warn_above || (warned && share >= clear_below);
    }
    return all;
}

void sample_pools() {
    const std::array<Pool, pool_count> now = pools();
    for (std::size_t i = 0; i < pool_count; ++i) {
        const Pool& pool = now[i];
        if ((*warnings())[i].exchange(pool.warning, std::memory_order_relaxed) == pool.warning)
            continue;
        std::string use = std::string(pool.name) + ": " + std::to_string(pool.used) + " of " +
                          std::to_string(pool.capacity) + " in use";
        if (pool.warning)
            pg::log_warning("recon pool " + use,
                            "Raise \"" + std::string(pool.setting) + "\", or use fewer.");
        else
            pg::log("recon pool is no longer nearly full: " + use);
    }
}

}  // namespace recon::ops
