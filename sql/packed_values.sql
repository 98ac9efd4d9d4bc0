\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- Values that were put together without the server's own functions are what those make of the same texts: bytes, size
-- and order of keys.
SET recon.write_path = 'heap';
SELECT recon.create_project('packed') AS p \gset

CREATE TABLE numbers (line bigint GENERATED ALWAYS AS IDENTITY, given text, value numeric);
INSERT INTO numbers (given)
    SELECT sign || whole || coalesce('.' || nullif(fraction, ''), '')
    FROM unnest('{"",-}'::text[]) sign,
        unnest('{0,1,9,10,99,100,999,1000,9999,10000,10001,12345,99999999,100000000,18446744073709551615,18446744073709551616,99999999999999999999,10000000000000000000}'::text[]) whole,
        unnest('{"",0,5,00,05,000,0001,0000,00001,00010,12345,00000001,000000001,123456789012345678,000000000000000001,100000000000000000,000000000000000000}'::text[]) fraction;
UPDATE numbers SET value = given::numeric;
SELECT recon.create_source(:p, 'numbers', '{"external_id": 1, "amount": 2, "n": {"column": 2, "type": "numeric"}}', '{"header": false}') AS s \gset
SELECT status, read, loaded, rejected FROM load(:s, (SELECT string_agg(line || ',' || given, E'\n' ORDER BY line) FROM numbers));
CREATE TABLE kept AS SELECT line, value, jsonb_build_object('n', value) AS object FROM numbers;
SELECT count(*) AS records, count(*) FILTER (WHERE numeric_send(r.amount) = numeric_send(k.value)) AS same_value,
       count(*) FILTER (WHERE pg_column_size(r.amount) = pg_column_size(k.value)) AS same_size,
       count(*) FILTER (WHERE r.attributes = k.object AND r.attributes::text = k.object::text AND jsonb_hash(r.attributes) = jsonb_hash(k.object)) AS same_object,
       count(*) FILTER (WHERE pg_column_size(r.attributes) = pg_column_size(k.object)) AS same_object_size
FROM recon.records r JOIN kept k ON k.line = r.line_no WHERE r.source_id = :s;

-- Matching reads them without the server, too, and takes their differences: each with the same number, and with one of the other sign.
SELECT recon.create_source(:p, 'numbers again', '{"external_id": 1, "amount": 2}', '{"header": false}') AS t \gset
SELECT recon.create_source(:p, 'numbers turned', '{"external_id": 1, "amount": 2}', '{"header": false}') AS u \gset
SELECT status, loaded FROM load(:t, (SELECT string_agg(line || ',' || given, E'\n' ORDER BY line) FROM numbers));
SELECT status, loaded FROM load(:u, (SELECT string_agg(line || ',' || replace('-' || given, '--', ''), E'\n' ORDER BY line) FROM numbers));
SELECT recon.create_rule(:p, 'same', '{"match": [{"field": "external_id", "op": "equal"}, {"field": "amount", "op": "equal"}]}') AS same \gset
SELECT recon.create_rule(:p, 'turned', '{"match": [{"field": "external_id", "op": "equal"}]}') AS turned \gset
BEGIN;
SELECT matches FROM recon.run_job(recon.create_job(:p, 'same', :s, :t, ARRAY[:same]));
SELECT count(*), sum(amount_difference) AS difference FROM recon.matches WHERE project_id = :p;
ROLLBACK;
SELECT matches FROM recon.run_job(recon.create_job(:p, 'turned', :s, :u, ARRAY[:turned]));
SELECT count(*), count(*) FILTER (WHERE amount_difference = a.amount - b.amount) AS differences, max(amount_difference), min(amount_difference)
FROM recon.matches m JOIN recon.records a ON a.record_id = record_a_id JOIN recon.records b ON b.record_id = record_b_id WHERE m.project_id = :p;

-- Texts of every length at which the form of a value or its row changes, alone and in an object.
CREATE TABLE texts (line bigint GENERATED ALWAYS AS IDENTITY, value text);
INSERT INTO texts (value) SELECT left(repeat(md5(n::text), n / 32 + 1), n)
    FROM unnest('{1,2,3,4,5,125,126,127,128,129,255,256,1900,1990,2000,2010,2020,2030,2032,2040,2048,8000,8100,8150,8160,8192,20000,100000,1000000}'::int[]) n;
SELECT recon.create_source(:p, 'texts', '{"external_id": 1, "description": 2, "t": 2, "flag": {"column": 3, "type": "boolean"}, "day": {"column": 4, "type": "date"}, "at": {"column": 5, "type": "timestamptz"}, "a long name": 1}', '{"header": false}') AS s \gset
SELECT status, read, loaded, rejected FROM load(:s, (SELECT string_agg(format('%s,%s,%s,2024-02-29,2024-02-29T12:34:56.789+02', line, value, line % 2 = 0), E'\n' ORDER BY line) FROM texts));
CREATE TABLE objects AS SELECT line, value, jsonb_build_object('t', value, 'flag', line % 2 = 0, 'day', date '2024-02-29', 'at', timestamptz '2024-02-29 10:34:56.789+00', 'a long name', line::text) AS object FROM texts;
SELECT count(*) AS records, count(*) FILTER (WHERE r.description = o.value) AS same_text,
       count(*) FILTER (WHERE pg_column_size(r.description) = pg_column_size(o.value)) AS same_size,
       count(*) FILTER (WHERE r.attributes = o.object AND r.attributes::text = o.object::text) AS same_object,
       count(*) FILTER (WHERE pg_column_size(r.attributes) = pg_column_size(o.object)) AS same_object_size
FROM recon.records r JOIN objects o ON o.line = r.line_no WHERE r.source_id = :s;

-- An object of many members, more than one stride of offsets, with nulls left out; every member is found by its key.
SELECT string_agg(format('"k%s": %s', n, n + 1), ', ') AS mapping, string_agg(CASE WHEN n % 7 > 0 THEN 'v' || n ELSE '' END, ',') AS line,
       jsonb_object_agg('k' || n, 'v' || n) FILTER (WHERE n % 7 > 0)::text AS object FROM generate_series(1, 500) n \gset
SELECT recon.create_source(:p, 'wide', ('{"external_id": 1, ' || :'mapping' || '}')::jsonb, '{"header": false}') AS s \gset
SELECT status, read, loaded, rejected FROM load(:s, 'x,' || :'line');
SELECT attributes = :'object'::jsonb AS same, attributes::text = (:'object'::jsonb)::text AS same_text,
       (SELECT count(*) FROM generate_series(1, 500) n WHERE attributes ->> ('k' || n) = 'v' || n) AS found
FROM recon.records WHERE source_id = :s;
DROP TABLE numbers, kept, texts, objects;
SELECT recon.drop_project(:p);
