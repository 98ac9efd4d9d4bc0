#include "pg/subtransaction.hpp"

namespace recon::pg {

Subtransaction::Subtransaction() : context_(CurrentMemoryContext), owner_(CurrentResourceOwner) {
    call([] { BeginInternalSubTransaction(nullptr); });
    MemoryContextSwitchTo(context_);
}

Subtransaction::~Subtransaction() {
    if (!open_) return;
    try {
        rollback();
    } catch (const ServerError&) {  // a second error takes the place of the first
    }
}

void Subtransaction::leave() {
    open_ = false;
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
