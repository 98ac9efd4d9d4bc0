// run_cleanup: a round of all tasks, as part of the caller's transaction. A row for each task.
#include "ops/cleanup.hpp"
#include "pg/owner.hpp"

using namespace recon;

RECON_FUNCTION(recon_run_cleanup) {
    Oid user = GetUserId();
    if (!pg::is_superuser(user) && !pg::has_privileges(user, ROLE_PG_MONITOR))
        throw Error("42501", "permission denied for function run_cleanup",
                    "Only superusers and roles with privileges of the \"pg_monitor\" role may "
                    "clean up.");
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
    return 0;
}
