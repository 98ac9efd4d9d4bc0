// build_indexes, and the rows behind index_status that only shared memory knows.
#include "ops/index_builds.hpp"
#include "ops/index_worker.hpp"
#include "ops/indexes.hpp"
#include "pg/owner.hpp"
#include "pg/shared_memory.hpp"

using namespace recon;

namespace {

namespace builds = ops::index_builds;
using ops::IndexState;

bool is_at_work() {
    std::optional<builds::Build> build = builds::find();
    return build && build->is_at_work();
}

void build_here(pg::Spi& spi, const std::vector<ops::Index>& indexes) {
    if (is_at_work())
        throw Error("55006", "the indexes of this database are being built already", {},
                    "Wait until recon.index_status shows them as valid.");
    for (const ops::Index& index : indexes)
        if (index.state == IndexState::building)
            throw Error("55006", "index \"recon." + index.name + "\" is being built", {},
                        "Wait until recon.index_status shows it as valid.");
    for (const ops::Index& index : indexes) {
        if (index.state == IndexState::valid) continue;
        if (index.state == IndexState::invalid) spi.execute(index.drop_statement(false).c_str());
        spi.execute(index.create_statement(false).c_str());
    }
}

void start_worker() {
    if (!builds::ask()) {
        if (is_at_work()) return;
        throw Error("53400", "indexes are being built in too many databases at once", {},
                    "Try again when one is done.");
    }
    std::optional<pg::WorkerHandle> worker = ops::start_index_worker();
    if (!worker) {
        builds::did_not_start();
        throw Error("53000", "no background worker is free to build indexes", {},
                    "Try again later, or raise \"max_worker_processes\".");
    }
    bool started = worker->wait_for_start();
    worker->release();
    if (started || !is_at_work()) return;
    builds::did_not_start();
    throw Error("58000", "the background worker that builds indexes did not start", {},
                "See the server's log.");
}

std::int64_t build(bool concurrently) {
    pg::OwnerScope owner;
    pg::Spi spi;
    std::vector<ops::Index> indexes = ops::read_indexes(spi);
    std::int64_t count = 0;
    for (const ops::Index& index : indexes) {
        if (index.state == IndexState::different)
            throw Error("55000",
                        "relation \"recon." + index.name + "\" is not the index that recon needs",
                        "recon needs: " + index.definition, "Drop or rename it.");
        if (index.state != IndexState::valid) ++count;
    }
    if (!concurrently)
        build_here(spi, indexes);
    else if (count > 0)
        start_worker();
    return count;
}

}  // namespace

RECON_FUNCTION(recon_build_indexes) {
    pg::Arguments args(fcinfo);
    if (args.is_null(0)) throw Error("22004", "argument \"concurrently\" must not be null");
    bool concurrently = DatumGetBool(args.datum(0));
    if (!pg::is_superuser(GetUserId()))
        throw Error("42501", "permission denied for function build_indexes",
                    "Only superusers may build indexes.");
    if (pg::is_read_only())
        throw Error("25006", "cannot execute build_indexes() in a read-only transaction");
    if (concurrently && !builds::available())
        throw pg::not_preloaded("Indexes are built concurrently by a background worker.",
                                "Or build them while nobody writes, with recon.build_indexes().");
    return Int64GetDatum(build(concurrently));
}

RECON_FUNCTION(recon_get_index_builds) {
    pg::ResultSet rows(fcinfo);
    const pg::Value none;
    std::optional<builds::Build> build = builds::find();
    if (!build) return 0;
    const pg::Value started = pg::Value::raw(TimestampTzGetDatum(build->started_at));
    if (build->is_at_work())
        rows.add({build->pid == 0 ? none : pg::Value(build->pid),
                  build->index[0] == '\0' ? none : pg::Value(build->index), started, none, none,
                  none});
    for (std::uint32_t i = 0; i < build->failed; ++i) {
        const builds::Failed& failed = build->failures[i];
        rows.add({none, none, started, failed.index, failed.code, failed.message});
    }
    return 0;
}
