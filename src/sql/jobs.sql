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
