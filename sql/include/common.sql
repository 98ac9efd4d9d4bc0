-- What the tests share: names for ids, files written on the server, errors as rows. Ids and times stay out of outputs.
\getenv build PG_ABS_BUILDDIR
SET client_min_messages = error;
SELECT set_config('test.dir', :'build' || '/results/', false) AS dir \gset
DROP ROLE IF EXISTS regress_ann, regress_bob, regress_carl, regress_dora, regress_eve, regress_team;
CREATE SCHEMA IF NOT EXISTS test;
GRANT USAGE ON SCHEMA test TO PUBLIC;
SET search_path = test;
SET client_min_messages = warning;

-- Runs a statement and gives its error: SQLSTATE, message, detail, hint; ids become #.
CREATE OR REPLACE FUNCTION err(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
    hint text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN regexp_replace(
        SQLSTATE || ' ' || SQLERRM || coalesce(E'\n  detail: ' || nullif(detail, ''), '')
            || coalesce(E'\n  hint: ' || nullif(hint, ''), ''),
        '(project|source|rule|job|match|record|ingestion|upload) \d+', '\1 #', 'g');
END
$$;

CREATE OR REPLACE FUNCTION project(name text) RETURNS bigint STABLE LANGUAGE sql AS
    $$SELECT max(project_id) FROM recon.projects p WHERE p.name = $1$$;
CREATE OR REPLACE FUNCTION source(name text) RETURNS bigint STABLE LANGUAGE sql AS
    $$SELECT max(source_id) FROM recon.data_sources s WHERE s.name = $1$$;
CREATE OR REPLACE FUNCTION rule(name text) RETURNS bigint STABLE LANGUAGE sql AS
    $$SELECT max(rule_id) FROM recon.rules r WHERE r.name = $1$$;
CREATE OR REPLACE FUNCTION job(name text) RETURNS bigint STABLE LANGUAGE sql AS
    $$SELECT max(job_id) FROM recon.jobs j WHERE j.name = $1$$;
CREATE OR REPLACE FUNCTION newest_load(source_id bigint) RETURNS bigint LANGUAGE sql AS
    $$SELECT max(ingestion_id) FROM recon.ingestions i WHERE i.source_id = $1$$;

-- Writes a file of the server (as a superuser) and gives its path.
CREATE OR REPLACE FUNCTION file(name text, content bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    path text := current_setting('test.dir') || name;
    object oid := lo_from_bytea(0, content);
BEGIN
    PERFORM lo_export(object, path), lo_unlink(object);
    RETURN path;
END
$$;
CREATE OR REPLACE FUNCTION file(name text, content text) RETURNS text LANGUAGE sql AS
    $$SELECT test.file($1, convert_to($2, 'UTF8'))$$;

-- Writes a file and loads it.
CREATE OR REPLACE FUNCTION load(source_id bigint, content bytea, options jsonb DEFAULT '{}')
    RETURNS TABLE (status text, read bigint, loaded bigint, rejected bigint, duplicate bigint, bytes bigint)
    LANGUAGE sql AS $$
    SELECT status, records_read, records_loaded, records_rejected, records_duplicate, bytes_read
    FROM recon.ingest_file($1, test.file('input.csv', $2), $3)
$$;
CREATE OR REPLACE FUNCTION load(source_id bigint, content text, options jsonb DEFAULT '{}')
    RETURNS TABLE (status text, read bigint, loaded bigint, rejected bigint, duplicate bigint, bytes bigint)
    LANGUAGE sql AS $$SELECT * FROM test.load($1, convert_to($2, 'UTF8'), $3)$$;

-- What the newest load of a source left; volatile, to see a load of the same statement.
CREATE OR REPLACE FUNCTION rejects(source_id bigint)
    RETURNS TABLE (line bigint, at bigint, col text, code text, message text, raw text) LANGUAGE sql AS $$
    SELECT line_no, byte_offset, column_name, error_code, message, encode(raw_record, 'escape')
    FROM recon.ingest_errors WHERE ingestion_id = test.newest_load($1) ORDER BY line_no
$$;
CREATE OR REPLACE FUNCTION records(source_id bigint)
    RETURNS TABLE (line bigint, external_id text, transaction_date date, value_date date, amount numeric,
                   currency text, reference text, counterparty text, description text, attributes jsonb)
    LANGUAGE sql AS $$
    SELECT line_no, external_id, transaction_date, value_date, amount, currency, reference, counterparty, description,
           attributes
    FROM recon.records WHERE ingestion_id = test.newest_load($1) ORDER BY line_no
$$;
SET datestyle = 'ISO, MDY';
SET timezone = 'UTC';
\pset null '-'
\set ECHO all
