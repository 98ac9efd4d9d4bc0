// add_member, remove_member, set_user, set_holidays.
#include "access/audit.hpp"
#include "access/membership.hpp"
#include "pg/jsonb.hpp"
#include "pg/owner.hpp"

using namespace recon;
using access::Level;

namespace {

std::string member_json(const std::string& member, const std::string& role) {
    return "{\"member\": " + json::quote(member) + ", \"member_role\": " + json::quote(role) + "}";
}

// With its days; null where it has none.
std::string calendar_json(pg::Spi& spi, const std::string& calendar) {
    return spi
        .query(
            "SELECT jsonb_build_object('calendar', $1, 'days', jsonb_agg(day ORDER BY day))::text "
            "FROM recon.holidays WHERE calendar = $1",
            {pg::text(calendar)})
        .text(0, 0);
}

// An owner whose role was dropped is none.
void check_owner_left(pg::Spi& spi, std::int64_t project_id) {
    pg::Rows left = spi.query(
        "SELECT 1 FROM recon.project_members m JOIN pg_authid a ON a.oid = m.member "
        "WHERE m.project_id = $1 AND m.member_role = 'owner' LIMIT 1",
        {pg::bigint(project_id)});
    if (left.empty())
        throw Error("55000", "the last owner of a project cannot be removed", {},
                    "Make another role owner first, or drop the project.");
}

}  // namespace

RECON_FUNCTION(recon_add_member) {
    pg::Arguments args(fcinfo);
    std::int64_t project_id = args.bigint(0, "project_id");
    std::string member = args.name(1, "member");
    std::string role = args.text(2, "member_role");
    if (!access::parse_level(role))
        throw Error(sqlstate::invalid_parameter_value, "unrecognized member role \"" + role + "\"",
                    {}, "Member roles are viewer, reviewer, operator and owner.");
    Oid user = GetUserId();
    pg::OwnerScope owner;
    pg::Spi spi;
    access::lock_for_owner(spi, project_id, user);
    Oid member_oid = pg::role_oid(member);
    std::int64_t user_id = access::ensure_user(spi, member_oid);
    pg::Rows known = spi.query(
        "SELECT member_role FROM recon.project_members WHERE project_id = $1 AND member = "
        "$2::regrole",
        {pg::bigint(project_id), pg::oid(member_oid)});
    std::optional<std::string> before;
    if (!known.empty()) before = member_json(member, known.text(0, 0));
    std::string user_name = pg::role_name(user);
    spi.execute(
        "INSERT INTO recon.project_members (project_id, member, member_role, user_id, added_by) "
        "VALUES ($1, $2::regrole, $3, $4, $5::name) "
        "ON CONFLICT (project_id, member) DO UPDATE SET member_role = excluded.member_role",
        {pg::bigint(project_id), pg::oid(member_oid), pg::text(role), pg::bigint(user_id),
         pg::text(user_name)});
    check_owner_left(spi, project_id);
    access::audit(spi, user, project_id, known.empty() ? "add" : "alter", "member", user_id, before,
                  member_json(member, role));
    PG_RETURN_VOID();
}

RECON_FUNCTION(recon_remove_member) {
    pg::Arguments args(fcinfo);
    std::int64_t project_id = args.bigint(0, "project_id");
    std::string member = args.name(1, "member");
    Oid user = GetUserId();
    pg::OwnerScope owner;
    pg::Spi spi;
    access::lock_for_owner(spi, project_id, user);
    // A role that was dropped is known by the name that it had.
    pg::Rows removed = spi.query(
        "DELETE FROM recon.project_members m USING recon.users u WHERE m.project_id = $1 AND "
        "u.user_id = m.user_id "
        "AND (m.member = $2::regrole OR (u.role_name = $3::name "
        "AND NOT EXISTS (SELECT 1 FROM pg_authid a WHERE a.oid = m.member))) RETURNING "
        "m.member_role, m.user_id",
        {pg::bigint(project_id), pg::oid(pg::find_role(member)), pg::text(member)});
    if (removed.empty())
        throw Error("42704", "role \"" + member + "\" is not a member of project " +
                                 std::to_string(project_id));
    check_owner_left(spi, project_id);
    access::audit(spi, user, project_id, "remove", "member", removed.bigint(0, 1),
                  member_json(member, removed.text(0, 0)), std::nullopt);
    PG_RETURN_VOID();
}

RECON_FUNCTION(recon_set_user) {
    pg::Arguments args(fcinfo);
    std::optional<std::string> display_name = args.optional_text(0), email = args.optional_text(1);
    Oid user = GetUserId();
    pg::OwnerScope owner;
    pg::Spi spi;
    std::int64_t user_id = access::ensure_user(spi, user);
    pg::Rows changed = spi.query(
        "WITH before AS (SELECT to_jsonb(b)::text AS known FROM recon.users b WHERE user_id = $1) "
        "UPDATE recon.users u SET display_name = $2, email = $3 FROM before WHERE user_id = $1 "
        "RETURNING before.known, to_jsonb(u)::text",
        {pg::bigint(user_id), pg::text(display_name), pg::text(email)});
    access::audit(spi, user, 0, "alter", "user", user_id, changed.text(0, 0), changed.text(0, 1));
    PG_RETURN_VOID();
}

RECON_FUNCTION(recon_find_user) {
    std::string email = pg::Arguments(fcinfo).text(0, "email");
    Oid user = GetUserId();
    pg::ResultSet result(fcinfo);
    pg::OwnerScope owner;
    pg::Spi spi(pg::Spi::read_only);
    constexpr int columns = 7;
    pg::Rows found = spi.query(
        "SELECT user_id, role, role_name, display_name, email, active, created_at FROM recon.users "
        "WHERE lower(email) = lower($1) AND active ORDER BY user_id",
        {pg::text(email)});
    if (found.empty()) return 0;
    std::vector<std::int64_t> visible;
    bool all = pg::is_superuser(user);
    if (!all) visible = access::visible_users(spi, user);
    for (std::uint64_t row = 0; row < found.size(); ++row) {
        if (!all &&
            std::find(visible.begin(), visible.end(), found.bigint(row, 0)) == visible.end())
            continue;
        std::array<pg::Value, columns> values;
        for (int i = 0; i < columns; ++i)
            if (!found.is_null(row, i))
                values[static_cast<std::size_t>(i)] = pg::Value::raw(found.datum(row, i));
        result.add(values);
    }
    return 0;
}

RECON_FUNCTION(recon_set_holidays) {
    pg::Arguments args(fcinfo);
    std::string calendar = args.text(0, "calendar");
    if (calendar.empty())
        throw Error(sqlstate::invalid_parameter_value, "calendar name must not be empty");
    if (args.is_null(1)) throw Error("22004", "argument \"days\" must not be null");
    // The caller may have been granted EXECUTE; that grant is the check.
    Oid user = GetUserId();
    std::vector<std::int64_t> days;
    ArrayType* array = pg::call([&] { return DatumGetArrayTypeP(args.datum(1)); });
    Datum* items = nullptr;
    bool* nulls = nullptr;
    int count = 0;
    pg::call(
        [&] { deconstruct_array(array, DATEOID, 4, true, TYPALIGN_INT, &items, &nulls, &count); });
    for (int i = 0; i < count; ++i) {
        if (nulls[i]) throw Error("22004", "days must not contain nulls");
        DateADT day = DatumGetDateADT(items[i]);
        if (DATE_NOT_FINITE(day))
            throw Error(sqlstate::datetime_field_overflow, "days must be finite");
        days.push_back(day);
    }
    pg::OwnerScope owner;
    pg::Spi spi;
    // Two calls at once must not leave the days of both.
    spi.execute("LOCK TABLE recon.holidays IN SHARE ROW EXCLUSIVE MODE");
    std::string before = calendar_json(spi, calendar);
    spi.execute("DELETE FROM recon.holidays WHERE calendar = $1", {pg::text(calendar)});
    std::uint64_t kept = spi.execute(
        "INSERT INTO recon.holidays (calendar, day) "
        "SELECT DISTINCT $1, date '2000-01-01' + d::integer FROM unnest($2) d",
        {pg::text(calendar), pg::bigints(days)});
    access::audit(spi, user, 0, "set", "holidays", std::nullopt, before,
                  calendar_json(spi, calendar));
    return Int64GetDatum(static_cast<std::int64_t>(kept));
}
