#include "jobs/run_counters.hpp"

#include "pg/shared_counters.hpp"

namespace recon::jobs {

namespace {

enum Counter : std::size_t {
    completed,
    failed,
    cancelled,
    timed_out,
    made,
    milliseconds_taken,
    counter_count,
};

constinit pg::SharedCounters<counter_count> counters("recon run counters");

Counter counter_of(std::string_view status) {
    if (status == "completed") return completed;
    if (status == "cancelled") return cancelled;
    return status == "timed_out" ? timed_out : failed;
}

}  // namespace

void reserve_run_counters() {
    counters.reserve();
}

void count_run(std::string_view status, std::uint64_t milliseconds, std::uint64_t matches) {
    counters.add_at_commit(counter_of(status), 1);
    counters.add_at_commit(milliseconds_taken, milliseconds);
    counters.add_at_commit(made, matches);
}

RunCounts run_counts() {
    const auto values = counters.values();
    return {values[completed], values[failed], values[cancelled],
            values[timed_out], values[made],   values[milliseconds_taken]};
}

}  // namespace recon::jobs
