// The projects of the current user, for the policies: where a query does not say which project it
// is about, an index finds the rows of these.
#include "access/members_table.hpp"
#include "pg/id_set_support.hpp"
#include "pg/moment.hpp"
#include "pg/owner.hpp"
#include "pg/spi.hpp"
#include "pg/table.hpp"

extern "C" {
#include "access/stratnum.h"
}

using namespace recon;

namespace {

using Ids = std::vector<std::int64_t>;

// Calls each(project, member) for the rows of a member, or where there is no index for all rows.
// Runs inside call().
template <class F>
void for_rows(const access::MembersTable& members, Oid role, Snapshot snapshot, F&& each) {
    Relation relation = pg::open_table(members.table, AccessShareLock);
    ScanKeyData key;
    ScanKeyInit(&key, members.member, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(role));
    bool indexed = OidIsValid(members.by_member);
    SysScanDesc scan =
        systable_beginscan(relation, members.by_member, indexed, snapshot, indexed ? 1 : 0, &key);
    for (HeapTuple tuple; HeapTupleIsValid(tuple = systable_getnext(scan));) {
        bool null = false;
        TupleDesc description = RelationGetDescr(relation);
        Oid found = DatumGetObjectId(heap_getattr(tuple, members.member, description, &null));
        each(DatumGetInt64(heap_getattr(tuple, members.project, description, &null)), found);
    }
    systable_endscan(scan);
    table_close(relation, AccessShareLock);
}

// Ascending, each once. Each role's rows are counted before they are read: where they go to must be
// there.
Ids find_projects(Oid user, Snapshot snapshot) {
    const access::MembersTable& members = access::members_table();
    const std::vector<Oid> roles =
        OidIsValid(members.by_member) ? pg::privileged_roles(user) : std::vector<Oid>{InvalidOid};
    Ids ids;
    for (Oid role : roles) {
        std::size_t count = pg::call([&] {
            std::size_t rows = 0;
            for_rows(members, role, snapshot, [&](std::int64_t, Oid member) {
                if (has_privs_of_role(user, member)) ++rows;
            });
            return rows;
        });
        if (count == 0) continue;
        std::size_t at = ids.size(), end = at + count;
        ids.resize(end);
        pg::call([&] {
            for_rows(members, role, snapshot, [&](std::int64_t project, Oid member) {
                if (at < end && has_privs_of_role(user, member)) ids[at++] = project;
            });
        });
        ids.resize(at);
    }
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return ids;
}

// As the calling query's snapshot has them: found once, for all tables of a query, and for its
// plan.
const Ids& own_projects() {
    static pg::Moment moment;
    static Ids ids;
    pg::Moment now = pg::Moment::now();
    if (moment == now) return ids;
    moment = {};
    ids = find_projects(now.user, GetActiveSnapshot());
    moment = now;
    return ids;
}

// At the time of planning.
std::optional<std::size_t> count_own_projects() {
    if (pg::is_superuser(GetUserId())) return std::nullopt;
    if (ActiveSnapshotSet()) return own_projects().size();
    return std::size_t{1};
}

}  // namespace

RECON_FUNCTION(recon_member_projects) {
    Ids ids;
    if (pg::is_superuser(GetUserId())) {
        pg::OwnerScope owner;
        pg::Spi spi(pg::Spi::read_only);
        pg::Rows rows = spi.query("SELECT project_id FROM recon.projects ORDER BY 1");
        for (std::uint64_t i = 0; i < rows.size(); ++i) ids.push_back(rows.bigint(i, 0));
    } else {
        ids = own_projects();
    }
    return pg::make_bigints(ids);
}

RECON_FUNCTION(recon_is_member_support) {
    return pg::support_id_set(fcinfo, {"member_projects", count_own_projects});
}
