// create_rule and alter_rule.
#include "access/audit.hpp"
#include "access/membership.hpp"
#include "core/rule/rule.hpp"
#include "pg/jsonb.hpp"
#include "pg/owner.hpp"

using namespace recon;
using access::Level;

namespace {

constexpr char rule_json[] =
    "SELECT (to_jsonb(r) - 'updated_at')::text FROM recon.rules r WHERE project_id = $1 AND "
    "rule_id = $2";

void add_version(pg::Spi& spi, std::int64_t project_id, std::int64_t rule_id,
                 const std::string& user_name) {
    spi.execute(
        "INSERT INTO recon.rule_versions (project_id, rule_id, version, spec, created_by) "
        "SELECT project_id, rule_id, version, spec, $3::name FROM recon.rules "
        "WHERE project_id = $1 AND rule_id = $2",
        {pg::bigint(project_id), pg::bigint(rule_id), pg::text(user_name)});
}

void check_name(const std::string& name) {
    if (name.empty()) throw Error(sqlstate::invalid_parameter_value, "rule name must not be empty");
}

}  // namespace

RECON_FUNCTION(recon_create_rule) {
    pg::Arguments args(fcinfo);
    std::int64_t project_id = args.bigint(0, "project_id");
    std::string name = args.text(1, "name");
    check_name(name);
    if (args.is_null(2)) throw Error("22004", "argument \"spec\" must not be null");
    rule::parse(pg::read_jsonb(args.datum(2)));
    std::string spec = pg::jsonb_text(args.datum(2));
    std::int32_t priority = args.integer(3, "priority");
    Oid user = GetUserId();
    pg::OwnerScope owner;
    pg::Spi spi;
    access::require(spi, project_id, user, Level::worker);
    access::lock_active(spi, project_id, user, Level::worker);
    std::string user_name = pg::role_name(user);
    std::int64_t rule_id =
        spi.query(
               "INSERT INTO recon.rules (project_id, name, priority, spec, created_by) "
               "VALUES ($1, $2, $3::integer, $4, $5::name) RETURNING rule_id",
               {pg::bigint(project_id), pg::text(name), pg::bigint(priority), pg::jsonb(spec),
                pg::text(user_name)})
            .bigint(0, 0);
    add_version(spi, project_id, rule_id, user_name);
    std::string after =
        spi.query(rule_json, {pg::bigint(project_id), pg::bigint(rule_id)}).text(0, 0);
    access::audit(spi, user, project_id, "create", "rule", rule_id, std::nullopt, after);
    return Int64GetDatum(rule_id);
}

RECON_FUNCTION(recon_alter_rule) {
    pg::Arguments args(fcinfo);
    std::int64_t rule_id = args.bigint(0, "rule_id");
    if (args.is_null(1)) throw Error("22004", "argument \"changes\" must not be null");
    json::Value changes = pg::read_jsonb(args.datum(1));
    std::string changes_text = pg::jsonb_text(args.datum(1));
    json::ObjectReader reader(changes, "$", "changes");
    std::optional<std::string> name;
    if (reader.get("name") != nullptr) {
        name = reader.string("name", "");
        check_name(*name);
    }
    std::optional<std::int64_t> priority;
    if (reader.get("priority") != nullptr)
        priority = reader.integer("priority", 0, INT32_MIN, INT32_MAX);
    bool has_active = reader.get("active") != nullptr;
    bool active = reader.boolean("active", true);
    const json::Value* spec = reader.get("spec");
    if (spec != nullptr) rule::parse(*spec);
    reader.finish();

    Oid user = GetUserId();
    pg::OwnerScope owner;
    pg::Spi spi;
    std::int64_t project_id =
        access::require_object(spi, access::Object::rule, rule_id, user, Level::worker);
    access::lock_active(spi, project_id, user, Level::worker);
    pg::Rows locked = spi.query(
        "SELECT 1 FROM recon.rules WHERE project_id = $1 AND rule_id = $2 FOR NO KEY UPDATE",
        {pg::bigint(project_id), pg::bigint(rule_id)});
    if (locked.empty()) throw Error("42704", "rule " + std::to_string(rule_id) + " does not exist");
    std::string before =
        spi.query(rule_json, {pg::bigint(project_id), pg::bigint(rule_id)}).text(0, 0);
    pg::Rows changed = spi.query(
        "UPDATE recon.rules SET name = coalesce($3, name), priority = coalesce($4::integer, "
        "priority), "
        "active = CASE WHEN $5 THEN $6 ELSE active END, spec = coalesce($7 -> 'spec', spec), "
        "version = version + CASE WHEN spec <> coalesce($7 -> 'spec', spec) THEN 1 ELSE 0 END, "
        "updated_at = clock_timestamp() WHERE project_id = $1 AND rule_id = $2 "
        "RETURNING NOT EXISTS (SELECT 1 FROM recon.rule_versions v WHERE v.project_id = $1 AND "
        "v.rule_id = $2 "
        "AND v.version = rules.version)",
        {pg::bigint(project_id), pg::bigint(rule_id), pg::text(name), pg::bigint(priority),
         pg::boolean(has_active), pg::boolean(active),
         pg::jsonb(spec != nullptr ? std::string_view(changes_text) : std::string_view("{}"))});
    if (changed.boolean(0, 0)) add_version(spi, project_id, rule_id, pg::role_name(user));
    std::string after =
        spi.query(rule_json, {pg::bigint(project_id), pg::bigint(rule_id)}).text(0, 0);
    access::audit(spi, user, project_id, "alter", "rule", rule_id, before, after);
    PG_RETURN_VOID();
}
