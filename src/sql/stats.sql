-- The figures of a project.

CREATE TYPE recon.project_stats AS (
    project_id        bigint,
    total_jobs        bigint,
    completed_jobs    bigint,
    failed_jobs       bigint,
    running_jobs      bigint,
    total_records     bigint,
    matched_records   bigint,
    unmatched_records bigint,
    total_matches     bigint,
    proposed_matches  bigint,
    approved_matches  bigint,
    avg_confidence    double precision,
    total_files       bigint,
    total_bytes       bigint,
    last_activity     timestamptz
);
COMMENT ON TYPE recon.project_stats IS 'the figures of a project; a match is live while it is proposed or approved';
COMMENT ON COLUMN recon.project_stats.project_id IS 'project';
COMMENT ON COLUMN recon.project_stats.total_jobs IS 'rows of jobs';
COMMENT ON COLUMN recon.project_stats.completed_jobs IS 'of these, with the status completed';
COMMENT ON COLUMN recon.project_stats.failed_jobs IS 'of these, with the status failed';
COMMENT ON COLUMN recon.project_stats.running_jobs IS 'of these, with the status running';
COMMENT ON COLUMN recon.project_stats.total_records IS 'rows of records';
COMMENT ON COLUMN recon.project_stats.matched_records IS 'records in live matches';
COMMENT ON COLUMN recon.project_stats.unmatched_records IS 'the other records: those that are open';
COMMENT ON COLUMN recon.project_stats.total_matches IS 'live matches';
COMMENT ON COLUMN recon.project_stats.proposed_matches IS 'matches with the status proposed';
COMMENT ON COLUMN recon.project_stats.approved_matches IS 'matches with the status approved';
COMMENT ON COLUMN recon.project_stats.avg_confidence IS 'mean confidence of live matches; NULL where there are none';
COMMENT ON COLUMN recon.project_stats.total_files IS 'rows of files: loaded or failed, each as often as it was not a duplicate';
COMMENT ON COLUMN recon.project_stats.total_bytes IS 'sum of files.bytes';
COMMENT ON COLUMN recon.project_stats.last_activity IS 'time of the newest entry of the project in audit_log';

CREATE FUNCTION recon.get_project_stats(project_id bigint) RETURNS recon.project_stats
    AS 'MODULE_PATHNAME', 'recon_get_project_stats' LANGUAGE c STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION recon.get_project_stats(bigint) IS
    'figures of the project, as the calling query''s snapshot has them, at the same cost whatever the project''s size; '
    'for members';

CREATE FUNCTION recon.stats_verify(project_id bigint)
    RETURNS TABLE (figure text, kept bigint, counted bigint)
    AS 'MODULE_PATHNAME', 'recon_stats_verify' LANGUAGE c VOLATILE ROWS 11;
COMMENT ON FUNCTION recon.stats_verify(bigint) IS
    'counts a project''s figures anew, puts right those kept for get_project_stats that differ, and returns these: '
    'columns of stats_base; no row where all were right; for owners';

-- For changes that do not come from recon's functions: a restore, the owner's own SQL. The functions keep the figures
-- themselves; for what they do the triggers do nothing, and where they append below the executor none is asked.
CREATE FUNCTION recon.count_changes() RETURNS trigger
    AS 'MODULE_PATHNAME', 'recon_count_changes' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.count_changes() IS
    'keeps the figures of get_project_stats where somebody changes recon''s tables directly';

DO $$
DECLARE
    counted text;
    event record;
BEGIN
    FOREACH counted IN ARRAY '{records,files,jobs,matches,match_members}'::text[] LOOP
        FOR event IN
            SELECT * FROM (VALUES ('insert', 'AFTER', 'REFERENCING NEW TABLE AS added'),
                                  ('update', 'AFTER', 'REFERENCING NEW TABLE AS added OLD TABLE AS removed'),
                                  ('delete', 'AFTER', 'REFERENCING OLD TABLE AS removed'),
                                  ('truncate', 'BEFORE', '')) e(name, moment, rows)
        LOOP
            EXECUTE format('CREATE TRIGGER count_%s %s %s ON recon.%I %s FOR EACH STATEMENT EXECUTE FUNCTION recon.count_changes()',
                           event.name, event.moment, event.name, counted, event.rows);
            EXECUTE format('COMMENT ON TRIGGER count_%s ON recon.%I IS %L', event.name, counted,
                           'keeps the figures of get_project_stats');
        END LOOP;
    END LOOP;
END
$$;
CREATE TRIGGER count_insert AFTER INSERT ON recon.projects REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION recon.count_changes();
COMMENT ON TRIGGER count_insert ON recon.projects IS 'gives a project its row in stats_base';
