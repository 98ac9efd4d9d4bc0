// What the server has a limited number of, and how much of it is in use.
#pragma once

#include <array>
#include <cstdint>

namespace recon::ops {

struct Pool {
    const char* name;
    std::int64_t used = 0, capacity = 0;
    const char* setting;  // that raises the capacity
    bool warning = false;
    double utilization() const {
        return capacity == 0 ? 0 : static_cast<double>(used) / static_cast<double>(capacity);
    }
};
constexpr std::size_t pool_count = 4;

// Of this moment. A pool is in `warning` once more than 80 % of it are in use, until less than 70 %
// are.
std::array<Pool, pool_count> pools();

// For the launcher: keeps the warnings, and logs each change of one.
void sample_pools();

void reserve_pools();  // from _PG_init: its shared memory

}  // namespace recon::ops
