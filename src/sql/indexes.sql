-- The performance indexes that version 1.1 has, how they stand, and building them on a live system.

-- The one place that says what they are: the update to 1.1, build_indexes and index_status work from it. A definition
-- stands here as pg_get_indexdef gives it, so that it can be compared.
CREATE FUNCTION recon.index_definitions() RETURNS TABLE (name text, table_name text, definition text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 23 BEGIN ATOMIC
    SELECT 'idx_' || d.name, d.table_name, 'CREATE INDEX idx_' || d.name || ' ON recon.' || d.table_name || ' USING ' || d.what
    FROM (VALUES
        -- A project's jobs: how many there are of a status, and the newest; those that failed, of all projects; somebody's own.
        ('jobs_project_id_status', 'jobs', 'btree (project_id, status)'),
        ('jobs_project_id_created_at', 'jobs', 'btree (project_id, created_at)'),
        ('jobs_status_created_at', 'jobs', 'btree (status, created_at)'),
        ('jobs_created_by', 'jobs', 'btree (created_by, created_at)'),
        -- A job's results: in order of confidence; those of a time, which a run appended together; and those that are more
        -- than a pair, or no match any more.
        ('matches_job_id_confidence', 'matches', 'btree (job_id, confidence)'),
        ('matches_job_id_created_at', 'matches',
         'brin (job_id int8_minmax_multi_ops (values_per_range=''8''), created_at) WITH (pages_per_range=''32'')'),
        ('matches_job_id_status', 'matches',
         'btree (job_id, status) WHERE ((status = ANY (ARRAY[''rejected''::text, ''unmatched''::text])) OR (cardinality <> ''1:1''::text))'),
        -- All matches of a project, and what is to be reviewed in it.
        ('matches_project_id', 'matches',
         'brin (project_id int8_minmax_multi_ops (values_per_range=''8'')) WITH (pages_per_range=''32'')'),
        ('matches_project_id_confidence', 'matches', 'btree (project_id, confidence) WHERE (status = ''proposed''::text)'),
        ('data_sources_project_id_active', 'data_sources', 'btree (project_id, source_id) WHERE active'),
        ('data_sources_project_id_status', 'data_sources', 'btree (project_id, status)'),
        -- Records are many, and loaded source by source: a summary of each range of pages finds them, and costs a load
        -- next to nothing.
        ('records_project_id_transaction_date', 'records',
         'brin (project_id int8_minmax_multi_ops (values_per_range=''8''), transaction_date) WITH (pages_per_range=''32'')'),
        ('records_source_id', 'records',
         'brin (source_id int8_minmax_multi_ops (values_per_range=''8'')) WITH (pages_per_range=''32'')'),
        -- The open records of a project, which are exceptions, and of a source, for a run: in place of that by source_id alone.
        ('open_singles_project_id_source_id', 'open_singles', 'btree (project_id, source_id)'),
        ('users_email', 'users', 'btree (lower(email))'),
        ('users_active', 'users', 'btree (display_name) WHERE active'),
        ('projects_owner_id_active', 'projects', 'btree (owner_id) WHERE active'),
        ('projects_status', 'projects', 'btree (status, name)'),
        -- The projects of a member: for row-level security.
        ('project_members_member', 'project_members', 'btree (member)'),
        ('files_project_id_status', 'files', 'btree (project_id, status)'),
        ('files_uploaded_by', 'files', 'btree (uploaded_by, created_at)'),
        ('audit_log_user_name_at', 'audit_log', 'btree (user_name, at)'),
        ('audit_log_resource_at', 'audit_log', 'btree (resource, resource_id, at)')
    ) d (name, table_name, what);
END;
COMMENT ON FUNCTION recon.index_definitions() IS
    'the performance indexes of version 1.1, with the statements that build them';

CREATE FUNCTION recon.build_indexes(concurrently boolean DEFAULT false) RETURNS bigint
    AS 'MODULE_PATHNAME', 'recon_build_indexes' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.build_indexes(boolean) IS
    'builds the performance indexes that are missing or invalid, and returns how many; concurrently: a background worker '
    'builds them, no writer waits for it, and the call returns at once; for superusers';

CREATE FUNCTION recon.get_index_builds()
    RETURNS TABLE (pid integer, name text, started_at timestamptz, error_index text, error_code text, error_message text)
    AS 'MODULE_PATHNAME', 'recon_get_index_builds' LANGUAGE c VOLATILE PARALLEL RESTRICTED ROWS 5;
COMMENT ON FUNCTION recon.get_index_builds() IS
    'the background worker that builds indexes in this database, with the index that it is at, and what the last one could '
    'not build; for superusers and members of pg_monitor';

-- As it is shown in index_status; the search_path is a part of what pg_get_indexdef says.
CREATE FUNCTION recon.get_index_status()
    RETURNS TABLE (name text, table_name text, definition text, size bigint, scans bigint, valid boolean, present boolean,
                   state text, phase text, progress double precision, pid integer, error text, advice text)
LANGUAGE sql STABLE ROWS 23 SET search_path = pg_catalog, pg_temp AS $$
    WITH worker AS MATERIALIZED (SELECT * FROM recon.get_index_builds()),
    found AS (
        SELECT d.name, d.table_name, d.definition AS wanted, c.oid, i.indisvalid AND i.indisready AND i.indislive AS valid,
               pg_get_indexdef(i.indexrelid) AS definition
        FROM recon.index_definitions() d
            LEFT JOIN pg_class c ON c.relnamespace = 'recon'::regnamespace AND c.relname = d.name
            LEFT JOIN pg_index i ON i.indexrelid = c.oid),
    stands AS (
        SELECT f.*, b.pid, b.phase, b.progress, e.error,
               CASE WHEN f.oid IS NOT NULL AND f.definition IS DISTINCT FROM f.wanted THEN 'different'
                    WHEN f.valid THEN 'valid'
                    WHEN b.pid IS NOT NULL THEN 'building'
                    WHEN EXISTS (SELECT FROM worker w WHERE w.error_code IS NULL) AND e.error IS NULL THEN 'waiting'
                    WHEN f.oid IS NOT NULL THEN 'invalid'
                    ELSE 'missing' END AS state
        FROM found f
            LEFT JOIN LATERAL (
                SELECT coalesce(p.pid, w.pid) AS pid, p.phase,
                       CASE WHEN p.blocks_total > 0 THEN 100.0 * p.blocks_done / p.blocks_total
                            WHEN p.tuples_total > 0 THEN 100.0 * p.tuples_done / p.tuples_total END::double precision AS progress
                FROM (SELECT w.pid FROM worker w WHERE w.name = f.name) w
                    FULL JOIN (SELECT p.* FROM pg_stat_progress_create_index p
                               WHERE p.index_relid = f.oid AND p.datname = current_database()) p ON p.pid = w.pid
                ORDER BY p.pid LIMIT 1) b ON true
            LEFT JOIN LATERAL (
                SELECT w.error_code || ': ' || w.error_message AS error FROM worker w WHERE w.error_index = f.name) e ON true)
    SELECT s.name, s.table_name, coalesce(s.definition, s.wanted), pg_relation_size(s.oid), pg_stat_get_numscans(s.oid),
           coalesce(s.valid, false), s.oid IS NOT NULL, s.state, s.phase, s.progress, s.pid,
           CASE WHEN s.state <> 'valid' THEN s.error END,
           CASE s.state
               WHEN 'missing' THEN 'Build it with SELECT recon.build_indexes(concurrently => true).'
               WHEN 'invalid' THEN 'Build it anew with SELECT recon.build_indexes(concurrently => true).'
               WHEN 'different' THEN 'Not the index that recon needs: ' || s.wanted || '. Drop or rename it, then SELECT recon.build_indexes(concurrently => true).'
               WHEN 'waiting' THEN 'Its turn is about to come.'
               WHEN 'building' THEN coalesce('Blocked by ' || nullif(array_to_string(pg_blocking_pids(s.pid), ', '), '') ||
                   ': see these in pg_stat_activity.', 'Wait; pg_cancel_backend stops it.')
               ELSE CASE WHEN pg_stat_get_numscans(s.oid) = 0 AND pg_relation_size(s.oid) > 67108864
                         THEN 'Not used since the statistics were reset: see docs/indexes.md for the queries that it is for.' END
           END
    FROM stands s
$$;
COMMENT ON FUNCTION recon.get_index_status() IS 'the rows of index_status; for superusers and members of pg_monitor';

CREATE VIEW recon.index_status WITH (security_invoker = true) AS SELECT * FROM recon.get_index_status();
COMMENT ON VIEW recon.index_status IS
    'the performance indexes of version 1.1, and how they stand; for superusers and members of pg_monitor';
COMMENT ON COLUMN recon.index_status.name IS 'index, in schema recon';
COMMENT ON COLUMN recon.index_status.table_name IS 'its table, in schema recon';
COMMENT ON COLUMN recon.index_status.definition IS 'what it is, or will be';
COMMENT ON COLUMN recon.index_status.size IS 'bytes; NULL where it is missing';
COMMENT ON COLUMN recon.index_status.scans IS 'scans since the statistics were reset; NULL where it is missing';
COMMENT ON COLUMN recon.index_status.valid IS 'whether queries can use it';
COMMENT ON COLUMN recon.index_status.present IS 'whether it is there, valid or not';
COMMENT ON COLUMN recon.index_status.state IS
    'valid, missing, invalid (a build that did not come to its end), different (of this name, but not this index), building, or '
    'waiting for the background worker';
COMMENT ON COLUMN recon.index_status.phase IS 'of a build, as in pg_stat_progress_create_index';
COMMENT ON COLUMN recon.index_status.progress IS 'percent of the phase';
COMMENT ON COLUMN recon.index_status.pid IS 'process that builds it';
COMMENT ON COLUMN recon.index_status.error IS 'why the background worker could not build it last';
COMMENT ON COLUMN recon.index_status.advice IS 'what to do; NULL: nothing';
