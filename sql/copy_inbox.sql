\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- COPY recon.inbox: the source it names, the options that override the source's, and what is refused with a way out.
\set QUIET off
CREATE ROLE regress_ann;
CREATE ROLE regress_bob;
CREATE ROLE regress_eve;
SELECT recon.create_project('inbox') AS p \gset
SELECT recon.create_source(:p, 'in', '{"external_id": "id", "description": "text"}', '{"delimiter": ";"}') AS in \gset

-- The source's options and mapping hold; the tag counts what was loaded.
COPY recon.inbox FROM STDIN WITH (FORMAT csv, SOURCE_ID :in);
id;text
1;a
2;"b
c"
\.
SELECT * FROM records(:in);
\set VERBOSITY terse
SET client_min_messages = notice;
COPY recon.inbox FROM STDIN (SOURCE 'inbox/in', FORMAT 'CSV');
id;text
3;c
4
5;"x"y
\.
SELECT * FROM rejects(:in);
-- The same again, and again by force.
COPY recon.inbox FROM STDIN (SOURCE_ID :in);
id;text
1;a
2;"b
c"
\.
COPY recon.inbox FROM STDIN (SOURCE_ID :in, FORCE);
id;text
1;a
2;"b
c"
\.
-- Without a line: a load like any other.
COPY recon.inbox FROM STDIN (SOURCE_ID :in);
\.
\set VERBOSITY default
SET client_min_messages = warning;
SELECT i.status, records_read, records_loaded, records_rejected, records_duplicate, bytes_read, i.options, f.name, f.bytes
FROM recon.ingestions i JOIN recon.files f USING (file_id) WHERE i.source_id = :in ORDER BY ingestion_id;

-- Options of COPY and of recon override the source's.
COPY recon.inbox FROM STDIN (FORMAT csv, SOURCE_ID :in, DELIMITER '|', QUOTE '''', ESCAPE '''', NULL '-', SKIP_LINES 1, COMMENT '#', TRIM);
Statement
id|text
#
 10 |'it''s'
11|-
12|'-'
\.
SELECT line, external_id, description FROM records(:in);
SELECT options FROM recon.ingestions WHERE ingestion_id = newest_load(:in);
SELECT recon.create_source(:p, 'by number', '{"external_id": 1, "description": 2}') AS by_number \gset
COPY recon.inbox FROM STDIN (SOURCE_ID :by_number, HEADER false, DELIMITER E'\t');
1	x
2	y
\.
COPY recon.inbox FROM STDIN (SOURCE_ID :by_number, HEADER, ENCODING 'LATIN1');
id,text
3,z
\.
COPY recon.inbox FROM STDIN (SOURCE_ID :by_number, HEADER off, DELIMITER 'auto');
4;u
5;v
\.
COPY recon.inbox FROM STDIN (SOURCE_ID :by_number, HEADER 0, MAX_FIELD_BYTES 5, BATCH_SIZE 2, ON_DUPLICATE reject, LINE_TERMINATOR E'\n');
4,u
6,abcdef
\.
SELECT line, at, col, code, raw FROM rejects(:by_number);
SELECT string_agg(format('%s: %s', external_id, description), ', ' ORDER BY record_id) AS records FROM recon.records WHERE source_id = :by_number;

-- Over its limit a load stores its rejects and nothing else.
\set VERBOSITY terse
COPY recon.inbox FROM STDIN (SOURCE_ID :in, MAX_REJECTS 1);
id;text
20;a
21
22
\.
COPY recon.inbox FROM STDIN (SOURCE_ID :in, MAX_REJECTS '50%');
id;text
23;w
24
\.
\set VERBOSITY default
SELECT status, records_loaded, records_rejected FROM recon.ingestions WHERE source_id = :in ORDER BY ingestion_id DESC LIMIT 2;

-- A marker of psql ends the data, and only where it is the last line.
COPY recon.inbox FROM STDIN (SOURCE_ID :in);
id;text
30;"
\.";
31;"\.
32;x
\.
SELECT * FROM rejects(:in);

-- What it does not take, and what to do instead.
\copy recon.inbox from '/dev/null' with (format text, source 'inbox/in')
\copy recon.inbox from '/dev/null' with (format binary, source 'inbox/in')
\copy recon.inbox from '/dev/null' with (format parquet, source 'inbox/in')
\copy recon.inbox from '/dev/null' with (format csv)
\copy recon.inbox from '/dev/null' csv header
\copy recon.inbox from '/dev/null' with (format csv, source_id 1, source 'inbox/in')
\copy recon.inbox from '/dev/null' with (source 'inbox/in', header, header)
\copy recon.inbox from '/dev/null' with (source 'inbox/in', header match)
\copy recon.inbox from '/dev/null' with (source 'inbox/in', header 2)
\copy recon.inbox from '/dev/null' with (source 'inbox/in', trim maybe)
\copy recon.inbox from '/dev/null' with (source 'inbox/in', freeze)
\copy recon.inbox from '/dev/null' with (source 'inbox/in', force_not_null *)
\copy recon.inbox from '/dev/null' with (source 'inbox/in', force_null (a))
\copy recon.inbox from '/dev/null' with (source 'inbox/in', force_quote *)
\copy recon.inbox from '/dev/null' with (source 'inbox/in', default 'x')
\copy recon.inbox from '/dev/null' with (source 'inbox/in', on_error ignore)
\copy recon.inbox from '/dev/null' with (source 'inbox/in', reject_limit 3)
\copy recon.inbox from '/dev/null' with (source 'inbox/in', log_verbosity verbose)
\copy recon.inbox from '/dev/null' with (source 'inbox/in', max_reject 3)
\copy recon.inbox from '/dev/null' with (source 'inbox/in', compression gzip)
\copy recon.inbox from '/dev/null' with (source 'inbox/in', delimiter ('a'))
\copy recon.inbox from '/dev/null' with (source 'inbox/in', delimiter)
\copy recon.inbox from '/dev/null' with (source 'inbox/in', quote 'ab')
\copy recon.inbox from '/dev/null' with (source 'inbox/in', max_rejects lots)
\copy recon.inbox from '/dev/null' with (source 'inbox/in', skip_lines -1)
\copy recon.inbox from '/dev/null' with (source 'inbox/in', encoding 'klingon')
\copy recon.inbox from '/dev/null' with (source_id 'inbox/in')
\copy recon.inbox from '/dev/null' with (source_id 1.5)
\copy recon.inbox from '/dev/null' with (source_id 99999999999999999999)
\copy recon.inbox from '/dev/null' with (source_id 999999999)
\copy recon.inbox from '/dev/null' with (source 7)
\copy recon.inbox from '/dev/null' with (source 'in')
\copy recon.inbox from '/dev/null' with (source 'inbox/out')
\copy recon.inbox (record) from '/dev/null' with (source 'inbox/in')
\copy recon.inbox from '/dev/null' with (source 'inbox/in') where record = 'x'
\copy recon.inbox to '/dev/null' with (format csv)
SELECT err($$COPY recon.inbox FROM '/nowhere' WITH (FORMAT csv, SOURCE 'inbox/in')$$);
SELECT err($$COPY recon.inbox FROM PROGRAM 'ls' WITH (FORMAT csv, SOURCE 'inbox/in')$$);
SELECT err($$COPY recon.inbox TO '/nowhere'$$);
SELECT err($$INSERT INTO recon.inbox VALUES ('1;a')$$);
SELECT err($$INSERT INTO recon.inbox SELECT 'x' WHERE false$$);
SELECT count(*) FROM recon.inbox;
SELECT recon.create_source(:p, 'relation', relation => 'recon.users') > 0 AS made;
\copy recon.inbox from '/dev/null' with (source 'inbox/relation')
SELECT recon.alter_source(:by_number, '{"status": "disabled"}');
\copy recon.inbox from '/dev/null' with (source 'inbox/by number')

-- An error in the data as a whole says where it stands.
COPY recon.inbox FROM STDIN (SOURCE_ID :in, DELIMITER ',');

id;text
1;a
\.

-- Rights: those of a load, asked at each, and the privilege on the view, that everybody has from the start.
SELECT recon.add_member(:p, 'regress_ann', 'operator'), recon.add_member(:p, 'regress_bob', 'reviewer');
SET ROLE regress_ann;
COPY recon.inbox FROM STDIN (SOURCE 'inbox/in');
id;text
40;ann
\.
SET ROLE regress_bob;
\copy recon.inbox from '/dev/null' with (source 'inbox/in')
SET ROLE regress_eve;
\copy recon.inbox from '/dev/null' with (source 'inbox/in')
\copy recon.inbox from '/dev/null' with (source 'inbox/none')
RESET ROLE;
REVOKE INSERT ON recon.inbox FROM PUBLIC;
SET ROLE regress_ann;
\copy recon.inbox from '/dev/null' with (source 'inbox/in')
RESET ROLE;
GRANT INSERT ON recon.inbox TO PUBLIC;
SELECT created_by FROM recon.ingestions WHERE ingestion_id = newest_load(:in);
SELECT user_name, action, resource FROM recon.audit_log WHERE project_id = :p ORDER BY audit_id DESC LIMIT 1;

-- Names are those that the caller sees: another's project of the same name is in nobody's way.
SET ROLE regress_eve;
SELECT recon.create_project('inbox') AS q \gset
SELECT recon.create_source(:q, 'in') > 0 AS made;
COPY recon.inbox FROM STDIN (SOURCE 'inbox/in');
external_id
e1
\.
SELECT created_by, project_id = :q AS own FROM recon.ingestions;
RESET ROLE;
SELECT recon.add_member(:q, 'regress_ann', 'viewer');
SET ROLE regress_ann;
\set VERBOSITY terse
\copy recon.inbox from '/dev/null' with (source 'inbox/in')
\set VERBOSITY default
SELECT recon.create_project('a/b') AS r \gset
SELECT recon.create_source(:r, 'c/d') AS cd \gset
COPY recon.inbox FROM STDIN (SOURCE 'a/b/c/d');
external_id
r1
\.
SELECT count(*) FROM recon.records WHERE source_id = :cd;
RESET ROLE;
