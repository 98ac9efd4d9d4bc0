#include "ingest/load_counters.hpp"

#include "ingest/load.hpp"
#include "pg/shared_counters.hpp"

namespace recon::ingest {

namespace {

enum Counter : std::size_t {
    completed,
    duplicate,
    failed,
    loaded,
    rejected,
    known,
    bytes,
    milliseconds,
    counter_count,
};

constinit pg::SharedCounters<counter_count> counters("recon load counters");

}  // namespace

void reserve_load_counters() {
    counters.reserve();
}

void count_load(const Report& report) {
    std::string_view status = report.status;
    counters.add_at_commit(status == "completed"   ? completed
                           : status == "duplicate" ? duplicate
                                                   : failed,
                           1);
    counters.add_at_commit(loaded, report.counts.loaded);
    counters.add_at_commit(rejected, report.counts.rejected);
    counters.add_at_commit(known, report.counts.duplicate);
    counters.add_at_commit(bytes, report.counts.bytes);
    counters.add_at_commit(milliseconds, static_cast<std::uint64_t>(report.elapsed_ms + 0.5));
}

LoadCounts load_counts() {
    const auto values = counters.values();
    return {values[completed], values[duplicate], values[failed], values[loaded],
            values[rejected],  values[known],     values[bytes],  values[milliseconds]};
}

}  // namespace recon::ingest
