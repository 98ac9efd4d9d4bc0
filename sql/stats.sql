\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
\set ECHO none
\set stats :src '/sql/include/stats.sql'
\i :stats
-- The figures, but for id and time, and where they are not what the tables say.
CREATE FUNCTION show_stats(project bigint)
    RETURNS TABLE (jobs text, records text, matches text, avg double precision, files bigint, bytes bigint, wrong jsonb) STABLE LANGUAGE sql AS $$
    SELECT concat_ws(' ', total_jobs, completed_jobs, failed_jobs, running_jobs), concat_ws(' ', total_records, matched_records, unmatched_records),
        concat_ws(' ', total_matches, proposed_matches, approved_matches), round(avg_confidence::numeric, 9)::float8, total_files, total_bytes, difference(s, counted(project))
    FROM recon.get_project_stats(project) s
$$;
\set ECHO all
-- The figures of a project are what its tables say, after everything that changes them.
SELECT recon.create_project('figures') AS p \gset
SELECT * FROM show_stats(:p);
SELECT recon.create_source(:p, 'st_a') AS a \gset
SELECT recon.create_source(:p, 'st_b') AS b \gset
SELECT recon.create_rule(:p, 'near', '{"match": [{"field": "external_id", "op": "equal"}, {"field": "amount", "op": "within", "abs": 3}], "approve_at": 1}') AS r \gset
SELECT total_jobs, total_matches, avg_confidence, total_bytes, last_activity = (SELECT max(at) FROM recon.audit_log WHERE project_id = :p) AS newest FROM recon.get_project_stats(:p);

-- Loads: rejects and known records do not count, a file that fails does, as a file; the same bytes again change nothing.
SELECT * FROM load(:a, E'external_id,amount\n1,10\n2,20\n3,30\nx,bad\n5,50\n6,60\n');
SELECT * FROM show_stats(:p);
SELECT * FROM load(:a, E'external_id,amount\n1,10\n2,20\n3,30\nx,bad\n5,50\n6,60\n');
SELECT * FROM show_stats(:p);
SELECT * FROM load(:a, E'external_id,amount\n1,10\n7,70\n');
SET client_min_messages = error;
SELECT * FROM load(:a, E'external_id,amount\n8,80\ny,bad\nz,bad\n', '{"max_rejects": 1}');
RESET client_min_messages;
SELECT * FROM show_stats(:p);
SELECT * FROM load(:b, E'external_id,amount\n1,10\n2,21\n3,32\n4,40\n');
SELECT * FROM show_stats(:p);
-- An error undoes all of it.
SELECT left(err(format('SELECT * FROM test.load(%s, %L, ''{"on_duplicate": "error"}'')', :b, E'external_id,amount\n1,10\n9,90\n')), 5) AS error;
SELECT * FROM show_stats(:p);

-- Jobs and runs: exact matches are approved here, others proposed.
SELECT recon.create_job(:p, 'st', :a, :b) AS j \gset
SELECT recon.create_job(:p, 'st too', :a, :b) AS k \gset
SELECT * FROM show_stats(:p);
SELECT matches, proposed, approved FROM recon.run_job(:j);
SELECT * FROM show_stats(:p);
-- Again: nothing is left to match.
SELECT matches FROM recon.run_job(:j);
SELECT matches FROM recon.run_job(:k);
SELECT * FROM show_stats(:p);
-- A run that fails leaves the job as it was.
SET recon.work_mem = '1MB';
SELECT recon.create_rule(:p, 'any', '{"match": [{"field": "amount", "op": "within", "pct": 100}]}') AS any \gset
SELECT loaded FROM load(:b, (SELECT E'external_id,amount\n' || string_agg(format('m%s,1', g), E'\n') FROM generate_series(1, 9000) g));
SELECT left(err(format('SELECT recon.run_job(%s)', :k)), 5) AS error;
RESET recon.work_mem;
SELECT * FROM show_stats(:p);

-- An update withdraws a proposed match: its two records are open again. An approved one stays.
SELECT * FROM load(:b, E'external_id,amount\n1,10.5\n2,22\n3,32\n', '{"on_duplicate": "update"}');
SELECT * FROM show_stats(:p);
SELECT m.status, count(*) FROM recon.matches m WHERE project_id = :p GROUP BY 1 ORDER BY 1;

-- Rejects tried again.
SELECT * FROM load(:a, E'external_id,amount\n20,"1,5"\n21,"2,5"\n22,x\n');
SELECT status, records_loaded, records_rejected FROM recon.retry_rejects(newest_load(:a), '{"external_id": "external_id", "amount": {"column": "amount", "decimal": ","}}');
SELECT * FROM show_stats(:p);
SELECT status, records_loaded FROM recon.retry_rejects((SELECT max(retry_of) FROM recon.ingestions WHERE project_id = :p));
SELECT * FROM show_stats(:p);

-- Own changes are seen, and taken back by a savepoint.
BEGIN;
SELECT total_records FROM recon.get_project_stats(:p);
SAVEPOINT one;
SELECT loaded FROM load(:a, E'external_id,amount\n30,1\n31,1\n');
SELECT total_records, difference(s, counted(:p)) FROM recon.get_project_stats(:p) s;
SAVEPOINT two;
SELECT recon.create_job(:p, 'undone', :a, :b) > 0 AS created;
SELECT total_records, total_jobs, difference(s, counted(:p)) FROM recon.get_project_stats(:p) s;
ROLLBACK TO two;
SELECT total_records, total_jobs, difference(s, counted(:p)) FROM recon.get_project_stats(:p) s;
ROLLBACK TO one;
SELECT total_records, total_jobs, difference(s, counted(:p)) FROM recon.get_project_stats(:p) s;
COMMIT;

-- STABLE: a statement sees what was there when it began, whatever it does itself.
SELECT (recon.get_project_stats(:p)).total_jobs - (SELECT count(*) FROM recon.jobs WHERE project_id = :p) AS before, recon.create_job(:p, 'meanwhile', :a, :b) > 0 AS created,
    (recon.get_project_stats(:p)).total_jobs - (SELECT count(*) FROM recon.jobs WHERE project_id = :p) AS after;

-- Many changes are added up on the way, and rolled back together.
SELECT count(recon.create_job(:p, 'job ' || g, :a, :b)) FROM generate_series(1, 200) g;
SELECT count(*) BETWEEN 1 AND 64 AS few FROM recon.stats_deltas WHERE project_id = :p;
SELECT jobs > 100 AS added_up FROM recon.stats_base WHERE project_id = :p;
SELECT * FROM show_stats(:p);
BEGIN;
SELECT count(recon.create_job(:p, 'job ' || g, :a, :b)) FROM generate_series(1, 200) g;
SELECT * FROM show_stats(:p);
ROLLBACK;
SELECT * FROM show_stats(:p);
-- A transaction with a fixed snapshot does not.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(recon.create_job(:p, 'job ' || g, :a, :b)) FROM generate_series(1, 100) g;
SELECT count(*) >= 100 AS kept_apart FROM recon.stats_deltas WHERE project_id = :p;
SELECT * FROM show_stats(:p);
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT recon.create_job(:p, 'job', :a, :b) > 0 AS created;
SELECT * FROM show_stats(:p);
COMMIT;
SELECT recon.create_job(:p, 'job', :a, :b) > 0 AS created;
SELECT count(*) FROM recon.stats_deltas WHERE project_id = :p;
SELECT * FROM show_stats(:p);

-- Another project has its own.
SELECT recon.create_project('other figures') AS q \gset
SELECT * FROM show_stats(:q);

-- Verified: nothing to repair; what somebody broke is found and put right.
SELECT * FROM recon.stats_verify(:p);
SELECT count(*) FROM recon.audit_log WHERE project_id = :p AND resource = 'stats';
UPDATE recon.stats_base SET jobs = jobs + 5, confidence = confidence - 1 WHERE project_id = :p;
UPDATE recon.files SET bytes = bytes + 7 WHERE project_id = :p AND file_id = (SELECT min(file_id) FROM recon.files WHERE project_id = :p);
SELECT total_jobs - (counted(:p)).total_jobs AS off FROM recon.get_project_stats(:p);
SELECT figure, kept - counted AS off FROM recon.stats_verify(:p);
SELECT * FROM show_stats(:p);
SELECT count(*) FROM recon.stats_verify(:p);
SELECT action, resource, (before -> 'jobs')::int - (after -> 'jobs')::int AS off FROM recon.audit_log WHERE project_id = :p AND resource = 'stats';
-- Also where nothing is left of what was kept.
DELETE FROM recon.stats_base WHERE project_id = :p;
DELETE FROM recon.stats_deltas WHERE project_id = :p;
SELECT total_jobs, avg_confidence FROM recon.get_project_stats(:p);
SELECT count(*) FROM recon.stats_verify(:p);
SELECT * FROM show_stats(:p);
BEGIN ISOLATION LEVEL SERIALIZABLE;
UPDATE recon.stats_base SET records = 0 WHERE project_id = :p;
SELECT figure, kept FROM recon.stats_verify(:p);
SELECT count(*) FROM recon.stats_verify(:p);
COMMIT;
SELECT * FROM show_stats(:p);

-- For members; a hidden project is as one that is not there. NULL is no project.
CREATE ROLE regress_ann; CREATE ROLE regress_bob;
SELECT recon.add_member(:p, 'regress_ann', 'viewer');
SET ROLE regress_ann;
SELECT * FROM show_stats(:p);
SELECT err(format('SELECT recon.stats_verify(%s)', :p));
SELECT count(*) FROM recon.stats_base;
SET ROLE regress_bob;
SELECT err(format('SELECT recon.get_project_stats(%s)', :p));
SELECT err('SELECT recon.get_project_stats(-1)');
SELECT err(format('SELECT recon.stats_verify(%s)', :p));
SELECT err('SELECT recon.get_project_stats(NULL)');
SELECT count(*) FROM recon.stats_base;
SELECT count(*) FROM recon.stats_deltas;
RESET ROLE;
-- Asked at each call, also in one prepared statement.
PREPARE figures AS SELECT total_records > 0 AS some FROM recon.get_project_stats($1);
SET ROLE regress_ann;
EXECUTE figures(:p);
RESET ROLE;
SELECT recon.remove_member(:p, 'regress_ann');
SET ROLE regress_ann;
\set VERBOSITY sqlstate
EXECUTE figures(:p);
\set VERBOSITY default
RESET ROLE;

-- The cleanup adds changes up; no figure changes.
SELECT recon.create_job(:p, 'one more', :a, :b) > 0 AS created;
CREATE TABLE figures_before AS SELECT * FROM recon.get_project_stats(:p);
SELECT removed > 0 AS added_up FROM recon.run_cleanup() WHERE task = 'changes of figures added up';
SELECT removed FROM recon.run_cleanup() WHERE task = 'changes of figures added up';
SELECT (SELECT count(*) FROM recon.stats_deltas) AS deltas, (SELECT f FROM recon.get_project_stats(:p) f) = (SELECT b FROM figures_before b) AS same;
DROP TABLE figures_before;

-- Dropped with the project.
SELECT recon.drop_project(:p), recon.drop_project(:q);
SELECT err(format('SELECT recon.get_project_stats(%s)', :p));
SELECT (SELECT count(*) FROM recon.stats_base WHERE project_id IN (:p, :q)) AS base, (SELECT count(*) FROM recon.stats_deltas WHERE project_id IN (:p, :q)) AS deltas;
DROP FUNCTION show_stats, counted, difference;
DROP ROLE regress_ann, regress_bob;
