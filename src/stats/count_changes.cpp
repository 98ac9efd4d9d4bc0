// The net below the counters: the triggers for changes that are not made by recon's functions,
// which keep the figures themselves.
#include "pg/owner.hpp"
#include "stats/counted_tables.hpp"

using namespace recon;

namespace {

// A project that goes in the same statement takes its figures with it.
pg::Prepared lock_project("SELECT FROM recon.projects WHERE project_id = $1 FOR KEY SHARE");

constexpr char add_bases[] =
    "INSERT INTO recon.stats_base (project_id) SELECT project_id FROM added "
    "ON CONFLICT (project_id) DO NOTHING";

}  // namespace

RECON_FUNCTION(recon_count_changes) {
    pg::TriggerCall trigger(fcinfo);
    if (pg::fired_by_own_statement()) return 0;
    pg::OwnerScope owner;
    pg::Spi spi;
    for (const stats::Change& change : stats::count_changes(trigger))
        if (change.delta != stats::Delta() &&
            !spi.query(lock_project, {pg::bigint(change.project_id)}).empty())
            stats::add(spi, change.project_id, change.delta);
    if (trigger.table() == std::string_view("projects")) {
        trigger.show_rows(spi);
        spi.execute(add_bases);
    }
    return 0;
}
