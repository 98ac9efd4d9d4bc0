#include "ingest/uploads.hpp"

#include "access/audit.hpp"
#include "pg/jsonb.hpp"
#include "pg/settings.hpp"

namespace recon::ingest {

namespace {

pg::Param expiry() {
    return pg::bigint(std::int64_t{pg::settings::upload_expiry});
}

}  // namespace

Upload read_upload(pg::Spi& spi, std::int64_t project_id, std::int64_t upload_id) {
    static pg::Prepared statement(
        "SELECT source_id, filename, CASE WHEN status = 'open' AND $3 > 0 AND "
        "updated_at < clock_timestamp() - make_interval(secs => $3) THEN 'expired' ELSE status "
        "END, total_bytes, ingestion_id, options FROM recon.uploads "
        "WHERE project_id = $1 AND upload_id = $2");
    pg::Rows row = spi.query(statement, {pg::bigint(project_id), pg::bigint(upload_id), expiry()});
    if (row.empty())
        throw Error("42704", "upload " + std::to_string(upload_id) + " does not exist");
    Upload upload;
    upload.upload_id = upload_id;
    upload.project_id = project_id;
    upload.source_id = row.bigint(0, 0);
    upload.filename = row.text(0, 1);
    upload.status = row.text(0, 2);
    if (!row.is_null(0, 3)) upload.total_bytes = row.bigint(0, 3);
    if (!row.is_null(0, 4)) upload.ingestion_id = row.bigint(0, 4);
    upload.options = pg::read_jsonb(row.datum(0, 5));
    return upload;
}

void check_open(const Upload& upload) {
    std::string id = std::to_string(upload.upload_id);
    if (upload.status == "finished")
        throw Error("55000", "upload " + id + " is finished", {},
                    "Begin another with recon.upload_begin.");
    if (upload.status == "expired")
        throw Error("55000", "upload " + id + " has expired",
                    "No chunk came for longer than \"recon.upload_expiry\".",
                    "Begin another with recon.upload_begin.");
}

// Some chunks at a time: the server collects what a statement deletes before it does.
void delete_chunks(pg::Spi& spi, std::int64_t project_id, std::int64_t upload_id) {
    constexpr std::int64_t bytes_at_once = std::int64_t{64} << 20;
    std::int64_t first = 1;
    for (;;) {
        pg::Rows some = spi.query(
            "SELECT max(chunk_no)::bigint FROM (SELECT chunk_no, sum(bytes) OVER (ORDER BY "
            "chunk_no) - bytes AS before FROM (SELECT chunk_no, bytes FROM recon.upload_chunks "
            "WHERE upload_id = $1 AND project_id = $2 AND chunk_no >= $3 ORDER BY chunk_no LIMIT "
            "1000) c) s WHERE before < $4",
            {pg::bigint(upload_id), pg::bigint(project_id), pg::bigint(first),
             pg::bigint(bytes_at_once)});
        if (some.is_null(0, 0)) break;
        std::int64_t last = some.bigint(0, 0);
        spi.execute(
            "DELETE FROM recon.upload_pages WHERE upload_id = $1 AND project_id = $2 AND chunk_no "
            ">= $3 AND chunk_no <= $4",
            {pg::bigint(upload_id), pg::bigint(project_id), pg::bigint(first), pg::bigint(last)});
        first = last + 1;
        spi.free(some);
    }
    spi.execute("DELETE FROM recon.upload_chunks WHERE upload_id = $1 AND project_id = $2",
                {pg::bigint(upload_id), pg::bigint(project_id)});
}

std::uint64_t expire_uploads(pg::Spi& spi, std::optional<std::int64_t> project_id, Oid user,
                             std::optional<std::int64_t> most) {
    pg::Rows expired = spi.query(
        "SELECT project_id, upload_id FROM recon.uploads WHERE status = 'open' AND $2 > 0 AND "
        "updated_at < clock_timestamp() - make_interval(secs => $2) AND "
        "($1 IS NULL OR project_id = $1) LIMIT $3 FOR UPDATE SKIP LOCKED",
        {pg::bigint(project_id), expiry(), pg::bigint(most)});
    for (std::uint64_t i = 0; i < expired.size(); ++i) {
        std::int64_t project = expired.bigint(i, 0), upload = expired.bigint(i, 1);
        delete_chunks(spi, project, upload);
        pg::Rows now = spi.query(
            "WITH before AS (SELECT to_jsonb(b)::text AS upload FROM recon.uploads b WHERE "
            "project_id = $1 AND upload_id = $2) "
            "UPDATE recon.uploads u SET status = 'expired', chunks = 0, bytes = 0 FROM before "
            "WHERE project_id = $1 AND upload_id = $2 RETURNING before.upload, to_jsonb(u)::text",
            {pg::bigint(project), pg::bigint(upload)});
        access::audit(spi, user, project, "expire", "upload", upload, now.text(0, 0),
                      now.text(0, 1));
    }
    return expired.size();
}

}  // namespace recon::ingest
