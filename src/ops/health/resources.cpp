#include <sys/statvfs.h>

#include "ops/health/check.hpp"
#include "ops/pools.hpp"

namespace recon::ops {

namespace {

std::string share_text(std::int64_t used, std::int64_t capacity) {
    return std::to_string(used) + " of " + std::to_string(capacity) + " in use";
}

Finding check_pool(std::string_view name) {
    for (const Pool& pool : pools()) {
        if (name != pool.name) continue;
        if (pool.capacity == 0) return ok("there is no such pool");
        std::string text = share_text(pool.used, pool.capacity);
        if (!pool.warning) return ok(text);
        return warning(text, "Raise \"" + std::string(pool.setting) + "\", or use fewer.");
    }
    throw Error(sqlstate::internal_error, "there is no pool \"" + std::string(name) + "\"");
}

Finding check_connections(pg::Spi&) {
    return check_pool("connections");
}
Finding check_worker_processes(pg::Spi&) {
    return check_pool("worker_processes");
}
Finding check_job_slots(pg::Spi&) {
    return check_pool("job_slots");
}
Finding check_memo_bytes(pg::Spi&) {
    return check_pool("memo_bytes");
}

constexpr double warn_above = 0.8;

// Of locks that have an entry in the shared table, which is what can run out.
Finding check_locks(pg::Spi& spi) {
    pg::Rows row = spi.query(
        "SELECT count(DISTINCT (locktype, database, relation, page, tuple, virtualxid, "
        "transactionid::text, classid, objid, objsubid)), "
        "current_setting('max_locks_per_transaction')::bigint * "
        "(current_setting('max_connections')::bigint + "
        "current_setting('max_prepared_transactions')::bigint) "
        "FROM pg_catalog.pg_locks WHERE NOT fastpath");
    std::int64_t used = row.bigint(0, 0), capacity = row.bigint(0, 1);
    std::string text = share_text(used, capacity);
    if (static_cast<double>(used) <= warn_above * static_cast<double>(capacity)) return ok(text);
    return warning(text, "Raise \"max_locks_per_transaction\", and restart the server.");
}

Finding check_prepared_transactions(pg::Spi& spi) {
    constexpr std::int64_t longest = 60 * 60;  // seconds
    pg::Rows row = spi.query(
        "SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(prepared)), "
        "0)::bigint, (array_agg(gid ORDER BY prepared))[1], "
        "current_setting('max_prepared_transactions')::bigint FROM pg_catalog.pg_prepared_xacts");
    std::int64_t used = row.bigint(0, 0), oldest = row.bigint(0, 1), capacity = row.bigint(0, 3);
    std::string text = share_text(used, capacity);
    if (used == 0) return ok(text);
    text += ", the oldest for " + duration_text(oldest);
    if (oldest > longest)
        return warning(
            text + " (\"" + row.text(0, 2) + "\")",
            "It keeps its locks, and VACUUM from its work: COMMIT PREPARED or ROLLBACK PREPARED.");
    if (static_cast<double>(used) > warn_above * static_cast<double>(capacity))
        return warning(text, "End some, or raise \"max_prepared_transactions\".");
    return ok(text);
}

// What keeps VACUUM from removing old rows.
Finding check_oldest_snapshot(pg::Spi& spi) {
    constexpr std::int64_t longest = 60 * 60, most_transactions = 10'000'000;
    pg::Rows row = spi.query(
        "SELECT what, age, seconds FROM ("
        "SELECT 'process ' || pid AS what, age(backend_xmin)::bigint AS age, extract(epoch FROM "
        "clock_timestamp() - xact_start)::bigint AS seconds FROM pg_catalog.pg_stat_activity WHERE "
        "backend_xmin IS NOT NULL AND pid <> pg_catalog.pg_backend_pid() AND backend_type NOT IN "
        "('autovacuum worker', 'walsender') UNION ALL "
        "SELECT 'the standby of process ' || pid, age(backend_xmin), NULL FROM "
        "pg_catalog.pg_stat_replication WHERE backend_xmin IS NOT NULL UNION ALL "
        "SELECT 'replication slot \"' || slot_name || '\"', greatest(age(xmin), "
        "age(catalog_xmin)), NULL FROM pg_catalog.pg_replication_slots WHERE coalesce(xmin, "
        "catalog_xmin) IS NOT NULL) s ORDER BY age DESC NULLS LAST, seconds DESC NULLS LAST LIMIT "
        "1");
    if (row.empty()) return ok("no other one");
    std::int64_t age = row.bigint(0, 1);
    std::int64_t seconds = row.is_null(0, 2) ? 0 : row.bigint(0, 2);
    std::string text = "of " + row.text(0, 0) + ", " + std::to_string(age) + " transactions back";
    if (!row.is_null(0, 2)) text += ", " + duration_text(seconds) + " old";
    if (age <= most_transactions && seconds <= longest) return ok(text);
    return warning(text,
                   "Old rows cannot be removed while it is there: end the transaction, or drop the "
                   "slot if nobody needs it.");
}

Finding check_transaction_ids(pg::Spi& spi) {
    pg::Rows row = spi.query(
        "SELECT age(datfrozenxid)::bigint, "
        "current_setting('autovacuum_freeze_max_age')::bigint FROM pg_catalog.pg_database WHERE "
        "datname = current_database()");
    constexpr std::int64_t much = 1'000'000'000, too_much = 1'800'000'000;  // of 2^31
    std::int64_t age = row.bigint(0, 0), limit = row.bigint(0, 1);
    std::string text = "the oldest in this database is " + std::to_string(age) + " back";
    const char hint[] =
        "Autovacuum should have frozen it: see the check oldest_snapshot, and run VACUUM (FREEZE).";
    if (age > too_much) return failed(text, hint);
    if (age > std::max(much, limit + limit / 2)) return warning(text, hint);
    return ok(text);
}

struct Space {
    double free = 0, total = 0;  // bytes
};
Space space_of(const char* directory) {
    struct statvfs status;
    if (::statvfs(directory, &status) != 0)
        throw Error("58030", "could not read the state of the file system of \"" +
                                 std::string(directory) + "\"");
    auto block = static_cast<double>(status.f_frsize);
    return {static_cast<double>(status.f_bavail) * block,
            static_cast<double>(status.f_blocks) * block};
}

Finding check_disk_space(pg::Spi&) {
    Space space = space_of(DataDir);
    std::string text = size_text(space.free) + " of " + size_text(space.total) +
                       " are free where the data directory is";
    const char hint[] = "Make room: without it the server stops.";
    if (space.free < 0.02 * space.total) return failed(text, hint);
    if (space.free < 0.1 * space.total) return warning(text, hint);
    return ok(text);
}

Finding check_temporary_files(pg::Spi& spi) {
    pg::Rows row = spi.query(
        "SELECT count(*), coalesce(sum(size), 0)::bigint FROM pg_catalog.pg_tablespace s, "
        "pg_catalog.pg_ls_tmpdir(s.oid) WHERE spcname <> 'pg_global'");
    auto used = static_cast<double>(row.bigint(0, 1));
    std::string text = size_text(used) + " in " + row.text(0, 0) + " files";
    if (used <= space_of(DataDir).free) return ok(text);
    return warning(text + ", more than is free on the disk",
                   "Raise \"recon.work_mem\" so that jobs need fewer, or bound them by "
                   "\"temp_file_limit\".");
}

constexpr Check checks[] = {
    {"connections", check_connections},
    {"worker_processes", check_worker_processes},
    {"job_slots", check_job_slots},
    {"memo_bytes", check_memo_bytes},
    {"locks", check_locks},
    {"prepared_transactions", check_prepared_transactions},
    {"oldest_snapshot", check_oldest_snapshot},
    {"transaction_ids", check_transaction_ids},
    {"disk_space", check_disk_space},
    {"temporary_files", check_temporary_files},
};

}  // namespace

std::span<const Check> resource_checks() {
    return checks;
}

}  // namespace recon::ops
