#include "pg/full_xid.hpp"

extern "C" {
#include "access/transam.h"
}

namespace recon::pg {

namespace {

// No transaction id of a snapshot is later than the next one, or half of all ids before it.
std::uint64_t widen(TransactionId xid) {
    static TransactionId last = InvalidTransactionId;
    static std::uint64_t last_widened = 0;
    if (xid == last) return last_widened;
    std::uint64_t next = next_full_xid(), epoch = next >> 32;
    if (xid > static_cast<TransactionId>(next)) --epoch;
    last = xid;
    last_widened = epoch << 32 | xid;
    return last_widened;
}

}  // namespace

std::uint64_t next_full_xid() {
    return call([] { return U64FromFullTransactionId(ReadNextFullTransactionId()); });
}

std::uint64_t own_full_xid() {
    return U64FromFullTransactionId(GetTopFullTransactionIdIfAny());
}

std::optional<ActiveSnapshot> ActiveSnapshot::find() {
    if (!ActiveSnapshotSet()) return std::nullopt;
    Snapshot snapshot = GetActiveSnapshot();
    if (snapshot->snapshot_type != SNAPSHOT_MVCC || snapshot->takenDuringRecovery)
        return std::nullopt;
    return ActiveSnapshot(snapshot, widen(snapshot->xmin));
}

}  // namespace recon::pg
