// ingest_file: the door for files on the server.
#include "ingest/load.hpp"
#include "pg/jsonb.hpp"
#include "pg/owner.hpp"
#include "pg/server_file.hpp"

using namespace recon;

namespace {

constexpr std::size_t buffer_bytes = std::size_t{1} << 20;

ingest::Report load_file(std::int64_t source_id, const std::string& path,
                         const json::Value& options, Oid user) {
    pg::OwnerScope owner;
    pg::Spi spi;
    ingest::Source source = ingest::open_file_source(spi, source_id, user);
    pg::ServerFile file(path);
    ingest::Load load(spi, source, ingest::Door::file, options, path.substr(path.rfind('/') + 1),
                      user);
    load.expect(file.size());
    auto buffer = std::make_unique<char[]>(buffer_bytes);
    while (std::size_t count = file.read(buffer.get(), buffer_bytes))
        if (!load.feed(std::string_view(buffer.get(), count))) break;
    ingest::Report report = load.finish();
    file.close();
    return report;
}

}  // namespace

RECON_FUNCTION(recon_ingest_file) {
    pg::Arguments args(fcinfo);
    std::int64_t source_id = args.bigint(0, "source_id");
    std::string path = args.text(1, "path");
    json::Value options;
    options.kind = json::Kind::object;
    if (!args.is_null(2)) {
        options = pg::read_jsonb(args.datum(2));
        ingest::parse_options(options);  // names a fault before anything else is looked at
    }
    Oid user = GetUserId();
    if (!pg::has_privileges(user, ROLE_PG_READ_SERVER_FILES))
        throw Error("42501", "permission denied to load a file of the server",
                    "Only roles with privileges of the \"pg_read_server_files\" role may load a "
                    "file of the server.");
    ingest::Report report = load_file(source_id, path, options, user);
    return ingest::report_row(fcinfo, report);
}
