// upload_chunk: a piece of a file, kept until upload_finish.
#include "access/acting_roles.hpp"
#include "access/membership.hpp"
#include "ingest/fingerprint.hpp"
#include "ingest/uploads.hpp"
#include "pg/owner.hpp"
#include "pg/settings.hpp"
#include "pg/tuple_batch.hpp"

using namespace recon;

namespace {

struct Chunk {
    std::int64_t project_id, upload_id;
    std::int32_t chunk_no;
    std::string_view data;
};

// What is held without this chunk.
struct Totals {
    std::int64_t bytes, counted_chunks, counted_bytes, of_project;
};

// True where this transaction is the one that counts; else it only keeps finish and expiry away.
bool lock_upload(pg::Spi& spi, const Chunk& chunk) {
    static pg::Prepared statements[] = {
        pg::Prepared("SELECT 1 FROM recon.uploads WHERE project_id = $1 AND upload_id = $2 "
                     "FOR NO KEY UPDATE SKIP LOCKED"),
        pg::Prepared("SELECT 1 FROM recon.uploads WHERE project_id = $1 AND upload_id = $2 "
                     "FOR KEY SHARE")};
    for (pg::Prepared& statement : statements) {
        pg::Rows row =
            spi.query(statement, {pg::bigint(chunk.project_id), pg::bigint(chunk.upload_id)});
        if (!row.empty()) return &statement == statements;
    }
    throw Error("42704", "upload " + std::to_string(chunk.upload_id) + " does not exist");
}

Totals read_totals(pg::Spi& spi, const Chunk& chunk) {
    static pg::Prepared statement(
        "SELECT bytes, counted_chunks, counted_bytes, (SELECT sum(p.bytes)::bigint FROM "
        "recon.upload_totals p WHERE p.project_id = $1) FROM recon.upload_totals "
        "WHERE project_id = $1 AND upload_id = $2");
    pg::Rows row =
        spi.query(statement, {pg::bigint(chunk.project_id), pg::bigint(chunk.upload_id)});
    return {row.bigint(0, 0), row.bigint(0, 1), row.bigint(0, 2), row.bigint(0, 3)};
}

std::string hash_of(std::string_view data) {
    ingest::Fingerprint fingerprint;
    fingerprint.add(data);
    std::array<unsigned char, 16> hash = fingerprint.value();
    return std::string(hash.begin(), hash.end());
}

// False where the same chunk is there already.
bool add_chunk(pg::Spi& spi, const Chunk& chunk, bool counted, Oid user) {
    std::vector<std::int64_t> roles = access::acting_roles(user);
    std::string hash = hash_of(chunk.data);
    auto bytes = static_cast<std::int64_t>(chunk.data.size());
    static pg::Prepared statement(
        "INSERT INTO recon.upload_chunks (upload_id, chunk_no, project_id, bytes, hash, counted, "
        "sent_by) VALUES ($2, $3, $1, $4, $5, $6, $7::oid[]::regrole[]) ON CONFLICT (upload_id, "
        "chunk_no, project_id) DO NOTHING");
    std::uint64_t added =
        spi.query(statement, {pg::bigint(chunk.project_id), pg::bigint(chunk.upload_id),
                              pg::bigint(std::int64_t{chunk.chunk_no}), pg::bigint(bytes),
                              pg::bytes(hash), pg::boolean(counted), pg::bigints(roles)})
            .size();
    if (added > 0) return true;
    pg::Rows same = spi.query(
        "SELECT bytes = $4 AND hash = $5 FROM recon.upload_chunks "
        "WHERE project_id = $1 AND upload_id = $2 AND chunk_no = $3",
        {pg::bigint(chunk.project_id), pg::bigint(chunk.upload_id),
         pg::bigint(std::int64_t{chunk.chunk_no}), pg::bigint(bytes), pg::bytes(hash)});
    if (same.empty() || !same.boolean(0, 0))
        throw Error(sqlstate::invalid_parameter_value,
                    "chunk " + std::to_string(chunk.chunk_no) + " of upload " +
                        std::to_string(chunk.upload_id) + " is there with other bytes",
                    {}, "To send another file, begin another upload.");
    return false;
}

void check_limits(const ingest::Upload& upload, const Totals& before, std::int64_t bytes) {
    if (upload.total_bytes && before.bytes + bytes > *upload.total_bytes)
        throw Error(sqlstate::invalid_parameter_value,
                    "upload " + std::to_string(upload.upload_id) +
                        " has more bytes than its \"total_bytes\"",
                    "With this chunk it would hold " + std::to_string(before.bytes + bytes) +
                        " of " + std::to_string(*upload.total_bytes) + " bytes.");
    auto check = [&](std::int64_t held, int limit, const char* setting, const char* what) {
        if (held + bytes > std::int64_t{1024} * limit)
            throw Error(sqlstate::configuration_limit_exceeded, what,
                        "\"" + std::string(setting) + "\" is " + std::to_string(limit) + " kB.");
    };
    check(before.bytes, pg::settings::upload_limit, "recon.upload_limit",
          "file is too large to be uploaded");
    check(before.of_project, pg::settings::upload_project_limit, "recon.upload_project_limit",
          "uploads of the project hold too much");
}

// Formed at once: the bytes are copied twice, here and into the server's page.
void write_pages(const Chunk& chunk) {
    if (chunk.data.empty()) return;
    static constexpr std::initializer_list<const char*> columns = {"upload_id", "chunk_no",
                                                                   "page_no", "project_id", "data"};
    constexpr std::size_t pages_at_once = 8;  // they stay in the processor's cache
    pg::TupleFormer former("upload_pages", columns);
    pg::Writer writer("upload_pages", columns);
    pg::TupleBatch batch;
    std::int32_t page_no = 0;
    for (std::string_view left = chunk.data; !left.empty();) {
        std::string_view page = left.substr(0, ingest::upload_page_bytes);
        left.remove_prefix(page.size());
        former.begin(batch.bytes());
        former.bigint(chunk.upload_id);
        former.integer(chunk.chunk_no);
        former.integer(page_no++);
        former.bigint(chunk.project_id);
        former.text(page);
        batch.add(former.finish());
        if (batch.rows() == pages_at_once || left.empty()) batch.write_to(writer);
    }
    writer.finish();
}

// With what others left uncounted.
std::int64_t count_chunk(pg::Spi& spi, const Chunk& chunk, const Totals& before) {
    static pg::Prepared statement(
        "WITH folded AS (UPDATE recon.upload_chunks SET counted = true WHERE project_id = $1 "
        "AND upload_id = $2 AND NOT counted RETURNING bytes) "
        "UPDATE recon.uploads SET updated_at = clock_timestamp(), "
        "chunks = $3 + 1 + (SELECT count(*) FROM folded), "
        "bytes = $4 + $5 + (SELECT coalesce(sum(bytes), 0)::bigint FROM folded) "
        "WHERE project_id = $1 AND upload_id = $2 RETURNING bytes");
    return spi
        .query(statement, {pg::bigint(chunk.project_id), pg::bigint(chunk.upload_id),
                           pg::bigint(before.counted_chunks), pg::bigint(before.counted_bytes),
                           pg::bigint(static_cast<std::int64_t>(chunk.data.size()))})
        .bigint(0, 0);
}

std::int64_t keep(std::int64_t upload_id, std::int32_t chunk_no, std::string_view data, Oid user) {
    pg::OwnerScope owner;
    pg::Spi spi;
    std::int64_t project_id =
        access::require_object(spi, access::Object::upload, upload_id, user, access::Level::worker);
    access::lock_active(spi, project_id, user, access::Level::worker);
    Chunk chunk{project_id, upload_id, chunk_no, data};
    bool counts = lock_upload(spi, chunk);
    ingest::Upload upload = ingest::read_upload(spi, project_id, upload_id);
    ingest::check_open(upload);
    Totals before = read_totals(spi, chunk);
    if (!add_chunk(spi, chunk, counts, user)) {
        if (counts)
            spi.execute(
                "UPDATE recon.uploads SET updated_at = clock_timestamp() "
                "WHERE project_id = $1 AND upload_id = $2",
                {pg::bigint(project_id), pg::bigint(upload_id)});
        return read_totals(spi, chunk).bytes;
    }
    auto bytes = static_cast<std::int64_t>(data.size());
    check_limits(upload, before, bytes);
    write_pages(chunk);
    return counts ? count_chunk(spi, chunk, before) : before.bytes + bytes;
}

}  // namespace

RECON_FUNCTION(recon_upload_chunk) {
    pg::Arguments args(fcinfo);
    std::int64_t upload_id = args.bigint(0, "upload_id");
    std::int32_t chunk_no = args.integer(1, "chunk_no");
    if (chunk_no < 1)
        throw Error(sqlstate::invalid_parameter_value, "chunk number must be at least 1");
    std::size_t size = args.size(2, "data");
    if (size > ingest::largest_chunk)
        throw Error("54000", "chunk is too large",
                    "It has " + std::to_string(size) + " bytes; a chunk may have " +
                        std::to_string(ingest::largest_chunk) + ".",
                    "Send the file in smaller chunks.");
    return Int64GetDatum(keep(upload_id, chunk_no, pg::bytes_of(args.datum(2)), GetUserId()));
}
