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

namespace {

// Of the server's error at hand: somebody wants the whole statement to end.
bool is_intervention() {
    return ERRCODE_TO_CATEGORY(call([] { return geterrcode(); })) ==
           ERRCODE_TO_CATEGORY(ERRCODE_OPERATOR_INTERVENTION);
}

}  // namespace

std::optional<Failure> attempt(const std::function<void()>& body) {
    Subtransaction subtransaction;
    std::optional<Failure> failure;
    try {
        body();
    } catch (const ServerError&) {
        if (is_intervention()) throw;
        failure = current_failure();
    } catch (...) {
        failure = current_failure();
    }
    if (failure)
        subtransaction.rollback();
    else
        subtransaction.commit();
    return failure;
}

}  // namespace recon::pg
