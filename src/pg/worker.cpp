#include "pg/worker.hpp"

extern "C" {
#include "pgstat.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/pmsignal.h"
#include "storage/procsignal.h"
#include "tcop/pquery.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/backend_status.h"
#include "utils/timeout.h"
#include "utils/wait_event.h"
}

namespace recon::pg {

namespace {

BackgroundWorker description(const WorkerKind& kind, const std::string& name) {
    BackgroundWorker worker{};
    auto copy = [](char* to, const std::string& from) {
        std::memcpy(to, from.data(), std::min<std::size_t>(from.size(), BGW_MAXLEN - 1));
    };
    copy(worker.bgw_name, name);
    copy(worker.bgw_type, kind.type);
    std::memcpy(worker.bgw_library_name, "recon", sizeof "recon");
    copy(worker.bgw_function_name, kind.function);
    worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
    worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
    return worker;
}

void make_valid(std::string& text) {
    recon::pg::make_valid(text.data());
    text.resize(std::strlen(text.c_str()));
}

}  // namespace

WorkerArguments worker_arguments() {
    WorkerArguments arguments{};
    std::memcpy(&arguments, MyBgworkerEntry->bgw_extra, sizeof arguments);
    return arguments;
}

void register_static_worker(const WorkerKind& kind, int restart_seconds) {
    if (!process_shared_preload_libraries_in_progress) return;
    BackgroundWorker worker = description(kind, kind.type);
    worker.bgw_restart_time = restart_seconds;
    RegisterBackgroundWorker(&worker);
}

bool WorkerHandle::is_running() {
    pid_t pid = 0;
    BgwHandleStatus status = GetBackgroundWorkerPid(handle_, &pid);
    return status == BGWH_STARTED || status == BGWH_NOT_YET_STARTED;
}

bool WorkerHandle::wait_for_start() {
    return call([&] {
        pid_t pid = 0;
        return WaitForBackgroundWorkerStartup(handle_, &pid) == BGWH_STARTED;
    });
}

void WorkerHandle::release() {
    pfree(handle_);
    handle_ = nullptr;
}

std::optional<WorkerHandle> start_worker(const WorkerKind& kind, const std::string& name,
                                         const WorkerArguments& arguments) {
    BackgroundWorker worker = description(kind, name);
    worker.bgw_restart_time = BGW_NEVER_RESTART;
    worker.bgw_notify_pid = MyProcPid;
    std::memcpy(worker.bgw_extra, &arguments, sizeof arguments);
    WorkerHandle handle;
    bool registered = call([&] {
        MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);
        bool done = RegisterDynamicBackgroundWorker(&worker, &handle.handle_);
        MemoryContextSwitchTo(old);
        return done;
    });
    if (!registered) return std::nullopt;
    return handle;
}

namespace {

void take_signals() {
    pqsignal(SIGHUP, SignalHandlerForConfigReload);
    pqsignal(SIGTERM, die);
    BackgroundWorkerUnblockSignals();
}

void set(const char* name, const char* value) {
    SetConfigOption(name, value, PGC_SUSET, PGC_S_OVERRIDE);
}

}  // namespace

void connect_as_role(Oid database, Oid role) {
    call([&] {
        take_signals();
        BackgroundWorkerInitializeConnectionByOid(database, role, 0);
        pgstat_report_appname(MyBgworkerEntry->bgw_type);
    });
}

void connect_to_maintain(Oid database, const char* lock_timeout) {
    call([&] {
        take_signals();
        BackgroundWorkerInitializeConnectionByOid(database, InvalidOid, 0);
        pgstat_report_appname(MyBgworkerEntry->bgw_type);
        set("default_transaction_isolation", "read committed");
        set("default_transaction_deferrable", "off");
        set("lock_timeout", lock_timeout);
        if (has_transaction_timeout) set("transaction_timeout", "0");
    });
}

void allow_writes() {
    call([] { set("default_transaction_read_only", "off"); });
}

void connect_to_no_database() {
    call([] {
        pqsignal(SIGINT, SIG_IGN);
        take_signals();
        BackgroundWorkerInitializeConnection(nullptr, nullptr, 0);
        pgstat_report_appname(MyBgworkerEntry->bgw_type);
    });
}

bool is_read_only() {
    return XactReadOnly;
}

void end_quietly() {
    pqsignal(SIGTERM, SignalHandlerForShutdownRequest);
}

namespace {

// Of what is being handled.
Failure roll_back() {
    Failure failure = current_failure();
    QueryCancelPending = false;
    call([&] { AbortCurrentTransaction(); });
    for (std::string* text : {&failure.message, &failure.detail, &failure.hint, &failure.context})
        make_valid(*text);
    return failure;
}

// Inside call().
void run_in_portal(const char* sql, MemoryContext memory) {
    SetCurrentStatementStartTimestamp();
    StartTransactionCommand();
    // The statement outlives the transactions that it ends.
    MemoryContextSwitchTo(memory);
    auto* parsed = linitial_node(RawStmt, pg_parse_query(sql));
    CommandTag tag = CreateCommandTag(parsed->stmt);
    List* plans = pg_plan_queries(
        pg_analyze_and_rewrite_fixedparams(parsed, sql, nullptr, 0, nullptr), sql, 0, nullptr);
    Portal portal = CreatePortal("", true, true);
    portal->visible = false;
    PortalDefineQuery(portal, nullptr, sql, tag, plans, nullptr);
    PortalStart(portal, nullptr, 0, InvalidSnapshot);
    portal_run_compat(portal, None_Receiver);
    PortalDrop(portal, false);
    CommitTransactionCommand();
    pgstat_report_stat(true);
}

}  // namespace

std::optional<Failure> run_at_top_level(const std::string& sql) {
    MemoryContext memory = call([] {
        return AllocSetContextCreate(TopMemoryContext, "recon statement", ALLOCSET_DEFAULT_SIZES);
    });
    std::optional<Failure> failure;
    try {
        call([&] { run_in_portal(sql.c_str(), memory); });
    } catch (...) {
        failure = roll_back();
    }
    call([&] {
        MemoryContextSwitchTo(TopMemoryContext);
        MemoryContextDelete(memory);
    });
    return failure;
}

std::optional<Failure> in_transaction(const std::function<void()>& body) {
    try {
        call([] {
            SetCurrentStatementStartTimestamp();
            StartTransactionCommand();
            PushActiveSnapshot(GetTransactionSnapshot());
        });
        body();
        call([] {
            PopActiveSnapshot();
            CommitTransactionCommand();
            pgstat_report_stat(true);
        });
        return std::nullopt;
    } catch (...) {
        return roll_back();
    }
}

namespace {

// Inside call().
void serve() {
    CHECK_FOR_INTERRUPTS();
    // Not 0, which would keep a static worker from being started again.
    if (ShutdownRequestPending) proc_exit(1);
}

}  // namespace

void wait_for_latch(long milliseconds) {
    call([&] {
        (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, milliseconds,
                        PG_WAIT_EXTENSION);
        ResetLatch(MyLatch);
        serve();
        if (ConfigReloadPending) {
            ConfigReloadPending = 0;
            ProcessConfigFile(PGC_SIGHUP);
        }
    });
}

void end_without_server() {
    if (!PostmasterIsAlive()) proc_exit(1);
}

void serve_interrupts() {
    call(serve);
}

void sleep(long milliseconds) {
    call([&] {
        (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, milliseconds,
                        PG_WAIT_EXTENSION);
        ResetLatch(MyLatch);
        CHECK_FOR_INTERRUPTS();
    });
}

void show_activity(const std::string& text) {
    call([&] { pgstat_report_activity(STATE_RUNNING, text.c_str()); });
}

namespace {

void write_log(int level, const std::string& message, const std::string& hint) {
    call([&] {
        ereport(level, (errmsg_internal("%s", message.c_str()),
                        hint.empty() ? 0 : errhint("%s", hint.c_str()), errhidestmt(true)));
    });
}

}  // namespace

void log(const std::string& message, const std::string& hint) {
    write_log(LOG, message, hint);
}

void log_warning(const std::string& message, const std::string& hint) {
    write_log(WARNING, message, hint);
}

}  // namespace recon::pg
