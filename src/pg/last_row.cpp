#include "pg/last_row.hpp"

#include "pg/table.hpp"

extern "C" {
#include "access/stratnum.h"
#include "utils/datum.h"
}

namespace recon::pg {

bool read_last_row(const char* table, std::initializer_list<std::int64_t> key,
                   std::initializer_list<const char*> columns, std::span<Datum> values) {
    Oid oid = table_oid(table);
    return call([&] {
        Relation relation = open_table(oid, AccessShareLock);
        Relation index = index_open(primary_key(relation), AccessShareLock);
        ScanKeyData keys[INDEX_MAX_KEYS];
        int count = 0;
        for (std::int64_t value : key) {
            ScanKeyInit(&keys[count], static_cast<AttrNumber>(count + 1), BTEqualStrategyNumber,
                        F_INT8EQ, Int64GetDatum(value));
            ++count;
        }
        TupleTableSlot* slot = table_slot_create(relation, nullptr);
        // No MVCC snapshot: such a one leaves no predicate locks.
        IndexScanDesc scan = index_beginscan_compat(relation, index, SnapshotSelf, count, 0);
        index_rescan(scan, keys, count, nullptr, 0);
        bool found = index_getnext_slot(scan, BackwardScanDirection, slot);
        if (found) {
            std::size_t i = 0;
            for (const char* column : columns) {
                AttrNumber number = get_attnum(oid, column);
                bool null = true;
                Datum value = slot_getattr(slot, number, &null);
                if (null) elog(ERROR, "recon: column \"%s\" is null", column);
                Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(relation), number - 1);
                values[i++] = datumCopy(value, attribute->attbyval, attribute->attlen);
            }
        }
        index_endscan(scan);
        ExecDropSingleTupleTableSlot(slot);
        index_close(index, AccessShareLock);
        table_close(relation, AccessShareLock);
        return found;
    });
}

}  // namespace recon::pg
