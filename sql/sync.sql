\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- Relation sources: new and changed rows, deletions, types, rejects, each kind of relation.
CREATE FUNCTION sync(source_id bigint)
    RETURNS TABLE (status text, read bigint, loaded bigint, updated bigint, rejected bigint, known bigint, missing bigint)
    LANGUAGE plpgsql AS $$
DECLARE
    report recon.ingest_report := recon.sync_source(source_id);
BEGIN
    RETURN QUERY SELECT i.status, records_read, records_loaded, records_updated, records_rejected, records_duplicate, records_missing
    FROM recon.ingestions i WHERE ingestion_id = report.ingestion_id;
END
$$;
CREATE FUNCTION missing(source_id bigint) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(external_id, ',' ORDER BY external_id) FROM recon.missing_records m JOIN recon.records r USING (record_id, project_id)
    WHERE m.source_id = $1
$$;
SET client_min_messages = notice;
\set VERBOSITY terse
SELECT recon.create_project('sync') AS p \gset

-- By external_id: what is new is loaded, what changed is updated, what is gone is noted.
CREATE TABLE ledger (id int PRIMARY KEY, dt date, amt numeric(12,2), ref text);
INSERT INTO ledger VALUES (1, '2024-01-01', 10, 'a'), (2, '2024-01-02', 20, 'b'), (3, '2024-01-03', 30, NULL), (4, NULL, NULL, '');
SELECT recon.create_source(:p, 'ledger', '{"external_id": "id", "transaction_date": "dt", "amount": "amt", "reference": "ref"}', '{}', 'ledger') AS s \gset
SELECT * FROM sync(:s);
SELECT * FROM records(:s);
SELECT status, records_read, records_loaded, records_rejected, records_duplicate, bytes_read FROM recon.sync_source(:s);
UPDATE ledger SET amt = 21 WHERE id = 2;
UPDATE ledger SET amt = 10.00, ref = 'a' WHERE id = 1;
INSERT INTO ledger VALUES (5, '2024-01-05', 50, 'e');
DELETE FROM ledger WHERE id IN (3, 4);
SELECT * FROM sync(:s);
SELECT external_id, amount FROM recon.records WHERE source_id = :s ORDER BY record_id;
SELECT v.external_id, v.amount AS was FROM recon.record_versions v WHERE source_id = :s;
SELECT missing(:s);
SELECT external_id, missing_since IS NOT NULL AS missing FROM recon.exceptions WHERE source_id = :s ORDER BY 1;
-- Noted once, and taken back when the row is there again; nothing else is written about the others.
SELECT * FROM sync(:s);
SELECT count(DISTINCT ingestion_id) AS ingestions, bool_or(ingestion_id = newest_load(:s)) AS newest FROM recon.missing_records WHERE source_id = :s;
INSERT INTO ledger VALUES (3, '2024-01-03', 30, NULL);
DELETE FROM ledger WHERE id = 1;
SELECT * FROM sync(:s);
SELECT missing(:s);
TRUNCATE ledger;
SELECT * FROM sync(:s);
SELECT missing(:s);
SELECT i.column_names, i.column_types, i.options, file_id FROM recon.ingestions i WHERE ingestion_id = newest_load(:s);

-- In an approved match a record keeps its content; its row is a reject, not missing.
INSERT INTO ledger VALUES (1, '2024-01-01', 10, 'a'), (2, '2024-01-02', 21, 'b'), (3, '2024-01-03', 30, NULL), (4, NULL, NULL, ''), (5, '2024-01-05', 50, 'e');
SELECT recon.create_source(:p, 'bank') AS bank \gset
SELECT * FROM load(:bank, E'external_id,amount\n1,10\n2,21\n');
SELECT recon.create_rule(:p, 'r', '{"match": [{"field": "external_id", "op": "equal"}]}') > 0 AS made;
SELECT recon.create_job(:p, 'j', :bank, :s) AS j \gset
SELECT matches FROM recon.run_job(:j);
UPDATE ledger SET ref = 'changed' WHERE id IN (2, 5);
SELECT * FROM sync(:s);
SELECT line, at, col, code, regexp_replace(message, '\d+', '#', 'g') AS message, raw FROM rejects(:s);
SELECT missing(:s);

-- Without external_id: by content and how often it occurs.
CREATE TABLE entries (amount numeric, reference text, "Value Date" date, branch int);
INSERT INTO entries VALUES (1, 'x', '2024-02-01', 7), (1, 'x', '2024-02-01', 7), (2, 'y', NULL, NULL);
SELECT recon.create_source(:p, 'entries', NULL, '{}', 'entries') AS e \gset
SELECT * FROM sync(:e);
SELECT amount, reference, value_date, attributes FROM records(:e);
INSERT INTO entries VALUES (1, 'x', '2024-02-01', 7);
SELECT * FROM sync(:e);
DELETE FROM entries WHERE ctid IN (SELECT ctid FROM entries WHERE amount = 1 LIMIT 2);
UPDATE entries SET reference = 'z' WHERE amount = 2;
SELECT * FROM sync(:e);

-- Every type has one text, whatever the caller's settings; how texts are written says nothing of dates and numbers.
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE DOMAIN money_amount AS numeric CHECK (VALUE > -1000);
CREATE TABLE types (id bigint, d date, ts timestamp, tz timestamptz, n numeric, dom money_amount, i2 smallint, f4 real, f8 double precision, b boolean, c char(5),
    vc varchar(10), j jsonb, bin bytea, iv interval, u uuid, m mood, arr int[], x text, gone int, t time, txt_amount text, txt_date text);
ALTER TABLE types DROP COLUMN gone;
INSERT INTO types VALUES (1, '2024-12-31', '2024-12-31 23:30:00.123456', '2024-12-31 23:30:00-02', 1234.50, 12.5, -3, 0.1, 1e-7, true, 'ab', 'v', '{"a": [1, "ö"]}', '\x00ff',
    '1 year 2 days 03:00', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'bad', '{1,2}', E'two\nlines, "quoted"', '12:30', '1.234,56', '31.12.2024'),
    (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1.5e15, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '', NULL, NULL, NULL);
SELECT recon.create_source(:p, 'types', NULL, '{}', 'types') AS t \gset
SELECT recon.create_source(:p, 'typed', '{"external_id": 1, "transaction_date": {"column": "d", "format": "DD.MM.YYYY"}, "value_date": {"column": "tz", "format": "DD.MM.YYYY"},
    "amount": {"column": "n", "decimal": ",", "thousands": ".", "scale": 2, "negate": true}, "f8": {"column": "f8", "type": "numeric"}, "f4": {"column": "f4", "type": "numeric"},
    "ts": {"column": "ts", "type": "timestamptz"}, "tz": {"column": "tz", "type": "timestamptz"}, "b": {"column": "b", "type": "boolean"}, "currency": {"column": "c", "default": "EUR"},
    "reference": {"columns": ["vc", 19]}, "net": {"debit": "dom", "credit": "i2", "type": "numeric"}, "text amount": {"column": "txt_amount", "type": "numeric", "decimal": ",", "thousands": "."},
    "text date": {"column": "txt_date", "type": "date", "format": "DD.MM.YYYY"}, "twice": {"expression": "n * 2", "type": "numeric"}, "month": {"expression": "date_trunc(''month'', d)", "type": "date"},
    "upper": {"expression": "upper(vc)", "null": ["V"]}}', '{}', 'types') AS u \gset
SELECT * FROM sync(:t);
SELECT jsonb_pretty(attributes) FROM records(:t);
SELECT * FROM sync(:u);
SELECT external_id, transaction_date, value_date, amount, currency, reference FROM records(:u);
SELECT jsonb_pretty(attributes) FROM records(:u);
SET datestyle = 'German'; SET timezone = 'Asia/Tokyo'; SET intervalstyle = 'iso_8601'; SET extra_float_digits = -10; SET bytea_output = 'escape'; SET row_security = off;
SELECT * FROM sync(:t);
SELECT * FROM sync(:u);
SELECT current_setting('datestyle') AS datestyle, current_setting('timezone') AS timezone, current_setting('row_security') AS row_security, current_setting('transaction_read_only') AS read_only;
SET datestyle = 'ISO, MDY'; SET timezone = 'UTC'; RESET intervalstyle; RESET extra_float_digits; RESET bytea_output; RESET row_security;

-- Values that no record can hold are rejects; a record whose row is one is not missing.
CREATE TABLE bad (id int, amount numeric, f float8, dt date, ref text);
INSERT INTO bad SELECT g, g, g, '2024-01-01', 'r' FROM generate_series(1, 9) g;
SELECT recon.create_source(:p, 'bad', '{"amount": "amount", "external_id": "id", "transaction_date": "dt", "reference": {"column": "ref", "required": true}, "f": {"column": "f", "type": "numeric"}}',
    '{"max_field_bytes": 20, "null": ["n/a"], "delimiter": ";"}', 'bad') AS b \gset
SELECT * FROM sync(:b);
UPDATE bad SET amount = 'NaN' WHERE id = 1;
UPDATE bad SET amount = 'infinity' WHERE id = 2;
UPDATE bad SET f = '-infinity' WHERE id = 3;
UPDATE bad SET f = 1e30 WHERE id = 4;
UPDATE bad SET dt = 'infinity' WHERE id = 5;
UPDATE bad SET dt = '0044-03-15 BC' WHERE id = 6;
UPDATE bad SET ref = 'n/a' WHERE id = 7;
UPDATE bad SET ref = 'longer than, twenty "bytes"' WHERE id = 8;
UPDATE bad SET ref = NULL, amount = NULL WHERE id = 9;
SELECT * FROM sync(:b);
SELECT * FROM rejects(:b);
SELECT missing(:b);
-- Retried as they were read; what is longer than a value may be stays a reject.
SELECT status, records_read, records_loaded, records_rejected FROM recon.retry_rejects(newest_load(:b), '{"amount": {"column": "amount", "null": ["NaN", "Infinity"]}, "external_id": 1,
    "transaction_date": {"column": "dt", "null": ["infinity", "0044-03-15 BC"]}, "reference": "ref"}');
SELECT external_id, amount, transaction_date, reference, attributes FROM recon.records WHERE source_id = :b ORDER BY external_id;
SELECT line_no, error_code, resolved_by IS NOT NULL AS resolved FROM recon.ingest_errors e WHERE ingestion_id = (SELECT max(retry_of) FROM recon.ingestions WHERE source_id = :b) ORDER BY 1;
-- Only those of the newest synchronisation: the rows of an older one were read again.
SELECT newest_load(:b) AS retry, (SELECT retry_of FROM recon.ingestions WHERE ingestion_id = newest_load(:b)) AS old \gset
SELECT * FROM sync(:b);
SELECT err(format('SELECT recon.retry_rejects(%s)', :old));
SELECT err(format($$SELECT recon.retry_rejects(%s, '{"external_id": "id", "amount": {"expression": "amount * 2"}}')$$, newest_load(:b)));
-- Over max_rejects nothing is noted as missing.
SELECT recon.alter_source(:b, '{"options": {"max_rejects": 1}}');
DELETE FROM bad WHERE id = 5;
SELECT * FROM sync(:b);
SELECT missing(:b);

-- on_duplicate of the source counts.
SELECT recon.create_source(:p, 'skip', '{"external_id": "id", "amount": "amt"}', '{"on_duplicate": "skip"}', 'ledger') AS k \gset
SELECT * FROM sync(:k);
UPDATE ledger SET amt = 99 WHERE id = 1;
SELECT * FROM sync(:k);
SELECT code FROM rejects(:k);

-- Views, materialized views, partitioned tables, foreign tables; a batch has many rows, or few long ones.
CREATE VIEW v AS SELECT id::text AS external_id, amt * 2 AS amount FROM ledger;
CREATE MATERIALIZED VIEW mv AS SELECT * FROM v;
CREATE TABLE part (external_id int, amount numeric) PARTITION BY RANGE (external_id);
CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (0) TO (1500);
CREATE TABLE part2 PARTITION OF part FOR VALUES FROM (1500) TO (9999);
INSERT INTO part SELECT g, g FROM generate_series(1, 2500) g;
CREATE TABLE wide AS SELECT g AS external_id, repeat('x', 300000) || g AS description FROM generate_series(1, 7) g;
CREATE EXTENSION file_fdw;
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
DO $$
BEGIN
    EXECUTE format('CREATE FOREIGN TABLE foreign_rows (external_id text, amount numeric, transaction_date date) SERVER files OPTIONS (filename %L, format %L)',
        file('foreign.csv', E'1,10,2024-01-01\n2,20,2024-01-02\n'), 'csv');
END
$$;
CREATE TABLE nothing (external_id int);
SELECT r, (sync(recon.create_source(:p, r, NULL, '{}', r))).* FROM unnest('{v,mv,part,wide,foreign_rows,nothing}'::text[]) r;
SELECT r, s.* FROM unnest('{v,mv,part,wide,foreign_rows,nothing}'::text[]) r, sync(source(r)) s;
SELECT file('foreign.csv', E'1,10,2024-01-01\n3,30,2024-01-03\n') IS NOT NULL AS written;
SELECT * FROM sync(source('foreign_rows'));
SELECT missing(source('foreign_rows'));
SELECT count(DISTINCT length(description)) AS lengths, min(length(description)) FROM recon.records WHERE source_id = source('wide');

-- NULL is NULL also where the texts that mean it are blank and blanks are trimmed.
CREATE TABLE blanks (id int, v text);
INSERT INTO blanks VALUES (1, NULL), (2, ' x ');
SELECT recon.create_source(:p, 'blanks', '{"external_id": "id", "description": "v"}', '{"trim": true, "null": " "}', 'blanks') AS blanks \gset
SELECT status, records_loaded FROM recon.sync_source(:blanks);
SELECT external_id, description FROM recon.records WHERE source_id = :blanks ORDER BY 1;
DROP TABLE blanks;

-- An expression is one expression: a default alone reads rows, too.
SELECT (sync(recon.create_source(:p, 'constant', '{"currency": {"default": "EUR"}}', '{}', 'ledger'))).*;

-- Inside a transaction, and under a savepoint that is undone.
BEGIN;
INSERT INTO ledger VALUES (77, '2024-07-07', 77, 'g');
SAVEPOINT one;
SELECT * FROM sync(:s);
ROLLBACK TO one;
SELECT * FROM sync(:s);
COMMIT;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT * FROM sync(:s);
COMMIT;

-- What went wrong is said with the source's name.
SELECT err(format('SELECT recon.sync_source(%s)', :bank));
SELECT err('SELECT recon.sync_source(NULL)'), err('SELECT recon.sync_source(-1)');
ALTER TABLE ledger RENAME COLUMN amt TO amount;
SELECT err(format('SELECT recon.sync_source(%s)', :s));
SELECT recon.alter_source(:s, '{"mapping": {"external_id": "id", "transaction_date": "dt", "amount": "amount", "reference": "ref"}}');
SELECT * FROM sync(:s);
ALTER TABLE types DROP COLUMN n;
SELECT err(format('SELECT recon.sync_source(%s)', :u));
ALTER TABLE types DROP COLUMN id;
SELECT err(format('SELECT recon.sync_source(%s)', :u));
ALTER TABLE ledger RENAME TO ledger2;
SELECT err(format('SELECT recon.sync_source(%s)', :s));
CREATE SEQUENCE ledger;
SELECT err(format('SELECT recon.sync_source(%s)', :s));
SELECT recon.alter_source(:s, '{"relation": "ledger2"}');
SELECT * FROM sync(:s);
CREATE OR REPLACE VIEW v AS SELECT id::text AS external_id, 1 / (id - 3)::numeric AS amount FROM ledger2;
SELECT err(format('SELECT recon.sync_source(%s)', source('v')));
-- An error on the way, or a timeout, leaves the caller as it was.
CREATE TABLE slow (external_id int);
INSERT INTO slow VALUES (1), (2);
CREATE FUNCTION wait(int) RETURNS int LANGUAGE plpgsql AS $$BEGIN PERFORM set_config('search_path', 'nowhere', false), pg_catalog.pg_sleep(100); RETURN $1; END$$;
CREATE VIEW slow_view AS SELECT wait(external_id) AS external_id FROM slow;
SELECT recon.create_source(:p, 'slow', NULL, '{}', 'slow_view') AS slow \gset
BEGIN;
SELECT err(format('SELECT recon.sync_source(%s)', source('v')));
SELECT current_setting('search_path') AS path, current_setting('transaction_read_only') AS read_only, current_user = session_user AS same_user;
INSERT INTO slow VALUES (3);
SET LOCAL statement_timeout = '200ms';
SAVEPOINT one;
SELECT recon.sync_source(:slow);
ROLLBACK TO one;
RESET statement_timeout;
SELECT current_setting('search_path') AS path, current_setting('transaction_read_only') AS read_only, current_user = session_user AS same_user;
INSERT INTO slow VALUES (4);
SELECT status, records_loaded FROM recon.sync_source(:s);
COMMIT;
SELECT count(*) FROM recon.ingestions WHERE source_id = :slow;
SELECT count(*) FROM pg_cursors WHERE name <> '';
\set VERBOSITY default
SELECT recon.sync_source(source('v'));
\set VERBOSITY terse
SELECT recon.alter_source(:s, '{"status": "disabled"}');
SELECT err(format('SELECT recon.sync_source(%s)', :s));

SET client_min_messages = error;
SELECT recon.drop_project(:p);
DROP SERVER files CASCADE;
DROP EXTENSION file_fdw;
DROP MATERIALIZED VIEW mv;
DROP VIEW v, slow_view;
DROP FUNCTION wait(int);
DROP TABLE slow, ledger2, entries, types, bad, part, wide, nothing;
DROP SEQUENCE ledger;
DROP TYPE mood;
DROP DOMAIN money_amount;
DROP FUNCTION sync(bigint), missing(bigint);
