-- The memoized reads of rows, and the memo. get_project_stats, which is memoized too, stands with the statistics.

CREATE FUNCTION recon.get_projects() RETURNS SETOF recon.projects
    AS 'MODULE_PATHNAME', 'recon_get_projects' LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 20;
COMMENT ON FUNCTION recon.get_projects() IS 'the projects that the caller is a member of, by id; for superusers all';

CREATE FUNCTION recon.get_project(project_id bigint) RETURNS recon.projects
    AS 'MODULE_PATHNAME', 'recon_get_project' LANGUAGE c STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION recon.get_project(bigint) IS 'the row of a project; for members';

CREATE FUNCTION recon.get_reconciliation_jobs(project_id bigint) RETURNS SETOF recon.jobs
    AS 'MODULE_PATHNAME', 'recon_get_reconciliation_jobs' LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 20;
COMMENT ON FUNCTION recon.get_reconciliation_jobs(bigint) IS 'the jobs of a project, by id; for members';

CREATE FUNCTION recon.get_project_data_sources(project_id bigint) RETURNS SETOF recon.data_sources
    AS 'MODULE_PATHNAME', 'recon_get_project_data_sources' LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 5;
COMMENT ON FUNCTION recon.get_project_data_sources(bigint) IS 'the sources of a project, by id; for members';

CREATE FUNCTION recon.get_users() RETURNS SETOF recon.users
    AS 'MODULE_PATHNAME', 'recon_get_users' LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 20;
COMMENT ON FUNCTION recon.get_users() IS 'the caller and who shares a project with him, by id; for superusers all users';

CREATE FUNCTION recon.get_memo_stats()
    RETURNS TABLE (function_name text, hits bigint, misses bigint, bypasses bigint, evictions bigint, entries bigint,
                   bytes bigint, hit_ratio double precision, bypasses_own bigint, bypasses_serializable bigint,
                   bypasses_recovery bigint, bypasses_parallel bigint, bypasses_snapshot bigint, stores bigint,
                   too_large bigint)
    AS 'MODULE_PATHNAME', 'recon_get_memo_stats' LANGUAGE c VOLATILE PARALLEL RESTRICTED ROWS 6;
COMMENT ON FUNCTION recon.get_memo_stats() IS 'the rows of memo_stats; for superusers and members of pg_monitor';

CREATE VIEW recon.memo_stats WITH (security_invoker = true) AS SELECT * FROM recon.get_memo_stats();
COMMENT ON VIEW recon.memo_stats IS
    'how the memo is used, since the server started or memo_reset; zeros without the preload; for superusers and members of '
    'pg_monitor';
COMMENT ON COLUMN recon.memo_stats.function_name IS 'function';
COMMENT ON COLUMN recon.memo_stats.hits IS 'calls in the server that were answered from the memo';
COMMENT ON COLUMN recon.memo_stats.misses IS 'calls that computed the answer, as there was none for their snapshot';
COMMENT ON COLUMN recon.memo_stats.bypasses IS 'calls that passed the memo by, for the reasons that follow';
COMMENT ON COLUMN recon.memo_stats.evictions IS 'answers that gave way to those of this function';
COMMENT ON COLUMN recon.memo_stats.entries IS 'answers that are kept, for this database';
COMMENT ON COLUMN recon.memo_stats.bytes IS 'of these';
COMMENT ON COLUMN recon.memo_stats.hit_ratio IS 'hits of all calls, 0 to 1; NULL where there were none';
COMMENT ON COLUMN recon.memo_stats.bypasses_own IS 'the transaction had changed what the answer depends on';
COMMENT ON COLUMN recon.memo_stats.bypasses_serializable IS 'in a SERIALIZABLE transaction';
COMMENT ON COLUMN recon.memo_stats.bypasses_recovery IS 'on a standby';
COMMENT ON COLUMN recon.memo_stats.bypasses_parallel IS 'in a parallel worker';
COMMENT ON COLUMN recon.memo_stats.bypasses_snapshot IS 'with a snapshot that does not tell by transaction ids';
COMMENT ON COLUMN recon.memo_stats.stores IS 'answers that were kept';
COMMENT ON COLUMN recon.memo_stats.too_large IS 'answers that were not, as they have more than 64 kB';

CREATE FUNCTION recon.memo_reset() RETURNS void
    AS 'MODULE_PATHNAME', 'recon_memo_reset' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.memo_reset() IS 'forgets all kept answers, and counts anew; for superusers';

CREATE FUNCTION recon.mark_changes() RETURNS trigger
    AS 'MODULE_PATHNAME', 'recon_mark_changes' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.mark_changes() IS 'tells the memo which projects a statement has changed';

DO $$
DECLARE
    marked text;
    event record;
BEGIN
    FOREACH marked IN ARRAY '{projects,project_members,jobs,data_sources,users,audit_log,stats_base,stats_deltas}'::text[] LOOP
        FOR event IN
            SELECT * FROM (VALUES ('before_insert', 'BEFORE', ''), ('before_update', 'BEFORE', ''), ('before_delete', 'BEFORE', ''),
                                  ('insert', 'AFTER', 'REFERENCING NEW TABLE AS added'),
                                  ('update', 'AFTER', 'REFERENCING NEW TABLE AS added OLD TABLE AS removed'),
                                  ('delete', 'AFTER', 'REFERENCING OLD TABLE AS removed'),
                                  ('truncate', 'BEFORE', '')) e(name, moment, rows)
        LOOP
            EXECUTE format('CREATE TRIGGER mark_%s %s %s ON recon.%I %s FOR EACH STATEMENT EXECUTE FUNCTION recon.mark_changes()',
                           event.name, event.moment, replace(event.name, 'before_', ''), marked, event.rows);
            EXECUTE format('COMMENT ON TRIGGER mark_%s ON recon.%I IS %L', event.name, marked,
                           'tells the memo of changes');
        END LOOP;
        -- What logical replication applies fires no triggers of statements but TRUNCATE's, and no others than these.
        EXECUTE format('CREATE TRIGGER mark_replicated AFTER INSERT OR UPDATE OR DELETE ON recon.%I FOR EACH ROW EXECUTE FUNCTION recon.mark_changes()', marked);
        EXECUTE format('ALTER TABLE recon.%I ENABLE REPLICA TRIGGER mark_replicated, ENABLE ALWAYS TRIGGER mark_truncate', marked);
        EXECUTE format('COMMENT ON TRIGGER mark_replicated ON recon.%I IS %L', marked, 'tells the memo of replicated changes');
    END LOOP;
END
$$;
