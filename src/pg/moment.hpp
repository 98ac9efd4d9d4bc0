// What a function keeps from call to call within one statement.
#pragma once

#include "pg/function.hpp"

namespace recon::pg {

// A statement, told by its snapshot: PL/pgSQL keeps the FmgrInfo of an expression for longer.
struct Moment {
    Oid user;
    CommandId command;
    TransactionId xmin, xmax;
    std::uint64_t completed;

    static Moment now() {
        Snapshot snapshot = GetActiveSnapshot();
        return {GetUserId(), snapshot->curcid, snapshot->xmin, snapshot->xmax,
                snapshot->snapXactCompletionCount};
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
