// upload_begin and upload_status.
#include "access/acting_roles.hpp"
#include "access/audit.hpp"
#include "access/membership.hpp"
#include "core/ingest/mapping.hpp"
#include "core/ingest/options.hpp"
#include "ingest/codec.hpp"
#include "ingest/source.hpp"
#include "ingest/uploads.hpp"
#include "pg/jsonb.hpp"
#include "pg/owner.hpp"
#include "pg/settings.hpp"

using namespace recon;

namespace {

constexpr std::size_t longest_filename = 1024;

void check_filename(const std::string& filename) {
    if (filename.empty())
        throw Error(sqlstate::invalid_parameter_value, "filename must not be empty");
    if (filename.size() > longest_filename)
        throw Error(sqlstate::invalid_parameter_value, "filename is too long",
                    "At most " + std::to_string(longest_filename) + " bytes are kept.");
}

// The option that is the upload's and not the load's, taken out of the others.
std::optional<std::int64_t> take_total_bytes(json::Value& options) {
    std::optional<std::int64_t> total;
    const json::Value* given = options.find("total_bytes");
    if (given == nullptr) return total;
    if (given->kind != json::Kind::null)
        total = json::as_integer(*given, "$.total_bytes", "options", 0,
                                 std::numeric_limits<std::int64_t>::max());
    std::erase_if(options.members,
                  [](const json::Member& member) { return member.first == "total_bytes"; });
    return total;
}

// All that a load would refuse before it has read anything.
void check_load(const ingest::Source& source, const json::Value& options) {
    ingest::Options all = ingest::parse_options(ingest::merge(source.options, options));
    ingest::ServerCodec codec(all.encoding);
    ingest::parse_mapping(source.mapping ? &*source.mapping : nullptr, false);
}

std::int64_t begin(std::int64_t source_id, const std::string& filename, const json::Value& options,
                   std::optional<std::int64_t> total_bytes, Oid user) {
    pg::OwnerScope owner;
    pg::Spi spi;
    ingest::Source source = ingest::open_file_source(spi, source_id, user);
    check_load(source, options);
    if (total_bytes && *total_bytes > std::int64_t{1024} * pg::settings::upload_limit)
        throw Error(
            sqlstate::configuration_limit_exceeded, "file is too large to be uploaded",
            "\"recon.upload_limit\" is " + std::to_string(pg::settings::upload_limit) + " kB.");
    ingest::expire_uploads(spi, source.project_id, user);
    std::string options_text = json::to_text(options), user_name = pg::role_name(user);
    std::vector<std::int64_t> roles = access::acting_roles(user);
    pg::Rows made = spi.query(
        "INSERT INTO recon.uploads AS u (project_id, source_id, filename, options, total_bytes, "
        "created_by, sent_by) VALUES ($1, $2, $3, $4, $5, $6::name, $7::oid[]::regrole[]) "
        "RETURNING upload_id, "
        "to_jsonb(u)::text",
        {pg::bigint(source.project_id), pg::bigint(source_id), pg::text(filename),
         pg::jsonb(std::string_view(options_text)), pg::bigint(total_bytes), pg::text(user_name),
         pg::bigints(roles)});
    std::int64_t upload_id = made.bigint(0, 0);
    access::audit(spi, user, source.project_id, "begin", "upload", upload_id, std::nullopt,
                  made.text(0, 1));
    return upload_id;
}

}  // namespace

RECON_FUNCTION(recon_upload_begin) {
    pg::Arguments args(fcinfo);
    std::int64_t source_id = args.bigint(0, "source_id");
    std::string filename = args.text(1, "filename");
    check_filename(filename);
    json::Value options;
    options.kind = json::Kind::object;
    std::optional<std::int64_t> total_bytes;
    if (!args.is_null(2)) {
        options = pg::read_jsonb(args.datum(2));
        total_bytes = take_total_bytes(options);
        ingest::parse_options(options);  // names a fault before anything else is looked at
    }
    return Int64GetDatum(begin(source_id, filename, options, total_bytes, GetUserId()));
}

RECON_FUNCTION(recon_upload_status) {
    pg::Arguments args(fcinfo);
    std::int64_t upload_id = args.bigint(0, "upload_id");
    Oid user = GetUserId();
    pg::OwnerScope owner;
    pg::Spi spi(pg::Spi::read_only);
    std::int64_t project_id =
        access::require_object(spi, access::Object::upload, upload_id, user, access::Level::viewer);
    // Gaps are looked for only where there is one, and counted no further than they are shown.
    pg::Rows row = spi.query(
        "SELECT u.upload_id, u.project_id, u.source_id, u.filename, "
        "CASE WHEN e.at < clock_timestamp() THEN 'expired' ELSE u.status END, "
        "coalesce(t.chunks, u.chunks), coalesce(t.bytes, u.bytes), u.total_bytes, l.last, "
        "CASE WHEN l.last > t.chunks THEN ARRAY(SELECT n::integer FROM "
        "(SELECT c.chunk_no, lag(c.chunk_no, 1, 0) OVER (ORDER BY c.chunk_no) AS before "
        "FROM recon.upload_chunks c WHERE c.upload_id = u.upload_id AND c.project_id = "
        "u.project_id) g, generate_series(g.before + 1, least(g.chunk_no - 1, g.before::bigint + "
        "100)) n WHERE g.chunk_no > g.before + 1 ORDER BY n LIMIT 100) ELSE '{}' END, "
        "u.created_by, u.created_at, u.updated_at, e.at, u.ingestion_id "
        "FROM recon.uploads u LEFT JOIN recon.upload_totals t ON t.upload_id = u.upload_id AND "
        "t.project_id = u.project_id, "
        "LATERAL (SELECT max(c.chunk_no) AS last FROM recon.upload_chunks c "
        "WHERE c.upload_id = u.upload_id AND c.project_id = u.project_id) l, "
        "LATERAL (SELECT CASE WHEN u.status = 'open' AND $3 > 0 THEN u.updated_at + "
        "make_interval(secs => $3) END AS at) e "
        "WHERE u.project_id = $1 AND u.upload_id = $2",
        {pg::bigint(project_id), pg::bigint(upload_id),
         pg::bigint(std::int64_t{pg::settings::upload_expiry})});
    if (row.empty())
        throw Error("42704", "upload " + std::to_string(upload_id) + " does not exist");
    return row.result(fcinfo, 0);
}
