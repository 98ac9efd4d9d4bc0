// One snapshot for several statements.
#pragma once

#include "pg/guard.hpp"

namespace recon::pg {

// While it lives, every read-only Spi and every parallel worker sees the same.
class SnapshotScope {
  public:
    enum Of {
        transaction,  // what the transaction sees now: what was committed, and what it did itself
        latest,       // the same; committed by now, also where the transaction keeps one snapshot
        before_statement,  // of what it did itself, what came before the statement that runs
    };
    explicit SnapshotScope(Of of = transaction) {
        call([&] {
            bool earlier = of == before_statement && ActiveSnapshotSet();
            CommandId statement = earlier ? GetActiveSnapshot()->curcid : 0;
            CommandCounterIncrement();
            PushCopiedSnapshot(of == latest ? GetLatestSnapshot() : GetTransactionSnapshot());
            if (earlier) GetActiveSnapshot()->curcid = statement;
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
