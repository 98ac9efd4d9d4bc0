\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- recon.explain_rule: the steps by which a rule is answered, and what each leaves.
SELECT recon.create_project('plans') AS p \gset
SELECT recon.create_source(:p, 'bank') AS a \gset
SELECT recon.create_source(:p, 'ledger') AS b \gset
SELECT recon.create_rule(:p, 'exact', '{"match": [{"field": "currency", "op": "equal"}, {"field": "amount", "op": "equal"}]}') AS exact \gset
-- Without a job and with one active source there is nothing to explain it over.
SELECT recon.alter_source(:b, '{"status": "disabled"}');
SELECT err(format('SELECT recon.explain_rule(%s)', :exact));
SELECT recon.alter_source(:b, '{"status": "active"}');
-- No records: no steps beyond them. The two active sources by id, as there is no job.
SELECT * FROM recon.explain_rule(:exact);
-- 300 amounts twice on each side, references that differ in a letter, and one record more in A.
SELECT loaded FROM load(:a, 'external_id,amount,currency,transaction_date,reference' || E'\n' || (
    SELECT string_agg(format('a%s,%s,EUR,2024-03-%s,INV-%s', i, i % 300, to_char(1 + i % 20, 'FM00'), md5((i % 600)::text)), E'\n') FROM generate_series(0, 600) i));
SELECT loaded FROM load(:b, 'external_id,amount,currency,transaction_date,reference' || E'\n' || (
    SELECT string_agg(format('b%s,%s,EUR,2024-03-%s,INV-%sX', i, i % 300, to_char(1 + i % 20, 'FM00'), md5(i::text)), E'\n') FROM generate_series(0, 599) i));
SELECT step, operation, detail, rows_a, rows_b, actual_pairs FROM recon.explain_rule(:exact);
-- Blocks, buckets of days, a sweep, filters in the order of scoring.
SELECT recon.create_rule(:p, 'near', '{"match": [{"field": "currency", "op": "equal"}, {"field": "amount", "op": "within", "abs": 1}, {"field": "transaction_date", "op": "within", "days": 3},
    {"field": "reference", "op": "similar", "algorithm": "levenshtein", "min": 0.9}, {"field": "external_id", "op": "equal", "optional": true}], "threshold": 0.75}') AS near \gset
SELECT step, operation, detail, rows_a, rows_b, actual_pairs FROM recon.explain_rule(:near);
-- The estimate is near what the sweep then found.
SELECT estimated_pairs BETWEEN actual_pairs / 2 AND actual_pairs * 2 AS near FROM recon.explain_rule(:near) WHERE estimated_pairs IS NOT NULL;
-- Texts alone: joined, instead of compared all with all.
SELECT recon.create_rule(:p, 'texts', '{"match": [{"field": "reference", "op": "similar", "algorithm": "levenshtein", "min": 0.9}]}') AS texts \gset
SELECT step, operation, regexp_replace(detail, '\d+ pairs of texts', 'few pairs of texts') AS detail, rows_a, rows_b, actual_pairs FROM recon.explain_rule(:texts);
-- What is left out, and what is refused, as by a run.
SELECT recon.create_rule(:p, 'large', '{"match": [{"field": "currency", "op": "equal"}, {"field": "reference", "op": "contains"}]}') AS large \gset
SET recon.max_comparisons = 1000;
SELECT step, operation, detail, rows_a, rows_b, actual_pairs FROM recon.explain_rule(:large);
SELECT recon.create_rule(:p, 'all pairs', '{"match": [{"field": "reference", "op": "contains"}]}') AS all_pairs \gset
SELECT err(format('SELECT recon.explain_rule(%s)', :all_pairs));
RESET recon.max_comparisons;
-- A job: its own sources and threshold; the last that can run the rule where none is named.
SELECT recon.create_job(:p, 'turned', :b, :a, ARRAY[:near, :texts], 1) AS j \gset
SELECT operation, detail, rows_a, rows_b, actual_pairs FROM recon.explain_rule(:near, :j) WHERE operation IN ('open records', 'candidates');
SELECT count(*) AS differ FROM (SELECT * FROM recon.explain_rule(:near) EXCEPT SELECT * FROM recon.explain_rule(:near, :j)) d;
SELECT rows_a, rows_b FROM recon.explain_rule(:exact) WHERE step = 1;
SELECT err(format('SELECT recon.explain_rule(%s, %s)', :exact, :j));
SELECT err(format('SELECT recon.explain_rule(%s, 999999999)', :exact));
SELECT err('SELECT recon.explain_rule(999999999)');
-- After a run of the exact rule, what it left open.
SELECT recon.create_job(:p, 'run', :a, :b, ARRAY[:exact]) AS j \gset
SELECT matches FROM recon.run_job(:j);
SELECT operation, rows_a, rows_b, actual_pairs FROM recon.explain_rule(:exact);
SELECT recon.drop_project(:p);
