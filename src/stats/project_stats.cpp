// get_project_stats and stats_verify.
#include "access/audit.hpp"
#include "access/membership.hpp"
#include "pg/owner.hpp"
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

RECON_FUNCTION(recon_get_project_stats) {
    pg::Arguments args(fcinfo);
    std::int64_t project_id = args.bigint(0, "project_id");
    Oid user = GetUserId();
    stats::Delta kept;
    pg::Value last_activity;
    {
        pg::OwnerScope owner;
        pg::Spi spi(pg::Spi::read_only);
        access::require(spi, project_id, user, Level::viewer);
        pg::Rows row = spi.query(read_kept, {pg::bigint(project_id)});
        kept = read_figures(row, 0);
        if (!row.is_null(0, figure_count))
            last_activity = pg::Value::raw(row.datum(0, figure_count));
    }
    std::int64_t live = kept.proposed_matches + kept.approved_matches;
    return pg::make_row(
        fcinfo, {project_id, kept.jobs, kept.completed_jobs, kept.failed_jobs, kept.running_jobs,
                 kept.records, kept.matched_records, kept.records - kept.matched_records, live,
                 kept.proposed_matches, kept.approved_matches, mean(kept.confidence, live),
                 kept.files, kept.bytes, last_activity});
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
