// create_project, alter_project, drop_project.
#include "access/audit.hpp"
#include "access/membership.hpp"
#include "access/project_settings.hpp"
#include "core/json.hpp"
#include "pg/jsonb.hpp"
#include "pg/owner.hpp"
#include "pg/setting_scope.hpp"

using namespace recon;
using access::Level;

namespace {

constexpr char project_json[] =
    "SELECT (to_jsonb(p) - 'updated_at')::text FROM recon.projects p WHERE project_id = $1";

// In the order in which a project's rows leave the tables.
#define RECON_ROWS(table) "DELETE FROM recon." table " WHERE project_id = $1"

constexpr const char* figures[] = {RECON_ROWS("stats_base"), RECON_ROWS("stats_deltas")};
// What refers to matches and records.
constexpr const char* of_records[] = {
    RECON_ROWS("exception_comments"), RECON_ROWS("exception_cases"), RECON_ROWS("rejections"),
    RECON_ROWS("match_members"),      RECON_ROWS("open_singles"),    RECON_ROWS("missing_records"),
    RECON_ROWS("record_versions")};
constexpr const char* records[] = {RECON_ROWS("matches"), RECON_ROWS("records")};
// Children before parents.
constexpr const char* of_project[] = {RECON_ROWS("job_runs"),
                                      RECON_ROWS("jobs"),
                                      RECON_ROWS("rule_versions"),
                                      RECON_ROWS("rules"),
                                      RECON_ROWS("open_ranges"),
                                      RECON_ROWS("fingerprints"),
                                      RECON_ROWS("fingerprint_runs"),
                                      RECON_ROWS("upload_pages"),
                                      RECON_ROWS("upload_chunks"),
                                      RECON_ROWS("uploads"),
                                      RECON_ROWS("ingest_errors"),
                                      RECON_ROWS("ingestions"),
                                      RECON_ROWS("files"),
                                      RECON_ROWS("data_sources"),
                                      RECON_ROWS("closed_periods"),
                                      RECON_ROWS("project_members"),
                                      RECON_ROWS("projects")};
#undef RECON_ROWS

// Of tables that are not recon's.
constexpr char other_references[] =
    "SELECT FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_class t ON t.oid = c.conrelid WHERE "
    "c.contype = 'f' AND c.confrelid IN ('recon.records'::pg_catalog.regclass, "
    "'recon.matches'::pg_catalog.regclass) AND t.relnamespace <> "
    "'recon'::pg_catalog.regnamespace";

// Of a project whose row is locked.
void delete_rows(pg::Spi& spi, std::int64_t project_id) {
    auto run = [&](const auto& statements) {
        for (const char* statement : statements) spi.execute(statement, {pg::bigint(project_id)});
    };
    // The base of the figures first, as whoever adds deltas up locks it.
    run(figures);
    run(of_records);
    {
        // The checks that nothing refers to a record cost a hundred times its deletion. Nothing
        // does, unless in somebody's own table: what did is gone, and what a superuser may have
        // added by hand meanwhile goes below, before which nobody can add more.
        std::optional<pg::SettingScope> unchecked;
        if (spi.query(other_references).empty())
            unchecked.emplace("session_replication_role", "replica", PGC_SUSET);
        run(records);
    }
    run(of_records);
    run(of_project);
}

}  // namespace

RECON_FUNCTION(recon_create_project) {
    pg::Arguments args(fcinfo);
    std::string name = args.text(0, "name");
    std::optional<std::string> description = args.optional_text(1);
    if (name.empty())
        throw Error(sqlstate::invalid_parameter_value, "project name must not be empty");
    std::string settings = "{}";
    if (!args.is_null(2)) {
        access::check_settings(pg::read_jsonb(args.datum(2)));
        settings = pg::jsonb_text(args.datum(2));
    }
    Oid user = GetUserId();
    pg::OwnerScope owner;
    pg::Spi spi;
    std::int64_t user_id = access::ensure_user(spi, user);
    std::string user_name = pg::role_name(user);
    std::int64_t project_id =
        spi.query(
               "INSERT INTO recon.projects (name, description, settings, owner_id) VALUES ($1, $2, "
               "$3, $4) "
               "RETURNING project_id",
               {pg::text(name), pg::text(description), pg::jsonb(settings), pg::bigint(user_id)})
            .bigint(0, 0);
    spi.execute(
        "INSERT INTO recon.project_members (project_id, member, member_role, user_id, added_by) "
        "VALUES ($1, $2::regrole, 'owner', $3, $4::name)",
        {pg::bigint(project_id), pg::oid(user), pg::bigint(user_id), pg::text(user_name)});
    spi.execute("INSERT INTO recon.stats_base (project_id) VALUES ($1)", {pg::bigint(project_id)});
    std::string after = spi.query(project_json, {pg::bigint(project_id)}).text(0, 0);
    access::audit(spi, user, project_id, "create", "project", project_id, std::nullopt, after);
    return Int64GetDatum(project_id);
}

RECON_FUNCTION(recon_alter_project) {
    pg::Arguments args(fcinfo);
    std::int64_t project_id = args.bigint(0, "project_id");
    if (args.is_null(1)) throw Error("22004", "argument \"changes\" must not be null");
    json::Value changes = pg::read_jsonb(args.datum(1));
    json::ObjectReader reader(changes, "$", "changes");
    std::optional<std::string> name, status, settings;
    if (reader.get("name") != nullptr) {
        name = reader.string("name", "");
        if (name->empty()) json::fail(reader.path("name"), reader.what(), "must not be empty");
    }
    bool has_description = changes.find("description") != nullptr;
    std::optional<std::string> description;
    if (reader.get("description") != nullptr) description = reader.string("description", "");
    if (reader.get("status") != nullptr) {
        status = reader.string("status", "");
        if (*status != "active" && *status != "archived")
            json::fail(reader.path("status"), reader.what(), "must be \"active\" or \"archived\"");
    }
    if (const json::Value* given = reader.get("settings")) {
        access::check_settings(*given);
        settings = pg::jsonb_text(args.datum(1));
    }
    reader.finish();

    Oid user = GetUserId();
    pg::OwnerScope owner;
    pg::Spi spi;
    access::lock_for_owner(spi, project_id, user);
    std::string before = spi.query(project_json, {pg::bigint(project_id)}).text(0, 0);
    spi.execute(
        "UPDATE recon.projects SET name = coalesce($2, name), "
        "description = CASE WHEN $3 THEN $4 ELSE description END, status = coalesce($5, status), "
        "settings = CASE WHEN $6 IS NULL THEN settings "
        "ELSE (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(settings || ($6 "
        "-> 'settings')) "
        "WHERE value <> 'null') END, updated_at = clock_timestamp() "
        "WHERE project_id = $1",
        {pg::bigint(project_id), pg::text(name), pg::boolean(has_description),
         pg::text(description), pg::text(status), pg::jsonb(settings)});
    std::string after = spi.query(project_json, {pg::bigint(project_id)}).text(0, 0);
    access::audit(spi, user, project_id, "alter", "project", project_id, before, after);
    PG_RETURN_VOID();
}

RECON_FUNCTION(recon_drop_project) {
    pg::Arguments args(fcinfo);
    std::int64_t project_id = args.bigint(0, "project_id");
    Oid user = GetUserId();
    pg::OwnerScope owner;
    pg::Spi spi;
    access::require(spi, project_id, user, Level::owner);
    // Waits for whoever works in the project: they hold a key share lock on this row.
    pg::Rows project = spi.query(
        "SELECT name, to_char(closed_until, 'YYYY-MM-DD') FROM recon.projects WHERE project_id = "
        "$1 FOR UPDATE",
        {pg::bigint(project_id)});
    access::require(spi, project_id, user, Level::owner);  // it may have changed meanwhile
    if (!project.empty() && !project.is_null(0, 1))
        throw Error("55000", "project \"" + project.text(0, 0) + "\" has a closed period",
                    "It is closed until " + project.text(0, 1) + ".",
                    "Reopen it with recon.reopen_period first.");
    std::string before = spi.query(project_json, {pg::bigint(project_id)}).text(0, 0);
    delete_rows(spi, project_id);
    access::audit(spi, user, project_id, "drop", "project", project_id, before, std::nullopt);
    PG_RETURN_VOID();
}
