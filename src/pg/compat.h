// Differences between PostgreSQL 15 and 18, in one place. Shims are named after the newer form.
#pragma once

#if PG_VERSION_NUM < 150000 || PG_VERSION_NUM >= 190000
#error "recon supports PostgreSQL 15 to 18"
#endif

extern "C" {
#include "catalog/pg_database.h"
#include "postmaster/autovacuum.h"
#include "postmaster/postmaster.h"
#include "tcop/dest.h"
#include "tcop/pquery.h"
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif
}

// 17 (024c52111757, 28f3915b73f7) did away with backend ids and made this a variable of its own.
// Below MaxBackends, but for auxiliary processes; negative where the process has none.
inline int own_proc_number() {
#if PG_VERSION_NUM >= 170000
    return MyProcNumber;
#else
    return MyProc != nullptr ? MyProc->pgprocno : -1;
#endif
}

// 17 (51efe38cb92f) added the setting.
inline constexpr bool has_transaction_timeout = PG_VERSION_NUM >= 170000;

// 16 (19d8e2308bc5) added onlySummarizing.
inline List* ExecInsertIndexTuplesCompat(ResultRelInfo* result, TupleTableSlot* slot,
                                         EState* estate) {
#if PG_VERSION_NUM >= 160000
    return ExecInsertIndexTuples(result, slot, estate, false, false, nullptr, NIL, false);
#else
    return ExecInsertIndexTuples(result, slot, estate, false, false, nullptr, NIL);
#endif
}

// 16 (c727f511bd7b) has one function for all kinds of objects.
inline bool may_use_schema(Oid schema, Oid role) {
#if PG_VERSION_NUM >= 160000
    return object_aclcheck(NamespaceRelationId, schema, role, ACL_USAGE) == ACLCHECK_OK;
#else
    return pg_namespace_aclcheck(schema, role, ACL_USAGE) == ACLCHECK_OK;
#endif
}

// 18 (0fbceae841cb) added the instrumentation.
inline IndexScanDesc index_beginscan_compat(Relation table, Relation index, Snapshot snapshot,
                                            int keys, int orders) {
#if PG_VERSION_NUM >= 180000
    return index_beginscan(table, index, snapshot, nullptr, keys, orders);
#else
    return index_beginscan(table, index, snapshot, keys, orders);
#endif
}

// 16 (c727f511bd7b), as above.
inline bool may_connect(Oid database, Oid role) {
#if PG_VERSION_NUM >= 160000
    return object_aclcheck(DatabaseRelationId, database, role, ACL_CONNECT) == ACLCHECK_OK;
#else
    return pg_database_aclcheck(database, role, ACL_CONNECT) == ACLCHECK_OK;
#endif
}

// 16 (6e2775e4d4e4) added reserved_connections, and renamed the other.
inline int reserved_connections() {
#if PG_VERSION_NUM >= 160000
    return SuperuserReservedConnections + ReservedConnections;
#else
    return ReservedBackends;
#endif
}

// 18 (c758119e5bfb, 06da3bea0a9e) gave autovacuum its own number of slots, beside special workers.
inline int first_worker_proc() {
#if PG_VERSION_NUM >= 180000
    return MaxConnections + autovacuum_worker_slots + NUM_SPECIAL_WORKER_PROCS;
#else
    return MaxConnections + autovacuum_max_workers + 1;
#endif
}

// 18 (3eea7a0c97e9) took run_once away.
inline void portal_run_compat(Portal portal, DestReceiver* to) {
#if PG_VERSION_NUM >= 180000
    (void)PortalRun(portal, FETCH_ALL, true, to, to, nullptr);
#else
    (void)PortalRun(portal, FETCH_ALL, true, true, to, to, nullptr);
#endif
}
