\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- The cleanup: old jobs, old rejects, orphaned temporary files. (Uploads and figures: uploads.sql, stats.sql.)
CREATE ROLE regress_ann;
CREATE ROLE regress_dora;
GRANT pg_read_server_files TO regress_ann;
GRANT pg_monitor TO regress_dora;
CREATE FUNCTION cleanup() RETURNS TABLE (task text, removed bigint) LANGUAGE sql AS
    $$SELECT * FROM recon.run_cleanup() WHERE task NOT IN ('ranges of pages summarised', 'changes of figures added up', 'audit chains sealed') AND removed > 0$$;
CREATE FUNCTION set_age(name text, days int) RETURNS void LANGUAGE sql AS
    $$UPDATE recon.jobs j SET finished_at = now() - make_interval(days => days) WHERE j.name = $1$$;

-- Who may: superusers and members of pg_monitor.
SELECT task FROM recon.run_cleanup();
SET ROLE regress_ann;
SELECT err('SELECT recon.run_cleanup()');
SET ROLE regress_dora;
SELECT err('SELECT recon.run_cleanup()');
RESET ROLE;

-- One job for each kind of match that a run can leave behind, and one that matches nothing.
SET ROLE regress_ann;
SELECT recon.create_project('cleanup') AS p \gset
SELECT recon.create_source(:p, 'cleanup_a') AS a \gset
SELECT recon.create_source(:p, 'cleanup_b') AS b \gset
SELECT recon.create_rule(:p, 'sure', '{"match": [{"field": "external_id", "op": "equal"}]}') AS sure \gset
SELECT recon.create_rule(:p, 'groups', '{"cardinality": "1:N", "match": [{"field": "amount", "op": "equal"}], "group_by": ["reference"]}', 1) AS groups \gset
SELECT recon.create_rule(:p, 'unsure', '{"match": [{"field": "external_id", "op": "equal"}, {"field": "amount", "op": "within", "abs": 1}]}', 2) AS unsure \gset
RESET ROLE;
CREATE FUNCTION run_new(name text, rule bigint, content_a text, content_b text) RETURNS TABLE (status text, matches bigint, approved bigint, proposed bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    p bigint := project('cleanup');
    report recon.job_report;
BEGIN
    PERFORM load(source('cleanup_a'), E'external_id,amount,reference\n' || content_a), load(source('cleanup_b'), E'external_id,amount,reference\n' || content_b);
    report := recon.run_job(recon.create_job(p, name, source('cleanup_a'), source('cleanup_b'), ARRAY[rule]));
    RETURN QUERY SELECT report.status, report.matches, report.approved, report.proposed;
END
$$;
CREATE FUNCTION match_of(name text) RETURNS bigint LANGUAGE sql AS $$SELECT max(match_id) FROM recon.matches WHERE job_id = job($1)$$;
SELECT * FROM run_new('approved', :sure, E'c1,1,\n', E'c1,1,\n');
SELECT * FROM run_new('proposed', :unsure, E'c2,1,\n', E'c2,1.5,\n');
SELECT * FROM run_new('rejected', :unsure, E'c3,1,\n', E'c3,1.5,\n');
SELECT * FROM run_new('unmatched', :sure, E'c4,1,\n', E'c4,1,\n');
SELECT * FROM run_new('group', :groups, E'c5,3,g\n', E'c6,1,g\nc7,2,g\n');
SELECT * FROM run_new('some', :sure, E'c8,1,\nc9,1,\n', E'c8,1,\nc9,1,\n');
SELECT * FROM run_new('none', :sure, E'c10,1,\n', E'c11,1,\n');
SELECT recon.create_job(:p, 'pending', :a, :b) > 0 AS made;
SELECT recon.reject_matches(ARRAY[match_of('rejected')]), recon.unmatch(match_of('unmatched')), recon.unmatch(match_of('group')), recon.unmatch(match_of('some'));
CREATE VIEW left_over AS SELECT name, status, kept_at IS NOT NULL AS kept, array(SELECT m.status FROM recon.matches m WHERE m.job_id = j.job_id ORDER BY 1) AS matches
FROM recon.jobs j WHERE project_id = project('cleanup') ORDER BY job_id;
SELECT * FROM left_over;

-- Nothing is old.
SELECT * FROM cleanup();
SELECT set_age(name, 89) FROM recon.jobs WHERE project_id = :p AND finished_at IS NOT NULL;
SELECT * FROM cleanup();
SELECT count(*), count(kept_at) FROM recon.jobs WHERE project_id = :p;

-- What nobody needs goes: jobs without matches, and those whose matches were all taken apart, with these. Records stay.
SELECT count(*) AS records FROM recon.records WHERE project_id = :p;
SELECT count(*) AS members FROM recon.match_members WHERE project_id = :p;
SELECT set_age(name, 91) FROM recon.jobs WHERE project_id = :p AND finished_at IS NOT NULL;
SET ROLE regress_dora;
SELECT * FROM recon.run_cleanup() WHERE task = 'old jobs';
RESET ROLE;
SELECT * FROM left_over;
SELECT count(*) AS records FROM recon.records WHERE project_id = :p;
SELECT count(*) AS members FROM recon.match_members WHERE project_id = :p;
SELECT * FROM recon.stats_verify(:p);
SELECT total_jobs, completed_jobs, total_matches FROM recon.get_project_stats(:p);
SELECT user_name, action, before ->> 'name' AS name, before ->> 'status' AS status, after FROM recon.audit_log
WHERE project_id = :p AND resource = 'job' AND action = 'delete' ORDER BY audit_id;
SELECT * FROM cleanup();

-- What was kept is looked at again the day after, and goes where its reason is gone. A run makes a job new.
SELECT recon.unmatch(match_of('approved')), recon.unmatch(match_of('some')), recon.unmatch(match_of('proposed'));
SELECT * FROM left_over;
SELECT * FROM cleanup();
SELECT matches FROM recon.run_job(job('some'));
SELECT name FROM recon.jobs WHERE project_id = :p AND kept_at IS NULL ORDER BY 1;
UPDATE recon.jobs SET kept_at = kept_at - interval '25 hours' WHERE project_id = :p;
SELECT * FROM cleanup();
SELECT * FROM left_over;
SELECT name, kept_at > now() - interval '1 hour' AS looked_at FROM recon.jobs WHERE project_id = :p AND kept_at IS NOT NULL;
SELECT * FROM recon.stats_verify(:p);

-- All that ended are treated alike, those that wait or run never go.
INSERT INTO recon.jobs (project_id, name, source_a, source_b, status, created_by, finished_at)
SELECT :p, 'as ' || status, :a, :b, status, 'nobody', now() - interval '91 days' FROM unnest('{pending,queued,running,completed,failed,cancelled,timed_out}'::text[]) status;
SELECT count(*) AS repaired FROM recon.stats_verify(:p);
SELECT * FROM cleanup();
SELECT name FROM recon.jobs WHERE project_id = :p AND name LIKE 'as %' ORDER BY 1;
SELECT * FROM recon.stats_verify(:p);

-- By number: beyond the newest 10000 of a project, in batches.
INSERT INTO recon.jobs (project_id, name, source_a, source_b, status, created_by, finished_at)
SELECT :p, 'many ' || n, :a, :b, 'completed', 'nobody', now() - make_interval(secs => 13000 - n) FROM generate_series(1, 12500) n;
UPDATE recon.jobs SET kept_at = NULL, finished_at = now() - interval '1 day' WHERE job_id = job('rejected');
SELECT count(*) AS repaired FROM recon.stats_verify(:p);
SELECT * FROM cleanup();
SELECT count(*), min(substr(name, 6)::int) FROM recon.jobs WHERE project_id = :p AND name LIKE 'many %';
SELECT * FROM left_over WHERE name NOT LIKE 'many %' AND name NOT LIKE 'as %';
SELECT * FROM cleanup();
SELECT * FROM recon.stats_verify(:p);
-- the kept one is beyond them, and goes once it may
UPDATE recon.matches SET status = 'unmatched' WHERE job_id = job('rejected');
UPDATE recon.jobs SET kept_at = kept_at - interval '2 days', finished_at = finished_at - interval '3 days' WHERE job_id = job('rejected');
SELECT * FROM cleanup();
SELECT * FROM left_over WHERE name NOT LIKE 'many %' AND name NOT LIKE 'as %';

-- A snapshot that may be old leaves jobs and rejects alone.
SELECT set_age('none', 91), set_age('many 12500', 91);
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT * FROM cleanup();
COMMIT;
SELECT * FROM cleanup();
SELECT recon.drop_project(:p);

-- Rejects: a year after their load; the load stays, with their number.
SELECT recon.create_project('cleanup rejects') AS p \gset
SELECT recon.create_source(:p, 'cleanup_r') AS r \gset
SELECT loaded, rejected FROM load(:r, E'external_id,amount\n1,1\n2,x\n3,y\n');
SELECT newest_load(:r) AS old \gset
SELECT records_read FROM recon.retry_rejects(:old);
SELECT loaded, rejected FROM load(:r, E'external_id,amount\n4,x\n');
SELECT newest_load(:r) AS young \gset
SET client_min_messages = error;
SELECT status, rejected FROM load(:r, E'external_id,amount\n5,x\n6,6\n', '{"max_rejects": 0}');
RESET client_min_messages;
SELECT newest_load(:r) AS failed \gset
SELECT status, rejected FROM load(:r, (SELECT E'external_id,amount\n' || string_agg('x' || n || E',x\n', '') FROM generate_series(1, 2500) n));
SELECT newest_load(:r) AS large \gset
CREATE FUNCTION rejects_left() RETURNS TABLE (load text, rejected bigint, kept bigint, removed boolean) LANGUAGE sql AS $$
    SELECT CASE row_number() OVER (ORDER BY ingestion_id) WHEN 1 THEN 'old' WHEN 2 THEN 'retry' WHEN 3 THEN 'young' WHEN 4 THEN 'failed' WHEN 5 THEN 'large' END,
        records_rejected, (SELECT count(*) FROM recon.ingest_errors e WHERE e.ingestion_id = i.ingestion_id), rejects_removed_at IS NOT NULL
    FROM recon.ingestions i WHERE project_id = project('cleanup rejects') ORDER BY ingestion_id
$$;
UPDATE recon.ingestions SET finished_at = now() - interval '364 days' WHERE project_id = :p;
SELECT * FROM cleanup();
UPDATE recon.ingestions SET finished_at = now() - interval '366 days' WHERE project_id = :p AND ingestion_id <> :young;
SELECT * FROM rejects_left();
SET ROLE regress_dora;
SELECT * FROM recon.run_cleanup() WHERE task = 'old rejects';
RESET ROLE;
SELECT * FROM rejects_left();
SELECT user_name, action, resource, resource_id = :old AS old, before, after ->> 'records_rejected' AS rejected FROM recon.audit_log
WHERE project_id = :p AND action = 'delete' ORDER BY resource_id;
SELECT * FROM cleanup();
SELECT err(format('SELECT recon.retry_rejects(%s)', :old));
SELECT * FROM recon.stats_verify(:p);
SELECT recon.drop_project(:p);

-- Temporary files: only plain ones by the server's names, of processes that are gone, and an hour old.
-- No row goes to the programs, which do not read: one that ends first would break the pipe.
CREATE TABLE planted (name text, kind text, hours int);
INSERT INTO planted VALUES
    ('pgsql_tmp99999999.0', 'file', 2), ('pgsql_tmp99999999.12', 'file', 2), ('pgsql_tmp99999998.0', 'file', 0),
    ('pgsql_tmp99999999.1', 'directory', 2), ('pgsql_tmp99999999.2', 'link', 2), ('pgsql_tmp99999999.3.sharedfileset', 'directory', 2),
    ('pgsql_tmp99999999', 'file', 2), ('pgsql_tmp99999999.', 'file', 2), ('pgsql_tmp99999999.x', 'file', 2), ('pgsql_tmp99999999.0.p0', 'file', 2), ('pgsql_tmp.0', 'file', 2),
    ('pgsql_tmp-1.0', 'file', 2), ('pgsql_tmp0.0', 'file', 2), ('pgsql_tmp99999999999999999999.0', 'file', 2), ('x99999999.0', 'file', 2), ('t_pgsql_tmp99999999.0', 'file', 2);
INSERT INTO planted SELECT format('pgsql_tmp%s.999999', pg_backend_pid()), 'file', 2;
CREATE FUNCTION plant(directory text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('COPY (SELECT WHERE false) TO PROGRAM %L', 'mkdir -p ' || directory || (SELECT string_agg(
        CASE kind WHEN 'file' THEN ' && touch ' WHEN 'directory' THEN ' && mkdir ' ELSE ' && ln -s ../PG_VERSION ' END || directory || '/' || name
        || format(' && touch -h -d "%s hours ago" ', hours) || directory || '/' || name, '') FROM planted));
END
$$;
CREATE FUNCTION planted_left(directory text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT CASE WHEN name LIKE '%.999999' THEN 'of this process' ELSE name END FROM planted
    WHERE name IN (SELECT * FROM pg_ls_dir(directory)) ORDER BY name COLLATE "C"
$$;
SELECT plant('base/pgsql_tmp');
SET allow_in_place_tablespaces = on;
CREATE TABLESPACE regress_cleanup LOCATION '';
SELECT format('pg_tblspc/%s/', oid) || (SELECT * FROM pg_ls_dir('pg_tblspc/' || oid)) || '/pgsql_tmp' AS tablespace FROM pg_tablespace WHERE spcname = 'regress_cleanup' \gset
SELECT plant(:'tablespace');
SELECT * FROM cleanup();
SELECT * FROM planted_left('base/pgsql_tmp');
SELECT count(*) FROM planted_left(:'tablespace');
SELECT * FROM cleanup();
DO $$BEGIN EXECUTE format('COPY (SELECT WHERE false) TO PROGRAM %L', (SELECT 'cd base/pgsql_tmp && rm -rf ' || string_agg(name, ' ') FROM planted)); END$$;
SELECT format($$COPY (SELECT WHERE false) TO PROGRAM 'rm -rf %s'$$, :'tablespace') AS remove \gset
:remove;
DROP TABLESPACE regress_cleanup;
DROP VIEW left_over;
DROP FUNCTION cleanup, set_age, run_new, match_of, rejects_left, plant, planted_left;
DROP TABLE planted;
DROP ROLE regress_ann, regress_dora;
