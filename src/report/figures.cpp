#include "report/figures.hpp"

namespace recon::report {

#define UTC_MINUTE "'YYYY-MM-DD HH24:MI'"
// Of the matches of the job and those made by hand of records of its sources.
#define SCOPE                                                                                 \
    "by_hand AS (SELECT DISTINCT m.match_id FROM recon.matches m JOIN recon.match_records x " \
    "ON x.project_id = m.project_id AND x.match_id = m.match_id JOIN recon.records r "        \
    "ON r.project_id = x.project_id AND r.record_id = x.record_id WHERE m.project_id = $1 "   \
    "AND m.job_id IS NULL AND r.source_id IN ($3, $4)), "                                     \
    "scope AS (SELECT * FROM recon.matches m WHERE m.project_id = $1 AND (m.job_id = $2 "     \
    "OR m.match_id IN (SELECT match_id FROM by_hand)))"
// By source and currency: records loaded, in live matches, and open, each counted by itself.
#define PARTS                                                                                      \
    "parts AS MATERIALIZED (SELECT 'loaded' AS part, r.source_id, r.currency, count(*) AS n, "     \
    "count(r.amount) AS amounts, sum(r.amount) AS amount, sum(abs(r.amount)) AS gross, "           \
    "min(coalesce(r.transaction_date, r.value_date)) AS first, "                                   \
    "max(coalesce(r.transaction_date, r.value_date)) AS last "                                     \
    "FROM recon.records r WHERE r.project_id = $1 AND r.source_id IN ($3, $4) GROUP BY 2, 3 "      \
    "UNION ALL SELECT m.status, r.source_id, r.currency, count(*), count(r.amount), "              \
    "sum(r.amount), sum(abs(r.amount)), NULL, NULL FROM recon.matches m "                          \
    "JOIN recon.match_records x ON x.project_id = m.project_id AND x.match_id = m.match_id "       \
    "JOIN recon.records r ON r.project_id = x.project_id AND r.record_id = x.record_id "           \
    "WHERE m.project_id = $1 AND m.status IN ('approved', 'proposed') "                            \
    "AND r.source_id IN ($3, $4) GROUP BY 1, 2, 3 "                                                \
    "UNION ALL SELECT 'open', r.source_id, r.currency, count(*), count(r.amount), "                \
    "sum(r.amount), sum(abs(r.amount)), NULL, NULL FROM recon.open_records o "                     \
    "JOIN recon.records r ON r.project_id = o.project_id AND r.record_id = o.record_id "           \
    "WHERE o.project_id = $1 AND o.source_id IN ($3, $4) GROUP BY 1, 2, 3), "                      \
    "ranked AS (SELECT coalesce('=' || currency, '') AS key, "                                     \
    "row_number() OVER (ORDER BY sum(n) DESC, currency COLLATE \"C\" NULLS LAST) AS rank, "        \
    "count(*) OVER () AS currencies FROM parts WHERE part = 'loaded' GROUP BY currency), "         \
    "figures AS (SELECT least(k.rank, $5 + 1) AS rank, k.currencies, "                             \
    "CASE WHEN k.rank <= $5 THEN left(p.currency, 20) END AS currency, p.source_id = $4 AS is_b, " \
    "p.part, p.n, p.amounts, CASE WHEN k.rank <= $5 THEN p.amount END AS amount, "                 \
    "CASE WHEN k.rank <= $5 THEN p.gross END AS gross, p.first, p.last FROM parts p "              \
    "JOIN ranked k ON k.key = coalesce('=' || p.currency, ''))"

const char job_sql[] =
    "SELECT left(p.name, 200), left(p.description, 200), left(j.name, 200), j.status, "
    "left(a.name, 200), left(b.name, 200), "
    "to_char(j.started_at AT TIME ZONE 'UTC', " UTC_MINUTE
    "), "
    "to_char(j.finished_at AT TIME ZONE 'UTC', " UTC_MINUTE
    "), j.created_by::text, "
    "cardinality(j.rules), j.confidence_threshold::text, "
    "to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), to_char(current_date, "
    "'YYYY-MM-DD') "
    "FROM recon.jobs j JOIN recon.projects p ON p.project_id = j.project_id "
    "JOIN recon.data_sources a ON a.project_id = j.project_id AND a.source_id = $3 "
    "JOIN recon.data_sources b ON b.project_id = j.project_id AND b.source_id = $4 "
    "WHERE j.project_id = $1 AND j.job_id = $2";

const char totals_sql[] =
    "WITH " PARTS
    " SELECT rank, currency, is_b, records, without_amount, approved, proposed, open, "
    "trim_scale(loaded_amount)::text, trim_scale(matched_amount)::text, "
    "trim_scale(open_amount)::text, records = approved + proposed + open, "
    "loaded_amount = matched_amount + open_amount, "
    "loaded_gross::text, approved_gross::text, proposed_gross::text, open_gross::text, "
    "to_char(first, 'YYYY-MM-DD'), to_char(last, 'YYYY-MM-DD'), currencies, "
    "trim_scale(sum(signed_loaded) OVER each)::text, trim_scale(sum(signed_matched) OVER "
    "each)::text, "
    "trim_scale(sum(signed_open) OVER each)::text, sum(signed_loaded) OVER each = "
    "sum(signed_matched) OVER each + sum(signed_open) OVER each FROM (SELECT *, "
    "loaded_amount * sign AS signed_loaded, matched_amount * sign AS signed_matched, "
    "open_amount * sign AS signed_open FROM (SELECT CASE WHEN is_b THEN -1 ELSE 1 END AS sign, "
    "rank, currency, is_b, max(currencies) AS "
    "currencies, coalesce(sum(n) FILTER (WHERE part = 'loaded'), 0)::bigint AS records, "
    "coalesce(sum(n - amounts) FILTER (WHERE part = 'loaded'), 0)::bigint AS without_amount, "
    "coalesce(sum(n) FILTER (WHERE part = 'approved'), 0)::bigint AS approved, "
    "coalesce(sum(n) FILTER (WHERE part = 'proposed'), 0)::bigint AS proposed, "
    "coalesce(sum(n) FILTER (WHERE part = 'open'), 0)::bigint AS open, "
    "coalesce(sum(amount) FILTER (WHERE part = 'loaded'), 0) AS loaded_amount, "
    "coalesce(sum(amount) FILTER (WHERE part IN ('approved', 'proposed')), 0) AS matched_amount, "
    "coalesce(sum(amount) FILTER (WHERE part = 'open'), 0) AS open_amount, "
    "coalesce(sum(gross) FILTER (WHERE part = 'loaded'), 0) AS loaded_gross, "
    "coalesce(sum(gross) FILTER (WHERE part = 'approved'), 0) AS approved_gross, "
    "coalesce(sum(gross) FILTER (WHERE part = 'proposed'), 0) AS proposed_gross, "
    "coalesce(sum(gross) FILTER (WHERE part = 'open'), 0) AS open_gross, "
    "min(first) AS first, max(last) AS last FROM figures GROUP BY rank, currency, is_b) f) s "
    "WINDOW each AS (PARTITION BY rank) ORDER BY rank, is_b";

const char rules_sql[] =
    "WITH found AS (SELECT rule_id, count(*) FILTER (WHERE live) AS live, "
    "count(*) FILTER (WHERE status = 'approved') AS approved, "
    "count(*) FILTER (WHERE status = 'proposed') AS proposed, "
    "count(*) FILTER (WHERE live AND ambiguous) AS ambiguous, "
    "count(*) FILTER (WHERE live AND amount_difference <> 0) AS differing, "
    "count(*) FILTER (WHERE NOT live) AS past, "
    "min(round(confidence * 1e9)) FILTER (WHERE live) AS lowest, "
    "avg(round(confidence * 1e9)::numeric) FILTER (WHERE live) AS mean "
    "FROM (SELECT m.*, m.status IN ('approved', 'proposed') AS live FROM recon.matches m "
    "WHERE m.project_id = $1 AND m.job_id = $2) m GROUP BY rule_id) "
    "SELECT left(r.name, 200), coalesce(f.live, 0), coalesce(f.approved, 0), "
    "coalesce(f.proposed, 0), coalesce(f.ambiguous, 0), coalesce(f.differing, 0), "
    "coalesce(f.past, 0), round(f.lowest::numeric / 1000000000, 3)::text, "
    "round(f.mean / 1000000000, 3)::text "
    "FROM recon.rules r JOIN recon.jobs j ON j.project_id = r.project_id AND j.job_id = $2 "
    "LEFT JOIN found f ON f.rule_id = r.rule_id WHERE r.project_id = $1 "
    "AND (f.rule_id IS NOT NULL OR r.rule_id = ANY (j.rules) OR j.rules IS NULL AND r.active) "
    "ORDER BY r.priority, r.rule_id LIMIT 100";

const char other_matches_sql[] =
    "WITH found AS (SELECT DISTINCT m.match_id, m.rule_id IS NULL AS by_hand, m.status, "
    "m.amount_difference, m.written_off FROM recon.matches m JOIN recon.match_records x "
    "ON x.project_id = m.project_id AND x.match_id = m.match_id JOIN recon.records r "
    "ON r.project_id = x.project_id AND r.record_id = x.record_id WHERE m.project_id = $1 "
    "AND m.job_id IS DISTINCT FROM $2 AND r.source_id IN ($3, $4)) "
    "SELECT by_hand, count(*) FILTER (WHERE status IN ('approved', 'proposed')), "
    "count(*) FILTER (WHERE status = 'approved'), count(*) FILTER (WHERE status = 'proposed'), "
    "count(*) FILTER (WHERE status IN ('approved', 'proposed') AND amount_difference <> 0), "
    "count(*) FILTER (WHERE status NOT IN ('approved', 'proposed')), "
    "count(written_off) FILTER (WHERE status IN ('approved', 'proposed')) "
    "FROM found GROUP BY by_hand ORDER BY by_hand DESC";

const char confidence_sql[] =
    "SELECT band * 50000000, count(*) FILTER (WHERE status = 'approved'), "
    "count(*) FILTER (WHERE status = 'proposed'), "
    "count(*) FILTER (WHERE status NOT IN ('approved', 'proposed')) "
    "FROM (SELECT round(confidence * 1e9)::bigint / 50000000 AS band, status "
    "FROM recon.matches WHERE project_id = $1 AND job_id = $2) m GROUP BY band ORDER BY band DESC";

const char ageing_sql[] =
    "WITH aged AS (SELECT e.currency, e.source_id = $4 AS is_b, e.ageing_bucket AS bucket, "
    "min(e.age_days) AS youngest, count(*) AS n, sum(e.amount) AS amount FROM recon.exceptions e "
    "WHERE e.project_id = $1 AND e.source_id IN ($3, $4) GROUP BY 1, 2, 3), "
    "ranked AS (SELECT coalesce('=' || currency, '') AS key, "
    "row_number() OVER (ORDER BY sum(n) DESC, currency COLLATE \"C\" NULLS LAST) AS rank "
    "FROM aged GROUP BY currency), "
    "buckets AS (SELECT bucket, row_number() OVER (ORDER BY min(youngest)) AS place FROM aged "
    "GROUP BY bucket), "
    "figures AS (SELECT least(k.rank, $5 + 1) AS rank, "
    "CASE WHEN k.rank <= $5 THEN left(a.currency, 20) END AS currency, a.bucket, b.place, a.is_b, "
    "a.n, CASE WHEN k.rank <= $5 THEN a.amount END AS amount "
    "FROM aged a JOIN ranked k ON k.key = coalesce('=' || a.currency, '') "
    "JOIN buckets b USING (bucket)) "
    "SELECT rank, currency, bucket, "
    "coalesce(sum(n) FILTER (WHERE NOT is_b), 0)::bigint, "
    "coalesce(sum(n) FILTER (WHERE is_b), 0)::bigint, "
    "trim_scale(sum(amount) FILTER (WHERE NOT is_b))::text, "
    "trim_scale(sum(amount) FILTER (WHERE is_b))::text, place "
    "FROM figures GROUP BY rank, currency, bucket, place ORDER BY rank, place";

const char cases_sql[] =
    "SELECT e.status, count(*) FILTER (WHERE e.source_id <> $4), "
    "count(*) FILTER (WHERE e.source_id = $4), count(e.assigned_to), "
    "count(*) FILTER (WHERE e.due_date < current_date), count(*) FILTER (WHERE e.comments > 0) "
    "FROM recon.exceptions e WHERE e.project_id = $1 AND e.source_id IN ($3, $4) "
    "GROUP BY e.status "
    "ORDER BY array_position('{open,investigating,accepted,written_off}', e.status)";

const char reasons_sql[] =
    "SELECT left(coalesce(o.reason, 'not matched yet'), 200), "
    "count(*) FILTER (WHERE o.source_id <> $4), count(*) FILTER (WHERE o.source_id = $4) "
    "FROM recon.open_records o WHERE o.project_id = $1 AND o.source_id IN ($3, $4) "
    "GROUP BY o.reason ORDER BY count(*) DESC, o.reason COLLATE \"C\" LIMIT $5";

// The candidates of one side after those of the other: what they are looked for in is read once for
// each.
const char largest_sql[] =
    "WITH open AS MATERIALIZED (SELECT e.record_id, e.source_id = $4 AS is_b, e.amount, "
    "e.age_days, e.reason, e.status FROM recon.exceptions e "
    "WHERE e.project_id = $1 AND e.source_id IN ($3, $4)), "
    "largest AS MATERIALIZED (SELECT o.*, row_number() OVER () AS place FROM (SELECT * FROM open "
    "ORDER BY abs(amount) DESC NULLS LAST, record_id LIMIT $5) o), "
    "pairs AS MATERIALIZED (SELECT l.record_id, recon.nearest_candidate(l.record_id) AS nearest "
    "FROM (SELECT record_id FROM largest WHERE (SELECT count(*) FROM open) <= $2 "
    "ORDER BY is_b, place) l) "
    "SELECT l.is_b, left(r.external_id, 200), "
    "to_char(coalesce(r.transaction_date, r.value_date), 'YYYY-MM-DD'), "
    "trim_scale(r.amount)::text, left(r.currency, 20), left(r.reference, 200), "
    "left(r.counterparty, 200), left(r.description, 200), l.age_days::bigint, "
    "left(l.reason, 200), nullif(l.status, 'open'), left(n.external_id, 200), "
    "to_char(coalesce(n.transaction_date, n.value_date), 'YYYY-MM-DD'), left(n.reference, 200), "
    "left(n.counterparty, 200), trim_scale(n.amount)::text, left(n.currency, 20), "
    "round((p.nearest).confidence::numeric, 3)::text, left((p.nearest).shortfall, 200), "
    "(SELECT count(*) FROM open) <= $2 "
    "FROM largest l JOIN recon.records r ON r.project_id = $1 AND r.record_id = l.record_id "
    "LEFT JOIN pairs p ON p.record_id = l.record_id "
    "LEFT JOIN recon.records n ON n.project_id = $1 AND n.record_id = (p.nearest).record_id "
    "ORDER BY l.place";

const char reject_counts_sql[] =
    "SELECT count(*) FILTER (WHERE e.resolved_by IS NULL), "
    "count(e.resolved_by), (SELECT coalesce(sum(records_rejected), 0)::bigint "
    "FROM recon.ingestions WHERE project_id = $1 AND source_id IN ($3, $4) "
    "AND rejects_removed_at IS NOT NULL) FROM recon.ingestions i JOIN recon.ingest_errors e "
    "ON e.project_id = i.project_id AND e.ingestion_id = i.ingestion_id "
    "WHERE i.project_id = $1 AND i.source_id IN ($3, $4)";

const char rejects_sql[] =
    "SELECT i.source_id = $4, coalesce(left(f.name, 200), 'load ' || i.ingestion_id), e.line_no, "
    "left(e.column_name, 200), e.error_code, left(e.message, 200), substr(e.raw_record, 1, 200), "
    "octet_length(e.raw_record) > 200 FROM recon.ingestions i JOIN recon.ingest_errors e "
    "ON e.project_id = i.project_id AND e.ingestion_id = i.ingestion_id "
    "LEFT JOIN recon.files f ON f.project_id = i.project_id AND f.file_id = i.file_id "
    "WHERE i.project_id = $1 AND i.source_id IN ($3, $4) AND e.resolved_by IS NULL "
    "ORDER BY i.source_id = $4, i.ingestion_id, e.line_no LIMIT $5";

const char review_sql[] =
    "WITH " SCOPE
    " SELECT reviewed_by::text, status, count(*), "
    "to_char(min(coalesce(reviewed_at, created_at)) AT TIME ZONE 'UTC', " UTC_MINUTE
    "), "
    "to_char(max(coalesce(reviewed_at, created_at)) AT TIME ZONE 'UTC', " UTC_MINUTE
    "), "
    "count(*) OVER () FROM scope WHERE status <> 'proposed' GROUP BY reviewed_by, status "
    "ORDER BY array_position('{approved,rejected,unmatched}', status), count(*) DESC, "
    "reviewed_by::text COLLATE \"C\" NULLS FIRST LIMIT $5";

const char loads_sql[] =
    "SELECT i.source_id = $4, coalesce(left(f.name, 200), CASE WHEN i.retry_of IS NULL THEN "
    "'' ELSE 'rejects of load ' || i.retry_of END), i.status, i.records_read, i.records_loaded, "
    "i.records_rejected, i.records_duplicate, i.created_by::text, "
    "to_char(i.finished_at AT TIME ZONE 'UTC', " UTC_MINUTE
    "), count(*) OVER () "
    "FROM recon.ingestions i "
    "LEFT JOIN recon.files f ON f.project_id = i.project_id AND f.file_id = i.file_id "
    "WHERE i.project_id = $1 AND i.source_id IN ($3, $4) "
    "ORDER BY i.finished_at DESC, i.ingestion_id DESC LIMIT $5";

}  // namespace recon::report
