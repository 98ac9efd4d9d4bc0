\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- Each file of test/corpus through ingest_file: its rows and rejects are what its description says.
SELECT set_config('test.corpus', :'src' || '/test/corpus/', false) <> '' AS set;
SELECT recon.create_project('corpus') AS p \gset
CREATE FUNCTION outcome(project_id bigint, name text, extra jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    base text := current_setting('test.corpus') || name;
    spec jsonb := pg_read_file(base || '.json')::jsonb;
    source bigint := recon.create_source(project_id, name || CASE WHEN extra = '{}' THEN '' ELSE ' auto' END, spec -> 'mapping', (spec -> 'options') || extra);
    report recon.ingest_report;
    found jsonb;
BEGIN
    BEGIN
        report := recon.ingest_file(source, base || '.csv');
    EXCEPTION WHEN OTHERS THEN
        RETURN CASE WHEN SQLSTATE = spec ->> 'error' THEN 'as meant' ELSE SQLSTATE || ' ' || SQLERRM END;
    END;
    IF spec ? 'error' OR report.status <> 'completed' OR report.records_duplicate <> 0 THEN
        RETURN report::text;
    END IF;
    SELECT coalesce(jsonb_agg(jsonb_strip_nulls(coalesce(attributes, '{}') || jsonb_build_object('amount', amount::text)) ORDER BY line_no), '[]')
    INTO found FROM recon.records r WHERE r.source_id = source;
    IF found <> spec -> 'rows' OR report.records_loaded <> jsonb_array_length(found) THEN
        RETURN 'rows: ' || found::text;
    END IF;
    -- Under "auto" the lines of a file may be counted in another way.
    IF extra <> '{}' THEN
        RETURN 'as meant';
    END IF;
    SELECT coalesce(jsonb_agg(jsonb_build_array(line_no, error_code, message, replace(encode(raw_record, 'escape'), '\\', '\')) ORDER BY line_no), '[]')
    INTO found FROM recon.ingest_errors WHERE ingestion_id = report.ingestion_id;
    IF report.records_rejected <> jsonb_array_length(found) OR report.records_read <> report.records_loaded + report.records_rejected THEN
        RETURN report::text;
    END IF;
    IF EXISTS (SELECT FROM jsonb_array_elements(found) WITH ORDINALITY f(reject, n)
               WHERE NOT (spec -> 'rejects' -> (n::int - 1) = reject
                          OR spec -> 'rejects' -> (n::int - 1) = reject - 3)) THEN
        RETURN 'rejects: ' || found::text;
    END IF;
    RETURN 'as meant';
END
$$;
CREATE TABLE corpus AS
SELECT left(f, -5) AS name, pg_read_file(current_setting('test.corpus') || f)::jsonb AS spec
FROM pg_ls_dir(current_setting('test.corpus')) f WHERE f LIKE '%.json';
SELECT count(*) > 100 AS many FROM corpus;
SELECT name, outcome FROM (SELECT name, outcome(:p, name) FROM corpus) c WHERE outcome <> 'as meant' ORDER BY name COLLATE "C";

-- And where the description says that "auto" finds the dialect.
SELECT name, outcome FROM (
    SELECT name, outcome(:p, name, '{"delimiter": "auto", "quote": "auto", "escape": "auto", "encoding": "auto", "header": "auto", "skip_lines": "auto",
        "comment": "auto", "line_terminator": "auto"}') FROM corpus WHERE (spec -> 'auto')::boolean) c
WHERE outcome <> 'as meant' ORDER BY name COLLATE "C";

-- A delimiter that the file's encoding does not have.
SELECT recon.create_source(:p, 'no such', NULL, '{"delimiter": "→", "encoding": "LATIN1"}') AS s \gset
SELECT err(format('SELECT load(%s, %L)', :s, E'id→a\n1→2\n'));

-- Rejects of an unusual dialect tried again in it, once the mapping is mended.
SELECT recon.create_source(:p, 'retried', '{"external_id": "id", "amount": {"column": "amount"}}',
    '{"delimiter": "§", "escape": "\\", "line_terminator": ";;", "encoding": "LATIN1"}') AS s \gset
SELECT * FROM load(:s, convert_to('id§amount§text;;1§1,5§"a\";;b";;2§2,5§"c§d";;3§3§;;', 'LATIN1'));
SELECT line, col, code, message FROM rejects(:s);
SELECT status, records_read, records_loaded, records_rejected FROM recon.retry_rejects(newest_load(:s), '{"external_id": "id", "amount": {"column": "amount", "decimal": ","}, "text": "text"}');
SELECT line, external_id, amount, attributes FROM records(:s);
