-- The boundary between C++ and the server: errors under live C++ objects, with the functions of test/module.
CREATE FUNCTION fail(kind text) RETURNS void AS 'recon_test', 'recon_test_fail' LANGUAGE c STRICT;
CREATE FUNCTION fail_often(kind text, times bigint) RETURNS bigint
    AS 'recon_test', 'recon_test_fail_often' LANGUAGE c STRICT;
CREATE FUNCTION live() RETURNS bigint AS 'recon_test', 'recon_test_live' LANGUAGE c;
CREATE FUNCTION memory() RETURNS bigint AS 'recon_test', 'recon_test_memory' LANGUAGE c;

-- Every kind of error arrives whole.
CREATE FUNCTION report(kind text) RETURNS TABLE (state text, message text, detail text, hint text) AS $$
BEGIN
    PERFORM fail(kind);
EXCEPTION WHEN OTHERS OR query_canceled THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
        hint = PG_EXCEPTION_HINT;
    message := left(message, 60);
    RETURN NEXT;
END
$$ LANGUAGE plpgsql;
SELECT kind, r.* FROM unnest(ARRAY['server', 'spi', 'core', 'standard', 'unknown', 'memory', 'huge', 'palloc',
                                   'budget', 'stopped', 'bytes', 'long', 'none']) kind
    LEFT JOIN LATERAL report(kind) r ON true;
SELECT live();

-- A cut message is whole characters.
DO $$
BEGIN
    PERFORM fail('long');
EXCEPTION WHEN OTHERS THEN
    RAISE NOTICE '% characters', length(SQLERRM);
END
$$;

-- The reason of an interrupt in a loop of the core is the true one.
SET statement_timeout = '100ms';
SELECT state, message FROM report('spin');
SELECT fail('spin');
RESET statement_timeout;
SELECT live();

-- SQLSTATE, DETAIL and HINT on the client's side.
\set VERBOSITY sqlstate
SELECT fail('core');
SELECT fail('server');
\set VERBOSITY default
SELECT fail('server');

-- An argument that must not be null.
SELECT recon.create_project(NULL);

-- Nothing is left behind by thousands of errors, neither objects nor memory.
SELECT fail_often('server', 100), fail_often('spi', 100), fail_often('core', 100);
CREATE TEMP TABLE before AS SELECT memory() AS bytes;
SELECT kind, fail_often(kind, 1000) AS live FROM unnest(ARRAY['server', 'spi', 'core', 'standard', 'unknown', 'memory']) kind;
SELECT memory() - bytes < 4 * 1024 * 1024 AS memory_is_flat FROM before;

-- The same through a client's error handling.
DO $$
BEGIN
    FOR i IN 1 .. 3000 LOOP
        BEGIN
            PERFORM fail(CASE i % 3 WHEN 0 THEN 'server' WHEN 1 THEN 'core' ELSE 'memory' END);
        EXCEPTION WHEN OTHERS THEN
        END;
    END LOOP;
END
$$;
SELECT live(), memory() - bytes < 4 * 1024 * 1024 AS memory_is_flat FROM before;

DROP FUNCTION fail, fail_often, live, memory, report;
