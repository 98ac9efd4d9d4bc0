\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- Jobs: made, previewed, run, run again, read and explained.
SELECT recon.create_project('jobs') AS p \gset
SELECT recon.create_project('jobs other') AS other \gset
SELECT recon.create_source(:p, 'jobs_bank') AS a \gset
SELECT recon.create_source(:p, 'jobs_ledger') AS b \gset
SELECT recon.create_source(:other, 'jobs_other') AS elsewhere \gset
SELECT recon.create_rule(:other, 'jobs other', '{"match": [{"field": "amount", "op": "equal"}]}') AS other_rule \gset

-- A job has two sources and rules of its own project.
SELECT n, err(format('SELECT recon.create_job(%s)', arguments)) FROM (VALUES
    (1, format($$%s, 'x', %s, %s$$, :p, :a, :elsewhere)), (2, format($$%s, 'x', %s, %s$$, :p, :a, 999999999)), (3, format($$%s, 'x', %s, %s$$, :p, :a, :a)),
    (4, format($$%s, 'x', %s, %s, ARRAY[%s]$$, :p, :a, :b, :other_rule)), (5, format($$%s, 'x', %s, %s, ARRAY[999999999]$$, :p, :a, :b)),
    (6, format($$%s, 'x', %s, %s, '{}'$$, :p, :a, :b)), (7, format($$%s, 'x', %s, %s, '{NULL}'$$, :p, :a, :b)), (8, format($$%s, '', %s, %s$$, :p, :a, :b)),
    (9, format($$%s, 'x', %s, %s, NULL, 1.5$$, :p, :a, :b)), (10, format($$%s, 'x', %s, %s, NULL, 'NaN'$$, :p, :a, :b)),
    (11, format($$%s, 'x', %s, %s, NULL, NULL, '[]'$$, :p, :a, :b)), (12, format($$999999999, 'x', %s, %s$$, :a, :b)), (13, format($$%s, 'x', NULL, %s$$, :p, :b))) v(n, arguments);
SELECT recon.create_job(:p, 'jobs', :a, :b) AS j \gset
SELECT name, status, runs, rules, confidence_threshold, settings, total_records FROM recon.jobs WHERE job_id = :j;
SELECT err(format('SELECT recon.run_job(%s)', :j));
SELECT err('SELECT recon.run_job(999999999)');
SELECT err('SELECT recon.run_job(NULL)');

-- A preview tells what a run would do and stores nothing.
SELECT recon.create_rule(:p, 'jobs exact', '{"match": [{"field": "reference", "op": "equal"}, {"field": "amount", "op": "equal"}]}', 10) AS exact \gset
SELECT recon.create_rule(:p, 'jobs near', '{"match": [{"field": "currency", "op": "equal"}, {"field": "amount", "op": "within", "abs": 1, "weight": 3}, {"field": "transaction_date", "op": "within", "days": 4}]}', 20) AS near \gset
SELECT loaded FROM load(:a, E'external_id,transaction_date,amount,currency,reference\na1,2024-03-01,100,EUR,r1\na2,2024-03-01,50,EUR,\na3,2024-03-02,7,EUR,\na4,,9,EUR,\n');
SELECT loaded FROM load(:b, E'external_id,transaction_date,amount,currency,reference\nb1,2024-03-09,100.00,EUR,r1\nb2,2024-03-03,50.50,EUR,\nb3,2024-03-09,7,EUR,\n');
CREATE VIEW test.jobs_results AS
SELECT a.external_id AS a, b.external_id AS b, match_type, confidence_score, status, match_id IS NOT NULL AS stored, job_id
FROM recon.results r LEFT JOIN recon.records a ON a.record_id = record_a_id LEFT JOIN recon.records b ON b.record_id = record_b_id;
SELECT a.external_id AS a, b.external_id AS b, match_type, confidence_score, status, rule_id = :exact AS exact, ambiguous, match_id
FROM recon.preview_job(:j) LEFT JOIN recon.records a ON a.record_id = record_a_id LEFT JOIN recon.records b ON b.record_id = record_b_id ORDER BY a, b;
SELECT (SELECT count(*) FROM recon.matches WHERE project_id = :p) AS matches, (SELECT count(*) FROM recon.open_records WHERE project_id = :p) AS open,
       (SELECT status FROM recon.jobs WHERE job_id = :j) AS status, (SELECT array_agg(DISTINCT reason) FROM recon.exceptions WHERE project_id = :p) AS reasons;
BEGIN READ ONLY;
SELECT count(*) FROM recon.preview_job(:j);
COMMIT;

-- The run, its report, and what can be read afterwards.
SELECT job_id = :j AS job, status, total_records, matched_records, unmatched_records, matches, proposed, approved, processing_time_ms >= 0 AS timed FROM recon.run_job(:j);
SELECT a, b, match_type, confidence_score, status, stored FROM test.jobs_results WHERE job_id = :j ORDER BY a, b;
SELECT cardinality, confidence, status, ambiguous, amount_difference, rule_version, reviewed_by, reviewed_at, note FROM recon.matches WHERE job_id = :j ORDER BY confidence DESC;
SELECT external_id, source_id = :a AS of_a, reason, amount, age_days = current_date - coalesce(transaction_date, current_date) AS age_right FROM recon.exceptions WHERE project_id = :p ORDER BY external_id;
SELECT status, runs, total_records, matched_records, unmatched_records, matches, proposed, approved, finished_at >= started_at AS timed FROM recon.jobs WHERE job_id = :j;

-- Why a match was made: the conditions as they were then.
SELECT match_id AS near_match FROM recon.matches WHERE job_id = :j AND rule_id = :near \gset
SELECT recon.alter_rule(:near, '{"spec": {"match": [{"field": "amount", "op": "equal"}]}}');
SELECT * FROM recon.explain_match(:near_match);
SELECT err('SELECT recon.explain_match(999999999)');

-- Why a record is open: the nearest of the other side under each rule, as it stands.
SELECT record_id AS open_a3 FROM recon.records WHERE external_id = 'a3' AND project_id = :p \gset
SELECT b.external_id, CASE e.rule_id WHEN :exact THEN 'exact' ELSE 'near' END AS rule, confidence, field, value_a, value_b, op, score, weight, passed
FROM recon.explain_record(:open_a3) WITH ORDINALITY e JOIN recon.records b ON b.record_id = candidate_record_id ORDER BY ordinality;
SELECT err(format('SELECT recon.explain_record(%s)', record_id)) FROM recon.records WHERE external_id = 'a1' AND project_id = :p;
SELECT err('SELECT recon.explain_record(999999999)');

-- Run again: what is open then, and nothing twice.
SELECT status, total_records, matched_records, matches FROM recon.run_job(:j);
SELECT runs, matches, total_records FROM recon.jobs WHERE job_id = :j;
SELECT loaded FROM load(:b, E'external_id,transaction_date,amount,currency\nb4,2024-03-02,9,EUR\n');
SELECT total_records, matches, approved FROM recon.run_job(:j);
SELECT count(*), count(DISTINCT record_id) FROM recon.match_records WHERE project_id = :p;

-- An error leaves the job as it was, and everything with it.
SELECT recon.create_rule(:p, 'jobs later', '{"match": [{"field": "no_such_attribute", "op": "equal"}]}', 30) AS later \gset
SELECT loaded FROM load(:b, E'external_id,amount,currency\nb5,7,EUR\n');
SELECT err(format('SELECT recon.run_job(%s)', :j));
SELECT runs, status, (SELECT count(*) FROM recon.matches WHERE job_id = :j) AS matches FROM recon.jobs WHERE job_id = :j;
SELECT recon.alter_rule(:later, '{"active": false}');

-- Without rules the active ones at the time of the run; with rules those of them that are active.
SELECT recon.create_job(:p, 'jobs some', :a, :b, ARRAY[:exact, :later]) AS some \gset
SELECT matches FROM recon.run_job(:some);
SELECT recon.alter_rule(:exact, '{"active": false}');
SELECT err(format('SELECT recon.run_job(%s)', :some));
SELECT matches FROM recon.run_job(:j);

-- A disabled source is not run over; rolled back is as if it had not been.
SELECT recon.alter_source(:a, '{"status": "disabled"}');
SELECT err(format('SELECT recon.run_job(%s)', :j));
SELECT recon.alter_source(:a, '{"status": "active"}');
SELECT loaded FROM load(:a, E'external_id,amount,currency\na9,77,EUR\n');
SELECT loaded FROM load(:b, E'external_id,amount,currency\nb9,77,EUR\n');
BEGIN;
SELECT matches FROM recon.run_job(:j);
ROLLBACK;
SELECT external_id, reason FROM recon.exceptions WHERE project_id = :p AND external_id LIKE '_9' ORDER BY 1;
-- Jobs share what is open: what one took, the other does not find.
SELECT matches FROM recon.run_job(recon.create_job(:p, 'jobs reverse', :b, :a));
SELECT matches FROM recon.run_job(:j);
-- Records stand in the table in another order than that of their ids: updated ones, few and many ids apart.
SELECT recon.create_source(:p, 'jobs_moved_a') AS ma \gset
SELECT recon.create_source(:p, 'jobs_moved_b') AS mb \gset
SELECT loaded FROM load(:ma, E'external_id,amount,currency\nm1,101,EUR\nm2,102,EUR\nm3,103,EUR\n');
SELECT loaded FROM load(:mb, E'external_id,amount,currency\nm1,101,EUR\n');
SELECT setval('recon.records_record_id_seq', nextval('recon.records_record_id_seq') + 100000) > 0 AS ahead;
SELECT loaded FROM load(:mb, E'external_id,amount,currency\nm2,102,EUR\nm4,104,EUR\n');
SELECT status, loaded FROM load(:ma, E'external_id,amount,currency\nm1,102,EUR\n', '{"on_duplicate": "update"}');
SELECT status, loaded FROM load(:mb, E'external_id,amount,currency\nm1,103,EUR\n', '{"on_duplicate": "update"}');
SELECT count(*) > 0 AS moved FROM recon.records x JOIN recon.records y USING (source_id) WHERE x.source_id IN (:ma, :mb) AND x.record_id < y.record_id AND x.ctid > y.ctid;
SELECT recon.create_rule(:p, 'jobs moved', '{"match": [{"field": "amount", "op": "equal"}]}', 1) AS moved \gset
SELECT recon.create_job(:p, 'jobs moved', :ma, :mb, ARRAY[:moved]) AS jm \gset
SELECT total_records, matches FROM recon.run_job(:jm);
SELECT a.external_id AS a, b.external_id AS b, match_type FROM recon.results LEFT JOIN recon.records a ON a.record_id = record_a_id LEFT JOIN recon.records b ON b.record_id = record_b_id WHERE job_id = :jm ORDER BY 1, 2;
SELECT action, resource, count(*) FROM recon.audit_log WHERE project_id = :p AND resource = 'job' GROUP BY 1, 2 ORDER BY 1;
DROP VIEW test.jobs_results;
SELECT recon.drop_project(:p);
SELECT recon.drop_project(:other);
