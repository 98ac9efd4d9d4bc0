// Stores what a run matched.
#pragma once

#include "jobs/job.hpp"

namespace recon::jobs {

struct Stored {
    std::int64_t matches = 0, proposed = 0, approved = 0, matched_records = 0;
    match::Billionths confidence = 0;  // of all matches
};

// Takes the matched records out of recon.open_ranges and recon.open_singles, where only one
// transaction can delete a row, and stores the matches whose records it got as it had read them. A
// match that lost a record to another run is left out: its other record stays open. Sets the
// reasons of what stays open. Tells of its steps. Asks again whether the project has four_eyes on.
Stored store(pg::Spi& spi, Job& job, const Matched& matched, Progress& progress);

}  // namespace recon::jobs
