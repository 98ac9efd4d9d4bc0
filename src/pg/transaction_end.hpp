// What is to happen once the transaction commits, and what happened in it. A rollback to a
// savepoint takes back what was asked for after it.
#pragma once

#include "pg/guard.hpp"

namespace recon::pg {

// A notification to those who LISTEN. Unlike pg_notify, it does not keep the transaction from being
// prepared: then it is left out.
void notify_at_commit(const char* channel, const std::string& payload);

// Plain data of a few words, handed to a function that cannot fail.
struct CommitTask {
    using Function = void (*)(const CommitTask& task) noexcept;
    Function function;
    std::array<std::int64_t, 6> values;
};
// Not after a prepared transaction: whatever relies on it must find out by itself in the end.
void run_at_commit(const CommitTask& task);

// Called for every transaction from now on, once: `before` where it is about to commit or to be
// prepared, `after` once it has ended, however. `after` cannot fail.
struct TransactionHooks {
    void (*before)();
    void (*after)() noexcept;
};
void register_transaction_hooks(const TransactionHooks& hooks);

// How often this backend rolled back to a savepoint, or a block with an exception; from the first
// call on.
std::uint64_t rollbacks_to_savepoints();

}  // namespace recon::pg
