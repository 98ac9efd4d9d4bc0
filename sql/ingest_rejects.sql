\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- Records that cannot be loaded: none is lost, each has its line, offset, column, SQLSTATE, message and bytes.
SELECT recon.create_project('rej') AS p \gset
SELECT recon.create_source(:p, 'all', '{"external_id": {"column": "id", "required": true}, "amount": "amount",
    "transaction_date": {"column": "date", "format": "DD.MM.YYYY"}, "reference": "ref",
    "at": {"column": "at", "type": "timestamptz"}, "ok": {"column": "ok", "type": "boolean"}}') AS all \gset

-- One of each kind, between good ones.
SELECT * FROM load(:all, E'id,amount,date,ref,at,ok\n'
    '1,1,01.02.2024,good,,\n'                      -- 2
    '2,1O0,01.02.2024,letter,,\n'                  -- 3
    '3,1,2024-02-01,other format,,\n'              -- 4
    '4,1,30.02.2024,no such day,,\n'               -- 5
    ',1,,no id,,\n'                                -- 6
    '6,1,,"two\nlines",,\n'                        -- 7, good
    '7,1,,too few,\n'                              -- 9
    '8,1,,too many,,,\n'                           -- 10
    '9,1,,,noon,\n'                                -- 11
    '10,1,,,2024-13-01 00:00,\n'                   -- 12
    '11,1,,,,maybe\n'                              -- 13
    '12,1234567890123456789012345678901234567890,,,,\n'  -- 14
    '13,1,,stray "quote,,\n'                       -- 15
    '14,"1","01.02.2024","a ""quote""",,\n'        -- 16, good
    '15,x,y,both bad,,\n'                          -- 17
    '"16","x\n",,"in a\nquoted record",,\n'        -- 18
    '17,1,,good,,\n'                               -- 21
    '18,1,,"open,,\n'                              -- 22
    '19,1,,good,,');
SELECT * FROM rejects(:all);
SELECT line, external_id, amount, transaction_date, reference FROM records(:all);

-- The offset finds the record in the file.
SELECT count(*) AS rejects, bool_and(substring(f.content FROM e.byte_offset::int + 1 FOR octet_length(e.raw_record)) = e.raw_record) AS found
FROM (SELECT pg_read_binary_file(current_setting('test.dir') || 'input.csv') AS content) f,
     recon.ingest_errors e WHERE e.ingestion_id = newest_load(:all);

-- Long values are cut in messages, not in the raw record; too long ones are rejected.
SELECT * FROM load(:all, E'id,amount,date,ref,at,ok\n1,' || repeat('9x', 200) || E',,,,\n2,,,' || repeat('r', 1001) || E',,\n3,,,' || repeat('r', 1000) || E',,\n', '{"max_field_bytes": 1000}');
SELECT line, at, col, code, message, length(raw) FROM rejects(:all);

-- With a byte order mark, offsets count from the file's first byte; with CRLF, raw records have no line end.
SELECT * FROM load(:all, '\xefbbbf'::bytea || E'id,amount,date,ref,at,ok\r\n1,x,,,,\r\n2,1,,,,\r\n3,y,,,,'::bytea);
SELECT * FROM rejects(:all);

-- The report adds up.
SELECT count(*) > 0 AS any, bool_and(records_read = records_loaded + records_rejected + records_duplicate) AS adds_up,
       bool_and(records_rejected = (SELECT count(*) FROM recon.ingest_errors e WHERE e.ingestion_id = i.ingestion_id)) AS all_kept,
       bool_and(records_loaded = (SELECT count(*) FROM recon.records r WHERE r.ingestion_id = i.ingestion_id)) AS all_loaded
FROM recon.ingestions i WHERE project_id = :p;

-- A limit of rejects, as a number or a percentage of what was read: above it, the load is undone and only its rejects stay.
\set VERBOSITY terse
SELECT recon.create_source(:p, 'limited', '{"external_id": "id", "amount": "amount"}', '{"max_rejects": 1}') AS limited \gset
SELECT o AS options, l.status, l.read, l.loaded, l.rejected, l.duplicate,
       (SELECT count(*) FROM records(s.id + 0 * l.read)) AS records,
       (SELECT string_agg(line::text, ',') FROM rejects(s.id + 0 * l.read)) AS lines
FROM (VALUES ('{}'), ('{"max_rejects": 0}'), ('{"max_rejects": 2}'), ('{"max_rejects": null}'), ('{"max_rejects": "2"}'), ('{"max_rejects": "49.99%"}'),
             ('{"max_rejects": "50%"}'), ('{"max_rejects": "0%"}'), ('{"max_rejects": 1, "batch_size": 1}')) v(o),
     LATERAL (SELECT recon.create_source(:p, 'limited' || o, '{"external_id": "id", "amount": "amount"}', '{"max_rejects": 1}') AS id) s,
     LATERAL load(s.id, E'id,amount\n1,1\n2,x\n3,y\n4,4\n', o::jsonb) l;
SELECT count(*), count(DISTINCT record_id) FROM recon.open_records JOIN recon.data_sources USING (source_id) WHERE name LIKE 'limited{%';
SELECT status, loaded FROM load(:limited, E'id,amount\n1,1\n2,x\n3,y\n4,4\n');
SELECT status, message, file_id IS NOT NULL AS has_file FROM recon.ingestions WHERE ingestion_id = newest_load(:limited);
-- A load over a number stops early, one over a percentage cannot know before the end; a warning says what happened.
SELECT status, loaded, rejected > 1 AS rejected, bytes < 2400010 AS stopped, (SELECT count(*) FROM rejects(:limited + 0 * l.loaded)) = rejected AS all_kept
FROM load(:limited, E'id,amount\n' || repeat(E'1,xxxxx\n', 300000), '{"max_rejects": 1}') l;

-- A failed load leaves the transaction and the session usable.
BEGIN;
SELECT status FROM load(:limited, E'id,amount\n1,x\n2,y\n');
SELECT status, loaded FROM load(:limited, E'id,amount\n1,1\n2,y\n');
COMMIT;
SELECT status, records_loaded FROM recon.ingestions WHERE source_id = :limited ORDER BY ingestion_id DESC LIMIT 2;

-- A wrong mapping is an error of the caller: nothing of the load stays.
SELECT count(*) AS ingestions FROM recon.ingestions WHERE source_id = :limited \gset before_
SELECT err(format('SELECT load(%s, %L)', :limited, c)) FROM (VALUES (E'ID,amount\n1,1\n'), (E'idd,amount\n1,1\n'), (E'a,b\n'),
    (E'id,amount,id\n1,1,1\n'), (E'id,am"ount\n1,1\n'), (E'"id,amount\n1,1\n')) v(c);
SELECT recon.create_source(:p, 'numbered', '{"external_id": 1, "amount": 3}') AS numbered \gset
SELECT err(format('SELECT load(%s, %L)', :numbered, E'id,amount\n1,1\n'));
SELECT recon.create_source(:p, 'auto2') AS auto2 \gset
SELECT err(format('SELECT load(%s, %L)', :auto2, c)) FROM (VALUES (E'Amount,amount\n1,1\n'), (E'x,x\n1,1\n'), (E',\n1,1\n')) v(c);
SELECT count(*) = :before_ingestions AS unchanged FROM recon.ingestions WHERE source_id = :limited;
SELECT recon.drop_project(:p);
