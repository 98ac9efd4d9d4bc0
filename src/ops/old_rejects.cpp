#include "ops/old_rejects.hpp"

#include "access/audit.hpp"
#include "pg/settings.hpp"

namespace recon::ops {

namespace {

constexpr std::int64_t most_rows = 1000;  // a batch
constexpr int most_loads = 1000;
constexpr std::int64_t most_due = 100'000;  // a round

// By the index ingestions_rejects_idx.
constexpr char find_sql[] =
    "SELECT project_id, ingestion_id FROM recon.ingestions WHERE records_rejected > 0 AND retry_of "
    "IS NULL AND rejects_removed_at IS NULL AND finished_at < $1 ORDER BY finished_at LIMIT $2";

// Whoever drops the project waits for nobody who works in it so, and is waited for by nobody.
pg::Prepared lock_load(
    "SELECT FROM recon.ingestions WHERE project_id = $1 AND ingestion_id = $2 AND "
    "rejects_removed_at IS NULL FOR NO KEY UPDATE SKIP LOCKED");

pg::Prepared delete_rows(
    "WITH batch AS (SELECT line_no FROM recon.ingest_errors WHERE project_id = $1 AND ingestion_id "
    "= $2 AND line_no > $3 ORDER BY line_no LIMIT $4 FOR UPDATE SKIP LOCKED), "
    "gone AS (DELETE FROM recon.ingest_errors e USING batch s WHERE e.project_id = $1 AND "
    "e.ingestion_id = $2 AND e.line_no = s.line_no RETURNING e.line_no) "
    "SELECT count(*), coalesce(max(line_no), $3) FROM gone");

// Unless some stayed because a retry is at them.
pg::Prepared mark_load(
    "UPDATE recon.ingestions i SET rejects_removed_at = clock_timestamp() WHERE i.project_id = $1 "
    "AND i.ingestion_id = $2 AND NOT EXISTS (SELECT FROM recon.ingest_errors e WHERE e.project_id "
    "= $1 AND e.ingestion_id = $2) "
    "RETURNING jsonb_build_object('records_rejected', records_rejected, 'rejects_removed_at', "
    "rejects_removed_at)::text");

}  // namespace

void OldRejects::find(pg::Spi& spi) {
    found_ = true;
    const std::int64_t age = pg::settings::reject_retention;
    // With a snapshot that may be old it is not known what others still need.
    if (age == 0 || pg::has_fixed_snapshot()) return;
    TimestampTz old = GetCurrentTimestamp() - age * USECS_PER_SEC;
    pg::Rows rows = spi.query(find_sql, {pg::timestamp(old), pg::bigint(most_due)});
    for (std::uint64_t i = rows.size(); i-- > 0;)
        due_.push_back({rows.bigint(i, 0), rows.bigint(i, 1)});
    spi.free(rows);
}

// Of the load at hand; goes on to the next where it has no more.
std::int64_t OldRejects::remove_some(pg::Spi& spi, Oid user, std::int64_t most) {
    const Load load = due_.back();
    const pg::Param project = pg::bigint(load.project_id), id = pg::bigint(load.ingestion_id);
    std::int64_t removed = 0;
    if (!spi.query(lock_load, {project, id}).empty()) {
        pg::Rows gone =
            spi.query(delete_rows, {project, id, pg::bigint(last_line_), pg::bigint(most)});
        removed = gone.bigint(0, 0);
        last_line_ = gone.bigint(0, 1);
        if (removed == most) return removed;
        pg::Rows marked = spi.query(mark_load, {project, id});
        if (!marked.empty())
            access::audit(spi, user, load.project_id, "delete", "rejects", load.ingestion_id,
                          std::nullopt, marked.text(0, 0));
    }
    due_.pop_back();
    last_line_ = 0;
    return removed;
}

std::uint64_t OldRejects::step(pg::Spi& spi, Oid user, bool& more) {
    if (!found_) find(spi);
    std::int64_t removed = 0;
    for (int loads = 0; !due_.empty() && removed < most_rows && loads < most_loads; ++loads)
        removed += remove_some(spi, user, most_rows - removed);
    more = !due_.empty();
    return static_cast<std::uint64_t>(removed);
}

}  // namespace recon::ops
