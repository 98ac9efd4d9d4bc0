#include "access/members_table.hpp"

#include "pg/table.hpp"

extern "C" {
#include "catalog/pg_index.h"
}

namespace recon::access {

namespace {

// Inside call(): whether the index can be used whatever the snapshot.
bool is_usable(Oid index, AttrNumber column) {
    HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
    if (!HeapTupleIsValid(tuple)) return false;
    auto form = reinterpret_cast<Form_pg_index>(GETSTRUCT(tuple));
    bool usable = form->indisvalid && !form->indcheckxmin && form->indkey.values[0] == column &&
                  heap_attisnull(tuple, Anum_pg_index_indpred, nullptr);
    ReleaseSysCache(tuple);
    return usable;
}

}  // namespace

const MembersTable& members_table() {
    static MembersTable members{};
    static std::uint64_t learned_at = 0;
    std::uint64_t changes = pg::table_changes();
    if (OidIsValid(members.table) && learned_at == changes) return members;
    members.table = InvalidOid;
    Oid table = pg::table_oid("project_members");
    pg::call([&] {
        Oid schema = get_rel_namespace(table);
        members.index = get_relname_relid("project_members_pkey", schema);
        members.project = get_attnum(table, "project_id");
        members.member = get_attnum(table, "member");
        members.role = get_attnum(table, "member_role");
        Oid by_member = get_relname_relid("idx_project_members_member", schema);
        members.by_member =
            OidIsValid(by_member) && is_usable(by_member, members.member) ? by_member : InvalidOid;
    });
    members.table = table;
    learned_at = changes;
    return members;
}

}  // namespace recon::access
