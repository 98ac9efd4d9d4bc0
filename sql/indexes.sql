\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\set own_database :src '/sql/include/own_database.sql'
\set own regress_indexes
\i :own_database
\i :common
-- The performance indexes of version 1.1: each is used by a query of recon's own, which costs more without.
CREATE ROLE regress_ann;

-- As a year of work leaves them; each thing of a table belongs to one of 400 projects.
INSERT INTO recon.users (role, role_name, display_name, email, active)
SELECT i::text::regrole, 'regress_user_' || i, 'User ' || i, 'User' || i || '@example.org', i % 10 > 0
FROM generate_series(1000001, 1003000) i;
SELECT min(user_id) AS u FROM recon.users WHERE role_name LIKE 'regress_user_%' \gset
INSERT INTO recon.projects (name, status, owner_id)
SELECT 'idx ' || i, CASE WHEN i % 50 = 0 THEN 'archived' ELSE 'active' END, :u + i % 2000 FROM generate_series(1, 4000) i;
SELECT min(project_id) AS p0 FROM recon.projects WHERE name LIKE 'idx %' \gset
INSERT INTO recon.project_members (project_id, member, member_role, user_id, added_by)
SELECT :p0 + i % 4000, (1000001 + i % 3000 + i / 12000)::text::regrole, 'viewer', :u + i % 3000, current_user FROM generate_series(0, 23999) i
ON CONFLICT DO NOTHING;
INSERT INTO recon.project_members (project_id, member, member_role, user_id, added_by)
VALUES (:p0 + 7, 'regress_ann'::regrole, 'viewer', :u, current_user);
INSERT INTO recon.data_sources (project_id, name, kind, status, created_by)
SELECT :p0 + i % 400, 's' || i, 'file', CASE WHEN i % 20 = 0 THEN 'disabled' ELSE 'active' END, current_user FROM generate_series(0, 19999) i;
SELECT min(source_id) AS s0 FROM recon.data_sources WHERE project_id = :p0 + 7 AND name LIKE 's%' \gset
INSERT INTO recon.ingestions (project_id, source_id, status, records_read, records_loaded, records_rejected, records_duplicate, bytes_read,
    elapsed_ms, options, column_names, created_by, started_at, finished_at)
SELECT s.project_id, s.source_id, 'completed', 0, 0, 0, 0, 0, 0, '{}', '{}', current_user, now(), now()
FROM recon.data_sources s WHERE s.source_id BETWEEN :s0 - 7 AND :s0 + 392;
INSERT INTO recon.records (record_id, project_id, source_id, ingestion_id, line_no, external_id, transaction_date, amount, description)
SELECT 1000000000 + n * 1000 + i, g.project_id, g.source_id, g.ingestion_id, i, i::text, date '2026-01-01' + i, i, repeat('d', 100)
FROM (SELECT *, row_number() OVER (ORDER BY ingestion_id) AS n FROM recon.ingestions WHERE source_id BETWEEN :s0 - 7 AND :s0 + 392) g,
    generate_series(0, 299) i ORDER BY 1;
INSERT INTO recon.open_singles (record_id, project_id, source_id, reason)
SELECT record_id, project_id, source_id, 'no candidate' FROM recon.records WHERE record_id >= 1000000000 AND line_no % 4 = 0;
INSERT INTO recon.jobs (project_id, name, source_a, source_b, status, created_by, created_at, finished_at)
SELECT :p0 + i % 400, 'idx', :s0 - 7 + i % 400, :s0 + 393 + i % 400, CASE WHEN i / 400 % 20 = 7 THEN 'failed' ELSE 'completed' END,
    CASE WHEN i % 100 = 0 THEN 'regress_ann' ELSE 'regress_other' END, timestamptz '2026-01-01' + i * interval '1 min',
    timestamptz '2026-01-01' + i * interval '1 min'
FROM generate_series(0, 19999) i;
SELECT min(job_id) AS j FROM recon.jobs WHERE name = 'idx' AND project_id = :p0 + 7 \gset
INSERT INTO recon.matches (project_id, job_id, record_a_id, record_b_id, created_at, confidence, cardinality, status, ambiguous)
SELECT :p0 + n, :j - 7 + n, 1000000000 + (n + 1) * 1000 + i % 300, 1000000000 + (n + 1) * 1000 + i % 300, timestamptz '2026-01-01' + n * interval '1 h' + i / 500 * interval '1 h',
    CASE WHEN i % 5 = 0 THEN 0.5 + i % 400 / 1000.0 ELSE 1 END, '1:1',
    CASE WHEN i % 25 = 0 THEN 'proposed' WHEN i % 25 = 1 THEN 'unmatched' ELSE 'approved' END, false
FROM generate_series(0, 99) n, generate_series(0, 999) i ORDER BY n, i;
-- A job that ran each day of a month.
INSERT INTO recon.matches (project_id, job_id, record_a_id, record_b_id, created_at, confidence, cardinality, status, ambiguous)
SELECT :p0 + 7, :j + 400, 1000008000 + i % 300, 1000008000 + i % 300, timestamptz '2026-03-01' + n * interval '1 day', 1, '1:1', 'approved', false
FROM generate_series(0, 29) n, generate_series(0, 799) i ORDER BY n, i;
WITH made AS (
    INSERT INTO recon.matches (project_id, job_id, created_at, confidence, cardinality, status, ambiguous)
    SELECT :p0 + i % 100, :j - 7 + i % 100, timestamptz '2026-01-01', 0.9, '1:N', 'approved', false FROM generate_series(0, 1999) i
    RETURNING match_id, project_id)
INSERT INTO recon.match_members (project_id, match_id, record_id, side)
SELECT m.project_id, m.match_id, 1000000000 + (m.project_id - :p0 + 1) * 1000 + i, CASE i WHEN 0 THEN 'A' ELSE 'B' END FROM made m, generate_series(0, 2) i;
INSERT INTO recon.files (project_id, source_id, name, bytes, fingerprint, status, uploaded_by, created_at)
SELECT s.project_id, s.source_id, 'f', i, decode(md5(i::text), 'hex'), CASE WHEN i / 400 % 20 = 7 THEN 'failed' ELSE 'loaded' END,
    CASE WHEN i % 100 = 7 THEN 'regress_ann' ELSE 'regress_other' END, timestamptz '2026-01-01' + i * interval '1 min'
FROM generate_series(0, 19999) i JOIN recon.data_sources s ON s.source_id = :s0 - 7 + i % 400;
INSERT INTO recon.audit_log (project_id, at, session_user_name, user_name, action, resource, resource_id, chain_no, batch_no, hash)
SELECT :p0 + i % 400, timestamptz '2026-01-01' + i * interval '1 min', 'x', 'regress_user_' || i % 500, 'approve', 'match', i / 4, 0, i, sha256('')
FROM generate_series(0, 49999) i;
VACUUM ANALYZE;

-- The plan of a query as a role, and what it costs.
CREATE FUNCTION plan(role name, query text, OUT plan text, OUT cost double precision) LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    plan := '';
    EXECUTE format('SET LOCAL ROLE %I', role);
    FOR line IN EXECUTE 'EXPLAIN ' || query LOOP
        cost := coalesce(cost, substring(line FROM 'cost=[0-9.]+\.\.([0-9.]+)')::double precision);
        plan := plan || line || E'\n';
    END LOOP;
    RESET ROLE;
END
$$;
-- Whether it uses the index, and whether it costs more where there is none.
CREATE FUNCTION needs(index name, role name, query text, OUT uses boolean, OUT dearer_without boolean) LANGUAGE plpgsql AS $$
DECLARE
    with_it record;
    without record;
BEGIN
    with_it := test.plan(role, query);
    uses := with_it.plan ~ (index || '\M');
    IF NOT uses THEN
        RAISE NOTICE '%', with_it.plan;
    END IF;
    BEGIN
        EXECUTE format('DROP INDEX recon.%I', index);
        without := test.plan(role, query);
        RAISE EXCEPTION 'undo';
    EXCEPTION WHEN raise_exception THEN
        dearer_without := without.cost > 1.2 * with_it.cost AND without.plan !~ (index || '\M');
        IF NOT dearer_without THEN
            RAISE NOTICE '%', with_it.plan || without.plan;
        END IF;
    END;
END
$$;
CREATE TABLE queries (index name, what text, role name, query text);
GRANT ALL ON ALL TABLES IN SCHEMA test TO PUBLIC;
INSERT INTO queries VALUES
    ('idx_jobs_project_id_status', 'page: jobs of a project by status', 'regress_ann', $$SELECT * FROM recon.jobs WHERE project_id = %1$s AND status = 'failed'$$),
    ('idx_jobs_project_id_created_at', 'page: newest jobs of a project', 'regress_ann', $$SELECT * FROM recon.jobs WHERE project_id = %1$s ORDER BY created_at DESC LIMIT 10$$),
    ('idx_jobs_status_created_at', 'page: jobs that failed', current_user, $$SELECT * FROM recon.jobs WHERE status = 'failed' ORDER BY created_at DESC LIMIT 10$$),
    ('idx_jobs_created_by', 'page: own jobs', 'regress_ann', $$SELECT * FROM recon.jobs WHERE created_by = current_user ORDER BY created_at DESC LIMIT 10$$),
    ('idx_matches_job_id_confidence', 'page: results by confidence', 'regress_ann', $$SELECT * FROM recon.results WHERE job_id = %2$s AND match_type <> 'unmatched' ORDER BY confidence_score LIMIT 50$$),
    ('idx_matches_job_id_created_at', 'page: results of the newest runs of a job, by date', 'regress_ann', $$SELECT * FROM recon.results WHERE job_id = %5$s AND created_at >= '2026-03-30' ORDER BY created_at DESC LIMIT 50$$),
    ('idx_matches_job_id_status', 'cleanup: matches that were taken apart', current_user, $$SELECT match_id FROM recon.matches WHERE project_id = %1$s AND job_id = ANY ('{%2$s}') AND status = 'unmatched' LIMIT 10000$$),
    ('idx_matches_job_id_status', 'page: groups among the results', 'regress_ann', $$SELECT * FROM recon.results WHERE job_id = %2$s AND match_type = 'group'$$),
    ('idx_matches_project_id', 'stats_verify; drop_project', current_user, $$SELECT count(*), sum(confidence) FROM recon.matches WHERE project_id = %6$s$$),
    ('idx_matches_project_id_confidence', 'page: what is to be reviewed in a project', 'regress_ann', $$SELECT * FROM recon.matches WHERE project_id = %1$s AND status = 'proposed' ORDER BY confidence LIMIT 50$$),
    ('idx_data_sources_project_id_active', 'run_project: the active sources', current_user, $$SELECT source_id FROM recon.data_sources WHERE project_id = %1$s AND active ORDER BY source_id LIMIT 3$$),
    ('idx_data_sources_project_id_status', 'page: disabled sources', 'regress_ann', $$SELECT * FROM recon.data_sources WHERE project_id = %1$s AND status = 'disabled'$$),
    ('idx_records_project_id_transaction_date', 'page: records of some days; explain_match', 'regress_ann', $$SELECT * FROM recon.records WHERE project_id = %1$s AND transaction_date BETWEEN '2026-02-01' AND '2026-02-07'$$),
    ('idx_records_source_id', 'page: records of a source; drop_project', 'regress_ann', $$SELECT * FROM recon.records WHERE source_id = %3$s$$),
    ('idx_open_singles_project_id_source_id', 'page: exceptions of a project by date', 'regress_ann', $$SELECT * FROM recon.exceptions WHERE project_id = %1$s ORDER BY transaction_date LIMIT 50$$),
    ('idx_open_singles_project_id_source_id', 'page: exceptions of all own projects', 'regress_ann', $$SELECT * FROM recon.exceptions ORDER BY transaction_date LIMIT 50$$),
    ('idx_open_singles_project_id_source_id', 'run: the open records of a source', current_user, $$SELECT record_id FROM recon.open_singles WHERE project_id = %1$s AND source_id = %3$s AND set_aside IS NOT TRUE$$),
    ('idx_users_email', 'find_user', current_user, $$SELECT * FROM recon.users WHERE lower(email) = lower('USER1000007@example.org') AND active$$),
    ('idx_users_active', 'page: users to choose from', current_user, $$SELECT * FROM recon.users WHERE active ORDER BY display_name LIMIT 50$$),
    ('idx_projects_owner_id_active', 'page: projects that somebody created', current_user, $$SELECT * FROM recon.projects WHERE owner_id = %4$s AND active$$),
    ('idx_projects_status', 'page: projects by name', current_user, $$SELECT * FROM recon.projects WHERE status = 'active' ORDER BY name LIMIT 50$$),
    ('idx_project_members_member', 'row-level security: the projects of a member', current_user, $$SELECT project_id FROM recon.project_members WHERE member = 'regress_ann'::regrole$$),
    ('idx_files_project_id_status', 'stats_verify; page: files that failed', 'regress_ann', $$SELECT * FROM recon.files WHERE project_id = %1$s AND status = 'failed'$$),
    ('idx_files_uploaded_by', 'page: own files', 'regress_ann', $$SELECT * FROM recon.files WHERE uploaded_by = current_user ORDER BY created_at DESC LIMIT 10$$),
    ('idx_audit_log_user_name_at', 'page: what somebody did last', current_user, $$SELECT * FROM recon.audit_log WHERE user_name = 'regress_user_7' ORDER BY at DESC LIMIT 50$$),
    ('idx_audit_log_resource_at', 'page: the history of a thing', 'regress_ann', $$SELECT * FROM recon.audit_log WHERE resource = 'match' AND resource_id = 7 ORDER BY at$$);
\set ECHO all
SELECT q.index, q.what, q.role = 'regress_ann' AS member, n.* FROM queries q, needs(q.index, q.role, format(q.query, :p0 + 7, :j, :s0, :u, :j + 400, :p0 + 8)) n ORDER BY 1, 2;
SELECT d.name AS without_a_query FROM recon.index_definitions() d WHERE d.name NOT IN (SELECT index FROM queries);
SELECT count(*) FROM recon.index_definitions();
\set ECHO none
-- What stands for is_member in an index is asked for where it helps: not where a query picks its rows by an id, nor of a table that is
-- not recon's, nor for a superuser. What is seen is the same.
CREATE VIEW own AS SELECT project_id FROM recon.audit_log;
CREATE TABLE foreigners AS SELECT i AS project_id FROM generate_series(1::bigint, 20000) i;
CREATE INDEX ON foreigners (project_id);
ANALYZE foreigners;
GRANT SELECT ON own, foreigners TO PUBLIC;
CREATE FUNCTION asks_projects(role name, query text) RETURNS boolean LANGUAGE sql AS $$SELECT (test.plan(role, query)).plan ~ 'member_projects'$$;
\set ECHO all
SELECT asks_projects('regress_ann', 'SELECT * FROM recon.jobs') AS table_alone, asks_projects('regress_ann', 'SELECT * FROM recon.jobs WHERE project_id = 7') AS project,
    asks_projects('regress_ann', 'SELECT * FROM recon.matches WHERE job_id = 7') AS job, asks_projects('regress_ann', 'SELECT * FROM recon.jobs WHERE status = ''failed''') AS status,
    asks_projects('regress_ann', 'SELECT * FROM test.foreigners WHERE recon.is_member(project_id)') AS foreign_table,
    asks_projects(current_user, 'SELECT * FROM recon.jobs WHERE recon.is_member(project_id)') AS superuser;
-- Members of none, of one and of all; as the member itself, as a member of its role, and within the transaction that changes it.
CREATE ROLE regress_bob IN ROLE regress_ann;
CREATE ROLE regress_carl NOINHERIT IN ROLE regress_ann;
CREATE ROLE regress_dora;
CREATE FUNCTION seen(role name, OUT jobs bigint, OUT failed bigint, OUT exceptions bigint, OUT projects bigint, OUT ids integer) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', role);
    SELECT count(*) INTO jobs FROM recon.jobs;
    SELECT count(*) INTO failed FROM (SELECT * FROM recon.jobs WHERE status = 'failed' ORDER BY created_at) j;
    SELECT count(*) INTO exceptions FROM recon.exceptions;
    SELECT count(*) INTO projects FROM recon.projects;
    ids := cardinality(recon.member_projects());
    RESET ROLE;
END
$$;
SELECT r.role, s.* FROM unnest('{regress_ann,regress_bob,regress_carl,regress_dora}'::name[]) r(role), seen(r.role) s ORDER BY 1;
BEGIN;
INSERT INTO recon.project_members (project_id, member, member_role, user_id, added_by) VALUES (:p0 + 8, 'regress_dora'::regrole, 'viewer', :u, 'x');
SELECT * FROM seen('regress_dora');
SAVEPOINT s;
INSERT INTO recon.project_members (project_id, member, member_role, user_id, added_by)
SELECT project_id, 'regress_dora'::regrole, 'viewer', :u, 'x' FROM recon.projects WHERE project_id BETWEEN :p0 AND :p0 + 399 AND project_id <> :p0 + 8;
SELECT * FROM seen('regress_dora');
ROLLBACK TO s;
SELECT * FROM seen('regress_dora');
ROLLBACK;
SELECT * FROM seen('regress_dora');
-- With plans of a session that changes its role.
SET plan_cache_mode = force_generic_plan;
PREPARE q AS SELECT count(*) FROM recon.jobs;
SET ROLE regress_ann;
EXECUTE q;
SET ROLE regress_dora;
EXECUTE q;
RESET ROLE;
INSERT INTO recon.project_members (project_id, member, member_role, user_id, added_by) VALUES (:p0 + 9, 'regress_dora'::regrole, 'viewer', :u, 'x');
SET ROLE regress_dora;
EXECUTE q;
RESET ROLE;
DROP INDEX recon.idx_project_members_member;
SELECT r.role, s.* FROM unnest('{regress_ann,regress_bob,regress_carl,regress_dora}'::name[]) r(role), seen(r.role) s ORDER BY 1;
SELECT recon.build_indexes();
SELECT r.role, s.* FROM unnest('{regress_ann,regress_bob,regress_carl,regress_dora}'::name[]) r(role), seen(r.role) s ORDER BY 1;
-- find_user: whoever shares a project, or a superuser.
SELECT recon.set_user('Nobody', 'Nobody@Example.org');
SELECT count(*) FROM recon.find_user('nobody@example.ORG');
SET ROLE regress_dora;
SELECT recon.set_user('Dora', 'Dora@example.org');
SELECT display_name, email FROM recon.find_user('dora@EXAMPLE.org');
SELECT count(*) FROM recon.find_user('nobody@example.org');
SET ROLE regress_ann;
SELECT count(*) FROM recon.find_user('dora@example.org');
RESET ROLE;
SELECT count(*) FROM recon.find_user('dora@example.org');
UPDATE recon.users SET active = false WHERE display_name = 'Dora';
SELECT count(*) FROM recon.find_user('dora@example.org');
SELECT count(*) FROM recon.find_user(NULL);
-- Rights on what a DBA does with them.
SET ROLE regress_ann;
SELECT err('SELECT recon.build_indexes()');
SELECT err('SELECT * FROM recon.index_status');
RESET ROLE;
\c :home
DROP DATABASE :own;
DROP ROLE regress_ann, regress_bob, regress_carl, regress_dora;
