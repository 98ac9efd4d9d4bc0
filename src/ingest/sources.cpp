// create_source and alter_source.
#include <set>

#include "access/audit.hpp"
#include "access/membership.hpp"
#include "core/ingest/mapping.hpp"
#include "core/ingest/options.hpp"
#include "ingest/codec.hpp"
#include "pg/jsonb.hpp"
#include "pg/owner.hpp"
#include "pg/reader.hpp"
#include "pg/relation.hpp"

using namespace recon;
using access::Level;

namespace {

constexpr char source_json[] =
    "SELECT (to_jsonb(s) - 'updated_at')::text FROM recon.data_sources s WHERE project_id = $1 AND "
    "source_id = $2";

void check_name(const std::string& name) {
    if (name.empty())
        throw Error(sqlstate::invalid_parameter_value, "source name must not be empty");
}

void check_options(const json::Value& options) {
    ingest::check_encoding(ingest::parse_options(options).encoding);
}

// What can be known of a mapping without a file.
void check_mapping(const ingest::Mapping& mapping, const json::Value& options) {
    if (!ingest::parse_options(options).header) ingest::check_without_header(mapping);
}

void check_column(const ingest::ColumnRef& column, const pg::NamedRelation& relation,
                  const std::string& path) {
    bool by_number = column.number > 0;
    if (by_number ? pg::has_column(relation, column.number) : pg::has_column(relation, column.name))
        return;
    throw Error(sqlstate::undefined_column,
                "column \"" + (by_number ? std::to_string(column.number) : column.name) +
                    "\" of relation " + relation.name + " does not exist",
                "Mapping at " + path + ".");
}

// Every column and expression of the mapping must fit the relation. To analyse an expression may
// run code of its author's already: with the reader's rights, never with more.
void check_relation_mapping(const ingest::Mapping& mapping, const pg::NamedRelation& relation,
                            Oid reader) {
    pg::ReadAs as{reader, "checking the mapping as role \"" + pg::role_name(reader) + "\""};
    for (const ingest::FieldMapping& field : mapping.fields) {
        std::string path = "$." + field.name;
        for (const ingest::ColumnRef& column : field.columns) check_column(column, relation, path);
        if (field.debit) check_column(*field.debit, relation, path);
        if (field.credit) check_column(*field.credit, relation, path);
        if (field.expression.empty()) continue;
        pg::ReaderScope scope(as);
        pg::check_expression(field.expression, relation);
    }
}

bool has_expression(const ingest::Mapping& mapping) {
    for (const ingest::FieldMapping& field : mapping.fields)
        if (!field.expression.empty()) return true;
    return false;
}

void check_free_name(pg::Spi& spi, std::int64_t project_id, const std::string& name) {
    pg::Rows taken =
        spi.query("SELECT 1 FROM recon.data_sources WHERE project_id = $1 AND name = $2",
                  {pg::bigint(project_id), pg::text(name)});
    if (!taken.empty())
        throw Error("42710", "source \"" + name + "\" already exists in project " +
                                 std::to_string(project_id));
}

json::Value empty_object() {
    json::Value value;
    value.kind = json::Kind::object;
    return value;
}

}  // namespace

RECON_FUNCTION(recon_create_source) {
    pg::Arguments args(fcinfo);
    std::int64_t project_id = args.bigint(0, "project_id");
    std::string name = args.text(1, "name");
    check_name(name);
    std::optional<std::string> mapping_text, relation_name = args.optional_text(4);
    json::Value options = args.is_null(3) ? empty_object() : pg::read_jsonb(args.datum(3));
    check_options(options);
    std::string options_text = args.is_null(3) ? "{}" : pg::jsonb_text(args.datum(3));
    ingest::Mapping mapping;
    if (!args.is_null(2)) {
        json::Value value = pg::read_jsonb(args.datum(2));
        mapping = ingest::parse_mapping(&value, relation_name.has_value());
        mapping_text = pg::jsonb_text(args.datum(2));
    }
    if (!relation_name) check_mapping(mapping, options);
    Oid user = GetUserId();
    {
        // Before the relation is looked at: its errors must not tell more than the caller may know
        // of the project.
        pg::OwnerScope owner;
        pg::Spi spi;
        access::require(spi, project_id, user, relation_name ? Level::owner : Level::worker);
    }
    pg::NamedRelation relation;
    if (relation_name) {
        relation = pg::resolve_relation(*relation_name, user);
        check_relation_mapping(mapping, relation, user);
    }
    pg::OwnerScope owner;
    pg::Spi spi;
    access::lock_active(spi, project_id, user, relation_name ? Level::owner : Level::worker);
    check_free_name(spi, project_id, name);
    std::string user_name = pg::role_name(user);
    std::optional<std::string> stored_relation;
    if (relation_name) stored_relation = relation.name;
    std::int64_t source_id =
        spi.query(
               "INSERT INTO recon.data_sources (project_id, name, kind, relation, relation_owner, "
               "mapping, options, "
               "created_by) VALUES ($1, $2, CASE WHEN $3 IS NULL THEN 'file' ELSE 'relation' END, "
               "$3, "
               "CASE WHEN $3 IS NOT NULL THEN $4::regrole END, $5, $6, $7::name) RETURNING "
               "source_id",
               {pg::bigint(project_id), pg::text(name), pg::text(stored_relation), pg::oid(user),
                pg::jsonb(mapping_text), pg::jsonb(options_text), pg::text(user_name)})
            .bigint(0, 0);
    std::string after =
        spi.query(source_json, {pg::bigint(project_id), pg::bigint(source_id)}).text(0, 0);
    access::audit(spi, user, project_id, "create", "source", source_id, std::nullopt, after);
    return Int64GetDatum(source_id);
}

namespace {

struct SourceChanges {
    std::optional<std::string> name, status, relation;
    const json::Value* mapping = nullptr;  // absent: nullptr; a JSON null takes the mapping away
    const json::Value* options = nullptr;
};

SourceChanges read_changes(const json::Value& changes) {
    json::ObjectReader reader(changes, "$", "changes");
    SourceChanges result;
    if (reader.get("name") != nullptr) {
        result.name = reader.string("name", "");
        check_name(*result.name);
    }
    if (reader.get("status") != nullptr) {
        result.status = reader.string("status", "");
        if (*result.status != "active" && *result.status != "disabled")
            json::fail(reader.path("status"), reader.what(), "must be \"active\" or \"disabled\"");
    }
    if (reader.get("relation") != nullptr) result.relation = reader.string("relation", "");
    reader.get("mapping");
    result.mapping = changes.find("mapping");
    result.options = reader.get("options");
    reader.finish();
    return result;
}

// The source as it stands, locked.
struct SourceRow {
    std::int64_t project_id;
    std::string kind, relation;
    Oid relation_owner = InvalidOid;
    json::Value options;
    std::optional<json::Value> mapping;
};

SourceRow lock_source(std::int64_t source_id, Oid user, Level level) {
    pg::OwnerScope owner;
    pg::Spi spi;
    SourceRow source;
    source.project_id = access::require_object(spi, access::Object::source, source_id, user, level);
    access::lock_active(spi, source.project_id, user, level);
    pg::Rows row = spi.query(
        "SELECT kind, relation, relation_owner::oid, options, mapping FROM recon.data_sources "
        "WHERE project_id = $1 AND source_id = $2 FOR NO KEY UPDATE",
        {pg::bigint(source.project_id), pg::bigint(source_id)});
    if (row.empty())
        throw Error("42704", "source " + std::to_string(source_id) + " does not exist");
    source.kind = row.text(0, 0);
    source.relation = row.text(0, 1);
    source.relation_owner = row.oid(0, 2);
    source.options = pg::read_jsonb(row.datum(0, 3));
    if (!row.is_null(0, 4)) source.mapping = pg::read_jsonb(row.datum(0, 4));
    return source;
}

// The caller needs no right on it, nor on its schema.
pg::NamedRelation known_relation(const SourceRow& source) {
    pg::FoundRelation relation = pg::find_relation(source.relation, source.relation_owner);
    if (!OidIsValid(relation.oid))
        throw Error("42P01", "relation " + source.relation + " does not exist");
    return relation;
}

std::set<std::string> columns_of(const ingest::Mapping& mapping) {
    std::set<std::string> columns;
    auto add = [&](const ingest::ColumnRef& column) {
        columns.insert(column.number > 0 ? "#" + std::to_string(column.number) : "." + column.name);
    };
    for (const ingest::FieldMapping& field : mapping.fields) {
        for (const ingest::ColumnRef& column : field.columns) add(column);
        if (field.debit) add(*field.debit);
        if (field.credit) add(*field.credit);
    }
    return columns;
}

// Whether `after` may show more of the relation than `before`. No mapping shows all.
bool shows_more(const ingest::Mapping& before, const ingest::Mapping& after) {
    if (before.automatic || after.automatic) return !before.automatic;
    std::set<std::string> shown = columns_of(before), wanted = columns_of(after);
    return !std::includes(shown.begin(), shown.end(), wanted.begin(), wanted.end());
}

// Only the role that named the relation, or a superuser, may change what is read as that role.
void check_relation_change(const SourceRow& source, const SourceChanges& changes,
                           const ingest::Mapping& before, const ingest::Mapping& after, Oid user) {
    bool expressions =
        changes.mapping != nullptr && (has_expression(before) || has_expression(after));
    bool more = changes.mapping != nullptr && shows_more(before, after);
    if (!(changes.relation || expressions || more) || user == source.relation_owner ||
        pg::is_superuser(user))
        return;
    throw Error("42501",
                changes.relation || expressions
                    ? "permission denied to change the relation or expressions of the source"
                    : "permission denied to map further columns of the relation",
                "Only role \"" + pg::role_name(source.relation_owner) +
                    "\", as which the relation is read, or a "
                    "superuser may change them.");
}

}  // namespace

RECON_FUNCTION(recon_alter_source) {
    pg::Arguments args(fcinfo);
    std::int64_t source_id = args.bigint(0, "source_id");
    if (args.is_null(1)) throw Error("22004", "argument \"changes\" must not be null");
    json::Value given = pg::read_jsonb(args.datum(1));
    std::string given_text = pg::jsonb_text(args.datum(1));
    SourceChanges changes = read_changes(given);
    if (changes.options != nullptr) check_options(*changes.options);
    Oid user = GetUserId();
    SourceRow source =
        lock_source(source_id, user, changes.relation ? Level::owner : Level::worker);
    bool is_relation = source.kind == "relation";
    if (changes.relation && !is_relation)
        throw Error("55000", "a file source cannot become a relation source", {},
                    "Create a relation source.");

    ingest::Mapping before =
        ingest::parse_mapping(source.mapping ? &*source.mapping : nullptr, is_relation);
    ingest::Mapping after =
        changes.mapping != nullptr ? ingest::parse_mapping(changes.mapping, is_relation) : before;
    std::string relation_name = source.relation;
    if (is_relation) {
        check_relation_change(source, changes, before, after, user);
        if (changes.relation || changes.mapping != nullptr) {
            pg::NamedRelation relation =
                changes.relation ? pg::resolve_relation(*changes.relation, source.relation_owner)
                                 : known_relation(source);
            check_relation_mapping(after, relation, source.relation_owner);
            relation_name = relation.name;
        }
    } else {
        check_mapping(after, changes.options != nullptr ? *changes.options : source.options);
    }

    pg::OwnerScope owner;
    pg::Spi spi;
    std::string old =
        spi.query(source_json, {pg::bigint(source.project_id), pg::bigint(source_id)}).text(0, 0);
    if (changes.name) {
        pg::Rows same = spi.query(
            "SELECT 1 FROM recon.data_sources WHERE project_id = $1 AND source_id = $2 AND name = "
            "$3",
            {pg::bigint(source.project_id), pg::bigint(source_id), pg::text(*changes.name)});
        if (same.empty()) check_free_name(spi, source.project_id, *changes.name);
    }
    spi.execute(
        "UPDATE recon.data_sources SET name = coalesce($3, name), status = coalesce($4, status), "
        "relation = CASE WHEN kind = 'relation' THEN $5 END, "
        "mapping = CASE WHEN $6 ? 'mapping' THEN nullif($6 -> 'mapping', 'null'::jsonb) ELSE "
        "mapping END, "
        "options = coalesce(nullif($6 -> 'options', 'null'::jsonb), options), updated_at = "
        "clock_timestamp() WHERE project_id = $1 AND source_id = $2",
        {pg::bigint(source.project_id), pg::bigint(source_id), pg::text(changes.name),
         pg::text(changes.status), pg::text(relation_name), pg::jsonb(given_text)});
    std::string now =
        spi.query(source_json, {pg::bigint(source.project_id), pg::bigint(source_id)}).text(0, 0);
    access::audit(spi, user, source.project_id, "alter", "source", source_id, old, now);
    PG_RETURN_VOID();
}
