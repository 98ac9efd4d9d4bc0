// What loads have done in all databases since the server started; with the preload only.
#pragma once

#include <array>
#include <cstdint>

namespace recon::ingest {

struct Report;

void reserve_load_counters();  // from _PG_init: their shared memory

void count_load(const Report& report);  // once the transaction commits

struct LoadCounts {
    std::uint64_t completed = 0, duplicate = 0, failed = 0;  // loads
    std::uint64_t loaded = 0, rejected = 0, known = 0;       // records
    std::uint64_t bytes = 0, milliseconds = 0;
};
LoadCounts load_counts();

}  // namespace recon::ingest
