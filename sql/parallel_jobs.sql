\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- The same matches and confidences, bit for bit, for any number of workers and any order of loading.
CREATE FUNCTION lines(side text, by_hash boolean) RETURNS text LANGUAGE sql AS $$
    SELECT E'external_id,transaction_date,amount,reference,counterparty\n' || string_agg(line, E'\n' ORDER BY CASE WHEN by_hash THEN md5(line) ELSE to_char(g, '00000') END)
    FROM generate_series(1, 1700) g,
        LATERAL (SELECT ('x' || substr(md5(g::text), 1, 6))::bit(24)::int AS own, ('x' || substr(md5(side || g), 1, 6))::bit(24)::int AS other) r,
        LATERAL (SELECT format('%s%s,%s,%s,%s,%s', side, g, date '2024-01-01' + own % 20 + CASE WHEN other % 5 = 0 THEN other % 3 ELSE 0 END,
            100 + own % 200 / 4.0 + CASE WHEN other % 7 = 0 THEN other % 9 / 10.0 ELSE 0 END,
            CASE WHEN other % 11 = 0 THEN '' ELSE 'INV ' || own % 2000 || CASE WHEN other % 3 = 0 THEN 'x' ELSE '' END END, 'company ' || own % 50) AS line) l
$$;
CREATE FUNCTION made(project text, by_hash boolean) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    p bigint := recon.create_project(project);
    a bigint := recon.create_source(p, project || '_a');
    b bigint := recon.create_source(p, project || '_b');
BEGIN
    PERFORM load(a, lines('a', by_hash)), load(b, lines('b', by_hash));
    PERFORM recon.create_rule(p, 'exact', '{"match": [{"field": "reference", "op": "equal"}, {"field": "amount", "op": "equal"}, {"field": "transaction_date", "op": "equal"}]}', 1);
    PERFORM recon.create_rule(p, 'text', '{"match": [{"field": "amount", "op": "within", "abs": 60}, {"field": "reference", "op": "similar", "algorithm": "levenshtein", "min": 0.8, "weight": 2},
        {"field": "counterparty", "op": "similar", "algorithm": "jaro_winkler", "min": 0.9, "optional": true}], "threshold": 0.85, "ambiguous": "skip"}', 2);
    PERFORM recon.create_rule(p, 'near', '{"match": [{"field": "counterparty", "op": "equal"}, {"field": "amount", "op": "within", "pct": 1}, {"field": "transaction_date", "op": "within", "days": 3}]}', 3);
    RETURN recon.create_job(p, project, a, b);
END
$$;
CREATE FUNCTION found(job_id bigint) RETURNS TABLE (rows bigint, sum text) LANGUAGE sql AS $$
    SELECT count(*), md5(string_agg(concat_ws('|', a.external_id, b.external_id, float8send(confidence_score), m.status, r.name, ambiguous), ';' ORDER BY a.external_id, b.external_id))
    FROM recon.preview_job(job_id) m LEFT JOIN recon.records a ON a.record_id = record_a_id LEFT JOIN recon.records b ON b.record_id = record_b_id LEFT JOIN recon.rules r ON r.rule_id = m.rule_id
$$;
CREATE FUNCTION found_with(job_id bigint, workers int) RETURNS TABLE (rows bigint, sum text) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('recon.parallel_workers', workers::text, true);
    RETURN QUERY SELECT * FROM found(job_id);
END
$$;
SELECT made('parallel_1', false) AS j1, made('parallel_2', true) AS j2 \gset
CREATE TEMP TABLE sums AS SELECT job, workers, f.* FROM unnest(ARRAY[:j1, :j2]::bigint[]) job, unnest('{0,1,2,4}'::int[]) workers, LATERAL found_with(job, workers) f;
SELECT count(*) AS sums, count(DISTINCT sum) AS different, min(rows) > 1700 AS rows FROM sums;

-- Runs, one with workers and one without, in a transaction that has written and under a fixed snapshot.
SET recon.parallel_workers = 4;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT recon.alter_project(project('parallel_1'), '{"description": "written"}');
SELECT matches > 500 AS many FROM recon.run_job(:j1);
COMMIT;
SET recon.parallel_workers = 0;
SELECT matches > 500 AS many FROM recon.run_job(:j2);
RESET recon.parallel_workers;
SELECT count(DISTINCT sum) AS different FROM (
    SELECT md5(string_agg(concat_ws('|', a.external_id, b.external_id, float8send(confidence_score), m.status), ';' ORDER BY a.external_id, b.external_id)) AS sum
    FROM recon.results m LEFT JOIN recon.records a ON a.record_id = record_a_id LEFT JOIN recon.records b ON b.record_id = record_b_id
    WHERE job_id IN (:j1, :j2) GROUP BY job_id) s;
SELECT r1.rule AS rule, r1.matches = r2.matches AS same FROM (SELECT name AS rule, count(*) AS matches FROM recon.matches m JOIN recon.rules USING (rule_id) WHERE job_id = :j1 GROUP BY 1) r1
    FULL JOIN (SELECT name AS rule, count(*) AS matches FROM recon.matches m JOIN recon.rules USING (rule_id) WHERE job_id = :j2 GROUP BY 1) r2 USING (rule) ORDER BY 1;

-- A run sees what its own statement loaded.
SELECT recon.create_project('parallel_3') AS p \gset
SELECT recon.create_source(:p, 'parallel_3_a') AS a, recon.create_source(:p, 'parallel_3_b') AS b \gset
SELECT recon.create_rule(:p, 'equal', '{"match": [{"field": "reference", "op": "equal"}]}') > 0 AS rule;
SELECT recon.create_job(:p, 'parallel_3', :a, :b) AS j \gset
SELECT (load(:a, lines('a', false))).loaded + (load(:b, lines('b', false))).loaded AS loaded, (recon.run_job(:j)).total_records AS seen;
SELECT recon.drop_project(project_id) FROM recon.projects WHERE name LIKE 'parallel\__' ORDER BY name;
