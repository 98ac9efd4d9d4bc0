// One snapshot for several statements.
#pragma once

#include "pg/guard.hpp"

namespace recon::pg {

// While it lives, every read-only Spi and every parallel worker sees what the transaction sees now:
// what was committed, and what it did itself.
class SnapshotScope {
  public:
    SnapshotScope() {
        call([] {
            CommandCounterIncrement();
            PushActiveSnapshot(GetTransactionSnapshot());
        });
    }
    // On the other ways out the abort does it.
    ~SnapshotScope() {
        if (std::uncaught_exceptions() == exceptions_) PopActiveSnapshot();
    }
    SnapshotScope(const SnapshotScope&) = delete;
    SnapshotScope& operator=(const SnapshotScope&) = delete;

  private:
    int exceptions_ = std::uncaught_exceptions();
};

}  // namespace recon::pg
