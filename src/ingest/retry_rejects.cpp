// retry_rejects: the rejects of an earlier load once more, under the mapping as it is now.
#include "access/membership.hpp"
#include "ingest/load.hpp"
#include "pg/jsonb.hpp"
#include "pg/owner.hpp"

using namespace recon;

namespace {

constexpr long rejects_at_once = 200;

json::Value read_options(pg::Spi& spi, std::int64_t project_id, std::int64_t ingestion_id) {
    pg::Rows row = spi.query(
        "SELECT options FROM recon.ingestions WHERE project_id = $1 AND ingestion_id = $2",
        {pg::bigint(project_id), pg::bigint(ingestion_id)});
    return pg::read_jsonb(row.datum(0, 0));
}

std::vector<std::string> read_columns(pg::Spi& spi, std::int64_t project_id,
                                      std::int64_t ingestion_id) {
    pg::Rows rows = spi.query(
        "SELECT c.name FROM recon.ingestions i, unnest(i.column_names) WITH ORDINALITY c(name, n) "
        "WHERE i.project_id = $1 AND i.ingestion_id = $2 ORDER BY c.n",
        {pg::bigint(project_id), pg::bigint(ingestion_id)});
    std::vector<std::string> names;
    for (std::uint64_t i = 0; i < rows.size(); ++i) names.push_back(rows.text(i, 0));
    return names;
}

ingest::Report retry(std::int64_t ingestion_id, const std::optional<json::Value>& mapping,
                     Oid user) {
    pg::OwnerScope owner;
    pg::Spi spi;
    std::int64_t project_id = access::require_object(spi, access::Object::ingestion, ingestion_id,
                                                     user, access::Level::worker);
    std::int64_t source_id =
        spi.query(
               "SELECT source_id FROM recon.ingestions WHERE project_id = $1 AND ingestion_id = $2",
               {pg::bigint(project_id), pg::bigint(ingestion_id)})
            .bigint(0, 0);
    ingest::Source source = ingest::open_source(spi, source_id, user);
    if (mapping) source.mapping = mapping;
    // As the rejects were read, but for what says when a load is too bad.
    source.options = read_options(spi, project_id, ingestion_id);
    json::Value overrides;
    overrides.kind = json::Kind::object;
    overrides.members.emplace_back("max_rejects", json::Value());
    std::vector<std::string> columns = read_columns(spi, project_id, ingestion_id);
    ingest::Load load(spi, source, ingest::Door::retry, overrides, {}, user);
    load.retries(ingestion_id);
    if (!columns.empty()) load.begin_columns(std::move(columns));
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
