#include "pg/processes.hpp"

#include "pg/worker.hpp"

extern "C" {
#include "commands/dbcommands.h"
#include "storage/lmgr.h"
#include "storage/procarray.h"
#include "utils/inval.h"
}

namespace recon::pg {

namespace {

bool takes_connections(Form_pg_database database) {
    return database->datallowconn && database->datconnlimit != DATCONNLIMIT_INVALID_DB;
}

}  // namespace

Processes count_processes() {
    // As InitProcGlobal lays them out: clients, autovacuum, background workers, WAL senders.
    auto count = [](int first, int number) {
        int used = 0;
        for (int i = first; i < first + number; ++i)
            if (ProcGlobal->allProcs[i].procLatch.owner_pid != 0) ++used;
        return used;
    };
    return {count(0, MaxConnections), count(first_worker_proc(), max_worker_processes)};
}

int connection_capacity() {
    return MaxConnections - reserved_connections();
}

int worker_capacity() {
    return max_worker_processes;
}

bool is_backend(int pid) {
    return BackendPidGetProc(pid) != nullptr;
}

ConnectRights connect_rights(Oid role) {
    return connect_rights(role, MyDatabaseId);
}

ConnectRights connect_rights(Oid role, Oid database) {
    return call([&] {
        ConnectRights rights;
        HeapTuple tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(role));
        if (!HeapTupleIsValid(tuple)) return rights;
        rights.exists = true;
        rights.login = reinterpret_cast<Form_pg_authid>(GETSTRUCT(tuple))->rolcanlogin;
        ReleaseSysCache(tuple);
        rights.connect = may_connect(database, role);
        return rights;
    });
}

Access access_to(Oid database) {
    return call([&] {
        // As InitPostgres does, but without waiting; until the end of the transaction.
        LOCKTAG tag;
        SET_LOCKTAG_OBJECT(tag, InvalidOid, DatabaseRelationId, database, 0);
        if (LockAcquire(&tag, RowExclusiveLock, false, true) == LOCKACQUIRE_NOT_AVAIL)
            return Access::busy;
        AcceptInvalidationMessages();
        HeapTuple tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(database));
        if (!HeapTupleIsValid(tuple)) return Access::none;
        bool takes = takes_connections(reinterpret_cast<Form_pg_database>(GETSTRUCT(tuple)));
        ReleaseSysCache(tuple);
        return takes ? Access::open : Access::none;
    });
}

std::string database_name(Oid database) {
    return call([&] { return get_database_name(database); }) ?: "";
}

bool has_extension() {
    return call([] { return OidIsValid(get_extension_oid("recon", true)); });
}

bool extension_exists() {
    bool exists = false;
    in_transaction([&] { exists = has_extension(); });
    return exists;
}

std::vector<Oid> connectable_databases() {
    std::vector<Oid> found;
    // Few enough to copy: errors leave by longjmp, past what would have to be freed.
    struct Scan {
        Relation relation;
        TableScanDesc scan;
    };
    Scan scan = call([] {
        Relation relation = table_open(DatabaseRelationId, AccessShareLock);
        return Scan{relation, table_beginscan_catalog(relation, 0, nullptr)};
    });
    struct Next {
        bool more, wanted;
        Oid oid;
    };
    for (;;) {
        Next next = call([&] {
            HeapTuple tuple = heap_getnext(scan.scan, ForwardScanDirection);
            if (!HeapTupleIsValid(tuple)) return Next{false, false, InvalidOid};
            auto database = reinterpret_cast<Form_pg_database>(GETSTRUCT(tuple));
            return Next{true, takes_connections(database) && !database->datistemplate,
                        database->oid};
        });
        if (!next.more) break;
        if (next.wanted) found.push_back(next.oid);
    }
    call([&] {
        table_endscan(scan.scan);
        table_close(scan.relation, AccessShareLock);
    });
    return found;
}

}  // namespace recon::pg
