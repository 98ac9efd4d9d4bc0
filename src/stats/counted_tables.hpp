// The tables whose rows the figures count, and how.
#pragma once

#include "pg/trigger.hpp"
#include "stats/counters.hpp"

namespace recon::stats {

struct Change {
    std::int64_t project_id;
    Delta delta;

    bool operator==(const Change&) const = default;
};

// What the statement that fired the trigger makes of the figures, for each project whose rows it
// touched; exact in sum over all triggers of any statements, in whatever order they come. Nothing
// for a table that the figures do not count.
std::vector<Change> count_changes(const pg::TriggerCall& trigger);

}  // namespace recon::stats
