// Puts the jobs of a database right whose workers are gone, or cannot start.
#pragma once

#include <string>

namespace recon::jobs {

// In transactions of its own. Jobs that are `running` without a worker wait again, or have failed
// where recon.job_max_attempts workers died of them; those for which no worker could be started
// have failed; those that wait and that the launcher does not know are made known to it. False
// where it had to wait too long for a lock, which it has logged.
bool recover(const std::string& database);

}  // namespace recon::jobs
