#include "access/membership.hpp"

#include "pg/owner.hpp"
#include "pg/table.hpp"

extern "C" {
#include "access/stratnum.h"
}

namespace recon::access {

namespace {

struct LevelName {
    Level level;
    const char* name;
};
constexpr LevelName level_names[] = {{Level::viewer, "viewer"},
                                     {Level::reviewer, "reviewer"},
                                     {Level::worker, "operator"},
                                     {Level::owner, "owner"}};

struct MembersTable {
    Oid table, index;
    AttrNumber project, member, role;
};

// Runs inside call().
Level scan_members(const MembersTable& members, std::int64_t project_id, Oid user,
                   Snapshot snapshot) {
    Relation relation = pg::open_table(members.table, AccessShareLock);
    ScanKeyData key;
    ScanKeyInit(&key, members.project, BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(project_id));
    SysScanDesc scan =
        systable_beginscan(relation, members.index, OidIsValid(members.index), snapshot, 1, &key);
    Level highest = Level::none;
    for (HeapTuple tuple; HeapTupleIsValid(tuple = systable_getnext(scan));) {
        bool null = false;
        Oid member = DatumGetObjectId(
            heap_getattr(tuple, members.member, RelationGetDescr(relation), &null));
        if (!has_privs_of_role(user, member)) continue;
        text* role =
            DatumGetTextPP(heap_getattr(tuple, members.role, RelationGetDescr(relation), &null));
        std::string_view name(VARDATA_ANY(role), VARSIZE_ANY_EXHDR(role));
        for (const LevelName& known : level_names)
            if (name == known.name) highest = std::max(highest, known.level);
    }
    systable_endscan(scan);
    table_close(relation, AccessShareLock);
    return highest;
}

MembersTable members_table() {
    MembersTable members{};
    members.table = pg::table_oid("project_members");
    pg::call([&] {
        members.index = get_relname_relid("project_members_pkey", get_rel_namespace(members.table));
        members.project = get_attnum(members.table, "project_id");
        members.member = get_attnum(members.table, "member");
        members.role = get_attnum(members.table, "member_role");
    });
    return members;
}

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

// What recon.is_member has learned in one statement; lives with the call site's FmgrInfo.
struct Learned {
    Moment moment;
    bool any;
    std::int64_t last_project;
    bool last_answer;
    HTAB* answers;
    MembersTable members;
};
struct Answer {
    std::int64_t project_id;
    bool member;
};

Learned* learn(FunctionCallInfo fcinfo) {
    auto* learned = static_cast<Learned*>(fcinfo->flinfo->fn_extra);
    Moment moment = Moment::now();
    if (learned != nullptr && learned->moment == moment) return learned;
    MembersTable members = members_table();
    return pg::call([&] {
        HASHCTL control{};
        control.keysize = sizeof(std::int64_t);
        control.entrysize = sizeof(Answer);
        control.hcxt = fcinfo->flinfo->fn_mcxt;
        if (learned != nullptr) {
            fcinfo->flinfo->fn_extra = nullptr;
            hash_destroy(learned->answers);
            pfree(learned);
        }
        auto* fresh =
            static_cast<Learned*>(MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Learned)));
        fresh->moment = moment;
        fresh->members = members;
        fresh->answers =
            hash_create("recon memberships", 16, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
        fcinfo->flinfo->fn_extra = fresh;
        return fresh;
    });
}

bool is_member(FunctionCallInfo fcinfo, std::int64_t project_id) {
    Learned* learned = learn(fcinfo);
    if (learned->any && learned->last_project == project_id) return learned->last_answer;
    learned->last_answer = pg::call([&] {
        bool found = false;
        auto* answer =
            static_cast<Answer*>(hash_search(learned->answers, &project_id, HASH_FIND, &found));
        if (found) return answer->member;
        bool member = superuser_arg(learned->moment.user) ||
                      scan_members(learned->members, project_id, learned->moment.user,
                                   GetActiveSnapshot()) != Level::none;
        answer =
            static_cast<Answer*>(hash_search(learned->answers, &project_id, HASH_ENTER, &found));
        answer->member = member;
        return member;
    });
    learned->last_project = project_id;
    learned->any = true;
    return learned->last_answer;
}

}  // namespace

const char* level_name(Level level) {
    for (const LevelName& known : level_names)
        if (known.level == level) return known.name;
    return "no member";
}

std::optional<Level> parse_level(std::string_view name) {
    for (const LevelName& known : level_names)
        if (name == known.name) return known.level;
    return std::nullopt;
}

Level level_of(std::int64_t project_id, Oid user) {
    MembersTable members = members_table();
    return pg::call([&] {
        if (superuser_arg(user)) return Level::owner;
        Snapshot latest = RegisterSnapshot(GetLatestSnapshot());
        Level level = scan_members(members, project_id, user, latest);
        UnregisterSnapshot(latest);
        return level;
    });
}

void require(pg::Spi& spi, std::int64_t project_id, Oid user, Level level) {
    static pg::Prepared project_name("SELECT name FROM recon.projects WHERE project_id = $1");
    Level held = level_of(project_id, user);
    pg::Rows project;
    if (held != Level::none) project = spi.query(project_name, {pg::bigint(project_id)});
    if (held == Level::none || project.empty())
        throw Error("42704", "project " + std::to_string(project_id) + " does not exist");
    if (held < level)
        throw Error("42501", "permission denied for project \"" + project.text(0, 0) + "\"",
                    std::string("Role \"") + pg::role_name(user) + "\" is " + level_name(held) +
                        " of the project; " + level_name(level) + " is needed.");
}

std::int64_t require_object(pg::Spi& spi, Object object, std::int64_t id, Oid user, Level level) {
    struct Lookup {
        const char* what;
        pg::Prepared sql;
    };
    static Lookup lookups[] = {
        {"source", pg::Prepared("SELECT project_id FROM recon.data_sources WHERE source_id = $1")},
        {"rule", pg::Prepared("SELECT project_id FROM recon.rules WHERE rule_id = $1")},
        {"job", pg::Prepared("SELECT project_id FROM recon.jobs WHERE job_id = $1")},
        {"match", pg::Prepared("SELECT project_id FROM recon.matches WHERE match_id = $1")},
        {"record", pg::Prepared("SELECT project_id FROM recon.records WHERE record_id = $1")},
        {"ingestion",
         pg::Prepared("SELECT project_id FROM recon.ingestions WHERE ingestion_id = $1")},
        {"upload", pg::Prepared("SELECT project_id FROM recon.uploads WHERE upload_id = $1")},
    };
    Lookup& lookup = lookups[static_cast<int>(object)];
    pg::Rows found = spi.query(lookup.sql, {pg::bigint(id)});
    if (found.empty() || level_of(found.bigint(0, 0), user) == Level::none)
        throw Error("42704",
                    std::string(lookup.what) + " " + std::to_string(id) + " does not exist");
    std::int64_t project_id = found.bigint(0, 0);
    require(spi, project_id, user, level);
    return project_id;
}

void lock_active(pg::Spi& spi, std::int64_t project_id, Oid user, Level level) {
    static pg::Prepared statement(
        "SELECT active, name FROM recon.projects WHERE project_id = $1 FOR KEY SHARE");
    pg::Rows project = spi.query(statement, {pg::bigint(project_id)});
    require(spi, project_id, user, level);
    if (project.empty())
        throw Error("42704", "project " + std::to_string(project_id) + " does not exist");
    if (!project.boolean(0, 0))
        throw Error("55000", "project \"" + project.text(0, 1) + "\" is archived", {},
                    "Set its status to \"active\" with recon.alter_project.");
}

void lock_for_owner(pg::Spi& spi, std::int64_t project_id, Oid user) {
    require(spi, project_id, user, Level::owner);
    spi.execute("UPDATE recon.projects SET updated_at = clock_timestamp() WHERE project_id = $1",
                {pg::bigint(project_id)});
    require(spi, project_id, user, Level::owner);
}

std::int64_t ensure_user(pg::Spi& spi, Oid role) {
    std::string name = pg::role_name(role);
    pg::Rows known = spi.query(
        "SELECT user_id FROM recon.users WHERE role = $1::regrole AND role_name = $2::name",
        {pg::oid(role), pg::text(name)});
    if (known.empty())
        known = spi.query(
            "INSERT INTO recon.users (role, role_name) VALUES ($1::regrole, $2::name) "
            "ON CONFLICT (role) DO UPDATE SET role_name = excluded.role_name RETURNING user_id",
            {pg::oid(role), pg::text(name)});
    return known.bigint(0, 0);
}

}  // namespace recon::access

using namespace recon;

// In policies: no row of a project is shown without it.
RECON_FUNCTION(recon_is_member) {
    return BoolGetDatum(access::is_member(fcinfo, DatumGetInt64(fcinfo->args[0].value)));
}

RECON_FUNCTION(recon_shares_project) {
    struct Visible {
        access::Moment moment;
        HTAB* ids;
    };
    auto* visible = static_cast<Visible*>(fcinfo->flinfo->fn_extra);
    access::Moment moment = access::Moment::now();
    if (visible == nullptr || !(visible->moment == moment)) {
        visible = pg::call([&] {
            if (visible != nullptr) {
                fcinfo->flinfo->fn_extra = nullptr;
                hash_destroy(visible->ids);
                pfree(visible);
            }
            HASHCTL control{};
            control.keysize = control.entrysize = sizeof(std::int64_t);
            control.hcxt = fcinfo->flinfo->fn_mcxt;
            auto* fresh = static_cast<Visible*>(
                MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Visible)));
            fresh->moment = moment;
            fresh->ids = hash_create("recon visible users", 64, &control,
                                     HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
            return fresh;
        });
        pg::OwnerScope owner;
        pg::Spi spi(pg::Spi::read_only);
        pg::Rows users = spi.query(
            "SELECT user_id FROM recon.users WHERE pg_has_role($1, role, 'USAGE') "
            "UNION SELECT fellow.user_id FROM recon.project_members own "
            "JOIN recon.project_members fellow ON fellow.project_id = own.project_id "
            "WHERE pg_has_role($1, own.member, 'USAGE')",
            {pg::oid(moment.user)});
        for (std::uint64_t i = 0; i < users.size(); ++i) {
            std::int64_t id = users.bigint(i, 0);
            pg::call([&] { hash_search(visible->ids, &id, HASH_ENTER, nullptr); });
        }
        fcinfo->flinfo->fn_extra = visible;
    }
    std::int64_t id = DatumGetInt64(fcinfo->args[0].value);
    return BoolGetDatum(pg::call([&] {
        bool found = false;
        hash_search(visible->ids, &id, HASH_FIND, &found);
        return found;
    }));
}
