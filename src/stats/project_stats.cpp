// get_project_stats and stats_verify.
#include "access/audit.hpp"
#include "access/membership.hpp"
#include "memo/memo.hpp"
#include "pg/owner.hpp"
#include "pg/settings.hpp"
#include "stats/counters.hpp"

using namespace recon;
using access::Level;

namespace {

constexpr int figure_count = std::size(stats::figures);

// Columns in the order of stats::figures.
#define RECON_STATS_COLUMNS                                                       \
    "jobs, completed_jobs, failed_jobs, running_jobs, records, matched_records, " \
    "proposed_matches, approved_matches, confidence, files, bytes"
#define RECON_STATS_KEPT                                                                     \
    "SELECT sum(jobs)::bigint AS jobs, sum(completed_jobs)::bigint AS completed_jobs, "      \
    "sum(failed_jobs)::bigint AS failed_jobs, sum(running_jobs)::bigint AS running_jobs, "   \
    "sum(records)::bigint AS records, sum(matched_records)::bigint AS matched_records, "     \
    "sum(proposed_matches)::bigint AS proposed_matches, sum(approved_matches)::bigint AS "   \
    "approved_matches, sum(confidence)::bigint AS confidence, sum(files)::bigint AS files, " \
    "sum(bytes)::bigint AS bytes FROM ("                                                     \
    "SELECT " RECON_STATS_COLUMNS                                                            \
    " FROM recon.stats_base WHERE project_id = $1 UNION ALL "                                \
    "SELECT " RECON_STATS_COLUMNS " FROM recon.stats_deltas WHERE project_id = $1) s"

pg::Prepared read_kept(
    "SELECT k.*, (SELECT max(at) FROM recon.audit_log WHERE project_id = $1) "
    "FROM (" RECON_STATS_KEPT ") k");

// Both in one statement, and so in one snapshot.
constexpr char read_kept_and_counted[] =
    "SELECT k.*, j.*, r.*, x.*, m.*, f.* FROM (" RECON_STATS_KEPT
    ") k, "
    "(SELECT count(*), count(*) FILTER (WHERE status = 'completed'), count(*) FILTER (WHERE "
    "status = 'failed'), count(*) FILTER (WHERE status = 'running') FROM recon.jobs WHERE "
    "project_id = $1) j, "
    "(SELECT count(*) FROM recon.records WHERE project_id = $1) r, "
    "(SELECT (SELECT 2 * count(*) FROM recon.matches WHERE project_id = $1 AND cardinality = '1:1' "
    "AND status IN ('proposed', 'approved')) + (SELECT count(*) FROM recon.match_members x JOIN "
    "recon.matches m ON m.project_id = x.project_id AND m.match_id = x.match_id WHERE x.project_id "
    "= $1 AND m.status IN ('proposed', 'approved'))) x, "
    "(SELECT count(*) FILTER (WHERE status = 'proposed'), count(*) FILTER (WHERE status = "
    "'approved'), coalesce(sum(round(confidence * 1e9)::bigint) FILTER (WHERE status IN "
    "('proposed', 'approved')), 0)::bigint FROM recon.matches WHERE project_id = $1) m, "
    "(SELECT count(*), coalesce(sum(bytes), 0)::bigint FROM recon.files WHERE project_id = $1) f";

stats::Delta read_figures(const pg::Rows& rows, int first_column) {
    stats::Delta values;
    for (int i = 0; i < figure_count; ++i)
        values.*stats::figures[i].field = rows.bigint(0, first_column + i);
    return values;
}

// The same bits in whatever order the matches came: the sum is exact.
std::optional<double> mean(std::int64_t billionths, std::int64_t count) {
    if (count == 0) return std::nullopt;
    auto whole = static_cast<double>(billionths / count);
    auto rest = static_cast<double>(billionths % count) / static_cast<double>(count);
    return (whole + rest) / 1e9;
}

std::string to_json(const stats::Delta& values) {
    std::string text = "{";
    for (const stats::Figure& figure : stats::figures) {
        if (text.size() > 1) text += ", ";
        text += std::string("\"") + figure.column + "\": " + std::to_string(values.*figure.field);
    }
    return text + "}";
}

}  // namespace

namespace {

// As the memo keeps them.
struct Figures {
    stats::Delta kept;
    std::int64_t last_activity = 0;
    std::int64_t is_active = 0;  // whether there is a last activity
};
static_assert(std::is_trivially_copyable_v<Figures>);

Figures read_figures_of(std::int64_t project_id, Oid user) {
    pg::OwnerScope owner;
    pg::Spi spi(pg::Spi::read_only);
    access::require(spi, project_id, user, Level::viewer);
    pg::Rows row = spi.query(read_kept, {pg::bigint(project_id)});
    Figures figures;
    figures.kept = read_figures(row, 0);
    figures.is_active = row.is_null(0, figure_count) ? 0 : 1;
    if (figures.is_active != 0)
        figures.last_activity = DatumGetTimestampTz(row.datum(0, figure_count));
    return figures;
}

}  // namespace

RECON_FUNCTION(recon_get_project_stats) {
    std::int64_t project_id = pg::Arguments(fcinfo).bigint(0, "project_id");
    Oid user = GetUserId();
    if (access::level_of(project_id, user) == Level::none) access::project_is_missing(project_id);
    memo::Lookup lookup({memo::Function::stats,
                         fcinfo->flinfo->fn_oid,
                         {memo::Kind::stats, project_id},
                         0,
                         pg::settings::ttl_stats});
    Figures figures;
    if (lookup.hit()) {
        std::memcpy(static_cast<void*>(&figures), lookup.words().data(), sizeof figures);
    } else {
        figures = read_figures_of(project_id, user);
        lookup.store(std::as_bytes(std::span(&figures, 1)));
    }
    const stats::Delta& kept = figures.kept;
    std::int64_t live = kept.proposed_matches + kept.approved_matches;
    std::optional<double> confidence = mean(kept.confidence, live);
    const std::array<Datum, 15> values = {Int64GetDatum(project_id),
                                          Int64GetDatum(kept.jobs),
                                          Int64GetDatum(kept.completed_jobs),
                                          Int64GetDatum(kept.failed_jobs),
                                          Int64GetDatum(kept.running_jobs),
                                          Int64GetDatum(kept.records),
                                          Int64GetDatum(kept.matched_records),
                                          Int64GetDatum(kept.records - kept.matched_records),
                                          Int64GetDatum(live),
                                          Int64GetDatum(kept.proposed_matches),
                                          Int64GetDatum(kept.approved_matches),
                                          Float8GetDatum(confidence.value_or(0)),
                                          Int64GetDatum(kept.files),
                                          Int64GetDatum(kept.bytes),
                                          TimestampTzGetDatum(figures.last_activity)};
    std::array<bool, 15> nulls{};
    nulls[11] = !confidence;
    nulls[14] = figures.is_active == 0;
    return pg::form_row(fcinfo, values, nulls);
}

RECON_FUNCTION(recon_stats_verify) {
    pg::Arguments args(fcinfo);
    std::int64_t project_id = args.bigint(0, "project_id");
    Oid user = GetUserId();
    pg::ResultSet result(fcinfo);
    pg::OwnerScope owner;
    pg::Spi spi;
    access::require(spi, project_id, user, Level::owner);
    spi.query("SELECT FROM recon.projects WHERE project_id = $1 FOR KEY SHARE",
              {pg::bigint(project_id)});
    access::require(spi, project_id, user, Level::owner);  // it may have been dropped meanwhile
    // Writers go on: what they have not committed is in neither of the two sides, and their own
    // difference comes with it. Only another repair has to wait.
    spi.execute(
        "INSERT INTO recon.stats_base (project_id) VALUES ($1) ON CONFLICT (project_id) DO NOTHING",
        {pg::bigint(project_id)});
    spi.query("SELECT FROM recon.stats_base WHERE project_id = $1 FOR UPDATE",
              {pg::bigint(project_id)});
    pg::Rows row = spi.query(read_kept_and_counted, {pg::bigint(project_id)});
    stats::Delta kept = read_figures(row, 0), counted = read_figures(row, figure_count), missing;
    for (const stats::Figure& figure : stats::figures) {
        missing.*figure.field = counted.*figure.field - kept.*figure.field;
        if (missing.*figure.field != 0)
            result.add({figure.column, kept.*figure.field, counted.*figure.field});
    }
    if (missing == stats::Delta()) return 0;
    stats::add(spi, project_id, missing);
    stats::fold(spi, project_id);
    access::audit(spi, user, project_id, "repair", "stats", std::nullopt, to_json(kept),
                  to_json(counted));
    return 0;
}
