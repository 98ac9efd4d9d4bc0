\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- A run that would need more memory than it may have stops with an error that names the setting; nothing else is hurt.
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
SELECT total_records, matches > 5000 AS many FROM recon.run_job(:j);
SELECT recon.drop_project(:p);
