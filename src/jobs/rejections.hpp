// The rejected matches that a run of a job is not to make again.
#pragma once

#include "core/match/rejected.hpp"
#include "jobs/job.hpp"

namespace recon::jobs {

// Those whose records are all open single ones now, with the sides of the job: a job that has them
// the other way round than the one that proposed the match makes it no more, either.
match::Rejected read_rejections(pg::Spi& spi, const Job& job);

}  // namespace recon::jobs
