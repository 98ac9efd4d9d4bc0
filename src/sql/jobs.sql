-- Jobs: two sources matched by rules.

CREATE TYPE recon.job_report AS (
    job_id             bigint,
    status             text,
    total_records      bigint,
    matched_records    bigint,
    unmatched_records  bigint,
    matches            bigint,
    proposed           bigint,
    approved           bigint,
    processing_time_ms double precision
);
COMMENT ON TYPE recon.job_report IS 'what a run did; total_records counts the open records of both sides at its start';

CREATE FUNCTION recon.create_job(project_id bigint, name text, source_a bigint, source_b bigint,
                                 rules bigint[] DEFAULT NULL, confidence_threshold double precision DEFAULT NULL,
                                 settings jsonb DEFAULT '{}')
    RETURNS bigint AS 'MODULE_PATHNAME', 'recon_create_job' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.create_job(bigint, text, bigint, bigint, bigint[], double precision, jsonb) IS
    'creates a job over two sources and returns its id; without rules, it runs the project''s active ones; for operators';

CREATE FUNCTION recon.run_job(job_id bigint)
    RETURNS recon.job_report AS 'MODULE_PATHNAME', 'recon_run_job' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.run_job(bigint) IS
    'matches what is open in the job''s sources, as part of the caller''s transaction; for operators';

CREATE FUNCTION recon.start_job(job_id bigint)
    RETURNS text AS 'MODULE_PATHNAME', 'recon_start_job' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.start_job(bigint) IS
    'runs the job in a background worker as the calling role, once the transaction commits, and returns its status: queued, '
    'or completed where recon.on_no_worker had it run at once; does nothing where it is queued or running; for operators';

CREATE FUNCTION recon.cancel_job(job_id bigint)
    RETURNS boolean AS 'MODULE_PATHNAME', 'recon_cancel_job' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.cancel_job(bigint) IS
    'cancels the job where it is queued or running, also by run_job in another session; true where there was something to '
    'cancel; for operators';

CREATE FUNCTION recon.run_project(project_id bigint)
    RETURNS SETOF recon.job_report AS 'MODULE_PATHNAME', 'recon_run_project' LANGUAGE c VOLATILE ROWS 5;
COMMENT ON FUNCTION recon.run_project(bigint) IS
    'synchronises the project''s relation sources, then runs a job for each pair of sources in its setting "pairs", or '
    'for its two active sources, all as part of the caller''s transaction; for operators';

CREATE FUNCTION recon.preview_job(job_id bigint)
    RETURNS TABLE (job_id bigint, record_a_id bigint, record_b_id bigint, match_id bigint, match_type text,
                   confidence_score double precision, status text, rule_id bigint, ambiguous boolean)
    AS 'MODULE_PATHNAME', 'recon_preview_job' LANGUAGE c STABLE ROWS 1000;
COMMENT ON FUNCTION recon.preview_job(bigint) IS
    'what run_job would match now, and what it would leave open; stores nothing';

CREATE FUNCTION recon.evaluate(job_id bigint, truth regclass)
    RETURNS TABLE (scope text, rule_id bigint, confidence_from double precision, confidence_to double precision,
                   matches bigint, correct bigint, expected bigint, "precision" double precision,
                   recall double precision, f1 double precision)
    AS 'MODULE_PATHNAME', 'recon_evaluate' LANGUAGE c VOLATILE ROWS 30;
COMMENT ON FUNCTION recon.evaluate(bigint, regclass) IS
    'how good a job''s live matches are: their pairs of records against those of a relation with the columns '
    'external_id_a and external_id_b, which is read with the caller''s rights; scope "all", "rule" and "band" (of '
    'confidence, from inclusive, to exclusive; 1 by itself), "threshold" (the least confidence with the best f1)';

CREATE FUNCTION recon.get_running_jobs()
    RETURNS TABLE (job_id bigint, project_id bigint, pid integer, phase text, progress double precision,
                   total_records bigint, processed_records bigint, matched_records bigint, started_at timestamptz,
                   heartbeat_at timestamptz, estimated_completion timestamptz)
    AS 'MODULE_PATHNAME', 'recon_get_running_jobs' LANGUAGE c VOLATILE PARALLEL RESTRICTED ROWS 5;
COMMENT ON FUNCTION recon.get_running_jobs() IS
    'the jobs that run in this database now, in the caller''s projects; none without the preload';

CREATE FUNCTION recon.get_waiting_jobs()
    RETURNS TABLE (job_id bigint, project_id bigint, wait_reason text, tries integer, next_try_at timestamptz)
    AS 'MODULE_PATHNAME', 'recon_get_waiting_jobs' LANGUAGE c VOLATILE PARALLEL RESTRICTED ROWS 10;
COMMENT ON FUNCTION recon.get_waiting_jobs() IS
    'the jobs in the caller''s projects that wait for a background worker of this database; none without the preload';

CREATE FUNCTION recon.progress_bar(progress double precision, width integer DEFAULT 20) RETURNS text
    AS 'MODULE_PATHNAME', 'recon_progress_bar' LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION recon.progress_bar(double precision, integer) IS
    'a percentage as a bar of text, of so many characters: [#########...........]  45 %';

CREATE VIEW recon.job_progress WITH (security_invoker = true) AS
    SELECT j.job_id, j.project_id, CASE WHEN r.job_id IS NULL THEN j.status ELSE 'running' END AS status,
           r.phase, p.progress,
           CASE WHEN r.job_id IS NULL THEN j.total_records ELSE r.total_records END AS total_records,
           CASE WHEN r.job_id IS NULL THEN j.total_records ELSE r.processed_records END AS processed_records,
           CASE WHEN r.job_id IS NULL THEN j.matched_records ELSE r.matched_records END AS matched_records,
           CASE WHEN r.job_id IS NULL THEN j.unmatched_records ELSE r.total_records - r.matched_records END AS unmatched_records,
           CASE WHEN r.job_id IS NULL THEN j.started_at ELSE r.started_at END AS started_at,
           CASE WHEN r.job_id IS NULL THEN j.finished_at ELSE r.heartbeat_at END AS heartbeat_at,
           r.estimated_completion, r.pid, recon.progress_bar(p.progress) AS bar, j.queued_at, j.attempts,
           CASE WHEN r.job_id IS NULL AND j.status = 'queued' THEN coalesce(w.wait_reason, j.wait_reason) END AS wait_reason,
           CASE WHEN r.job_id IS NULL AND j.status = 'queued' THEN greatest(w.next_try_at, j.next_try_at) END AS next_try_at
    FROM recon.jobs j
        LEFT JOIN recon.get_running_jobs() r ON r.project_id = j.project_id AND r.job_id = j.job_id
        LEFT JOIN recon.get_waiting_jobs() w ON w.project_id = j.project_id AND w.job_id = j.job_id
        CROSS JOIN LATERAL (SELECT CASE WHEN r.job_id IS NOT NULL THEN r.progress
                                        WHEN j.status = 'completed' THEN 100 ELSE 0 END) p (progress);
COMMENT ON VIEW recon.job_progress IS
    'the jobs of the reader''s projects, and how far those have come that run now; that needs the preload';
COMMENT ON COLUMN recon.job_progress.job_id IS 'job';
COMMENT ON COLUMN recon.job_progress.project_id IS 'project';
COMMENT ON COLUMN recon.job_progress.status IS 'running, or as in jobs';
COMMENT ON COLUMN recon.job_progress.phase IS
    'reading, rule k of n: candidates, rule k of n: assignment, or storing; NULL where the job does not run';
COMMENT ON COLUMN recon.job_progress.progress IS 'percent of the run; 0 or 100 where the job does not run';
COMMENT ON COLUMN recon.job_progress.total_records IS 'open records of both sides when the run began, once they are read';
COMMENT ON COLUMN recon.job_progress.processed_records IS
    'records that are matched, and of the others the share of the rules that have seen them';
COMMENT ON COLUMN recon.job_progress.matched_records IS 'records matched so far, to be seen when the transaction commits';
COMMENT ON COLUMN recon.job_progress.unmatched_records IS 'the others';
COMMENT ON COLUMN recon.job_progress.started_at IS 'when the run began';
COMMENT ON COLUMN recon.job_progress.heartbeat_at IS 'when these figures were taken: of a run the last sign of life, else its end';
COMMENT ON COLUMN recon.job_progress.estimated_completion IS 'when the run will end, by what is done and the time that it took';
COMMENT ON COLUMN recon.job_progress.pid IS 'process of the session or background worker that runs it';
COMMENT ON COLUMN recon.job_progress.bar IS 'progress as a bar, for \watch';
COMMENT ON COLUMN recon.job_progress.queued_at IS 'when start_job was called last';
COMMENT ON COLUMN recon.job_progress.attempts IS 'background workers that took the job since';
COMMENT ON COLUMN recon.job_progress.wait_reason IS
    'why a queued job has no worker: no_job_slot, no_worker_slot, worker_did_not_start, transient_failure, worker_ended, or '
    'with the SQLSTATE of a failure that may pass; NULL where its turn is about to come';
COMMENT ON COLUMN recon.job_progress.next_try_at IS 'of a queued job: not before';

CREATE FUNCTION recon.get_job_progress(job_id bigint)
    RETURNS recon.job_progress AS 'MODULE_PATHNAME', 'recon_get_job_progress' LANGUAGE c VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION recon.get_job_progress(bigint) IS 'the row of job_progress of one job; for viewers';
