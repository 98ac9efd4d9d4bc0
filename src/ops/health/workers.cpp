#include "jobs/progress.hpp"
#include "jobs/queue.hpp"
#include "ops/health/check.hpp"
#include "ops/visits.hpp"
#include "pg/processes.hpp"
#include "pg/settings.hpp"

namespace recon::ops {

namespace {

namespace queue = jobs::queue;

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t longest_wait = 15 * 60;     // of a job for a worker, in seconds
constexpr std::int64_t longest_silence = 10 * 60;  // of a run
constexpr std::int64_t longest_orphan = 3 * 60;    // each database is visited once a minute

const Finding not_preloaded = ok("not looked at: recon is not preloaded");

std::int64_t seconds_since(TimestampTz time) {
    return (GetCurrentTimestamp() - time) / second;
}

Finding check_preload(pg::Spi&) {
    if (queue::available()) return ok("recon is in shared_preload_libraries");
    return warning(
        "recon is not in shared_preload_libraries: there are no background jobs, no cleanup by "
        "itself and no memo",
        "Add it to shared_preload_libraries, and restart the server.");
}

Finding check_version(pg::Spi& spi) {
    pg::Rows row = spi.query(
        "SELECT e.extversion, a.default_version, EXISTS (SELECT FROM "
        "pg_catalog.pg_extension_update_paths(e.extname) u WHERE u.source = e.extversion AND "
        "u.target = a.default_version AND u.path IS NOT NULL) FROM pg_catalog.pg_extension e LEFT "
        "JOIN pg_catalog.pg_available_extensions a ON a.name = e.extname WHERE e.extname = "
        "'recon'");
    std::string version = row.text(0, 0);
    std::string text = "this database has version " + version;
    // The server does not list what it finds by "extension_destdir" alone.
    if (row.is_null(0, 1) || row.text(0, 1) == version) return ok(text);
    return warning(text + ", the server offers " + row.text(0, 1),
                   row.boolean(0, 2) ? "Run ALTER EXTENSION recon UPDATE."
                                     : "Install the package that has version " + version +
                                           " on this server again.");
}

Finding check_launcher(pg::Spi&) {
    if (!queue::available()) return not_preloaded;
    if (RecoveryInProgress()) return ok("none, as this is a standby");
    int pid = queue::launcher_pid();
    if (pid != 0 && pg::is_backend(pid)) return ok("process " + std::to_string(pid));
    return failed("the launcher is not running: no job starts, nothing is cleaned up",
                  "It starts again within 10 s where a slot of \"max_worker_processes\" is free. "
                  "If it does not, see the server's log.");
}

Finding check_cleanup(pg::Spi&) {
    if (!queue::available()) return not_preloaded;
    if (RecoveryInProgress()) return ok("none, as this is a standby");
    std::int64_t interval = pg::settings::cleanup_interval;
    if (interval == 0) return ok("switched off by recon.cleanup_interval");
    constexpr std::int64_t least = 60;  // a short interval does not make a late cleanup bad
    std::int64_t allowed = std::max(3 * interval, least);
    const char hint[] =
        "See recon.worker_status, and the server's log for what keeps the cleanup from its work.";
    for (const visits::Database& database : visits::databases()) {
        if (database.oid != MyDatabaseId) continue;
        TimestampTz last = database.cleaned_at != 0 ? database.cleaned_at : PgStartTime;
        std::int64_t age = seconds_since(last);
        std::string text = database.cleaned_at != 0
                               ? "the last one ended " + duration_text(age) + " ago"
                               : "none since the server started " + duration_text(age) + " ago";
        return age > allowed ? warning(text, hint) : ok(text);
    }
    return warning("the launcher does not know this database",
                   "It knows 1024 databases at most; see recon.worker_status.");
}

Finding check_queue(pg::Spi& spi) {
    pg::Rows row = spi.query(
        "SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(queued_at)), "
        "0)::bigint FROM recon.jobs WHERE status = 'queued' AND (next_try_at IS NULL OR "
        "next_try_at <= clock_timestamp())");
    std::int64_t queued = row.bigint(0, 0), oldest = row.bigint(0, 1);
    std::size_t entries = queue::available() ? queue::entries().size() : 0;
    std::string text = std::to_string(queued) + " jobs of this database wait";
    if (queued > 0) text += ", the oldest for " + duration_text(oldest);
    text += "; the queue of the server holds " + std::to_string(entries) + " of " +
            std::to_string(queue::capacity);
    if (queued > 0 && oldest > longest_wait)
        return warning(text, pg::settings::max_concurrent_jobs == 0
                                 ? "Set \"recon.max_concurrent_jobs\" to 1 or more."
                                 : "See wait_reason in recon.job_progress; raise "
                                   "\"recon.max_concurrent_jobs\" or \"max_worker_processes\".");
    if (entries * 10 > queue::capacity * 9)
        return warning(text, "Raise \"recon.max_concurrent_jobs\", or start fewer jobs at once.");
    return ok(text);
}

Finding check_stuck_jobs(pg::Spi& spi) {
    if (RecoveryInProgress()) return ok("not looked at, as this is a standby");
    pg::Rows rows = spi.query(
        "SELECT job_id, coalesce(extract(epoch FROM clock_timestamp() - started_at), 0)::bigint "
        "FROM recon.jobs WHERE status = 'running' ORDER BY started_at LIMIT 1000");
    std::int64_t orphans = 0, orphan = 0, orphan_age = -1;
    for (std::uint64_t i = 0; i < rows.size(); ++i) {
        std::int64_t job_id = rows.bigint(i, 0);
        if (queue::has_worker(job_id) || jobs::is_running(job_id)) continue;
        ++orphans;
        if (orphan_age < 0) orphan = job_id, orphan_age = rows.bigint(i, 1);
    }
    if (orphans > 0) {
        std::string text = std::to_string(orphans) +
                           " jobs are running by their row and by no process; job " +
                           std::to_string(orphan) + " began " + duration_text(orphan_age) + " ago";
        if (!queue::available())
            return failed(text, "Cancel them with recon.cancel_job, and start them again.");
        if (orphan_age > longest_orphan)
            return failed(text,
                          "The launcher should have put them right within a minute: see the "
                          "checks launcher and cleanup, and the server's log.");
        return warning(text, "The launcher puts them right within a minute.");
    }
    pg::Rows silent = spi.query(
        "SELECT count(*), min(job_id), coalesce(extract(epoch FROM clock_timestamp() - "
        "min(heartbeat_at)), 0)::bigint FROM recon.get_running_jobs() WHERE heartbeat_at < "
        "clock_timestamp() - $1 * interval '1 s'",
        {pg::bigint(longest_silence)});
    if (silent.bigint(0, 0) > 0)
        return warning(
            std::to_string(silent.bigint(0, 0)) + " running jobs give no sign of life; job " +
                std::to_string(silent.bigint(0, 1)) + " since " +
                duration_text(silent.bigint(0, 2)),
            "See pid in recon.job_progress and pg_blocking_pids(pid); recon.cancel_job stops it.");
    return ok(std::to_string(rows.size()) + " background jobs are running");
}

constexpr Check checks[] = {
    {"preload", check_preload}, {"version", check_version}, {"launcher", check_launcher},
    {"cleanup", check_cleanup}, {"queue", check_queue},     {"stuck_jobs", check_stuck_jobs},
};

}  // namespace

std::span<const Check> worker_checks() {
    return checks;
}

}  // namespace recon::ops
