-- Views for reading; they show what their reader may see.

-- What of recon.matches stands in its own row comes first, without a condition of its own: so an index on its confidence or
-- time can give the first rows of a sorted query.
CREATE VIEW recon.results WITH (security_invoker = true) AS
    SELECT r.job_id, r.record_a_id, r.record_b_id, r.match_id, r.match_type, r.confidence_score, r.status, r.project_id,
           r.created_at
    FROM (
        SELECT m.job_id, m.record_a_id, m.record_b_id, m.match_id,
               CASE WHEN m.rule_id IS NULL THEN 'manual'
                    WHEN m.confidence = 1 THEN 'exact'
                    ELSE 'fuzzy' END AS match_type,
               m.confidence AS confidence_score, m.status, m.project_id, m.created_at, m.cardinality = '1:1' AS shown
        FROM recon.matches m
        UNION ALL
        SELECT m.job_id, a.record_id, b.record_id, m.match_id, CASE WHEN m.rule_id IS NULL THEN 'manual' ELSE 'group' END,
               m.confidence, m.status, m.project_id, m.created_at, true
        FROM recon.matches m
        JOIN recon.match_members a ON a.project_id = m.project_id AND a.match_id = m.match_id AND a.side = 'A'
        JOIN recon.match_members b ON b.project_id = m.project_id AND b.match_id = m.match_id AND b.side = 'B'
        WHERE m.cardinality IN ('1:N', 'N:1')
        UNION ALL
        SELECT m.job_id, CASE WHEN r.side = 'A' THEN r.record_id END,
               CASE WHEN r.side = 'B' THEN r.record_id END, m.match_id,
               CASE WHEN m.rule_id IS NULL THEN 'manual' ELSE 'group' END, m.confidence, m.status, m.project_id, m.created_at,
               true
        FROM recon.matches m
        JOIN recon.match_members r ON r.project_id = m.project_id AND r.match_id = m.match_id
        WHERE m.cardinality = 'N:M'
        UNION ALL
        SELECT j.job_id, CASE WHEN o.source_id = j.source_a THEN o.record_id END,
               CASE WHEN o.source_id = j.source_b THEN o.record_id END, NULL, 'unmatched', NULL, 'unmatched', j.project_id,
               NULL, true
        FROM recon.jobs j
        JOIN recon.open_records o ON o.project_id = j.project_id AND o.source_id IN (j.source_a, j.source_b)) r
    WHERE r.shown;
COMMENT ON VIEW recon.results IS
    'a row for each pair of a match, and for each record of a job''s sources that is open now';

-- What is not asked for costs nothing: the joins that add columns alone are left out by the planner, and the nearest
-- candidate is looked for where its column is selected, after a LIMIT.
CREATE VIEW recon.exceptions WITH (security_invoker = true) AS
    SELECT r.record_id, r.project_id, r.source_id,
           current_date - coalesce(r.transaction_date, r.value_date, i.finished_at::date) AS age_days,
           coalesce(r.reason, 'not matched yet') AS reason,
           r.external_id, r.transaction_date, r.amount, r.currency, r.reference, r.counterparty, r.description,
           g.missing_since,
           recon.ageing_bucket(current_date - coalesce(r.transaction_date, r.value_date, i.finished_at::date),
                               p.settings -> 'ageing_buckets') AS ageing_bucket,
           coalesce(c.status, 'open') AS status,
           pg_get_userbyid(c.assigned_to) AS assigned_to,
           coalesce(c.due_date, coalesce(r.transaction_date, r.value_date, i.finished_at::date)
                                + (p.settings ->> 'exception_due_days')::integer) AS due_date,
           coalesce(c.comments, 0) AS comments, c.last_comment_at, c.note,
           recon.nearest_candidate(r.record_id) AS nearest_candidate
    FROM (SELECT r.*, NULL::text AS reason
          FROM recon.open_ranges g
          JOIN recon.records r ON r.record_id BETWEEN g.first_id AND g.last_id AND r.source_id = g.source_id
              AND r.project_id = g.project_id
          UNION ALL
          SELECT r.*, o.reason
          FROM recon.open_singles o
          JOIN recon.records r ON r.project_id = o.project_id AND r.record_id = o.record_id) r
    JOIN recon.ingestions i ON i.project_id = r.project_id AND i.ingestion_id = r.ingestion_id
    LEFT JOIN recon.missing_records g ON g.project_id = r.project_id AND g.record_id = r.record_id
    LEFT JOIN recon.exception_cases c ON c.project_id = r.project_id AND c.record_id = r.record_id
    LEFT JOIN recon.projects p ON p.project_id = r.project_id;
COMMENT ON VIEW recon.exceptions IS
    'every open record: its age in days from the transaction date (or value date, or load), why it is open, and what '
    'people noted about it; missing_since where the row it came from is gone from its relation; nearest_candidate '
    '(record_id, rule_id, confidence, shortfall) is looked for where that column is asked for';

CREATE FUNCTION recon.report_html(job_id bigint) RETURNS text
    AS 'MODULE_PATHNAME', 'recon_report_html' LANGUAGE c STABLE COST 100000;
COMMENT ON FUNCTION recon.report_html(bigint) IS
    'the state of a job as one HTML page to print: totals that prove, what is matched and open, matches by rule and '
    'confidence, ageing, the largest open records, rejected lines, who decided, what was loaded; for viewers';
