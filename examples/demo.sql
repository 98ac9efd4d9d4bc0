-- Reconciles the bank statement and the ledger beside this file. `make demo` runs it in a private
-- server; in a server of your own: psql -v examples=/where/the/server/may/read -f examples/demo.sql, with
-- -v report=report.html for the last step.
\set ON_ERROR_STOP on
\pset pager off
\pset footer off
\pset null ''
\pset format wrapped
\pset columns 118
\pset linestyle unicode

CREATE EXTENSION IF NOT EXISTS recon;

\echo
\echo '1. A project with two sources: how each file is written, and what its columns mean'
\echo
SELECT recon.create_project('October 2026', 'bank against ledger') AS project \gset

SELECT recon.create_source(:project, 'bank', '{
    "external_id":      {"column": "Transaction ID", "required": true},
    "transaction_date": {"column": "Booking date", "format": "DD.MM.YYYY", "required": true},
    "value_date":       {"column": "Value date", "format": "DD.MM.YYYY"},
    "amount":           {"debit": "Debit", "credit": "Credit", "decimal": ",", "thousands": ".", "required": true},
    "currency":         "Currency",
    "reference":        {"column": "Reference", "null": ["NOTPROVIDED"]},
    "counterparty":     "Counterparty",
    "description":      "Purpose",
    "iban":             "IBAN"
}', '{"delimiter": ";"}') AS bank \gset

SELECT recon.create_source(:project, 'ledger', '{
    "external_id":      {"column": "entry_no", "required": true},
    "transaction_date": {"column": "posting_date", "required": true},
    "amount":           {"column": "amount", "required": true},
    "currency":         "currency",
    "reference":        "document_no",
    "counterparty":     "customer",
    "description":      "text"
}') AS ledger \gset

SELECT name AS source, (SELECT string_agg(k, ', ' ORDER BY k) FROM jsonb_object_keys(mapping) k) AS fields
FROM recon.data_sources WHERE project_id = :project ORDER BY source_id;

\echo '2. Both files are loaded; no bad line stops a load'
\echo
SELECT 'bank' AS source, status, records_read AS read, records_loaded AS loaded, records_rejected AS rejected,
       records_duplicate AS duplicate, bytes_read AS bytes, round(elapsed_ms::numeric, 1) AS ms
FROM recon.ingest_file(:bank, :'examples' || '/bank_statement.csv')
UNION ALL
SELECT 'ledger', status, records_read, records_loaded, records_rejected,
       records_duplicate, bytes_read, round(elapsed_ms::numeric, 1)
FROM recon.ingest_file(:ledger, :'examples' || '/ledger.csv');

\echo '   the rejected lines, and why'
\echo
\pset format unaligned
\pset tuples_only on
SELECT format(E'   %s line %s%s: %s (%s)\n     %s', s.name, e.line_no, ', ' || e.column_name, e.message, e.error_code,
              convert_from(e.raw_record, CASE e.error_code WHEN '22021' THEN 'LATIN1' ELSE 'UTF8' END))
FROM recon.ingest_errors e
JOIN recon.ingestions i ON i.project_id = e.project_id AND i.ingestion_id = e.ingestion_id
JOIN recon.data_sources s ON s.project_id = i.project_id AND s.source_id = i.source_id
WHERE e.project_id = :project ORDER BY s.source_id, e.line_no;
\pset tuples_only off
\pset format wrapped

\echo
\echo '3. Three rules, the strictest first'
\echo
SELECT recon.create_rule(:project, 'exact', '{
    "match": [
        {"field": "currency",  "op": "equal"},
        {"field": "amount",    "op": "equal", "weight": 3},
        {"field": "reference", "op": "equal", "normalize": ["upper", "alnum"], "weight": 3},
        {"field": "transaction_date", "op": "within", "days": [-4, 1]}
    ],
    "approve_at": 0.9}', 10) AS rule \gset

SELECT recon.create_rule(:project, 'tolerance', '{
    "match": [
        {"field": "currency",  "op": "equal"},
        {"field": "amount",    "op": "within", "pct": 0.5, "weight": 3},
        {"field": "transaction_date", "op": "within", "days": [-4, 1]},
        {"field": "reference", "op": "similar", "algorithm": "jaro_winkler", "min": 0.85,
         "normalize": ["upper", "alnum"], "weight": 2},
        {"field": "counterparty", "op": "similar", "algorithm": "levenshtein", "min": 0.6,
         "normalize": ["upper", "unaccent", "alnum"], "weight": 2}
    ],
    "threshold": 0.8, "approve_at": 0.95}', 20) AS rule \gset

SELECT recon.create_rule(:project, 'fuzzy', '{
    "match": [
        {"field": "currency",  "op": "equal"},
        {"field": "amount",    "op": "equal", "weight": 3},
        {"field": "transaction_date", "op": "within", "days": [-4, 1]},
        {"field": "counterparty", "op": "similar", "algorithm": "levenshtein", "min": 0.6,
         "normalize": ["upper", "unaccent", "alnum"], "weight": 2}
    ],
    "threshold": 0.75, "approve_at": 0.98}', 30) AS rule \gset

SELECT name AS rule, coalesce(spec ->> 'threshold', '0') AS least, spec ->> 'approve_at' AS approve,
       (SELECT string_agg(op || ' ' || fields, '; ' ORDER BY first)
        FROM (SELECT c ->> 'op' AS op, string_agg(c ->> 'field', ', ' ORDER BY n) AS fields, min(n) AS first
              FROM jsonb_array_elements(spec -> 'match') WITH ORDINALITY AS m (c, n) GROUP BY c ->> 'op') s) AS conditions
FROM recon.rules WHERE project_id = :project ORDER BY priority;

\echo '4. A preview, which stores nothing'
\echo
SELECT recon.create_job(:project, 'bank to ledger', :bank, :ledger) AS job \gset

SELECT coalesce(r.name, '(left open)') AS rule, count(*) AS rows, count(*) FILTER (WHERE p.status = 'approved') AS approved,
       count(*) FILTER (WHERE p.status = 'proposed') AS proposed
FROM recon.preview_job(:job) p
LEFT JOIN recon.rules r ON r.project_id = :project AND r.rule_id = p.rule_id
GROUP BY r.rule_id, r.name, r.priority ORDER BY r.priority NULLS LAST;

\echo '5. The run'
\echo
SELECT status, total_records AS records, matched_records AS matched, unmatched_records AS unmatched, matches, approved,
       proposed, round(processing_time_ms::numeric, 1) AS ms
FROM recon.run_job(:job);

\echo '   matches by rule'
\echo
SELECT r.name AS rule, count(*) AS matches, count(*) FILTER (WHERE m.status = 'approved') AS approved,
       count(*) FILTER (WHERE m.status = 'proposed') AS proposed, count(*) FILTER (WHERE m.ambiguous) AS ambiguous,
       round(min(m.confidence)::numeric, 3) AS "lowest confidence", round(avg(m.confidence)::numeric, 3) AS average,
       sum(abs(m.amount_difference)) AS "amounts apart by"
FROM recon.matches m
JOIN recon.rules r ON r.project_id = m.project_id AND r.rule_id = m.rule_id
WHERE m.job_id = :job GROUP BY r.rule_id, r.name, r.priority ORDER BY r.priority;

\echo '6. What is open, and why'
\echo
SELECT s.name AS source, x.reason, count(*) AS records, sum(abs(x.amount)) AS "amount, all currencies"
FROM recon.exceptions x
JOIN recon.data_sources s ON s.project_id = x.project_id AND s.source_id = x.source_id
WHERE x.project_id = :project GROUP BY s.source_id, s.name, x.reason ORDER BY s.source_id, records DESC, x.reason;

\echo '   the largest of them'
\echo
SELECT s.name AS source, x.age_days AS days, x.external_id AS id, x.amount, x.currency AS cur,
       x.reference, x.counterparty, x.reason
FROM recon.exceptions x
JOIN recon.data_sources s ON s.project_id = x.project_id AND s.source_id = x.source_id
WHERE x.project_id = :project ORDER BY abs(x.amount) DESC, x.external_id LIMIT 12;

\echo '7. The match with the lowest confidence, explained'
\echo
SELECT match_id AS match, confidence FROM recon.matches WHERE job_id = :job ORDER BY confidence, match_id LIMIT 1 \gset
SELECT field, value_a AS bank, value_b AS ledger, split_part(op, ' after ', 1) AS condition,
       round(score::numeric, 3) AS score, weight, passed
FROM recon.explain_match(:match);
\echo '   together:' :confidence
\echo

\echo '8. A near miss: every condition holds, but together they stay below the threshold'
\echo
SELECT record_id AS record FROM recon.exceptions
WHERE project_id = :project AND source_id = :bank AND reason = 'below threshold' ORDER BY external_id LIMIT 1 \gset
SELECT e.rule_id AS rule, e.confidence FROM recon.explain_record(:record) e
JOIN recon.rules r ON r.project_id = :project AND r.rule_id = e.rule_id
WHERE r.name = 'tolerance' AND e.rank = 1 LIMIT 1 \gset
SELECT field, value_a AS bank, value_b AS ledger, split_part(op, ' after ', 1) AS condition,
       round(score::numeric, 3) AS score, weight, passed
FROM recon.explain_record(:record) WHERE rule_id = :rule AND rank = 1;
\echo '   together:' :confidence
\echo

\if :{?report}
\echo '9. All of it as a page to print'
\echo
\pset format unaligned
\pset tuples_only on
SELECT recon.report_html(:job) \g :report
\echo '   written to' :report
\echo
\endif
