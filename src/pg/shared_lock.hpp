// A lock in shared memory. Held for moments: what is done under it neither fails nor waits.
#pragma once

#include "pg/guard.hpp"

extern "C" {
#include "storage/lwlock.h"
}

namespace recon::pg {

class SharedLock {
  public:
    // In the postmaster, where its memory is set up; the name is for pg_stat_activity.
    void initialize(const char* name) noexcept {
        int tranche = LWLockNewTrancheId();
        LWLockRegisterTranche(tranche, name);
        LWLockInitialize(&lock_, tranche);
    }

    class Holder {
      public:
        explicit Holder(SharedLock& lock, LWLockMode mode = LW_EXCLUSIVE) noexcept : lock_(lock) {
            LWLockAcquire(&lock_.lock_, mode);
        }
        ~Holder() { LWLockRelease(&lock_.lock_); }
        Holder(const Holder&) = delete;
        Holder& operator=(const Holder&) = delete;

      private:
        SharedLock& lock_;
    };

  private:
    LWLock lock_;
};

}  // namespace recon::pg
