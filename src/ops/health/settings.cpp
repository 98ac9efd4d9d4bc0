#include <unistd.h>

#include <fstream>

#include "jobs/queue.hpp"
#include "ops/health/check.hpp"
#include "ops/visits.hpp"
#include "pg/processes.hpp"
#include "pg/settings.hpp"

namespace recon::ops {

namespace {

namespace settings = pg::settings;

// What the server or this database has a setting at, in its unit. Nothing where the session or its
// role has another value: that says nothing about the others.
std::optional<std::int64_t> shared_value(pg::Spi& spi, const char* name) {
    pg::Rows row = spi.query(
        "SELECT setting::bigint FROM pg_catalog.pg_settings WHERE name = $1 AND source NOT IN "
        "('client', 'user', 'database user', 'interactive', 'session')",
        {pg::text(name)});
    if (row.empty()) return std::nullopt;
    return row.bigint(0, 0);
}

bool is_on(const char* name) {
    const char* value = pg::call([&] { return GetConfigOption(name, false, false); });
    return std::string_view(value) == "on";
}

Finding check_workers(pg::Spi& spi) {
    std::int64_t jobs = settings::max_concurrent_jobs, all = pg::worker_capacity();
    std::string text = "\"max_worker_processes\" is " + std::to_string(all) +
                       ", \"recon.max_concurrent_jobs\" " + std::to_string(jobs);
    if (jobs == 0)
        return warning(text + ": background jobs wait for ever",
                       "Set \"recon.max_concurrent_jobs\" to 1 or more.");
    constexpr std::int64_t own = 2;  // the launcher and a cleanup
    if (jobs + own > all)
        return warning(text, "Set \"max_worker_processes\" to " + std::to_string(jobs + own) +
                                 " or more, with what parallel queries and other extensions need "
                                 "beside.");
    std::optional<std::int64_t> parallel = shared_value(spi, "max_parallel_workers");
    if (settings::parallel_workers > 0 && parallel == 0)
        return warning(text +
                           ", \"max_parallel_workers\" 0: no job gets the parallel workers that "
                           "\"recon.parallel_workers\" allows",
                       "Raise \"max_parallel_workers\".");
    return ok(text);
}

// Of the machine, or of the control group that the server runs in.
double memory_of_machine() {
    double bytes = static_cast<double>(::sysconf(_SC_PHYS_PAGES)) *
                   static_cast<double>(::sysconf(_SC_PAGESIZE));
    for (const char* path :
         {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
        std::ifstream file(path);
        double limit = 0;
        if (file >> limit && limit > 0) bytes = std::min(bytes, limit);
    }
    return bytes;
}

Finding check_memory(pg::Spi& spi) {
    std::optional<std::int64_t> work_mem = shared_value(spi, "recon.work_mem");
    if (!work_mem) return ok("not looked at: \"recon.work_mem\" is set for this session");
    double buffers = static_cast<double>(shared_value(spi, "shared_buffers").value_or(0)) * BLCKSZ;
    double kilobyte = 1024;
    double needed = buffers + static_cast<double>(settings::memo_size) * kilobyte +
                    static_cast<double>(*work_mem) * kilobyte *
                        static_cast<double>(std::max(settings::max_concurrent_jobs, 1));
    double there = memory_of_machine();
    std::string text =
        "\"recon.work_mem\" for each of \"recon.max_concurrent_jobs\", \"shared_buffers\" and the "
        "memo make " +
        size_text(needed) + ", the machine has " + size_text(there);
    if (needed <= 0.8 * there) return ok(text);
    return warning(text, "Lower \"recon.work_mem\" or \"recon.max_concurrent_jobs\".");
}

Finding check_memo(pg::Spi&) {
    if (settings::memo_size > 0) return ok(size_text(settings::memo_size * 1024.0));
    return warning("\"recon.memo_size\" is 0: each call of get_projects and its kind is computed",
                   "Set it to 16MB, say, and restart the server.");
}

Finding check_retention(pg::Spi&) {
    bool keeps_all = settings::job_retention == 0 && settings::job_retention_count == 0 &&
                     settings::reject_retention == 0 && settings::upload_expiry == 0;
    // Then nobody knows who called it.
    if (!jobs::queue::available())
        return ok("recon is not preloaded: a scheduler should call recon.run_cleanup()");
    if (settings::cleanup_interval > 0)
        return ok("a cleanup every " + duration_text(settings::cleanup_interval));
    constexpr std::int64_t day = 24 * 60 * 60;
    for (const visits::Database& database : visits::databases())
        if (database.oid == MyDatabaseId && database.called_at != 0) {
            std::int64_t age = (GetCurrentTimestamp() - database.called_at) / 1'000'000;
            if (age < day)
                return ok("recon.run_cleanup() was called " + duration_text(age) + " ago");
        }
    if (keeps_all) return ok("there is no cleanup, and nothing that it should remove");
    return warning(
        "\"recon.cleanup_interval\" is 0: what is older than \"recon.job_retention\", "
        "\"recon.reject_retention\" and \"recon.upload_expiry\" stays",
        "Set it, or let a scheduler call recon.run_cleanup().");
}

Finding check_timeouts(pg::Spi& spi) {
    std::optional<std::int64_t> job = shared_value(spi, "recon.job_timeout");
    if (!job) return ok("not looked at: \"recon.job_timeout\" is set for this session");
    std::string text = *job == 0 ? "no limit for a job" : duration_text(*job) + " for a job";
    for (const char* name : {"statement_timeout", "transaction_timeout"}) {
        std::optional<std::int64_t> limit = shared_value(spi, name);  // ms; one is of 17 and later
        if (!limit || *limit == 0) continue;
        text += ", \"" + std::string(name) + "\" " + duration_text(*limit / 1000);
        if (*job == 0 || *limit < *job * 1000)
            return warning(text,
                           "The shorter one ends runs that \"recon.job_timeout\" allows: raise it "
                           "for the roles that run jobs (ALTER ROLE … SET), or lower "
                           "\"recon.job_timeout\".");
    }
    return ok(text);
}

Finding check_temporary(pg::Spi& spi) {
    std::optional<std::int64_t> limit = shared_value(spi, "temp_file_limit");
    std::optional<std::int64_t> work_mem = shared_value(spi, "recon.work_mem");
    if (!limit || *limit < 0 || !work_mem) return ok("temporary files of a job have no limit");
    std::string text = "\"temp_file_limit\" is " + size_text(static_cast<double>(*limit) * 1024) +
                       ", \"recon.work_mem\" " + size_text(static_cast<double>(*work_mem) * 1024);
    if (*limit >= *work_mem) return ok(text);
    return warning(text,
                   "A job whose records do not fit into memory fails: raise "
                   "\"temp_file_limit\" above \"recon.work_mem\".");
}

Finding check_statistics(pg::Spi&) {
    bool autovacuum = is_on("autovacuum"), counts = is_on("track_counts");
    if (autovacuum && counts) return ok("\"autovacuum\" and \"track_counts\" are on");
    return warning(
        std::string("\"") + (counts ? "autovacuum" : "track_counts") +
            "\" is off: dead rows are not removed, and plans are made without statistics",
        "Switch it on, or run VACUUM (ANALYZE) on recon's tables often.");
}

Finding check_durability(pg::Spi& spi) {
    const char hint[] = "Switch it on: it is for data that can be lost.";
    for (const char* name : {"fsync", "full_page_writes"})
        if (!is_on(name))
            return warning("\"" + std::string(name) + "\" is off: a crash may destroy everything",
                           hint);
    pg::Rows row = spi.query(
        "SELECT setting FROM pg_catalog.pg_settings WHERE name = 'synchronous_commit' AND source "
        "NOT IN ('client', 'user', 'database user', 'interactive', 'session')");
    if (!row.empty() && row.text(0, 0) == "off")
        return warning(
            "\"synchronous_commit\" is off: loads and decisions of the last moment before a crash "
            "are lost",
            hint);
    return ok("what is committed survives a crash");
}

// A transaction can be prepared whenever a session wants it.
Finding check_prepared(pg::Spi& spi) {
    pg::Rows row = spi.query(
        "SELECT current_setting('max_prepared_transactions')::bigint, "
        "current_setting('max_connections')::bigint");
    std::int64_t prepared = row.bigint(0, 0), connections = row.bigint(0, 1);
    std::string text = "\"max_prepared_transactions\" is " + std::to_string(prepared) +
                       ", \"max_connections\" " + std::to_string(connections);
    if (prepared == 0 || prepared >= connections) return ok(text);
    return warning(text,
                   "Set \"max_prepared_transactions\" to \"max_connections\" at least, or to "
                   "0 where nobody uses two-phase commit.");
}

constexpr Check checks[] = {
    {"settings_workers", check_workers},
    {"settings_memory", check_memory},
    {"settings_memo", check_memo},
    {"settings_retention", check_retention},
    {"settings_timeouts", check_timeouts},
    {"settings_temporary_files", check_temporary},
    {"settings_statistics", check_statistics},
    {"settings_durability", check_durability},
    {"settings_prepared_transactions", check_prepared},
};

}  // namespace

std::span<const Check> setting_checks() {
    return checks;
}

}  // namespace recon::ops
