\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- What a load makes of a file's bytes: mapping, formats, dialects, encodings.
SELECT recon.create_project('ing') AS p \gset

-- Without a mapping: header names that equal a canonical field, whatever their case, spaces and underscores; the rest are attributes.
SELECT recon.create_source(:p, 'auto') AS auto \gset
SELECT * FROM load(:auto, E'External ID,TRANSACTION_DATE,valuedate,Amount,Currency,Reference,Counter Party,description,Branch,\n'
    'T1,2024-01-31,2024-02-01,-12.50,EUR,ref 1,ACME,"a, b",Berlin,ignored\nT2,,,,,,,,,\n');
SELECT * FROM records(:auto);
SELECT attribute_keys FROM recon.data_sources WHERE source_id = :auto;
SELECT f.name, f.bytes, f.status, octet_length(f.fingerprint) AS fingerprint, i.status, i.message
FROM recon.ingestions i JOIN recon.files f USING (file_id) WHERE i.ingestion_id = newest_load(:auto);
SELECT count(*) FROM recon.open_records WHERE source_id = :auto;

-- Numbers: exact, with decimal and thousands marks, minor units, signs in every place, two columns into one.
SELECT recon.create_source(:p, 'numbers', '{"amount": {"column": "a", "decimal": ",", "thousands": "."},
    "cents": {"column": "c", "type": "numeric", "scale": 2, "negate": true},
    "net": {"debit": "d", "credit": "k", "type": "numeric"}}', '{"delimiter": ";"}') AS numbers \gset
SELECT * FROM load(:numbers, E'a;c;d;k\n1.234.567,89;12345;10.5;\n-0,10;-5;;7\n0,10-;0;;\n(5);1;2;3\n+3;;"";""\n'
    '123456789012345678,123456789;;;\n');
SELECT line, amount, attributes FROM records(:numbers);
SELECT * FROM rejects(:numbers);

-- Dates in the formats of the contract; a quoted empty text is a value, an unquoted one is none.
SELECT recon.create_source(:p, f, jsonb_build_object('transaction_date', jsonb_build_object('column', 1, 'format', f)), '{"header": false, "delimiter": ";"}') > 0 AS made
FROM unnest('{YYYY-MM-DD,DD/MM/YYYY,MM/DD/YYYY,DD.MM.YYYY,YYYYMMDD,DD-Mon-YYYY,unix,DD/MM/YY}'::text[]) f;
SELECT f AS format, l.loaded, (SELECT array_agg(transaction_date ORDER BY line) FROM records(source(f))) AS dates
FROM (VALUES ('YYYY-MM-DD', E'2024-02-29\n'), ('DD/MM/YYYY', E'31/12/2024\n01/02/2024\n'), ('MM/DD/YYYY', E'12/31/2024\n01/02/2024\n'),
             ('DD.MM.YYYY', E'31.12.2024\n'), ('YYYYMMDD', E'20241231\n'), ('DD-Mon-YYYY', E'31-Dec-2024\n05-MAY-2024\n'),
             ('unix', E'0\n1735603200\n-1\n'), ('DD/MM/YY', E'31/12/24\n31/12/99\n')) v(f, content),
     LATERAL load(source(f), content) l;

-- Attributes have types; texts read as NULL, defaults and required values are the mapping's.
SELECT recon.create_source(:p, 'typed', '{"external_id": {"column": "id", "required": true},
    "currency": {"column": "cur", "default": "EUR", "null": ["?", "none"]},
    "reference": {"columns": ["r1", "r2"]}, "description": {"default": "fixed"},
    "n": {"column": "n", "type": "numeric"}, "d": {"column": "d", "type": "date", "format": "DD.MM.YYYY"},
    "at": {"column": "at", "type": "timestamptz"}, "ok": {"column": "ok", "type": "boolean"}, "t": "t"}') AS typed \gset
SELECT * FROM load(:typed, E'id,cur,r1,r2,n,d,at,ok,t\n'
    '1,USD,a,b,1.50,31.12.2024,2024-12-31T23:00:00+02:00,yes,x\n2,?,a,,,,,,""\n3,none,,b,0,01.01.2024,2024-06-01 12:00,0,\n4,"?",,,-100,,,F," "\n');
SELECT line, external_id, currency, reference, description, attributes FROM records(:typed);
SELECT * FROM rejects(:typed);

-- Dialects: delimiter, quote, comment, skipped lines, trimming, NULL texts, line ends, without a header.
SELECT recon.create_source(:p, 'dialect', '{"external_id": 1, "reference": 2, "description": 3}',
    '{"delimiter": "\t", "quote": "''", "comment": "#", "skip_lines": 2, "trim": true, "header": false, "null": ["NULL", "-"]}') AS dialect \gset
SELECT * FROM load(:dialect, E'Statement of\n''account\n#c\n 1 \t''a\tb''\tNULL\n2\t-\t''NULL''\n#x\t\n3\t''it''''s''\t\n');
SELECT line, external_id, reference, '[' || description || ']' AS description FROM records(:dialect);

SELECT v.ends, l.read, l.loaded, l.rejected,
       (SELECT string_agg(format('%s: %s %s', line, external_id, replace(replace(description, E'\n', '\n'), E'\r', '\r')), ', ' ORDER BY line)
        FROM records(s.id + 0 * l.read)) AS records
FROM (VALUES ('LF', E'id,text\n1,"a\nb"\n2,c\n', '{}'::jsonb), ('CRLF', E'id,text\r\n1,"a\r\nb"\r\n2,c\r\n', '{}'), ('CR', E'id,text\r1,"a\rb"\r2,c\r', '{}'),
             ('no last end', E'id,text\n1,"a"\n2,c', '{}'), ('empty lines', E'\nid,text\n\n1,a\n\n\n2,c\n\n', '{}'),
             ('LF only', E'id,text\n1,a\r\n2,c\n', '{"line_terminator": "\n"}'), ('CRLF only', E'id,text\r\n1,a\nb\r\n2,c\r\n', '{"line_terminator": "\r\n"}')) v(ends, content, options),
     LATERAL (SELECT recon.create_source(:p, v.ends, '{"external_id": "id", "description": "text"}') AS id) s,
     LATERAL load(s.id, content, options) l;

-- Encodings: as the option says, checked; a byte order mark decides.
SELECT recon.create_source(:p, 'latin', '{"external_id": "id", "counterparty": "näme"}', '{"encoding": "LATIN1"}') AS latin \gset
SELECT * FROM load(:latin, '\x69642c6ee46d650a312c4dfc6c6c65720a'::bytea);
SELECT * FROM load(:latin, '\xefbbbf69642c6ec3a46d650a312c4dc3bc6c6c65720a'::bytea);
SELECT counterparty FROM recon.records WHERE source_id = :latin;
SELECT err(format($$SELECT * FROM load(%s, '\x69642c6ee46d650a312c4dfc6c6c65720a'::bytea, '{"encoding": "UTF8"}')$$, :latin));
SELECT recon.create_source(:p, 'utf8') AS utf8 \gset
SELECT * FROM load(:utf8, '\x65787465726e616c5f69642c6465736372697074696f6e0a312c4dfc6c6c65720a322c4dc3bc6c6c65720a332c6100620a'::bytea);
SELECT line, external_id, description FROM records(:utf8);
SELECT * FROM rejects(:utf8);
SELECT err(format($$SELECT * FROM load(%s, 'a', '{"encoding": "JOHAB"}')$$, :utf8));

-- Nothing to load is no error, unless the header lacks a mapped column.
SELECT * FROM load(:auto, '');
SELECT * FROM load(:auto, E'external_id,amount\n');
SELECT * FROM load(:auto, E'external_id,amount');
SELECT * FROM load(:auto, E'\n\n');
SELECT * FROM load(:numbers, '');

-- A batch is a detail.
SELECT loaded, rejected FROM load(:auto, (SELECT E'external_id,amount\n' || string_agg(g || ',' || CASE WHEN g % 100 = 0 THEN 'x' ELSE '1' END, E'\n') FROM generate_series(1, 2500) g), '{"batch_size": 7}');
SELECT count(*), count(DISTINCT external_id), sum(amount), min(line), max(line) FROM records(:auto);
SELECT count(*), min(line), max(line) FROM rejects(:auto);
SELECT recon.drop_project(:p);
