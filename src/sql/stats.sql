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
