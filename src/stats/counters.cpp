#include "stats/counters.hpp"

#include "memo/marks.hpp"

namespace recon::stats {

namespace {

// Reading so many takes about as long as the rest of a call of get_project_stats.
constexpr std::int64_t most_deltas = 64;

pg::Prepared append_delta(
    "INSERT INTO recon.stats_deltas (project_id, jobs, completed_jobs, failed_jobs, running_jobs, "
    "records, matched_records, proposed_matches, approved_matches, confidence, files, bytes) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)");

pg::Prepared count_deltas(
    "SELECT count(*) FROM (SELECT FROM recon.stats_deltas WHERE project_id = $1 LIMIT $2) d");

pg::Prepared try_lock_base(
    "SELECT FROM recon.stats_base WHERE project_id = $1 FOR UPDATE SKIP LOCKED");

pg::Prepared fold_deltas(
    "WITH gone AS (DELETE FROM recon.stats_deltas WHERE project_id = $1 RETURNING *), "
    "total AS (SELECT count(*) AS rows, sum(jobs)::bigint AS jobs, sum(completed_jobs)::bigint AS "
    "completed_jobs, sum(failed_jobs)::bigint AS failed_jobs, sum(running_jobs)::bigint AS "
    "running_jobs, sum(records)::bigint AS records, sum(matched_records)::bigint AS "
    "matched_records, sum(proposed_matches)::bigint AS proposed_matches, "
    "sum(approved_matches)::bigint AS approved_matches, sum(confidence)::bigint AS confidence, "
    "sum(files)::bigint AS files, sum(bytes)::bigint AS bytes FROM gone) "
    "UPDATE recon.stats_base b SET jobs = b.jobs + t.jobs, completed_jobs = b.completed_jobs + "
    "t.completed_jobs, failed_jobs = b.failed_jobs + t.failed_jobs, running_jobs = b.running_jobs "
    "+ t.running_jobs, records = b.records + t.records, matched_records = b.matched_records + "
    "t.matched_records, proposed_matches = b.proposed_matches + t.proposed_matches, "
    "approved_matches = b.approved_matches + t.approved_matches, confidence = b.confidence + "
    "t.confidence, files = b.files + t.files, bytes = b.bytes + t.bytes "
    "FROM total t WHERE b.project_id = $1 AND t.rows > 0 RETURNING t.rows");

}  // namespace

void Delta::count_status(std::string_view job_status, std::int64_t n) {
    if (job_status == "completed") completed_jobs += n;
    if (job_status == "failed") failed_jobs += n;
    if (job_status == "running") running_jobs += n;
}

void add(pg::Spi& spi, std::int64_t project_id, const Delta& delta) {
    if (delta == Delta()) return;
    memo::mark(memo::Kind::stats, project_id);
    spi.query(append_delta,
              {pg::bigint(project_id), pg::bigint(delta.jobs), pg::bigint(delta.completed_jobs),
               pg::bigint(delta.failed_jobs), pg::bigint(delta.running_jobs),
               pg::bigint(delta.records), pg::bigint(delta.matched_records),
               pg::bigint(delta.proposed_matches), pg::bigint(delta.approved_matches),
               pg::bigint(delta.confidence), pg::bigint(delta.files), pg::bigint(delta.bytes)});
    // Looking at the others' rows would also make serializable transactions conflict.
    if (pg::has_fixed_snapshot()) return;
    pg::Rows rows = spi.query(count_deltas, {pg::bigint(project_id), pg::bigint(most_deltas)});
    if (rows.bigint(0, 0) == most_deltas) compact(spi, project_id);
}

std::int64_t compact(pg::Spi& spi, std::int64_t project_id) {
    if (pg::has_fixed_snapshot()) return 0;
    if (spi.query(try_lock_base, {pg::bigint(project_id)}).empty()) return 0;
    return fold(spi, project_id);
}

std::vector<std::int64_t> projects_to_compact(pg::Spi& spi) {
    std::vector<std::int64_t> ids;
    pg::Rows projects = spi.query(
        "SELECT project_id FROM recon.stats_deltas UNION SELECT project_id FROM recon.projects p "
        "WHERE NOT EXISTS (SELECT FROM recon.stats_base b WHERE b.project_id = p.project_id) "
        "ORDER BY 1 DESC");
    for (std::uint64_t i = 0; i < projects.size(); ++i) ids.push_back(projects.bigint(i, 0));
    spi.free(projects);
    return ids;
}

std::int64_t fold(pg::Spi& spi, std::int64_t project_id) {
    // Its snapshot is younger than the lock: it sees every row that the last holder left.
    pg::Rows folded = spi.query(fold_deltas, {pg::bigint(project_id)});
    return folded.empty() ? 0 : folded.bigint(0, 0);
}

}  // namespace recon::stats
