-- One run of a job over two small files, in a project of its own that is gone afterwards: who was matched with whom, and
-- why the others are open. Checks on the way that preview_job says the same, and that the report adds up.
\set ECHO none
CREATE OR REPLACE FUNCTION scenario(specs jsonb, content_a text, content_b text, threshold double precision DEFAULT NULL,
                                    mapping jsonb DEFAULT NULL)
    RETURNS TABLE (a text, b text, rule bigint, confidence double precision, status text, ambiguous boolean,
                   difference numeric, reason text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    p bigint := recon.create_project('scenario');
    source_a bigint := recon.create_source(p, 'a', mapping);
    source_b bigint := recon.create_source(p, 'b', mapping);
    first_rule bigint;
    job bigint;
    report recon.job_report;
    previewed text;
    stored text;
BEGIN
    PERFORM test.load(source_a, content_a), test.load(source_b, content_b);
    ASSERT (SELECT sum(records_rejected) FROM recon.ingestions i WHERE i.project_id = p) = 0, 'rejected rows';
    IF jsonb_typeof(specs) = 'object' THEN specs := jsonb_build_array(specs); END IF;
    PERFORM recon.create_rule(p, 'rule ' || n, spec) FROM jsonb_array_elements(specs) WITH ORDINALITY s(spec, n) ORDER BY n;
    SELECT min(rule_id) INTO first_rule FROM recon.rules r WHERE r.project_id = p;
    job := recon.create_job(p, 'job', source_a, source_b, NULL, threshold);
    SELECT string_agg(v::text, E'\n' ORDER BY v::text) INTO previewed FROM (
        SELECT record_a_id, record_b_id, match_type, confidence_score, status, rule_id, ambiguous FROM recon.preview_job(job)) v;
    SELECT * INTO report FROM recon.run_job(job);
    SELECT string_agg(v::text, E'\n' ORDER BY v::text) INTO stored FROM (
        SELECT r.record_a_id, r.record_b_id, match_type, confidence_score, r.status, m.rule_id, m.ambiguous
        FROM recon.results r LEFT JOIN recon.matches m USING (match_id) WHERE r.job_id = job) v;
    ASSERT previewed IS NOT DISTINCT FROM stored, 'preview: ' || previewed || ' run: ' || stored;
    ASSERT report.total_records = report.matched_records + report.unmatched_records
        AND report.matched_records = 2 * report.matches AND report.matches = report.proposed + report.approved
        AND report.matches = (SELECT count(*) FROM recon.matches m WHERE m.job_id = job)
        AND report.unmatched_records = (SELECT count(*) FROM recon.open_records o WHERE o.project_id = p), report::text;
    RETURN QUERY
        SELECT ra.external_id, rb.external_id, m.rule_id - first_rule + 1, m.confidence, m.status, m.ambiguous, m.amount_difference, NULL::text
        FROM recon.matches m JOIN recon.match_records ma ON ma.match_id = m.match_id AND ma.side = 'A'
        JOIN recon.match_records mb ON mb.match_id = m.match_id AND mb.side = 'B'
        JOIN recon.records ra ON ra.record_id = ma.record_id JOIN recon.records rb ON rb.record_id = mb.record_id
        WHERE m.job_id = job
        UNION ALL
        SELECT CASE e.source_id WHEN source_a THEN external_id END, CASE e.source_id WHEN source_b THEN external_id END,
               NULL, NULL, 'open', NULL, NULL, e.reason FROM recon.exceptions e WHERE e.project_id = p
        ORDER BY 1, 2;
    PERFORM recon.drop_project(p);
END
$$;
\set ECHO all
