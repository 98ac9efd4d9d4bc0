#include "access/membership.hpp"

#include "access/members_table.hpp"
#include "memo/marks.hpp"
#include "memo/memo.hpp"
#include "pg/full_xid.hpp"
#include "pg/moment.hpp"
#include "pg/owner.hpp"
#include "pg/table.hpp"

extern "C" {
#include "access/stratnum.h"
#include "access/xlog.h"
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

// Calls each(member, level) for the members of a project. Runs inside call().
template <class F>
void for_members(const MembersTable& members, std::int64_t project_id, Snapshot snapshot,
                 F&& each) {
    Relation relation = pg::open_table(members.table, AccessShareLock);
    ScanKeyData key;
    ScanKeyInit(&key, members.project, BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(project_id));
    SysScanDesc scan =
        systable_beginscan(relation, members.index, OidIsValid(members.index), snapshot, 1, &key);
    for (HeapTuple tuple; HeapTupleIsValid(tuple = systable_getnext(scan));) {
        bool null = false;
        Oid member = DatumGetObjectId(
            heap_getattr(tuple, members.member, RelationGetDescr(relation), &null));
        text* role =
            DatumGetTextPP(heap_getattr(tuple, members.role, RelationGetDescr(relation), &null));
        std::string_view name(VARDATA_ANY(role), VARSIZE_ANY_EXHDR(role));
        for (const LevelName& known : level_names)
            if (name == known.name) each(member, known.level);
    }
    systable_endscan(scan);
    table_close(relation, AccessShareLock);
}

// Runs inside call().
Level scan_members(const MembersTable& members, std::int64_t project_id, Oid user,
                   Snapshot snapshot) {
    Level highest = Level::none;
    for_members(members, project_id, snapshot, [&](Oid member, Level level) {
        if (level > highest && has_privs_of_role(user, member)) highest = level;
    });
    return highest;
}

// The members of some projects, as this backend has seen them last: they are the members now, while
// the memo knows of no later change. Which roles have the privileges of a member is asked each
// time.
struct Remembered {
    static constexpr std::size_t most = 32;
    std::int64_t project_id = 0;
    Oid table = InvalidOid;  // of this extension: another one of the name is another one
    memo::Version version;
    bool known = false;
    std::size_t count = 0;
    struct {
        Oid role;
        Level level;
    } members[most];
};

bool load_members(Remembered& remembered, const MembersTable& table, std::int64_t project_id,
                  memo::slots::Place place) {
    remembered.known = false;
    remembered.project_id = project_id;
    remembered.table = table.table;
    remembered.count = 0;
    bool too_many = false;
    std::optional<memo::Version> version;
    pg::call([&] { PushActiveSnapshot(GetLatestSnapshot()); });
    std::optional<pg::ActiveSnapshot> latest = pg::ActiveSnapshot::find();
    if (latest) version = memo::version_in(*latest, place);
    pg::call([&] {
        for_members(table, project_id, GetActiveSnapshot(), [&](Oid role, Level level) {
            if (remembered.count == Remembered::most)
                too_many = true;
            else
                remembered.members[remembered.count++] = {role, level};
        });
        PopActiveSnapshot();
    });
    if (version) remembered.version = *version;
    remembered.known = version && !too_many;
    return remembered.known;
}

// None where they must be looked up. Without a snapshot: what is of the version that was armed last
// is what is committed now.
std::optional<Level> remembered_level(std::int64_t project_id, Oid user) {
    if (!memo::slots::available() || RecoveryInProgress()) return std::nullopt;
    memo::slots::Place place = memo::slots::place_of({memo::Kind::members, project_id});
    if (memo::is_marked(place)) return std::nullopt;
    constexpr std::size_t kept = 16;
    static std::array<Remembered, kept> projects;
    Remembered& remembered = projects[static_cast<std::uint64_t>(project_id) % kept];
    const MembersTable& table = members_table();
    memo::Writers writers;
    if (!memo::slots::read(place, writers)) return std::nullopt;
    if (!remembered.known || remembered.project_id != project_id ||
        remembered.table != table.table || remembered.version != memo::Version{writers.last}) {
        if (!load_members(remembered, table, project_id, place)) return std::nullopt;
    }
    return pg::call([&] {
        Level highest = Level::none;
        for (std::size_t i = 0; i < remembered.count; ++i)
            if (remembered.members[i].level > highest &&
                has_privs_of_role(user, remembered.members[i].role))
                highest = remembered.members[i].level;
        return highest;
    });
}

using pg::Moment;

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
    if (pg::call([&] { return superuser_arg(user); })) return Level::owner;
    if (std::optional<Level> level = remembered_level(project_id, user)) return *level;
    MembersTable members = members_table();
    return pg::call([&] {
        Snapshot latest = RegisterSnapshot(GetLatestSnapshot());
        Level level = scan_members(members, project_id, user, latest);
        UnregisterSnapshot(latest);
        return level;
    });
}

std::vector<std::int64_t> visible_users(pg::Spi& spi, Oid role) {
    pg::Rows users = spi.query(
        "SELECT user_id FROM recon.users WHERE pg_has_role($1, role, 'USAGE') "
        "UNION SELECT fellow.user_id FROM recon.project_members own "
        "JOIN recon.project_members fellow ON fellow.project_id = own.project_id "
        "WHERE pg_has_role($1, own.member, 'USAGE')",
        {pg::oid(role)});
    std::vector<std::int64_t> ids;
    for (std::uint64_t i = 0; i < users.size(); ++i) ids.push_back(users.bigint(i, 0));
    return ids;
}

void project_is_missing(std::int64_t project_id) {
    throw Error("42704", "project " + std::to_string(project_id) + " does not exist");
}

void require(pg::Spi& spi, std::int64_t project_id, Oid user, Level level) {
    static pg::Prepared project_name("SELECT name FROM recon.projects WHERE project_id = $1");
    Level held = level_of(project_id, user);
    pg::Rows project;
    if (held != Level::none) project = spi.query(project_name, {pg::bigint(project_id)});
    if (held == Level::none || project.empty()) project_is_missing(project_id);
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

namespace {

std::optional<field::Day> closed_in(const pg::Rows& project, int column) {
    if (project.is_null(0, column)) return std::nullopt;
    return static_cast<field::Day>(project.bigint(0, column));
}

// Whatever an older snapshot shows: the lock that is held keeps it so.
std::optional<field::Day> closed_now(std::int64_t project_id) {
    pg::call([] { PushActiveSnapshot(GetLatestSnapshot()); });
    pg::Spi spi(pg::Spi::read_only);
    pg::Rows project = spi.query(
        "SELECT (closed_until - date '2000-01-01')::bigint FROM recon.projects WHERE project_id = "
        "$1",
        {pg::bigint(project_id)});
    if (project.empty()) project_is_missing(project_id);
    std::optional<field::Day> closed_until = closed_in(project, 0);
    pg::call([] { PopActiveSnapshot(); });
    return closed_until;
}

}  // namespace

void enter_project(std::int64_t project_id) {
    pg::lock_object(pg::table_oid("projects"), project_id, pg::ObjectLock::shared);
}

void enter_project_alone(std::int64_t project_id) {
    pg::lock_object(pg::table_oid("projects"), project_id);
}

std::optional<field::Day> lock_active(pg::Spi& spi, std::int64_t project_id, Oid user,
                                      Level level) {
    static pg::Prepared statement(
        "SELECT active, name, (closed_until - date '2000-01-01')::bigint FROM recon.projects "
        "WHERE project_id = $1 FOR KEY SHARE");
    enter_project(project_id);
    pg::Rows project = spi.query(statement, {pg::bigint(project_id)});
    require(spi, project_id, user, level);
    if (project.empty()) project_is_missing(project_id);
    if (!project.boolean(0, 0))
        throw Error("55000", "project \"" + project.text(0, 1) + "\" is archived", {},
                    "Set its status to \"active\" with recon.alter_project.");
    std::optional<field::Day> closed_until = closed_in(project, 2);
    if (pg::has_fixed_snapshot() && closed_now(project_id) != closed_until)
        throw Error("40001", "could not serialize access due to concurrent update",
                    "A period of project \"" + project.text(0, 1) +
                        "\" was closed or reopened since the transaction began.");
    return closed_until;
}

void lock_for_owner(pg::Spi& spi, std::int64_t project_id, Oid user) {
    require(spi, project_id, user, Level::owner);
    enter_project(project_id);
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
        pg::Moment moment;
        HTAB* ids;
    };
    auto* visible = static_cast<Visible*>(fcinfo->flinfo->fn_extra);
    pg::Moment moment = pg::Moment::now();
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
        for (std::int64_t id : access::visible_users(spi, moment.user))
            pg::call([&] { hash_search(visible->ids, &id, HASH_ENTER, nullptr); });
        fcinfo->flinfo->fn_extra = visible;
    }
    std::int64_t id = DatumGetInt64(fcinfo->args[0].value);
    return BoolGetDatum(pg::call([&] {
        bool found = false;
        hash_search(visible->ids, &id, HASH_FIND, &found);
        return found;
    }));
}
