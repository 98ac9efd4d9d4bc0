\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- A run holds records in temporary files where memory is short, and matches them in parts. Where even a part needs more than it
-- may have, it stops with an error that names the setting; nothing else is hurt.
SELECT recon.create_project('mem') AS p \gset
SELECT recon.create_source(:p, 'mem_a') AS a \gset
SELECT recon.create_source(:p, 'mem_b') AS b \gset
SELECT recon.create_rule(:p, 'mem', '{"match": [{"field": "amount", "op": "within", "pct": 1}], "ambiguous": "take"}') AS r \gset
SELECT recon.create_job(:p, 'mem', :a, :b) AS j \gset
SELECT loaded FROM load(:a, (SELECT E'external_id,amount,reference\n' || string_agg(format('%s,%s,%s', g, 1000 + g % 40, md5(g::text)), E'\n') FROM generate_series(1, 6000) g));
SELECT loaded FROM load(:b, (SELECT E'external_id,amount,reference\n' || string_agg(format('%s,%s,%s', g, 1000 + g % 40 + g / 10000.0, md5(g::text)), E'\n') FROM generate_series(1, 6000) g));

SET recon.work_mem = '1MB';
SELECT err(format('SELECT recon.run_job(%s)', :j));
SELECT err(format('SELECT count(*) FROM recon.preview_job(%s)', :j));
SELECT runs, status, (SELECT count(*) FROM recon.matches WHERE job_id = :j) AS matches, (SELECT count(*) FROM recon.open_records WHERE project_id = :p) AS open FROM recon.jobs WHERE job_id = :j;
SELECT left(err('SET recon.work_mem = ''1kB'''), 5) AS error;
-- The records fit, the candidates do not.
SET recon.work_mem = '4MB';
SELECT err(format('SELECT recon.run_job(%s)', :j));
RESET recon.work_mem;
-- Records that are split by what must be equal, or by a range, give the same matches, confidences and reasons as in one piece.
SELECT recon.create_rule(:p, 'mem equal', '{"match": [{"field": "reference", "op": "equal"}, {"field": "amount", "op": "within", "abs": 5, "optional": true}]}') AS equal \gset
SELECT recon.create_rule(:p, 'mem range', '{"match": [{"field": "amount", "op": "within", "abs": 0.5}, {"field": "reference", "op": "similar", "algorithm": "levenshtein", "min": 0.45}]}') AS range \gset
CREATE FUNCTION summary(job bigint) RETURNS TABLE (matches bigint, ambiguous bigint, sum numeric, digest text) LANGUAGE sql AS $$
    SELECT count(match_type) FILTER (WHERE match_type <> 'unmatched'), count(*) FILTER (WHERE p.ambiguous), sum(confidence_score::numeric),
        md5(string_agg(concat_ws(' ', a.external_id, b.external_id, confidence_score, p.ambiguous, p.rule_id), E'\n' ORDER BY a.external_id COLLATE "C", b.external_id COLLATE "C"))
    FROM recon.preview_job(job) p LEFT JOIN recon.records a ON a.record_id = record_a_id LEFT JOIN recon.records b ON b.record_id = record_b_id;
$$;
SELECT recon.create_job(:p, 'mem equal', :a, :b, ARRAY[:equal]) AS equal_job, recon.create_job(:p, 'mem range', :a, :b, ARRAY[:range]) AS range_job \gset
CREATE TEMP TABLE plenty AS SELECT * FROM summary(:equal_job) UNION ALL SELECT * FROM summary(:range_job);
SELECT matches FROM plenty;
SET recon.work_mem = '1MB';
SELECT p IS NOT DISTINCT FROM s AS same FROM summary(:equal_job) s, (SELECT * FROM plenty LIMIT 1) p;
SET recon.work_mem = '3MB';
SELECT p IS NOT DISTINCT FROM s AS same FROM summary(:range_job) s, (SELECT * FROM plenty OFFSET 1) p;
RESET recon.work_mem;
SELECT recon.alter_rule(:equal, '{"active": false}'), recon.alter_rule(:range, '{"active": false}');
SELECT total_records, matches > 5000 AS many FROM recon.run_job(:j);
SELECT recon.drop_project(:p);
