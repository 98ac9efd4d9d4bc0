// The figures of a project, kept as a base and the changes since. Whoever changes what they count
// appends one row with the difference, in the same transaction: so they are exact in every
// snapshot, and a rollback takes the difference back with the change. No writer waits for another.
#pragma once

#include "pg/spi.hpp"

namespace recon::stats {

// What a change adds to the figures; less is negative. Fields are columns of recon.stats_base.
struct Delta {
    std::int64_t jobs = 0, completed_jobs = 0, failed_jobs = 0, running_jobs = 0;
    std::int64_t records = 0;
    std::int64_t matched_records = 0;  // in live matches: proposed or approved
    std::int64_t proposed_matches = 0, approved_matches = 0;
    std::int64_t confidence = 0;  // of live matches, in billionths
    std::int64_t files = 0, bytes = 0;

    // `n` jobs more, or fewer, whose status is this one; `jobs` is left alone.
    void count_status(std::string_view job_status, std::int64_t n);

    bool operator==(const Delta&) const = default;
};

struct Figure {
    const char* column;
    std::int64_t Delta::*field;
};
inline constexpr Figure figures[] = {
    {"jobs", &Delta::jobs},
    {"completed_jobs", &Delta::completed_jobs},
    {"failed_jobs", &Delta::failed_jobs},
    {"running_jobs", &Delta::running_jobs},
    {"records", &Delta::records},
    {"matched_records", &Delta::matched_records},
    {"proposed_matches", &Delta::proposed_matches},
    {"approved_matches", &Delta::approved_matches},
    {"confidence", &Delta::confidence},
    {"files", &Delta::files},
    {"bytes", &Delta::bytes},
};

// Appends the difference: once an operation, not once a record. With the owner's rights, as all
// below. Adds the project's rows up where there are many.
void add(pg::Spi& spi, std::int64_t project_id, const Delta& delta);

// Adds the project's rows up into its base, and returns how many there were. Changes no figure in
// any snapshot. Never waits and never fails for another's sake: where another transaction does it
// already, or where this one keeps an older snapshot, it is left to a later one.
std::int64_t compact(pg::Spi& spi, std::int64_t project_id);

// Those that have rows to be added up, or no base to add them to, descending.
std::vector<std::int64_t> projects_to_compact(pg::Spi& spi);

// compact() for whoever holds the row of recon.stats_base locked.
std::int64_t fold(pg::Spi& spi, std::int64_t project_id);

}  // namespace recon::stats
