// Jobs that ended long ago, or beyond the newest ones of their project, and have no matches that
// anybody needs.
#pragma once

#include "ops/cleanup.hpp"

namespace recon::ops {

// A live match keeps its job, and so does a rejected one: it says that somebody decided against
// the pair. Matches that were taken apart go with the job. What keeps a job seldom goes away, so a
// job that is kept is looked at again no sooner than a day later (recon.jobs.kept_at): a round in
// which nothing is due costs some index entries a project.
class OldJobs final : public CleanupTask {
  public:
    const char* name() const override { return "old jobs"; }
    std::uint64_t step(pg::Spi& spi, Oid user, bool& more) override;

  private:
    // A project with jobs that are due: those that ended no later than the last one, in order of
    // their end and id. Of those that were kept, and not looked at since then, those of that age,
    // or all where others are as many as may be kept.
    struct Due {
        std::int64_t project_id = 0;
        TimestampTz last_end = 0;
        std::int64_t last_job = 0;
        bool crowded = false;
    };

    void find(pg::Spi& spi);

    bool found_ = false;
    TimestampTz aged_ = 0, looked_at_ = 0;  // what ended, or was looked at, before is due
    std::vector<Due> due_;
};

}  // namespace recon::ops
