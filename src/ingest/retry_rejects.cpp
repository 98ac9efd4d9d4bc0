// retry_rejects: the rejects of an earlier load once more, under the mapping as it is now.
#include "access/membership.hpp"
#include "core/ingest/relation_mapping.hpp"
#include "ingest/load.hpp"
#include "pg/jsonb.hpp"
#include "pg/owner.hpp"
#include "pg/relation.hpp"

using namespace recon;

namespace {

constexpr long rejects_at_once = 200;

json::Value read_options(pg::Spi& spi, std::int64_t project_id, std::int64_t ingestion_id) {
    pg::Rows row = spi.query(
        "SELECT options FROM recon.ingestions WHERE project_id = $1 AND ingestion_id = $2",
        {pg::bigint(project_id), pg::bigint(ingestion_id)});
    return pg::read_jsonb(row.datum(0, 0));
}

struct Columns {
    std::vector<std::string> names, types;  // types: of a relation
};

Columns read_columns(pg::Spi& spi, std::int64_t project_id, std::int64_t ingestion_id) {
    pg::Rows rows = spi.query(
        "SELECT c.name, c.type FROM recon.ingestions i, ROWS FROM (unnest(i.column_names), "
        "unnest(i.column_types)) WITH ORDINALITY c(name, type, n) "
        "WHERE i.project_id = $1 AND i.ingestion_id = $2 ORDER BY c.n",
        {pg::bigint(project_id), pg::bigint(ingestion_id)});
    Columns columns;
    for (std::uint64_t i = 0; i < rows.size(); ++i) {
        columns.names.push_back(rows.text(i, 0));
        if (!rows.is_null(i, 1)) columns.types.push_back(rows.text(i, 1));
    }
    return columns;
}

// What the rejects of a relation's rows say may be outdated by what a later synchronisation read.
void check_newest(pg::Spi& spi, const ingest::Source& source, std::int64_t ingestion_id) {
    pg::Rows later = spi.query(
        "SELECT max(ingestion_id) FROM recon.ingestions WHERE project_id = $1 AND source_id = $2 "
        "AND retry_of IS NULL AND status = 'completed' HAVING max(ingestion_id) > $3",
        {pg::bigint(source.project_id), pg::bigint(source.source_id), pg::bigint(ingestion_id)});
    if (later.empty()) return;
    throw Error("55000",
                "ingestion " + std::to_string(ingestion_id) +
                    " is not the newest synchronisation of source \"" + source.name + "\"",
                {},
                "Its rows were read again since: try the rejects of ingestion " +
                    std::to_string(later.bigint(0, 0)) + ".");
}

ingest::Report retry(std::int64_t ingestion_id, const std::optional<json::Value>& mapping,
                     Oid user) {
    pg::OwnerScope owner;
    pg::Spi spi;
    std::int64_t project_id = access::require_object(spi, access::Object::ingestion, ingestion_id,
                                                     user, access::Level::worker);
    pg::Rows row = spi.query(
        "SELECT source_id, rejects_removed_at IS NOT NULL FROM recon.ingestions WHERE project_id = "
        "$1 AND ingestion_id = $2",
        {pg::bigint(project_id), pg::bigint(ingestion_id)});
    if (row.boolean(0, 1))
        throw Error("55000",
                    "the rejects of ingestion " + std::to_string(ingestion_id) + " were removed",
                    "They were older than \"recon.reject_retention\".", "Load the file again.");
    std::int64_t source_id = row.bigint(0, 0);
    ingest::Source source = ingest::open_source(spi, source_id, user);
    if (mapping) source.mapping = mapping;
    // As the rejects were read, but for what says when a load is too bad.
    source.options = read_options(spi, project_id, ingestion_id);
    json::Value overrides;
    overrides.kind = json::Kind::object;
    overrides.members.emplace_back("max_rejects", json::Value());
    Columns columns = read_columns(spi, project_id, ingestion_id);
    if (source.kind == "relation" && source.mapping) {
        pg::FoundRelation relation = pg::find_relation(source.relation, source.relation_owner);
        source.mapping = ingest::name_columns(*source.mapping, [&](std::uint32_t number) {
            return pg::column_name(relation, number);
        });
        source.mapping = ingest::read_as_columns(*source.mapping, columns.names, columns.types);
    }
    ingest::Load load(spi, source, ingest::Door::retry, overrides, {}, user);
    load.retries(ingestion_id);
    if (source.kind == "relation") check_newest(spi, source, ingestion_id);
    if (!columns.names.empty()) load.begin_columns(columns.names, columns.types);
    spi.for_batches(
        "SELECT line_no, byte_offset, raw_record FROM recon.ingest_errors WHERE project_id = $1 "
        "AND ingestion_id = $2 AND resolved_by IS NULL ORDER BY line_no",
        {pg::bigint(project_id), pg::bigint(ingestion_id)}, rejects_at_once,
        [&](const pg::Rows& rows) {
            for (std::uint64_t i = 0; i < rows.size(); ++i)
                load.retry({static_cast<std::uint64_t>(rows.bigint(i, 0)),
                            static_cast<std::uint64_t>(rows.bigint(i, 1)),
                            pg::bytes_of(rows.datum(i, 2))});
        });
    return load.finish();
}

}  // namespace

RECON_FUNCTION(recon_retry_rejects) {
    pg::Arguments args(fcinfo);
    std::int64_t ingestion_id = args.bigint(0, "ingestion_id");
    std::optional<json::Value> mapping;
    if (!args.is_null(1)) {
        mapping = pg::read_jsonb(args.datum(1));
        ingest::parse_mapping(&*mapping, true);  // names a fault before anything else is looked at
    }
    return ingest::report_row(fcinfo, retry(ingestion_id, mapping, GetUserId()));
}
