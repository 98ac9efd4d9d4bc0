// Transaction ids with their epoch, which never come again, and what a snapshot says of them.
#pragma once

#include "pg/guard.hpp"

namespace recon::pg {

std::uint64_t next_full_xid();
std::uint64_t own_full_xid();  // of the top-level transaction; 0 where it has none

// The snapshot of the calling query.
class ActiveSnapshot {
  public:
    // None where there is none that tells by transaction ids.
    static std::optional<ActiveSnapshot> find();

    std::uint64_t xmin() const { return xmin_; }
    bool is_complete(std::uint64_t xid) const {  // of a top-level transaction
        return xid < xmin_ || !XidInMVCCSnapshot(static_cast<TransactionId>(xid), snapshot_);
    }

  private:
    ActiveSnapshot(Snapshot snapshot, std::uint64_t xmin) : snapshot_(snapshot), xmin_(xmin) {}
    Snapshot snapshot_;
    std::uint64_t xmin_;
};

}  // namespace recon::pg
