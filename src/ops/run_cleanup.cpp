// run_cleanup: a round of all tasks, as part of the caller's transaction. A row for each task.
#include "ops/cleanup.hpp"
#include "ops/monitors.hpp"
#include "ops/visits.hpp"

using namespace recon;

RECON_FUNCTION(recon_run_cleanup) {
    Oid user = GetUserId();
    ops::require_monitor("run_cleanup", "clean up");
    pg::ResultSet rows(fcinfo);
    pg::OwnerScope owner;
    pg::Interrupts interrupts;
    for (const std::unique_ptr<ops::CleanupTask>& task : ops::cleanup_tasks()) {
        std::uint64_t removed = 0;
        for (bool more = true; more;) {
            interrupts.should_stop();
            pg::Spi spi;  // one a batch: it gives back the memory
            removed += task->step(spi, user, more);
        }
        rows.add({task->name(), removed});
    }
    ops::visits::note_call_at_commit();
    return 0;
}
