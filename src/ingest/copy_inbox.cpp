#include "ingest/copy_inbox.hpp"

#include "access/membership.hpp"
#include "ingest/copy_options.hpp"
#include "ingest/load.hpp"
#include "pg/trigger.hpp"
#include "pg/copy_hook.hpp"
#include "pg/copy_stream.hpp"
#include "pg/owner.hpp"
#include "pg/report.hpp"

namespace recon::ingest {

namespace {

constexpr std::size_t buffer_bytes = 64 * 1024;  // of a slow stream, no more waits unread
constexpr int view_columns = 1;

void refuse_other_forms(const pg::CopyStatement& statement) {
    const char* code = sqlstate::feature_not_supported;
    if (!statement.from)
        throw Error(code, "cannot copy from recon.inbox", "It takes records in and keeps none.",
                    "Read the records with COPY (SELECT ... FROM recon.records ...) TO.");
    if (!statement.of_client)
        throw Error(code, "COPY recon.inbox reads from STDIN only", {},
                    "Use COPY recon.inbox FROM STDIN, or psql's \\copy, for a file of the client, "
                    "and SELECT recon.ingest_file(...) for one of the server.");
    if (statement.has_columns)
        throw Error(code, "COPY recon.inbox takes no list of columns", {},
                    "The source's mapping says which columns there are; set it with "
                    "recon.alter_source.");
    if (statement.has_condition)
        throw Error(code, "COPY recon.inbox takes no WHERE", {},
                    "Load all records, or leave out those that are not wanted before they are "
                    "sent.");
}

// By name, among what the user can see: the same answer for a hidden source as for a missing one.
std::int64_t find_source(pg::Spi& spi, const std::string& name, Oid user) {
    pg::Rows rows = spi.query(
        "SELECT s.source_id, p.project_id FROM recon.projects p JOIN recon.data_sources s ON "
        "s.project_id = p.project_id AND s.name = substr($1, length(p.name) + 2) "
        "WHERE starts_with($1, p.name || '/') ORDER BY s.source_id",
        {pg::text(name)});
    std::vector<std::int64_t> seen;
    for (std::uint64_t i = 0; i < rows.size(); ++i)
        if (access::level_of(rows.bigint(i, 1), user) != access::Level::none)
            seen.push_back(rows.bigint(i, 0));
    if (seen.empty())
        throw Error("42704", "source \"" + name + "\" does not exist", {},
                    name.find('/') == std::string::npos
                        ? "SOURCE names project and source: 'project/source'."
                        : "");
    if (seen.size() == 1) return seen[0];
    std::string ids;
    for (std::int64_t id : seen) ids += (ids.empty() ? "" : ", ") + std::to_string(id);
    throw Error("42725", "source \"" + name + "\" is not unique",
                "The sources of that name have the ids " + ids + ".", "Use SOURCE_ID.");
}

bool says(const json::Value& options, const char* key) {
    const json::Value* value = options.find(key);
    return value != nullptr && value->kind != json::Kind::null;
}

// A stream is in the client's encoding, as in any COPY, unless the statement or the source says
// what its data is in.
void settle_encoding(const Source& source, json::Value& overrides) {
    if (says(overrides, "encoding") || says(source.options, "encoding")) return;
    json::Value encoding;
    encoding.kind = json::Kind::string;
    encoding.text = pg::client_encoding();
    overrides.members.emplace_back("encoding", std::move(encoding));
}

// Where the load is, for error reports: live while it runs, its last line afterwards.
class PlaceKeeper {
  public:
    PlaceKeeper(pg::CopyPlace& place, const std::uint64_t& line) : place_(place) {
        place_.line = &line;
    }
    ~PlaceKeeper() {
        place_.line_at_end = *place_.line;
        place_.line = nullptr;
    }
    PlaceKeeper(const PlaceKeeper&) = delete;
    PlaceKeeper& operator=(const PlaceKeeper&) = delete;

  private:
    pg::CopyPlace& place_;
};

void set_source(pg::CopyPlace& place, const std::string& name) {
    std::size_t length = std::min(name.size(), sizeof place.source - 1);
    std::memcpy(place.source, name.data(), length);
    place.source[length] = '\0';
    pg::make_valid(place.source);
}

void tell(const Report& report) {
    const Counts& counts = report.counts;
    std::string id = std::to_string(report.ingestion_id);
    if (std::strcmp(report.status, "duplicate") == 0)
        pg::notice("the same data was loaded before; nothing was loaded",
                   "See recon.ingestions for ingestion " + id +
                       "; the option FORCE loads it nevertheless.");
    else if (counts.rejected > 0 && std::strcmp(report.status, "completed") == 0)
        pg::notice(std::to_string(counts.rejected) + " of " + std::to_string(counts.read) +
                       (counts.read == 1 ? " record was rejected" : " records were rejected"),
                   "See recon.ingest_errors for ingestion " + id + ".");
}

std::uint64_t copy_into_inbox(const pg::CopyStatement& statement) {
    refuse_other_forms(statement);
    CopyOptions options = read_copy_options(statement.options);
    parse_options(options.overrides);
    Oid user = GetUserId();
    pg::OwnerScope owner;
    pg::Spi spi;
    Source source = open_file_source(
        spi, options.source_id ? *options.source_id : find_source(spi, options.source, user), user);
    set_source(*statement.place, source.name);
    settle_encoding(source, options.overrides);
    Load load(spi, source, Door::copy, options.overrides, {}, user);
    PlaceKeeper keeper(*statement.place, load.line());
    auto buffer = std::make_unique<char[]>(buffer_bytes);
    pg::CopyStream stream(view_columns);
    while (std::size_t count = stream.read(buffer.get(), buffer_bytes)) {
        if (load.feed(std::string_view(buffer.get(), count))) continue;
        // The client is not told before it has sent everything.
        stream.drain();
        break;
    }
    Report report = load.finish();
    tell(report);
    return report.counts.loaded;
}

}  // namespace

void open_inbox() {
    pg::take_over_copy("inbox", copy_into_inbox);
}

}  // namespace recon::ingest

// The trigger of the view: what the hook did not take over has come the wrong way.
RECON_FUNCTION(recon_inbox_insert) {
    using recon::Error;
    recon::pg::require_own_trigger(fcinfo);
    if (recon::pg::running_copy())
        throw Error(
            "55000", "COPY recon.inbox needs the library of recon in the session",
            "It was not loaded when the statement began.",
            "Set shared_preload_libraries or session_preload_libraries to 'recon', or run "
            "any function of recon first; then use COPY recon.inbox FROM STDIN WITH (FORMAT "
            "csv, SOURCE_ID ...).");
    throw Error("0A000", "cannot insert into recon.inbox", {},
                "Use COPY recon.inbox FROM STDIN WITH (FORMAT csv, SOURCE_ID ...).");
}
