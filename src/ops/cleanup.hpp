// What nobody needs any more goes: the tasks of run_cleanup() and of the worker that cleans up.
#pragma once

#include "pg/spi.hpp"

namespace recon::ops {

// A kind of thing that is removed. What is due is found once a round; then it goes in batches, of
// which each may be a transaction of its own. What others hold locked is left to a later round: no
// task waits.
class CleanupTask {
  public:
    virtual ~CleanupTask() = default;
    virtual const char* name() const = 0;
    // Whether something is gone then that was there, so that the log is to say so.
    virtual bool removes() const { return true; }

    // One batch, with the owner's rights; `user` is who cleans up, for the audit trail. Returns how
    // much it removed; `more`: whether another batch may find something to do.
    virtual std::uint64_t step(pg::Spi& spi, Oid user, bool& more) = 0;
};

// The tasks of one round, in the order in which they run.
std::vector<std::unique_ptr<CleanupTask>> cleanup_tasks();

}  // namespace recon::ops
