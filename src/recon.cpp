// Loaded into a backend by the first call, or into every one by shared_preload_libraries.
#include "ingest/copy_inbox.hpp"
#include "ingest/load_counters.hpp"
#include "ingest/progress.hpp"
#include "jobs/progress.hpp"
#include "jobs/queue.hpp"
#include "jobs/run_counters.hpp"
#include "memo/counters.hpp"
#include "memo/entries.hpp"
#include "memo/slots.hpp"
#include "ops/index_builds.hpp"
#include "ops/launcher.hpp"
#include "ops/pools.hpp"
#include "ops/visits.hpp"
#include "pg/module.hpp"
#include "pg/server.hpp"
#include "pg/settings.hpp"

extern "C" {
RECON_MODULE("recon");

PGDLLEXPORT void _PG_init(void);

void _PG_init(void) {
    if (IsBinaryUpgrade) return;
    recon::pg::settings::define();
    recon::ingest::open_inbox();
    recon::ingest::reserve_progress();
    recon::ingest::reserve_load_counters();
    recon::jobs::reserve_progress();
    recon::jobs::queue::reserve();
    recon::jobs::reserve_run_counters();
    recon::ops::visits::reserve();
    recon::ops::reserve_pools();
    recon::ops::index_builds::reserve();
    recon::memo::slots::reserve();
    recon::memo::entries::reserve();
    recon::memo::reserve_counters();
    recon::ops::register_launcher();
    recon::pg::at_first_call = recon::ops::visits::note_database;
}
}
