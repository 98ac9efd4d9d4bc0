#include "memo/counters.hpp"
#include "memo/entries.hpp"
#include "ops/health/check.hpp"
#include "ops/health/list.hpp"
#include "stats/recount.hpp"

namespace recon::ops {

namespace {

Finding check_memo(pg::Spi&) {
    if (!memo::entries::available()) return ok("there is no memo");
    std::uint64_t hits = 0, asked = 0, evictions = 0;
    for (std::size_t i = 0; i < memo::function_count; ++i) {
        memo::Counts counts = memo::counts(static_cast<memo::Function>(i));
        hits += counts.hits;
        asked += counts.hits + counts.misses;
        evictions += counts.evictions;
    }
    constexpr std::uint64_t enough = 1000;  // calls, to tell
    std::string text = std::to_string(hits) + " hits in " + std::to_string(asked) + " look-ups";
    if (asked < enough || hits * 2 >= asked) return ok(text);
    if (evictions * 10 > asked)
        return warning(text + ", " + std::to_string(evictions) + " answers had to give way",
                       "Raise \"recon.memo_size\".");
    return warning(text,
                   "See recon.memo_stats: answers are asked for less often than they change, or "
                   "the settings recon.ttl_* are short.");
}

// Those of version 1.1 that do not stand as they should; 1.0 may be without them.
std::optional<Finding> check_performance_indexes(pg::Spi& spi) {
    if (!spi.query("SELECT WHERE to_regclass('recon.index_status') IS NOT NULL").size())
        return std::nullopt;
    pg::Rows rows = spi.query(
        "SELECT state, name FROM recon.index_status WHERE state <> 'valid' ORDER BY state, name");
    List wrong, awaited;
    for (std::uint64_t i = 0; i < rows.size(); ++i) {
        std::string state = rows.text(i, 0);
        bool comes = state == "building" || state == "waiting";
        (comes ? awaited : wrong).add(rows.text(i, 1) + " is " + state);
    }
    if (wrong.size() > 0)
        return warning(
            std::to_string(wrong.size()) +
                " of those of version 1.1 are not as they "
                "should be: " +
                wrong.text(),
            "See advice in recon.index_status; recon.build_indexes(concurrently => true) "
            "builds what is missing or invalid.");
    if (awaited.size() > 0) return ok(std::to_string(awaited.size()) + " are being built");
    return std::nullopt;
}

Finding check_indexes(pg::Spi& spi) {
    pg::Rows rows = spi.query(
        "SELECT c.relname, i.indisvalid AND i.indisready FROM pg_catalog.pg_index i JOIN "
        "pg_catalog.pg_class c ON c.oid = i.indexrelid WHERE i.indrelid IN (SELECT oid FROM "
        "pg_catalog.pg_class WHERE relnamespace = 'recon'::regnamespace) AND c.relname NOT IN "
        "(SELECT name FROM recon.index_definitions()) AND NOT EXISTS (SELECT FROM "
        "pg_catalog.pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid AND "
        "p.datname = current_database()) ORDER BY 1");
    List invalid;
    for (std::uint64_t i = 0; i < rows.size(); ++i)
        if (!rows.boolean(i, 1)) invalid.add(rows.text(i, 0));
    if (invalid.size() > 0)
        return failed(std::to_string(invalid.size()) +
                          " are invalid, and cost without use: " + invalid.text(),
                      "Run REINDEX INDEX CONCURRENTLY on them, or drop them.");
    if (std::optional<Finding> finding = check_performance_indexes(spi)) return *finding;
    return ok("all are valid");
}

// Of the newest loads with rejects, those after which nothing else was loaded into the source.
Finding check_rejects(pg::Spi& spi) {
    pg::Rows rows = spi.query(
        "SELECT s.source_id, s.ingestion_id, s.status, s.records_read, (SELECT count(*) FROM "
        "(SELECT FROM recon.ingest_errors e WHERE e.project_id = s.project_id AND e.ingestion_id = "
        "s.ingestion_id AND e.resolved_by IS NULL LIMIT 10000) e) FROM "
        "(SELECT * FROM recon.ingestions i WHERE i.records_rejected > 0 AND i.retry_of IS NULL AND "
        "i.rejects_removed_at IS NULL ORDER BY i.finished_at DESC LIMIT 100) s WHERE NOT EXISTS "
        "(SELECT FROM recon.ingestions n WHERE n.project_id = s.project_id AND n.source_id = "
        "s.source_id AND n.ingestion_id > s.ingestion_id AND n.retry_of IS NULL) ORDER BY "
        "s.finished_at DESC, s.ingestion_id DESC");
    List with_rejects;
    bool load_failed = false;
    for (std::uint64_t i = 0; i < rows.size(); ++i) {
        std::int64_t open = rows.bigint(i, 4);
        bool no_load = rows.text(i, 2) == "failed";
        if (open == 0 && !no_load) continue;
        load_failed = load_failed || no_load;
        with_rejects.add("source " + rows.text(i, 0) + " (load " + rows.text(i, 1) +
                         (no_load ? " failed: " : ": ") + std::to_string(open) + " of " +
                         rows.text(i, 3) + ")");
    }
    if (with_rejects.size() == 0) return ok("no rejects in the last load of any source");
    return warning("the last load left rejects in " + with_rejects.text(),
                   load_failed ? "See recon.ingest_errors; correct the file or the mapping, and "
                                 "load it again or call recon.retry_rejects."
                               : "See recon.ingest_errors; recon.retry_rejects tries them again.");
}

// Whether a project's rows are counted by an index, or of tables so small that it does not matter.
bool can_be_counted(pg::Spi& spi) {
    constexpr std::int64_t small = 8 << 20;  // bytes
    return spi
        .query(
            "SELECT FROM "
            "unnest('{recon.records,recon.matches,recon.jobs,recon.files}'::regclass[]) "
            "t WHERE pg_catalog.pg_relation_size(t) > $1 AND NOT EXISTS (SELECT FROM "
            "pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND "
            "a.attnum = i.indkey[0] JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid JOIN "
            "pg_catalog.pg_am m ON m.oid = x.relam WHERE i.indrelid = t AND a.attname = "
            "'project_id' AND m.amname IN ('btree', 'brin') AND i.indisvalid AND i.indpred IS "
            "NULL)",
            {pg::bigint(small)})
        .empty();
}

#define KEPT                                                                                  \
    "project_id, jobs, completed_jobs, failed_jobs, running_jobs, records, matched_records, " \
    "proposed_matches, approved_matches, confidence, files, bytes"

// All projects: what no counting could give. One small project, another one each time: counted.
Finding check_figures(pg::Spi& spi) {
    const char hint[] = "Run recon.stats_verify(project_id), which counts and puts them right.";
    pg::Rows wrong = spi.query(
        "SELECT s.project_id FROM (SELECT project_id, sum(jobs) AS jobs, sum(completed_jobs) AS "
        "completed, sum(failed_jobs) AS failed, sum(running_jobs) AS running, sum(records) AS "
        "records, sum(matched_records) AS matched, sum(proposed_matches) AS proposed, "
        "sum(approved_matches) AS approved, sum(confidence) AS confidence, sum(files) AS files, "
        "sum(bytes) AS bytes, bool_or(base) AS base FROM (SELECT " KEPT
        ", true AS base FROM recon.stats_base UNION ALL SELECT " KEPT
        ", false FROM recon.stats_deltas) k GROUP BY project_id) s LEFT JOIN (SELECT "
        "project_id, count(*) AS running FROM recon.jobs WHERE status = 'running' GROUP BY 1) j "
        "ON j.project_id = s.project_id WHERE s.base AND (least(jobs, completed, failed, "
        "s.running, records, matched, proposed, approved, confidence, files, bytes) < 0 OR matched "
        "> records OR completed + failed + s.running > jobs OR confidence > 1000000000 * (proposed "
        "+ approved) OR proposed + approved > matched OR s.running <> coalesce(j.running, 0)) "
        "ORDER BY 1");
    List wrong_projects;
    for (std::uint64_t i = 0; i < wrong.size(); ++i) wrong_projects.add(wrong.text(i, 0));
    if (wrong_projects.size() > 0)
        return failed("those of " + std::to_string(wrong_projects.size()) +
                          " projects cannot be right: " + wrong_projects.text(),
                      hint);
    std::string text = "those kept of all projects are consistent";
    if (!can_be_counted(spi)) return ok(text);
    // Rows of few loads and runs lie together.
    constexpr std::int64_t most_rows = 10'000, most_loads = 50;
    pg::Rows sample = spi.query(
        "SELECT project_id FROM recon.stats_base b WHERE records + proposed_matches + "
        "approved_matches <= $1 AND files + jobs <= $2 AND (SELECT coalesce(sum(loads), 0) FROM "
        "recon.data_sources s WHERE s.project_id = b.project_id) <= $2 ORDER BY random() LIMIT 1",
        {pg::bigint(most_rows), pg::bigint(most_loads)});
    if (sample.empty()) return ok(text);
    std::int64_t project_id = sample.bigint(0, 0);
    stats::Recount recount = stats::compare(spi, project_id);
    if (recount.any && recount.kept != recount.counted)
        return failed(
            "those kept of project " + std::to_string(project_id) + " are not what counting gives",
            hint);
    return ok(text + ", those of project " + std::to_string(project_id) + " were counted");
}

constexpr Check checks[] = {
    {"memo_hit_ratio", check_memo}, {"indexes", check_indexes}, {"rejects", check_rejects},
    {"figures", check_figures},     {"audit", check_audit},
};

}  // namespace

std::span<const Check> data_checks() {
    return checks;
}

}  // namespace recon::ops
