-- psql stops at the first error; what must hold divides by zero where it does not.
\set QUIET on
\pset format unaligned
\pset tuples_only on
CREATE EXTENSION recon;
SELECT recon.create_project('smoke') AS project \gset
SELECT recon.create_source(:project, 'bank') AS bank, recon.create_source(:project, 'ledger') AS ledger \gset
\copy recon.inbox FROM PROGRAM 'printf "external_id,amount,reference\nb1,10.00,INV 1\nb2,20.50,INV 2\nb3,oops,INV 3\n"' WITH (FORMAT csv, SOURCE 'smoke/bank')
\copy recon.inbox FROM PROGRAM 'printf "external_id,amount,reference\nl1,10.00,inv1\nl2,20.50,inv2\nl4,99.00,inv4\n"' WITH (FORMAT csv, SOURCE 'smoke/ledger')
SELECT 'loaded ' || sum(records_loaded) || ', rejected ' || sum(records_rejected), 1 / (sum(records_loaded) = 5 AND sum(records_rejected) = 1)::int AS ok
FROM recon.ingestions;
SELECT recon.create_rule(:project, 'amount and reference', '{"match": [{"field": "amount", "op": "equal"},
    {"field": "reference", "op": "equal", "normalize": ["upper", "alnum"]}]}') IS NOT NULL AS rule;
SELECT recon.create_job(:project, 'both', :bank, :ledger) AS job \gset
SELECT 'matched ' || matched_records, 1 / (matched_records = 4)::int AS ok FROM recon.run_job(:job);
SELECT 'background job ' || recon.start_job(:job);
DO $$
BEGIN
    FOR i IN 1 .. 300 LOOP
        EXIT WHEN NOT EXISTS (SELECT FROM recon.jobs WHERE runs < 2);
        PERFORM pg_sleep(0.1);
    END LOOP;
END
$$;
SELECT 'runs ' || runs || ', ' || status, 1 / (runs = 2 AND status = 'completed')::int AS ok FROM recon.jobs;
SELECT 'open ' || count(*), 1 / (count(*) = 1)::int AS ok FROM recon.exceptions;
SELECT 'checks that failed: ' || coalesce(string_agg(check_name, ', ' ORDER BY check_name) FILTER (WHERE status = 'failed'), 'none'),
    1 / (count(*) FILTER (WHERE check_name IN ('preload', 'launcher', 'figures') AND status = 'ok') = 3)::int AS ok FROM recon.health_check();
-- Databases at other versions than the server's files: one is to be updated, the other needs its own files.
BEGIN;
UPDATE pg_extension SET extversion = '1.0' WHERE extname = 'recon';
SELECT 'at 1.0: ' || hint, 1 / (status = 'warning' AND hint LIKE '%ALTER EXTENSION recon UPDATE%')::int AS ok FROM recon.health_check() WHERE check_name = 'version';
UPDATE pg_extension SET extversion = '99.0' WHERE extname = 'recon';
SELECT 'at 99.0: ' || hint, 1 / (status = 'warning' AND hint LIKE '%package that has version 99.0%')::int AS ok FROM recon.health_check() WHERE check_name = 'version';
ROLLBACK;
DROP EXTENSION recon;
