// assign_exception, set_exception_status and comment_exception, of one open record or of many.
#include "access/audit.hpp"
#include "match/open_records.hpp"
#include "pg/owner.hpp"
#include "pg/plan_scope.hpp"
#include "review/review.hpp"

using namespace recon;

namespace {

using Ids = std::vector<std::int64_t>;

constexpr const char* statuses[] = {"open", "investigating", "accepted", "written_off"};

// A change of some cases: what is not given stays as it is.
struct Change {
    const char* action = "";  // in the audit trail
    std::optional<std::string> status{};
    bool assigns = false;
    Oid assignee = InvalidOid;              // none: nobody
    std::optional<std::int64_t> due_day{};  // since 2000-01-01
    std::optional<std::string> note{};

    bool sets_aside() const { return status == "accepted" || status == "written_off"; }
};

// For whoever holds the project's lock: the record that is not open.
constexpr char matched_sql[] =
    "SELECT r.record_id FROM recon.records r WHERE r.project_id = $1 AND r.record_id = ANY ($2) "
    "AND r.record_id NOT IN (SELECT o.record_id FROM recon.open_singles o WHERE o.project_id = $1 "
    "AND o.record_id = ANY ($2)) AND NOT EXISTS (SELECT FROM recon.open_ranges g WHERE "
    "g.project_id = $1 AND g.source_id = r.source_id AND r.record_id BETWEEN g.first_id AND "
    "g.last_id) ORDER BY r.record_id LIMIT 1";

#define RECON_CASE(alias)                                                  \
    "jsonb_build_object('status', " alias ".status, 'assigned_to', " alias \
    ".assigned_to::text, 'due_date', " alias ".due_date, 'note', " alias ".note)"

// A case is made by its first change. Only what differs is a change.
constexpr char change_sql[] =
    "old AS (SELECT r.record_id, coalesce(c.status, 'open') AS status, c.assigned_to, c.due_date, "
    "c.note, c.record_id IS NOT NULL AS known FROM recon.records r LEFT JOIN "
    "recon.exception_cases c ON c.project_id = r.project_id AND c.record_id = r.record_id WHERE "
    "r.project_id = $1 AND r.record_id = ANY ($2)), "
    "wanted AS (SELECT o.record_id, coalesce($3, o.status) AS status, CASE WHEN $4 THEN "
    "nullif($5, 0)::regrole ELSE o.assigned_to END AS assigned_to, coalesce(date '2000-01-01' + "
    "$6::integer, o.due_date) AS due_date, coalesce($7, o.note) AS note FROM old o), "
    "changed AS (INSERT INTO recon.exception_cases AS c (record_id, project_id, status, "
    "assigned_to, due_date, note, changed_by, changed_at) SELECT w.record_id, $1, w.status, "
    "w.assigned_to, w.due_date, w.note, $8::name, clock_timestamp() FROM wanted w JOIN old o ON "
    "o.record_id = w.record_id WHERE (w.status, w.assigned_to, w.due_date, w.note) IS DISTINCT "
    "FROM (o.status, o.assigned_to, o.due_date, o.note) ON CONFLICT (record_id, project_id) DO "
    "UPDATE SET status = excluded.status, assigned_to = excluded.assigned_to, due_date = "
    "excluded.due_date, note = excluded.note, changed_by = excluded.changed_by, changed_at = "
    "excluded.changed_at RETURNING c.*), "
    "entries AS (SELECT c.changed_at AS at, c.record_id AS resource_id, CASE WHEN o.known THEN "
    RECON_CASE("o") " END AS before, " RECON_CASE("c") " AS after FROM changed c JOIN old o ON "
    "o.record_id = c.record_id)";

// Only single rows are set aside: what stands in a range is taken out of it.
void set_aside(pg::Spi& spi, std::int64_t project_id, const Ids& ids) {
    Ids in_ranges;
    pg::Rows rows = spi.query(
        "SELECT record_id FROM recon.records WHERE project_id = $1 AND record_id = ANY ($2) AND "
        "record_id NOT IN (SELECT record_id FROM recon.open_singles WHERE project_id = $1 AND "
        "record_id = ANY ($2))",
        {pg::bigint(project_id), pg::bigints(ids)});
    for (std::uint64_t i = 0; i < rows.size(); ++i) in_ranges.push_back(rows.bigint(i, 0));
    spi.free(rows);
    if (!in_ranges.empty()) {
        match::take_open(spi, project_id, in_ranges);
        spi.execute(
            "INSERT INTO recon.open_singles (record_id, project_id, source_id) SELECT r.record_id, "
            "r.project_id, r.source_id FROM recon.records r WHERE r.project_id = $1 AND "
            "r.record_id = ANY ($2)",
            {pg::bigint(project_id), pg::bigints(in_ranges)});
    }
    spi.execute(
        "UPDATE recon.open_singles SET set_aside = true WHERE project_id = $1 AND record_id = ANY "
        "($2) AND set_aside IS NOT TRUE",
        {pg::bigint(project_id), pg::bigints(ids)});
}

void check_amounts(pg::Spi& spi, std::int64_t project_id, const Ids& ids) {
    pg::Rows rows = spi.query(
        "SELECT r.record_id, r.amount::text FROM recon.records r LEFT JOIN recon.exception_cases "
        "c ON c.project_id = r.project_id AND c.record_id = r.record_id WHERE r.project_id = $1 "
        "AND r.record_id = ANY ($2) AND c.status IS DISTINCT FROM 'written_off' ORDER BY r.amount "
        "IS NOT NULL, abs(r.amount) DESC, r.record_id LIMIT 1",
        {pg::bigint(project_id), pg::bigints(ids)});
    if (rows.empty()) return;
    std::string what = "record " + rows.text(0, 0);
    if (rows.is_null(0, 1))
        throw Error("55000", what + " cannot be written off", "It has no amount.");
    review::check_write_off_limit(spi, rows.text(0, 1), "the amount of " + what);
}

// Locks the project and sees that all of the records in it are open.
void begin(pg::Spi& spi, std::int64_t project_id, const Ids& ids, Oid user) {
    review::lock_project(spi, project_id, user);
    pg::Rows matched = spi.query(matched_sql, {pg::bigint(project_id), pg::bigints(ids)});
    if (!matched.empty()) review::refuse_not_open(spi, project_id, matched.bigint(0, 0));
}

void check_assignee(std::int64_t project_id, const std::string& name, Oid assignee) {
    if (access::level_of(project_id, assignee) < access::Level::reviewer)
        throw Error(sqlstate::invalid_parameter_value,
                    "role \"" + name + "\" cannot clear exceptions of project " +
                        std::to_string(project_id),
                    "It is no reviewer, operator or owner of the project.",
                    "Make it one with recon.add_member.");
}

// How many cases changed. One project after the other, always in the same order.
std::int64_t apply(const Ids& ids, const Change& change,
                   const std::optional<std::string>& assignee) {
    Oid user = GetUserId();
    pg::OwnerScope owner;
    pg::PlanScope plan = pg::PlanScope::by_ids(ids.size());
    pg::Spi spi;
    std::string user_name = pg::role_name(user);
    std::int64_t count = 0;
    for (std::int64_t project_id : review::find_projects(spi, review::Kind::record, ids, user)) {
        begin(spi, project_id, ids, user);
        if (assignee) check_assignee(project_id, *assignee, change.assignee);
        if (change.status == "written_off") check_amounts(spi, project_id, ids);
        pg::Rows changed = access::audit_all(
            spi, user, project_id, change.action, "exception", change_sql,
            "SELECT coalesce(array_agg(record_id), '{}') FROM changed",
            {pg::bigint(project_id), pg::bigints(ids), pg::text(change.status),
             pg::boolean(change.assigns), pg::oid(change.assignee), pg::bigint(change.due_day),
             pg::text(change.note), pg::text(user_name)});
        Ids records = pg::read_bigints(changed.datum(0, 0), "records");
        count += static_cast<std::int64_t>(records.size());
        if (records.empty() || !change.status) continue;
        if (change.sets_aside())
            set_aside(spi, project_id, records);
        else
            spi.execute(
                "UPDATE recon.open_singles SET set_aside = NULL WHERE project_id = $1 AND "
                "record_id = ANY ($2) AND set_aside",
                {pg::bigint(project_id), pg::bigints(records)});
    }
    return count;
}

std::int64_t assign(const pg::Arguments& args, const Ids& ids) {
    Change change;
    change.action = "assign";
    change.assigns = true;
    std::optional<std::string> assignee;
    if (!args.is_null(1)) {
        assignee = args.name(1, "assignee");
        change.assignee = pg::role_oid(*assignee);
    }
    change.note = args.optional_text(2);
    if (!args.is_null(3)) {
        DateADT day = DatumGetDateADT(args.datum(3));
        if (DATE_NOT_FINITE(day))
            throw Error(sqlstate::datetime_field_overflow, "due date must be finite");
        change.due_day = day;
    }
    return apply(ids, change, assignee);
}

std::int64_t set_status(const pg::Arguments& args, const Ids& ids) {
    Change change;
    change.action = "set status";
    change.status = args.text(1, "status");
    if (std::find(std::begin(statuses), std::end(statuses), *change.status) == std::end(statuses))
        throw Error(sqlstate::invalid_parameter_value,
                    "unrecognized exception status \"" + *change.status + "\"", {},
                    "Statuses are open, investigating, accepted and written_off.");
    change.note = args.optional_text(2);
    return apply(ids, change, std::nullopt);
}

// The same words by the same role, once more, are what a client sends that heard no answer.
constexpr char comment_sql[] =
    "new AS (SELECT r.record_id FROM recon.records r WHERE r.project_id = $1 AND r.record_id = ANY "
    "($2) AND NOT EXISTS (SELECT FROM (SELECT m.author, m.comment FROM recon.exception_comments m "
    "WHERE m.project_id = $1 AND m.record_id = r.record_id ORDER BY m.comment_id DESC LIMIT 1) l "
    "WHERE l.author = $4::name AND l.comment = $3)), "
    "counted AS (INSERT INTO recon.exception_cases AS c (record_id, project_id, comments, "
    "last_comment_at, changed_by, changed_at) SELECT n.record_id, $1, 1, t.now, $4::name, t.now "
    "FROM new n, clock_timestamp() t(now) ON CONFLICT (record_id, project_id) DO UPDATE SET "
    "comments = c.comments + 1, last_comment_at = excluded.last_comment_at RETURNING c.record_id, "
    "c.last_comment_at), "
    "added AS (INSERT INTO recon.exception_comments (project_id, record_id, author, at, comment) "
    "SELECT $1, c.record_id, $4::name, c.last_comment_at, $3 FROM counted c ORDER BY c.record_id "
    "RETURNING comment_id, record_id, at), "
    "entries AS (SELECT a.at, a.record_id AS resource_id, NULL::jsonb AS before, "
    "jsonb_build_object('comment_id', a.comment_id, 'comment', $3) AS after FROM added a)";

std::int64_t comment(const pg::Arguments& args, const Ids& ids) {
    std::string text = args.text(1, "comment");
    if (text.empty()) throw Error(sqlstate::invalid_parameter_value, "comment must not be empty");
    Oid user = GetUserId();
    pg::OwnerScope owner;
    pg::Spi spi;
    std::string user_name = pg::role_name(user);
    std::int64_t count = 0;
    for (std::int64_t project_id : review::find_projects(spi, review::Kind::record, ids, user)) {
        begin(spi, project_id, ids, user);
        count += access::audit_all(spi, user, project_id, "comment", "exception", comment_sql,
                                   "SELECT count(*) FROM added",
                                   {pg::bigint(project_id), pg::bigints(ids),
                                    pg::text(std::string_view(text)), pg::text(user_name)})
                     .bigint(0, 0);
    }
    return count;
}

using Action = std::int64_t (*)(const pg::Arguments& args, const Ids& ids);

Datum of_one(FunctionCallInfo fcinfo, Action action) {
    pg::Arguments args(fcinfo);
    return BoolGetDatum(action(args, {args.bigint(0, "record_id")}) > 0);
}

Datum of_many(FunctionCallInfo fcinfo, Action action) {
    pg::Arguments args(fcinfo);
    return Int64GetDatum(action(args, args.bigints(0, "record_ids")));
}

}  // namespace

RECON_FUNCTION(recon_assign_exception) {
    return of_one(fcinfo, assign);
}

RECON_FUNCTION(recon_assign_exceptions) {
    return of_many(fcinfo, assign);
}

RECON_FUNCTION(recon_set_exception_status) {
    return of_one(fcinfo, set_status);
}

RECON_FUNCTION(recon_set_exceptions_status) {
    return of_many(fcinfo, set_status);
}

RECON_FUNCTION(recon_comment_exception) {
    return of_one(fcinfo, comment);
}

RECON_FUNCTION(recon_comment_exceptions) {
    return of_many(fcinfo, comment);
}
