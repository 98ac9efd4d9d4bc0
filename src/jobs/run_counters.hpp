// How runs of jobs ended in all databases since the server started; with the preload only.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace recon::jobs {

void reserve_run_counters();  // from _PG_init: their shared memory

// Once the transaction commits. `status` is the job's from then on.
void count_run(std::string_view status, std::uint64_t milliseconds, std::uint64_t matches);

struct RunCounts {
    std::uint64_t completed = 0, failed = 0, cancelled = 0, timed_out = 0;
    std::uint64_t matches = 0, milliseconds = 0;  // of those completed
};
RunCounts run_counts();

}  // namespace recon::jobs
