\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- Whatever the door, the same bytes give the same records, rejects and report; and who may not load there, may not load here.
-- A door takes a source's id, the bytes and the options. Doors that need a client are held to the same table by their clients'
-- tests: test.inputs and test.outcome() are all that they need.
CREATE FUNCTION door_file(source_id bigint, content bytea, options jsonb) RETURNS bigint LANGUAGE sql AS
    $$SELECT ingestion_id FROM recon.ingest_file($1, test.file('door.csv', $2), $3)$$;
-- in chunks of seven bytes, so that their edges fall everywhere
CREATE FUNCTION door_upload(source_id bigint, content bytea, options jsonb) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    upload bigint := recon.upload_begin(source_id, 'door.csv', options);
BEGIN
    PERFORM recon.upload_chunk(upload, n + 1, substring(content FROM n * 7 + 1 FOR 7)) FROM generate_series(0, greatest(octet_length(content) - 1, 0) / 7) n;
    RETURN (recon.upload_finish(upload)).ingestion_id;
END
$$;
CREATE TABLE doors (door text, call text);
INSERT INTO doors VALUES ('file', 'door_file'), ('upload', 'door_upload');

CREATE TABLE inputs (n int GENERATED ALWAYS AS IDENTITY, kind text, content bytea, options jsonb DEFAULT '{}');
INSERT INTO inputs (kind, content) SELECT kind, convert_to(E'id,amount,date,ref\n1,1.50,2024-01-31,first\n' || bad || E'\n3,3.50,2024-02-29,last\n', 'UTF8') FROM (VALUES
    (1, 'nothing', '2,2,2024-01-01,"a ""b"", c"'), (2, 'too few columns', '2,2'), (3, 'too many columns', '2,2,2024-01-01,x,y'), (4, 'bad number', '2,1O0,2024-01-01,x'),
    (5, 'number out of range', '2,123456789012345678901234567890,2024-01-01,x'), (6, 'bad date', '2,2,01/02/2024,x'), (7, 'impossible date', '2,2,2023-02-29,x'),
    (8, 'stray quote', '2,2,2024-01-01,x "y'), (9, 'stray quote behind a quoted field', '2,2,2024-01-01,"x"y'), (10, 'unterminated quote', E'2,2,2024-01-01,"x\n2b,2,2024-01-01,y'),
    (11, 'line break in quotes', E'2,2,2024-01-01,"x\r\ny"'), (12, 'over-long field', '2,2,2024-01-01,' || repeat('x', 2000)), (13, 'over-long quoted field', '2,2,2024-01-01,"' || repeat(repeat('x', 80) || E'\n', 30) || '"'),
    (14, 'missing value', ',2,2024-01-01,x'), (15, 'empty line', ''), (16, 'several', E'2,x,y,z\n,1,2\n"2,2,2024-01-01,x\n2,2,2024-13-01,"')) v(n, kind, bad) ORDER BY n;
UPDATE inputs SET options = '{"max_field_bytes": 1000}' WHERE kind LIKE 'over-long%';
INSERT INTO inputs (kind, content, options) VALUES
    ('invalid bytes', 'id,amount,date,ref\0121,1,2024-01-01,a\377\376\0122,2,,good\012'::bytea, '{}'), ('cut character', 'id,amount,date,ref\0121,1,2024-01-01,\303\0122,2,,\303\251\012'::bytea, '{}'),
    ('NUL', 'id,amount,date,ref\0121,1,2024-01-01,a\000b\0122,2,,good\012'::bytea, '{}'), ('CRLF, no line end at the end', 'id,amount,date,ref\015\0121,x,2024-01-01,a\015\0122,2,,b'::bytea, '{}'),
    ('CR', 'id,amount,date,ref\0151,x,2024-01-01,a\0152,2,,b\015'::bytea, '{}'), ('byte order mark', '\357\273\277id,amount,date,ref\0121,x,,a\0122,2,,b\012'::bytea, '{}'),
    ('LATIN1', 'id;amount;date;ref\0121;1,5;2024-01-01;caf\351\0122;2;;caf\351\012'::bytea, '{"encoding": "LATIN1", "delimiter": ";"}'), ('header only', 'id,amount,date,ref\012'::bytea, '{}'),
    ('over the limit of rejects', 'id,amount,date,ref\0121,x,,\0122,2,,\0123,y,,\0124,4,,\012'::bytea, '{"max_rejects": 1}'), ('over the percentage', 'id,amount,date,ref\0121,x,,\0122,2,,\012'::bytea, '{"max_rejects": "49%"}'),
    ('unterminated quote to the end', 'id,amount,date,ref\0121,1,,"a\0122,2,,b\0123,3,,c\012'::bytea, '{}'), ('equal records', 'id,amount,date,ref\0121,1,,a\0121,1,,a\0121,2,,a\012'::bytea, '{}');

-- What a load left, as one text.
CREATE FUNCTION outcome(ingestion_id bigint) RETURNS text LANGUAGE sql AS $$
    SELECT format('%s: read %s, loaded %s, rejected %s, duplicate %s of %s bytes', status, records_read, records_loaded, records_rejected, records_duplicate, bytes_read)
        || coalesce((SELECT E'\n' || string_agg(format('  reject %s @%s %s %s %s [%s]', line_no, byte_offset, column_name, error_code, regexp_replace(message, 'record \d+', 'record #'), left(encode(raw_record, 'escape'), 60)), E'\n' ORDER BY line_no)
                     FROM recon.ingest_errors e WHERE e.ingestion_id = i.ingestion_id), '')
        || coalesce((SELECT E'\n' || string_agg(format('  record %s %s %s %s %s', line_no, external_id, amount, transaction_date, reference), E'\n' ORDER BY line_no)
                     FROM recon.records r WHERE r.ingestion_id = i.ingestion_id), '')
    FROM recon.ingestions i WHERE i.ingestion_id = $1
$$;
CREATE TABLE results (n int, door text, outcome text);
SELECT recon.create_project('doors') AS p \gset
CREATE FUNCTION run_all(project_id bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    item record;
    source bigint;
    load bigint;
    result text;
BEGIN
    FOR item IN SELECT * FROM test.inputs, test.doors ORDER BY n, door LOOP
        source := recon.create_source(project_id, item.door || item.n,
            '{"external_id": {"column": "id", "required": true}, "amount": "amount", "transaction_date": "date", "reference": "ref"}');
        BEGIN
            EXECUTE format('SELECT test.%I($1, $2, $3)', item.call) INTO load USING source, item.content, item.options;
            result := test.outcome(load);
        EXCEPTION WHEN OTHERS THEN
            result := SQLSTATE || ' ' || SQLERRM;
        END;
        INSERT INTO test.results VALUES (item.n, item.door, result);
    END LOOP;
END
$$;
SET client_min_messages = error;
SELECT run_all(:p);
RESET client_min_messages;
SELECT n, kind, outcome FROM inputs JOIN results USING (n) WHERE door = 'file' ORDER BY n;
-- every other door says the same
SELECT n, kind, r.door, r.outcome FROM results r JOIN results f USING (n) JOIN inputs USING (n) WHERE f.door = 'file' AND r.outcome <> f.outcome;
SELECT door, count(*) FROM results GROUP BY door ORDER BY door;

-- The same bytes through another door are a duplicate.
SELECT kind, split_part(outcome(door_upload(source('file' || n), content, options)), E'\n', 1) AS upload_after_file, split_part(outcome(door_file(source('upload' || n), content, options)), E'\n', 1) AS file_after_upload
FROM inputs WHERE kind IN ('nothing', 'several', 'LATIN1') ORDER BY n;

-- Each door, by who is no member, a viewer, a reviewer, an operator of another project, and an operator.
CREATE ROLE regress_ann;
CREATE ROLE regress_bob;
CREATE ROLE regress_carl;
CREATE ROLE regress_dora;
CREATE ROLE regress_eve;
GRANT pg_read_server_files TO regress_ann, regress_bob, regress_carl, regress_dora, regress_eve;
SELECT recon.add_member(:p, 'regress_bob', 'viewer'), recon.add_member(:p, 'regress_carl', 'reviewer'), recon.add_member(:p, 'regress_eve', 'operator');
SELECT recon.create_project('other') AS other \gset
SELECT recon.add_member(:other, 'regress_dora', 'operator');
SELECT recon.create_source(:p, 'rights', '{"external_id": "id", "amount": "amount"}') AS s \gset
SELECT file('rights.csv', E'id,amount\n1,1\n2,x\n') AS path \gset
SELECT ingestion_id AS rejected FROM recon.ingest_file(:s, :'path') \gset
SELECT recon.upload_begin(:s, 'rights.csv') AS u \gset
SELECT recon.upload_chunk(:u, 1, E'id,amount\n3,3\n');
CREATE TABLE attempts (n int, door text, statement text);
GRANT SELECT ON attempts TO PUBLIC;
INSERT INTO attempts VALUES (1, 'ingest_file', format('SELECT recon.ingest_file(%s, %L)', :s, :'path')), (2, 'upload_begin', format('SELECT recon.upload_begin(%s, %L)', :s, 'x')),
    (3, 'upload_chunk', format('SELECT recon.upload_chunk(%s, 2, %L)', :u, E'4,4\n')), (4, 'upload_finish', format('SELECT recon.upload_finish(%s)', :u)), (5, 'retry_rejects', format('SELECT recon.retry_rejects(%s)', :rejected));
CREATE FUNCTION attempt() RETURNS TABLE (door text, answer text) LANGUAGE sql AS $$SELECT door, test.err(statement) FROM test.attempts ORDER BY n$$;
SET ROLE regress_ann;
SELECT * FROM attempt();
SET ROLE regress_bob;
SELECT * FROM attempt();
SET ROLE regress_carl;
SELECT door, left(answer, 5) AS answer FROM attempt();
SET ROLE regress_dora;
SELECT door, left(answer, 5) AS answer FROM attempt();
RESET ROLE;
SELECT count(*) AS loads FROM recon.ingestions WHERE source_id = :s;
SET ROLE regress_eve;
SELECT * FROM attempt();
RESET ROLE;
SELECT created_by, status, records_loaded, records_rejected FROM recon.ingestions WHERE source_id = :s ORDER BY ingestion_id;

SELECT recon.drop_project(:p), recon.drop_project(:other);
DROP TABLE attempts, results, inputs, doors;
DROP FUNCTION attempt, run_all, outcome(bigint), door_file, door_upload;
DROP ROLE regress_ann, regress_bob, regress_carl, regress_dora, regress_eve;
