#include "ingest/source.hpp"

#include "access/membership.hpp"
#include "pg/jsonb.hpp"

namespace recon::ingest {

Source open_source(pg::Spi& spi, std::int64_t source_id, Oid user) {
    Source source;
    source.source_id = source_id;
    source.project_id =
        access::require_object(spi, access::Object::source, source_id, user, access::Level::worker);
    source.closed_until = access::lock_active(spi, source.project_id, user, access::Level::worker);
    pg::Rows row = spi.query(
        "SELECT name, kind, mapping, options, active, relation, relation_owner::oid FROM "
        "recon.data_sources "
        "WHERE project_id = $1 AND source_id = $2 FOR KEY SHARE",
        {pg::bigint(source.project_id), pg::bigint(source_id)});
    if (row.empty())
        throw Error("42704", "source " + std::to_string(source_id) + " does not exist");
    source.name = row.text(0, 0);
    source.kind = row.text(0, 1);
    if (!row.is_null(0, 2)) source.mapping = pg::read_jsonb(row.datum(0, 2));
    source.options = pg::read_jsonb(row.datum(0, 3));
    source.relation = row.text(0, 5);
    source.relation_owner = row.oid(0, 6);
    if (!row.boolean(0, 4))
        throw Error("55000", "source \"" + source.name + "\" is disabled", {},
                    "Set its status to \"active\" with recon.alter_source.");
    return source;
}

Source open_file_source(pg::Spi& spi, std::int64_t source_id, Oid user) {
    Source source = open_source(spi, source_id, user);
    if (source.kind != "file")
        throw Error(
            "55000", "source \"" + source.name + "\" is a relation source", {},
            "Files are loaded into file sources; a relation source is read by recon.sync_source.");
    return source;
}

}  // namespace recon::ingest
