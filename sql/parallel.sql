-- Work in pieces with parallel workers, with the functions of test/module. "workers" says whether
-- workers had any of it.
CREATE FUNCTION parallel(pieces bigint, length bigint, workers int, kind text DEFAULT 'none', OUT total bigint, OUT workers_used boolean)
    AS 'recon_test', 'recon_test_parallel' LANGUAGE c;
CREATE FUNCTION parallel_rows(pieces bigint, workers int) RETURNS bigint
    AS 'recon_test', 'recon_test_parallel_rows' LANGUAGE c;

-- The same result for any number of workers, with results of any size.
SELECT workers, kind, (parallel(100, 10, workers, kind)).* FROM unnest('{0,1,2,4}'::int[]) workers, unnest('{wait}'::text[]) kind;
SELECT workers, total FROM unnest('{0,1,2,4}'::int[]) workers, parallel(100, 10, workers);
SELECT parallel(4, 500000, 2, 'wait'), parallel(1, 10, 2, 'wait'), parallel(0, 10, 2, 'wait');

-- No workers to be had.
SET max_parallel_workers = 0;
SELECT parallel(100, 10, 2, 'wait');
RESET max_parallel_workers;

-- Within a transaction that has written, and a subtransaction; workers see what it wrote.
BEGIN;
CREATE TABLE parallel_rows AS SELECT i % 10 AS piece FROM generate_series(1, 1000) i;
SELECT parallel_rows(10, 2);
SAVEPOINT s;
INSERT INTO parallel_rows VALUES (3);
SELECT parallel_rows(10, 2);
INSERT INTO parallel_rows VALUES (4);
SELECT parallel_rows(10, 2);
ROLLBACK TO s;
SELECT parallel_rows(10, 2);
COMMIT;
DO $$
BEGIN
    INSERT INTO parallel_rows VALUES (5);
    RAISE NOTICE '%', parallel_rows(10, 2);
    BEGIN
        INSERT INTO parallel_rows VALUES (6);
        RAISE NOTICE '%', parallel_rows(10, 2);
        RAISE division_by_zero;
    EXCEPTION WHEN division_by_zero THEN
        RAISE NOTICE '%', parallel_rows(10, 2);
    END;
END
$$;
BEGIN ISOLATION LEVEL REPEATABLE READ;
DELETE FROM parallel_rows WHERE piece = 1;
SELECT parallel_rows(10, 2);
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT parallel_rows(10, 2);
ROLLBACK;

-- Workers have the user and the settings.
CREATE ROLE regress_parallel;
SET ROLE regress_parallel;
SELECT parallel_rows(10, 2);
RESET ROLE;
GRANT SELECT ON parallel_rows TO regress_parallel;
ALTER TABLE parallel_rows ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_piece ON parallel_rows USING (piece = current_setting('recon_test.piece')::int);
SET ROLE regress_parallel;
SET recon_test.piece = 7;
SELECT parallel_rows(10, 2);
RESET ROLE;
RESET recon_test.piece;

-- Every kind of error in a worker arrives whole.
CREATE FUNCTION parallel_report(kind text) RETURNS TABLE (state text, message text, detail text, hint text) AS $$
BEGIN
    PERFORM parallel(10, 10, 2, kind);
EXCEPTION WHEN OTHERS OR query_canceled THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
        hint = PG_EXCEPTION_HINT;
    RETURN NEXT;
END
$$ LANGUAGE plpgsql;
SELECT kind, r.* FROM unnest(ARRAY['core', 'server', 'sql', 'standard', 'budget', 'write', 'leader']) kind
    LEFT JOIN LATERAL parallel_report(kind) r ON true;
SET statement_timeout = '300ms';
SELECT state, message FROM parallel_report('spin');
RESET statement_timeout;

-- The session goes on, and nothing is left behind.
SELECT count(*) FROM generate_series(1, 20), parallel_report('core');
SELECT count(*) FROM generate_series(1, 20), parallel_report('leader');
SELECT parallel(100, 10, 2, 'wait');
CREATE TABLE written_after_it ();
SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'parallel worker';

DROP TABLE written_after_it, parallel_rows;
DROP FUNCTION parallel, parallel_rows, parallel_report;
DROP ROLE regress_parallel;
