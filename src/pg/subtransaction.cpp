#include "pg/subtransaction.hpp"

namespace recon::pg {

Subtransaction::Subtransaction() : context_(CurrentMemoryContext), owner_(CurrentResourceOwner) {
    call([] { BeginInternalSubTransaction(nullptr); });
    MemoryContextSwitchTo(context_);
}

void Subtransaction::leave() {
    MemoryContextSwitchTo(context_);
    CurrentResourceOwner = owner_;
}

void Subtransaction::commit() {
    call([] { ReleaseCurrentSubTransaction(); });
    leave();
}

void Subtransaction::rollback() {
    call([] { RollbackAndReleaseCurrentSubTransaction(); });
    leave();
}

}  // namespace recon::pg
