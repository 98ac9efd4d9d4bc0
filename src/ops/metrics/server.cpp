#include "ingest/load_counters.hpp"
#include "jobs/queue.hpp"
#include "jobs/run_counters.hpp"
#include "memo/counters.hpp"
#include "memo/function_names.hpp"
#include "ops/metrics/metrics.hpp"
#include "ops/pools.hpp"
#include "ops/visits.hpp"
#include "pg/processes.hpp"

namespace recon::ops {

namespace {

namespace queue = jobs::queue;

double number(std::uint64_t value) {
    return static_cast<double>(value);
}

constexpr MetricKind launcher_up{"recon_launcher_up", "gauge",
                                 "Whether the launcher of background workers is running (1) or not "
                                 "(0)"};
constexpr MetricKind cleanup_age{"recon_cleanup_age_seconds", "gauge",
                                 "Time since the last cleanup of a database by the background "
                                 "worker ended"};
constexpr MetricKind cleanup_removed{"recon_cleanup_removed", "gauge", "What that cleanup removed"};

void collect_cleanup(pg::Spi&, MetricSink& sink) {
    for (const visits::Database& database : visits::databases()) {
        std::string name = pg::database_name(database.oid);
        if (name.empty() || database.cleaned_at == 0) continue;
        auto age = static_cast<double>(GetCurrentTimestamp() - database.cleaned_at) / 1e6;
        sink.add(cleanup_age, {{"datname", name}}, age);
        sink.add(cleanup_removed, {{"datname", name}}, static_cast<double>(database.removed));
    }
}

constexpr MetricKind pool_used{"recon_pool_used", "gauge", "Of a pool, how much is in use"};
constexpr MetricKind pool_capacity{"recon_pool_capacity", "gauge", "Of a pool, how much there is"};
constexpr MetricKind pool_warning{
    "recon_pool_warning", "gauge",
    "Whether more than 80 % of a pool are in use, or were and not less "
    "than 70 % since (1), or not (0)"};

void collect_pools(pg::Spi&, MetricSink& sink) {
    for (const Pool& pool : pools()) {
        sink.add(pool_used, {{"pool", pool.name}}, static_cast<double>(pool.used));
        sink.add(pool_capacity, {{"pool", pool.name}}, static_cast<double>(pool.capacity));
        sink.add(pool_warning, {{"pool", pool.name}}, pool.warning ? 1 : 0);
    }
}

constexpr MetricKind queue_jobs{"recon_queue_jobs", "gauge",
                                "Jobs in the queue of the server: waiting for a background worker, "
                                "or having one"};
constexpr MetricKind queue_capacity{"recon_queue_capacity", "gauge",
                                    "How many jobs the queue of the server holds; others wait in "
                                    "their tables"};

void collect_queue(pg::Spi&, MetricSink& sink) {
    if (!queue::available()) return;
    double waiting = 0, at_work = 0;
    for (const queue::Entry& entry : queue::entries()) ++(entry.is_at_work() ? at_work : waiting);
    sink.add(queue_jobs, {{"state", "waiting"}}, waiting);
    sink.add(queue_jobs, {{"state", "working"}}, at_work);
}

constexpr MetricKind memo_hits{"recon_memo_hits_total", "counter",
                               "Calls that were answered from the memo"};
constexpr MetricKind memo_misses{"recon_memo_misses_total", "counter",
                                 "Calls that computed their answer"};
constexpr MetricKind memo_bypasses{"recon_memo_bypasses_total", "counter",
                                   "Calls that passed the memo by"};
constexpr MetricKind memo_evictions{"recon_memo_evictions_total", "counter",
                                    "Answers that gave way to others"};
constexpr MetricKind memo_stores{"recon_memo_stores_total", "counter", "Answers that were kept"};

void collect_memo(pg::Spi&, MetricSink& sink) {
    for (std::size_t i = 0; i < memo::function_count; ++i) {
        memo::Counts counts = memo::counts(static_cast<memo::Function>(i));
        std::uint64_t bypasses = 0;
        for (std::uint64_t n : counts.bypasses) bypasses += n;
        const std::initializer_list<Label> labels = {{"function", memo::function_names[i]}};
        sink.add(memo_hits, labels, number(counts.hits));
        sink.add(memo_misses, labels, number(counts.misses));
        sink.add(memo_bypasses, labels, number(bypasses));
        sink.add(memo_evictions, labels, number(counts.evictions));
        sink.add(memo_stores, labels, number(counts.stores));
    }
}

constexpr MetricKind loads{"recon_loads_total", "counter", "Loads, by how they ended"};
constexpr MetricKind load_records{"recon_load_records_total", "counter",
                                  "Records that loads have read, by what became of them"};
constexpr MetricKind load_bytes{"recon_load_bytes_total", "counter", "Bytes that loads have read"};
constexpr MetricKind load_seconds{"recon_load_seconds_total", "counter", "Time that loads took"};

void collect_loads(pg::Spi&, MetricSink& sink) {
    ingest::LoadCounts counts = ingest::load_counts();
    sink.add(loads, {{"status", "completed"}}, number(counts.completed));
    sink.add(loads, {{"status", "duplicate"}}, number(counts.duplicate));
    sink.add(loads, {{"status", "failed"}}, number(counts.failed));
}

void collect_load_records(pg::Spi&, MetricSink& sink) {
    ingest::LoadCounts counts = ingest::load_counts();
    sink.add(load_records, {{"outcome", "loaded"}}, number(counts.loaded));
    sink.add(load_records, {{"outcome", "rejected"}}, number(counts.rejected));
    sink.add(load_records, {{"outcome", "duplicate"}}, number(counts.known));
}

constexpr MetricKind runs{"recon_job_runs_total", "counter", "Runs of jobs, by how they ended"};
constexpr MetricKind run_matches{"recon_job_run_matches_total", "counter",
                                 "Matches that runs have made"};
constexpr MetricKind run_seconds{"recon_job_run_seconds_total", "counter",
                                 "Time that completed runs took"};

void collect_runs(pg::Spi&, MetricSink& sink) {
    jobs::RunCounts counts = jobs::run_counts();
    sink.add(runs, {{"status", "completed"}}, number(counts.completed));
    sink.add(runs, {{"status", "failed"}}, number(counts.failed));
    sink.add(runs, {{"status", "cancelled"}}, number(counts.cancelled));
    sink.add(runs, {{"status", "timed_out"}}, number(counts.timed_out));
}

// Those without a label.
void collect_server(pg::Spi&, MetricSink& sink) {
    if (!queue::available()) return;
    int pid = queue::launcher_pid();
    sink.add(launcher_up, {}, pid != 0 && pg::is_backend(pid) ? 1 : 0);
    sink.add(queue_capacity, {}, number(queue::capacity));
    ingest::LoadCounts loaded = ingest::load_counts();
    sink.add(load_bytes, {}, number(loaded.bytes));
    sink.add(load_seconds, {}, number(loaded.milliseconds) / 1000);
    jobs::RunCounts run = jobs::run_counts();
    sink.add(run_matches, {}, number(run.matches));
    sink.add(run_seconds, {}, number(run.milliseconds) / 1000);
}

constexpr MetricFamily families[] = {
    {"server", collect_server},
    {"cleanup", collect_cleanup},
    {"pool", collect_pools},
    {"queue", collect_queue},
    {"memo", collect_memo},
    {"loads", collect_loads},
    {"load_records", collect_load_records},
    {"job_runs", collect_runs},
};

}  // namespace

std::span<const MetricFamily> server_families() {
    return families;
}

}  // namespace recon::ops
