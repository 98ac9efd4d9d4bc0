#include "pg/table.hpp"

extern "C" {
#include "access/stratnum.h"
#include "storage/lock.h"
#include "utils/inval.h"
#include "utils/fmgroids.h"
}

namespace recon::pg {

namespace {

// Tables that were found, until the server tells of a change of one.
std::unordered_map<std::string, Oid> found_tables;
std::uint64_t changes = 0;
bool changed = false;

void note_change(Datum, Oid relation) {
    if (!OidIsValid(relation)) changed = true;
    for (const auto& [name, oid] : found_tables)
        if (oid == relation) changed = true;
}

}  // namespace

std::uint64_t table_changes() {
    static bool registered = false;
    if (!registered) call([] { CacheRegisterRelcacheCallback(note_change, 0); });
    registered = true;
    if (changed) {
        found_tables.clear();
        ++changes;
    }
    changed = false;
    return changes;
}

Oid table_oid(const char* name) {
    table_changes();
    if (auto found = found_tables.find(name); found != found_tables.end()) return found->second;
    Oid oid = call([&] {
        Oid schema = get_namespace_oid("recon", true);
        return OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;
    });
    if (!OidIsValid(oid))
        throw Error("55000", std::string("table \"recon.") + name + "\" does not exist", {},
                    "Run CREATE EXTENSION recon in this database.");
    found_tables[name] = oid;
    return oid;
}

namespace {

// Of the id the lower 48 bits.
LOCKTAG object_tag(Oid table, std::int64_t id) {
    auto bits = static_cast<std::uint64_t>(id);
    LOCKTAG tag;
    SET_LOCKTAG_OBJECT(tag, MyDatabaseId, table, static_cast<std::uint32_t>(bits),
                       static_cast<std::uint16_t>(bits >> 32));
    return tag;
}

}  // namespace

void lock_object(Oid table, std::int64_t id, ObjectLock how) {
    call([] { PreventCommandDuringRecovery("changes"); });
    LOCKTAG tag = object_tag(table, id);
    call([&] {
        (void)LockAcquire(&tag, how == ObjectLock::shared ? ShareLock : ExclusiveLock, false,
                          false);
    });
}

bool try_lock_object(Oid table, std::int64_t id) {
    LOCKTAG tag = object_tag(table, id);
    return call(
        [&] { return LockAcquire(&tag, ExclusiveLock, false, true) != LOCKACQUIRE_NOT_AVAIL; });
}

Oid tables_owner() {
    Oid oid = table_oid("projects");
    return call([&] {
        HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(oid));
        if (!HeapTupleIsValid(tuple)) elog(ERROR, "cache lookup failed for relation %u", oid);
        Oid owner = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relowner;
        ReleaseSysCache(tuple);
        return owner;
    });
}

namespace {

// Citus keeps its distributed tables in pg_dist_partition; looked up by name, so that nothing links
// to it.
bool is_distributed(Oid table) {
    if (!OidIsValid(get_extension_oid("citus", true))) return false;
    Oid catalog = get_relname_relid("pg_dist_partition", PG_CATALOG_NAMESPACE);
    if (!OidIsValid(catalog)) return false;
    Relation partitions = table_open(catalog, AccessShareLock);
    AttrNumber column = get_attnum(catalog, "logicalrelid");
    ScanKeyData key;
    ScanKeyInit(&key, column, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(table));
    SysScanDesc scan = systable_beginscan(partitions, InvalidOid, false, nullptr, 1, &key);
    bool found = HeapTupleIsValid(systable_getnext(scan));
    systable_endscan(scan);
    table_close(partitions, AccessShareLock);
    return found;
}

}  // namespace

bool is_readable_heap(Relation relation) {
    return relation->rd_rel->relkind == RELKIND_RELATION &&
           relation->rd_tableam == GetHeapamTableAmRoutine() &&
           !is_distributed(RelationGetRelid(relation));
}

bool is_plain_heap(Relation relation) {
    if (relation->trigdesc != nullptr)
        for (int i = 0; i < relation->trigdesc->numtriggers; ++i) {
            const Trigger& trigger = relation->trigdesc->triggers[i];
            // Nobody else makes functions in this schema.
            if (!trigger.tgisinternal &&
                get_func_namespace(trigger.tgfoid) != RelationGetNamespace(relation))
                return false;
        }
    return is_readable_heap(relation);
}

Oid primary_key(Relation relation) {
    (void)RelationGetIndexList(relation);
    if (!OidIsValid(relation->rd_pkindex))
        elog(ERROR, "recon: table \"%s\" has no primary key", RelationGetRelationName(relation));
    return relation->rd_pkindex;
}

Relation open_table(Oid table, LOCKMODE mode) {
    Relation relation = table_open(table, mode);
    if (relation->rd_rel->relkind != RELKIND_RELATION || is_distributed(table))
        ereport(ERROR,
                (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                 errmsg("cannot access table \"%s\" directly", RelationGetRelationName(relation)),
                 errdetail("The table is not an ordinary table of this server.")));
    return relation;
}

}  // namespace recon::pg
