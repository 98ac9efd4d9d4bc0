// run_cleanup: what nobody needs any more goes. A row for each kind of thing.
#include "ingest/uploads.hpp"
#include "pg/owner.hpp"
#include "stats/counters.hpp"

using namespace recon;

RECON_FUNCTION(recon_run_cleanup) {
    Oid user = GetUserId();
    if (!pg::is_superuser(user) && !pg::has_privileges(user, ROLE_PG_MONITOR))
        throw Error("42501", "permission denied for function run_cleanup",
                    "Only superusers and roles with privileges of the \"pg_monitor\" role may "
                    "clean up.");
    pg::ResultSet rows(fcinfo);
    pg::OwnerScope owner;
    pg::Spi spi;
    rows.add({"expired uploads", ingest::expire_uploads(spi, std::nullopt, user)});
    rows.add({"changes of figures added up", stats::compact_all(spi)});
    return 0;
}
