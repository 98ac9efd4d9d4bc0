// Background workers: their start, and the transactions that they run one after the other.
#pragma once

#include "pg/failure.hpp"

extern "C" {
#include "postmaster/bgworker.h"
}

// Defines the exported main function of a background worker, whose C++ body runs behind the entry
// guard. An error that leaves it is logged, and ends the process. So does a termination, from
// wherever it is served.
#define RECON_WORKER(name)                                            \
    static void name##_main();                                        \
    extern "C" {                                                      \
    PGDLLEXPORT void name(Datum);                                     \
    void name(Datum) {                                                \
        recon::pg::enter_hook(nullptr, [](void*) { name##_main(); }); \
    }                                                                 \
    }                                                                 \
    static void name##_main()

namespace recon::pg {

// What a worker is told when it starts; plain data.
struct WorkerArguments {
    std::array<std::int64_t, BGW_EXTRALEN / sizeof(std::int64_t)> values;
};
WorkerArguments worker_arguments();  // of this one

struct WorkerKind {
    const char* function;
    const char* type;  // pg_stat_activity.backend_type
};

// From _PG_init: one for the server, once it takes writes, started again `restart_seconds` after it
// ended.
void register_static_worker(const WorkerKind& kind, int restart_seconds);

// A worker that was asked for.
class WorkerHandle {
  public:
    bool is_running();      // starting or running
    bool wait_for_start();  // false where it ended without having come up
    void release();         // to be called once it has ended, or where nobody asks again

  private:
    friend std::optional<WorkerHandle> start_worker(const WorkerKind&, const std::string&,
                                                    const WorkerArguments&);
    BackgroundWorkerHandle* handle_ = nullptr;
};

// Nothing where no slot of max_worker_processes is free. This process is told when it ends: its
// latch is set.
std::optional<WorkerHandle> start_worker(const WorkerKind& kind, const std::string& name,
                                         const WorkerArguments& arguments);

// First in a worker's main: signals, and a connection to a database as a role; where that is
// refused, the process ends.
void connect_as_role(Oid database, Oid role);
// Likewise as the bootstrap superuser, with the usual isolation, no limit to a transaction's time,
// and no statement that waits longer for a lock ("0": however long).
void connect_to_maintain(Oid database, const char* lock_timeout);
// Then: also where a transaction is read-only by default.
void allow_writes();
// To the shared catalogs alone; a cancel is ignored.
void connect_to_no_database();

// From then on a termination ends this worker in wait_for_latch or serve_interrupts, without a word
// in the log.
void end_quietly();

// Runs `body` in a transaction of its own, with a snapshot, and commits it; or rolls it back and
// says why. Not while a transaction is open.
std::optional<Failure> in_transaction(const std::function<void()>& body);

// Runs a statement as a client's would be, in a transaction of its own: also one that ends and
// begins transactions itself, as CREATE INDEX CONCURRENTLY does. Not while a transaction is open;
// `sql` is a constant of recon's.
std::optional<Failure> run_at_top_level(const std::string& sql);

// Of the transaction at hand.
bool is_read_only();

// While it lives, a cancel of the statement at hand waits; a termination does not.
class HoldCancel {
  public:
    HoldCancel() { QueryCancelHoldoffCount = QueryCancelHoldoffCount + 1; }
    ~HoldCancel() {
        // An error sets it to 0.
        if (QueryCancelHoldoffCount > 0) QueryCancelHoldoffCount = QueryCancelHoldoffCount - 1;
    }
    HoldCancel(const HoldCancel&) = delete;
    HoldCancel& operator=(const HoldCancel&) = delete;
};

// Waits until this process's latch is set, for so long at most; serves interrupts and a reload of
// the configuration. Not within a transaction.
void wait_for_latch(long milliseconds);

// Ends the process where the postmaster is gone: as long as one of its processes is there, no other
// can start. Whoever waits for a latch does it anyway.
void end_without_server();

void serve_interrupts();
void sleep(long milliseconds);  // also within a transaction; serves interrupts

void show_activity(const std::string& text);  // in pg_stat_activity

void log(const std::string& message, const std::string& hint = {});
void log_warning(const std::string& message, const std::string& hint = {});

}  // namespace recon::pg
