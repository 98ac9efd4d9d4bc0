#include "stats/recount.hpp"

namespace recon::stats {

namespace {

constexpr int base_column = std::size(figures);  // of what is kept: whether there is a base

// Columns in the order of `figures`.
#define RECON_STATS_COLUMNS                                                       \
    "jobs, completed_jobs, failed_jobs, running_jobs, records, matched_records, " \
    "proposed_matches, approved_matches, confidence, files, bytes"
#define RECON_STATS_KEPT                                                                      \
    "SELECT sum(jobs)::bigint, sum(completed_jobs)::bigint, sum(failed_jobs)::bigint, "       \
    "sum(running_jobs)::bigint, sum(records)::bigint, sum(matched_records)::bigint, "         \
    "sum(proposed_matches)::bigint, sum(approved_matches)::bigint, sum(confidence)::bigint, " \
    "sum(files)::bigint, sum(bytes)::bigint, coalesce(bool_or(base), false) FROM ("           \
    "SELECT " RECON_STATS_COLUMNS                                                             \
    ", true AS base FROM recon.stats_base WHERE project_id = $1 UNION ALL "                   \
    "SELECT " RECON_STATS_COLUMNS ", false FROM recon.stats_deltas WHERE project_id = $1) s"
#define RECON_STATS_COUNTED                                                                      \
    "SELECT j.*, r.*, x.*, m.*, f.* FROM "                                                       \
    "(SELECT count(*), count(*) FILTER (WHERE status = 'completed'), count(*) FILTER (WHERE "    \
    "status = 'failed'), count(*) FILTER (WHERE status = 'running') FROM recon.jobs WHERE "      \
    "project_id = $1) j, "                                                                       \
    "(SELECT count(*) FROM recon.records WHERE project_id = $1) r, "                             \
    "(SELECT (SELECT 2 * count(*) FROM recon.matches WHERE project_id = $1 AND cardinality = "   \
    "'1:1' AND status IN ('proposed', 'approved')) + (SELECT count(*) FROM recon.match_members " \
    "x JOIN recon.matches m ON m.project_id = x.project_id AND m.match_id = x.match_id WHERE "   \
    "x.project_id = $1 AND m.status IN ('proposed', 'approved'))) x, "                           \
    "(SELECT count(*) FILTER (WHERE status = 'proposed'), count(*) FILTER (WHERE status = "      \
    "'approved'), coalesce(sum(round(confidence * 1e9)::bigint) FILTER (WHERE status IN "        \
    "('proposed', 'approved')), 0)::bigint FROM recon.matches WHERE project_id = $1) m, "        \
    "(SELECT count(*), coalesce(sum(bytes), 0)::bigint FROM recon.files WHERE project_id = $1) f"

pg::Prepared read_sql(
    "SELECT k.*, (SELECT max(at) FROM recon.audit_log WHERE project_id = $1) "
    "FROM (" RECON_STATS_KEPT ") k");

// Both in one statement, and so in one snapshot.
constexpr char kept_and_counted_sql[] =
    "SELECT k.*, c.* FROM (" RECON_STATS_KEPT ") k, (" RECON_STATS_COUNTED ") c";

// Two do not count the same project; whoever works in it goes on.
pg::Prepared lock_missing(
    "SELECT FROM recon.projects p WHERE project_id = $1 AND NOT EXISTS (SELECT FROM "
    "recon.stats_base b WHERE b.project_id = $1) FOR NO KEY UPDATE OF p SKIP LOCKED");

Delta read_figures(const pg::Rows& rows, int first_column) {
    Delta values;
    for (const Figure& figure : figures) values.*figure.field = rows.bigint(0, first_column++);
    return values;
}

}  // namespace

Reading read(pg::Spi& spi, std::int64_t project_id) {
    pg::Rows row = spi.query(read_sql, {pg::bigint(project_id)});
    Reading reading;
    if (row.boolean(0, base_column))
        reading.figures = read_figures(row, 0);
    else
        reading.figures = read_figures(spi.query(RECON_STATS_COUNTED, {pg::bigint(project_id)}), 0);
    if (!row.is_null(0, base_column + 1))
        reading.last_activity = DatumGetTimestampTz(row.datum(0, base_column + 1));
    return reading;
}

Recount compare(pg::Spi& spi, std::int64_t project_id) {
    pg::Rows row = spi.query(kept_and_counted_sql, {pg::bigint(project_id)});
    return {row.boolean(0, base_column), read_figures(row, 0), read_figures(row, base_column + 1)};
}

Recount recount(pg::Spi& spi, std::int64_t project_id) {
    Recount result;
    result.any = spi.execute(
                     "INSERT INTO recon.stats_base (project_id) VALUES ($1) ON "
                     "CONFLICT (project_id) DO NOTHING",
                     {pg::bigint(project_id)}) == 0;
    // What writers have not committed is in neither of the two sides, and their own difference
    // comes with it.
    spi.query("SELECT FROM recon.stats_base WHERE project_id = $1 FOR UPDATE",
              {pg::bigint(project_id)});
    Recount both = compare(spi, project_id);
    result.kept = both.kept;
    result.counted = both.counted;
    Delta missing;
    for (const Figure& figure : figures)
        missing.*figure.field = result.counted.*figure.field - result.kept.*figure.field;
    if (missing == Delta()) return result;
    add(spi, project_id, missing);
    fold(spi, project_id);
    return result;
}

void recount_if_missing(pg::Spi& spi, std::int64_t project_id) {
    if (pg::has_fixed_snapshot()) return;
    if (spi.query(lock_missing, {pg::bigint(project_id)}).empty()) return;
    recount(spi, project_id);
}

}  // namespace recon::stats
