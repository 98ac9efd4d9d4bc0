\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- health_check and metrics: who may, what they look at, and each state that a session can bring about.
CREATE ROLE regress_ann;
CREATE ROLE regress_dora;
GRANT pg_read_server_files TO regress_ann;
GRANT pg_monitor TO regress_dora;
CREATE FUNCTION health(wanted text) RETURNS TABLE (status text, detail text, hint text) LANGUAGE sql AS
    $$SELECT status, regexp_replace(detail, '\d+', '#', 'g'), hint FROM recon.health_check() WHERE check_name = wanted$$;
CREATE FUNCTION metric(wanted text, labels jsonb DEFAULT '{}') RETURNS double precision LANGUAGE sql AS
    $$SELECT value FROM recon.metrics m WHERE m.name = wanted AND m.labels @> $2$$;
SET ROLE regress_ann;
SELECT recon.create_project('health') AS p \gset
SELECT recon.create_source(:p, 'health_a') AS a, recon.create_source(:p, 'health_b') AS b \gset
SELECT recon.create_rule(:p, 'health', '{"match": [{"field": "external_id", "op": "equal"}]}') AS r \gset
RESET ROLE;
\set ECHO all

-- Superusers and members of pg_monitor.
SELECT count(*) > 20 AS checks FROM recon.health_check();
SET ROLE regress_ann;
SELECT err('SELECT recon.health_check()');
SELECT err('SELECT * FROM recon.get_metrics()');
SELECT err('SELECT * FROM recon.metrics');
SET ROLE regress_dora;
SELECT count(*) > 20 AS checks FROM recon.health_check();
SELECT count(*) > 50 AS metrics FROM recon.metrics;
RESET ROLE;
-- As a function of C code too, whatever was granted.
GRANT EXECUTE ON FUNCTION recon.health_check(), recon.get_metrics(text) TO regress_ann;
SET ROLE regress_ann;
SELECT err('SELECT recon.health_check()');
SELECT err('SELECT * FROM recon.get_metrics()');
RESET ROLE;
REVOKE EXECUTE ON FUNCTION recon.health_check(), recon.get_metrics(text) FROM regress_ann;

-- A row a check, with what to do where something is to be done.
SELECT string_agg(check_name, ' ') AS checks FROM recon.health_check();
SELECT check_name, status, detail, hint FROM recon.health_check()
WHERE detail IS NULL OR detail = '' OR status NOT IN ('ok', 'warning', 'failed') OR (status = 'ok') <> (hint IS NULL);
SELECT check_name, status, detail FROM recon.health_check() WHERE check_name IN ('preload', 'cleanup');

-- Rejects: of the last load of each source, until they are resolved.
SELECT status, rejected FROM load(source('health_a'), E'external_id,amount\n1,1.00\n2,x\n3,y\n');
SELECT status, detail LIKE format('%%source %s (load %s: 2 of 3)%%', source('health_a'), newest_load(source('health_a'))) AS named, hint
FROM recon.health_check() WHERE check_name = 'rejects';
SELECT records_loaded, records_rejected FROM recon.retry_rejects(newest_load(source('health_a')), '{"external_id": "external_id", "amount": {"column": "amount", "null": ["x"]}}');
SELECT detail LIKE format('%%source %s (load %%: 1 of 3)%%', source('health_a')) AS named FROM recon.health_check() WHERE check_name = 'rejects';
SELECT status, rejected FROM load(source('health_a'), E'external_id,amount\n4,4.00\n');
SELECT detail LIKE format('%%source %s %%', source('health_a')) AS named FROM recon.health_check() WHERE check_name = 'rejects';
SET client_min_messages = error;
SELECT status, rejected FROM load(source('health_b'), E'external_id,amount\n1,x\n2,x\n', '{"max_rejects": 1}');
RESET client_min_messages;
SELECT detail LIKE format('%%source %s (load %s failed: 2 of 2)%%', source('health_b'), newest_load(source('health_b'))) AS named, hint
FROM recon.health_check() WHERE check_name = 'rejects';

-- Figures: what no counting could give, whatever the project, and what counting a project gives.
SELECT status, detail ~ '^those kept of all projects are consistent, those of project \d+ were counted$' AS counted FROM recon.health_check() WHERE check_name = 'figures';
BEGIN;
UPDATE recon.stats_base SET matched_records = records + 1000 WHERE project_id = :p;
SELECT * FROM health('figures');
ROLLBACK;
BEGIN;
UPDATE recon.stats_base SET jobs = jobs + 1, running_jobs = running_jobs + 1 WHERE project_id = :p;
SELECT * FROM health('figures');
ROLLBACK;
BEGIN;
UPDATE recon.stats_base SET files = files + 1;
SELECT * FROM health('figures');
ROLLBACK;

-- The audit trail: seals and entries that somebody has changed.
SELECT max(removed) > 0 AS sealed FROM recon.run_cleanup() WHERE task LIKE '%audit%';
SELECT * FROM health('audit');
BEGIN;
ALTER TABLE recon.audit_log DISABLE TRIGGER USER;
UPDATE recon.audit_log SET user_name = 'somebody' WHERE audit_id = (SELECT max(audit_id) FROM recon.audit_log);
SELECT status, detail ~ '^the newest entries are not as they were written, in projects \d' AS found, hint FROM recon.health_check() WHERE check_name = 'audit';
ROLLBACK;
BEGIN;
SET LOCAL session_replication_role = replica;
DELETE FROM recon.projects WHERE project_id <> :p;
ALTER TABLE recon.audit_batches DISABLE TRIGGER USER;
DELETE FROM recon.audit_batches WHERE project_id = :p AND (chain_no, batch_no) = (SELECT chain_no, batch_no FROM recon.audit_seals WHERE project_id = :p ORDER BY seal_no DESC LIMIT 1);
SELECT status, detail ~ '^the newest seals do not fit the trail of projects \d' AS found, hint FROM recon.health_check() WHERE check_name = 'audit';
ROLLBACK;
BEGIN;
SET LOCAL session_replication_role = replica;
DELETE FROM recon.projects WHERE project_id <> :p;
ALTER TABLE recon.audit_seals DISABLE TRIGGER USER;
UPDATE recon.audit_seals SET at = at - interval '1 s' WHERE project_id = :p;
SELECT status, detail ~ '^the newest seals do not fit the trail of projects \d' AS found FROM recon.health_check() WHERE check_name = 'audit';
ROLLBACK;

-- Jobs that wait, and jobs that nobody runs.
SELECT recon.create_job(:p, 'health', :a, :b) AS j \gset
BEGIN;
UPDATE recon.jobs SET status = 'queued', queued_at = now() - interval '10 min' WHERE job_id = :j;
SELECT * FROM health('queue');
UPDATE recon.jobs SET queued_at = now() - interval '20 min' WHERE job_id = :j;
SELECT * FROM health('queue');
SELECT metric('recon_database_oldest_queued_job_seconds') BETWEEN 1200 AND 1300 AS waits, metric('recon_jobs_current', '{"status": "queued"}') AS queued;
UPDATE recon.jobs SET next_try_at = now() + interval '1 min' WHERE job_id = :j;
SELECT * FROM health('queue');
ROLLBACK;
BEGIN;
UPDATE recon.jobs SET status = 'running', started_at = now() - interval '1 min' WHERE job_id = :j;
SELECT * FROM health('stuck_jobs');
UPDATE recon.jobs SET started_at = now() - interval '5 min' WHERE job_id = :j;
SELECT * FROM health('stuck_jobs');
ROLLBACK;

-- Indexes.
SELECT * FROM health('indexes');
BEGIN;
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'recon.matches_record_a_id_idx'::regclass;
SELECT * FROM health('indexes');
ROLLBACK;
BEGIN;
DROP INDEX recon.idx_users_email;
SELECT * FROM health('indexes');
ROLLBACK;

-- What one session or role has set says nothing about the server.
SELECT * FROM health('settings_timeouts');
SET statement_timeout = '10 min';
SELECT * FROM health('settings_timeouts');
SET recon.job_timeout = '1 min';
SELECT * FROM health('settings_timeouts');
RESET statement_timeout;
RESET recon.job_timeout;

-- A check that cannot do its work is a row, and the others do theirs.
BEGIN;
ALTER TABLE recon.stats_deltas RENAME TO elsewhere;
SELECT check_name, status, detail, hint FROM recon.health_check() WHERE detail LIKE 'the check itself%';
SELECT count(*) AS others FROM recon.health_check() WHERE check_name IN ('preload', 'rejects', 'stuck_jobs') AND detail NOT LIKE 'the check itself%';
ROLLBACK;

-- Metrics: a name is of one type, of a counter it ends in _total, and it begins with its family; with the labels it is unique.
SELECT DISTINCT name, type, (SELECT string_agg(key, ', ' ORDER BY key) FROM jsonb_object_keys(labels) key) AS labels FROM recon.metrics
WHERE name NOT LIKE 'recon_cleanup%' ORDER BY name;
SELECT name FROM recon.metrics GROUP BY name, labels HAVING count(*) > 1;
SELECT DISTINCT name FROM recon.metrics WHERE (type = 'counter') <> (name LIKE '%\_total') OR type NOT IN ('counter', 'gauge') OR help IS NULL OR value IS NULL;
SELECT family, count(DISTINCT name) AS names, count(*) FILTER (WHERE name NOT LIKE CASE WHEN family = 'server' THEN 'recon\_%' ELSE 'recon\_' || family || '\_%' END) AS strange
FROM unnest('{server,pool,queue,memo,loads,load_records,job_runs,database,jobs,matches,project,relation,memo_kept,health}'::text[]) family, recon.get_metrics(family)
GROUP BY family ORDER BY 1;
SELECT err($$SELECT * FROM recon.get_metrics('x')$$);

-- Those of a project are its figures; those of the database their sums.
SELECT metric('recon_project_records', jsonb_build_object('project_id', :'p')) AS records, metric('recon_project_open_records', jsonb_build_object('project_id', :'p')) AS open,
    metric('recon_project_jobs', jsonb_build_object('project_id', :'p')) AS jobs;
SELECT total_records, unmatched_records, total_jobs FROM recon.get_project_stats(:p);
SELECT metric('recon_database_records') = (SELECT count(*) FROM recon.records) AS records, metric('recon_database_open_records') = (SELECT count(*) FROM recon.exceptions) AS open,
    metric('recon_database_files') = (SELECT count(*) FROM recon.files) AS files, metric('recon_matches_current', '{"status": "approved"}') = (SELECT count(*) FROM recon.matches WHERE status = 'approved') AS approved,
    (SELECT sum(value) FROM recon.metrics WHERE name = 'recon_jobs_current') = (SELECT count(*) FROM recon.jobs) AS jobs;
SELECT metric('recon_health_status', '{"check": "preload"}') AS preload, metric('recon_launcher_up') AS launcher;

-- Loads and runs count once they are committed.
SELECT metric('recon_loads_total', '{"status": "completed"}') AS loads, metric('recon_load_records_total', '{"outcome": "loaded"}') AS records,
    metric('recon_load_records_total', '{"outcome": "rejected"}') AS rejects, metric('recon_job_runs_total', '{"status": "completed"}') AS runs \gset
BEGIN;
SELECT status, loaded, rejected FROM load(source('health_b'), E'external_id,amount\n10,1.00\n11,x\n');
SELECT status FROM recon.run_job(:j);
SELECT metric('recon_loads_total', '{"status": "completed"}') - :loads AS loads;
ROLLBACK;
SELECT status, loaded, rejected FROM load(source('health_b'), E'external_id,amount\n10,1.00\n11,x\n');
SELECT status FROM recon.run_job(:j);
SELECT metric('recon_loads_total', '{"status": "completed"}') - :loads AS loads, metric('recon_load_records_total', '{"outcome": "loaded"}') - :records AS records,
    metric('recon_load_records_total', '{"outcome": "rejected"}') - :rejects AS rejects, metric('recon_job_runs_total', '{"status": "completed"}') - :runs AS runs;

\set ECHO none
SET client_min_messages = error;
SELECT recon.drop_project(:p) IS NOT NULL AS dropped \gset
DROP SCHEMA test CASCADE;
DROP ROLE regress_ann;
DROP ROLE regress_dora;
