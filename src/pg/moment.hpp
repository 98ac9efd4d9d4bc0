// What a function keeps from call to call within one statement.
#pragma once

#include "pg/full_xid.hpp"
#include "pg/function.hpp"
#include "pg/transaction_end.hpp"

namespace recon::pg {

// What the answers of a query depend on, told by its snapshot; also across statements, which
// PL/pgSQL evaluates with the same FmgrInfo. Whoever changes them has a transaction id, and either
// is not this transaction, or comes with another command, or was rolled back since.
struct Moment {
    Oid user = InvalidOid;
    CommandId command = 0;
    TransactionId xmin = 0, xmax = 0;
    std::uint32_t running = 0;
    std::uint64_t own_xid = 0, rollbacks = 0;

    static Moment now() {
        Snapshot snapshot = GetActiveSnapshot();
        return {GetUserId(),    snapshot->curcid, snapshot->xmin,           snapshot->xmax,
                snapshot->xcnt, own_full_xid(),   rollbacks_to_savepoints()};
    }
    bool operator==(const Moment&) const = default;
};

// An object of the call site: made at its first call in a statement, gone with the statement or at
// the first call in the next. T's destructor calls nothing of the server.
template <class T>
T& kept_in_statement(FunctionCallInfo fcinfo) {
    struct Kept {
        Moment moment;
        std::unique_ptr<T> object;
        MemoryContextCallback at_end;
    };
    Moment moment = Moment::now();
    auto* kept = static_cast<Kept*>(fcinfo->flinfo->fn_extra);
    if (kept == nullptr) {
        MemoryContext memory = fcinfo->flinfo->fn_mcxt;
        void* place = call([&] { return MemoryContextAllocZero(memory, sizeof(Kept)); });
        kept = new (place) Kept{};
        kept->at_end.func = [](void* argument) { static_cast<Kept*>(argument)->object.reset(); };
        kept->at_end.arg = kept;
        call([&] { MemoryContextRegisterResetCallback(memory, &kept->at_end); });
        fcinfo->flinfo->fn_extra = kept;
    }
    if (!kept->object || !(kept->moment == moment)) {
        kept->object = std::make_unique<T>();
        kept->moment = moment;
    }
    return *kept->object;
}

}  // namespace recon::pg
