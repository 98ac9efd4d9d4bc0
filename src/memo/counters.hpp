// How often the memo was used: each backend counts for itself.
#pragma once

#include "memo/memo.hpp"

namespace recon::memo {

struct Counts {
    std::uint64_t hits = 0, misses = 0, stores = 0, evictions = 0, too_large = 0;
    std::array<std::uint64_t, bypass_count> bypasses{};
};

void reserve_counters();  // from _PG_init: their shared memory

enum class Event : std::uint8_t { hit, miss, store, too_large };
void count(Function function, Event event) noexcept;
void count(Function function, Bypass bypass) noexcept;
void count_evictions(Function function, std::uint32_t n) noexcept;

Counts counts(Function function);  // of all backends, since the last reset
void reset_counters();

}  // namespace recon::memo
