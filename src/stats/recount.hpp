// The figures of a project counted from its tables: where nothing is kept of them, and to prove
// what is.
#pragma once

#include "stats/counters.hpp"

namespace recon::stats {

struct Reading {
    Delta figures;
    std::optional<TimestampTz> last_activity;
};

// What is kept, or counted where nothing is: before the project's row in recon.stats_base is there.
// In the snapshot of `spi`.
Reading read(pg::Spi& spi, std::int64_t project_id);

struct Recount {
    bool any = false;  // whether something was kept
    Delta kept, counted;
};

// Counts, and keeps what was counted. Writers go on; only another recount has to wait. Whoever
// calls it keeps the project from being dropped.
Recount recount(pg::Spi& spi, std::int64_t project_id);

// The same of one snapshot, without a lock and without keeping anything.
Recount compare(pg::Spi& spi, std::int64_t project_id);

// recount() where nothing is kept. Never waits for whoever uses the project: it is left to a later
// call then.
void recount_if_missing(pg::Spi& spi, std::int64_t project_id);

}  // namespace recon::stats
