\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- Which files may be loaded, by whom, into what. FIFOs and links: test/tap/files.pl.
CREATE ROLE regress_ann;
CREATE ROLE regress_bob;
CREATE ROLE regress_team;
GRANT pg_read_server_files TO regress_ann, regress_bob;
SELECT recon.create_project('files') AS p \gset
SELECT recon.create_source(:p, 'files', '{"external_id": "id", "amount": "amount"}') AS s \gset
SELECT file('good.csv', E'id,amount\n1,1\n') AS good \gset

-- Errors name the file, and nothing of the load stays.
SELECT replace(err(format('SELECT recon.ingest_file(%s, %L)', :s, path)), current_setting('test.dir'), '/DIR/') FROM (VALUES
    (current_setting('test.dir') || 'missing.csv'), (current_setting('test.dir')), ('/dev/null'), ('/proc/self/status'), ('/proc/self/fd/0'), ('good.csv'), ('./good.csv'), (''),
    ('/tmp/../etc/passwd'), (current_setting('test.dir') || '..'), (NULL)) v(path);
SELECT count(*) FROM recon.ingestions WHERE source_id = :s;

-- A caller needs both: to be operator of the project, and pg_read_server_files.
SELECT recon.add_member(:p, 'regress_team', 'operator');
SELECT recon.add_member(:p, 'regress_ann', 'reviewer');
SET ROLE regress_bob;
SELECT err(format('SELECT recon.ingest_file(%s, %L)', :s, :'good'));
SELECT err(format('SELECT recon.ingest_file(999999999, %L)', :'good'));
SET ROLE regress_ann;
SELECT err(format('SELECT recon.ingest_file(%s, %L)', :s, :'good'));
SET ROLE regress_team;
SELECT err(format('SELECT recon.ingest_file(%s, %L)', :s, :'good'));
SELECT err(format('SELECT recon.ingest_file(%s, %L)', :s, '/nowhere'));
RESET ROLE;
SELECT recon.add_member(:p, 'regress_bob', 'operator');
SET ROLE regress_bob;
SELECT status, records_loaded FROM recon.ingest_file(:s, :'good');
SELECT created_by FROM recon.ingestions WHERE source_id = :s;
SELECT uploaded_by FROM recon.files WHERE source_id = :s;
RESET ROLE;

-- A superuser may limit the directories; nobody else may lift that.
SET recon.ingest_directories = '/nowhere, /usr/share';
SELECT replace(err(format('SELECT recon.ingest_file(%s, %L)', :s, :'good')), current_setting('test.dir'), '/DIR/');
SELECT set_config('recon.ingest_directories', '/nowhere,' || rtrim(current_setting('test.dir'), '/'), false) <> '' AS set;
SELECT status FROM recon.ingest_file(:s, :'good');
SELECT set_config('recon.ingest_directories', current_setting('test.dir') || 'goo', false) <> '' AS set;
SELECT replace(err(format('SELECT recon.ingest_file(%s, %L)', :s, :'good')), current_setting('test.dir'), '/DIR/');
SET ROLE regress_bob;
SELECT err('SET recon.ingest_directories = ''''');
RESET ROLE;
RESET recon.ingest_directories;
SELECT err('SET recon.ingest_directories = ''relative/path''');
SELECT err('SET recon.ingest_directories = ''"/open''');
SELECT err('SET recon.no_such_setting = 1');

-- Options of the call go over the source's.
SELECT recon.create_source(:p, 'over', '{"external_id": "id", "amount": "amount"}', '{"delimiter": ";", "trim": true}') AS over \gset
SELECT status, read, loaded FROM load(:over, E'id;amount\n 1 ; 1 \n');
SELECT err(format('SELECT load(%s, %L)', :over, E'id,amount\n 1 , 1 \n'));
SELECT status, read, loaded FROM load(:over, E'id,amount\n 2 , 1 \n', '{"delimiter": ","}');
SELECT status, read, loaded FROM load(:over, E'id,amount\n 3 , 1 \n', '{"delimiter": null}'::jsonb || '{"trim": false}');
SELECT external_id, amount FROM recon.records WHERE source_id = :over ORDER BY ingestion_id, line_no;
SELECT options FROM recon.data_sources WHERE source_id = :over;
SELECT status FROM recon.ingest_file(:s, :'good', NULL);
SELECT o AS options, err(format('SELECT recon.ingest_file(%s, %L, %L)', :s, :'good', o)) FROM (VALUES
    ('{"delimeter": ";"}'), ('{"header": 0}'), ('{"header": false}'), ('[]'), ('{"encoding": "klingon"}'), ('{"max_rejects": "200%"}'),
    ('{"quote": "", "escape": "\\"}'), ('{"line_terminator": ";;", "delimiter": ";;;"}'), ('{"quote": "#", "line_terminator": "#\n"}'),
    ('{"on_duplicate": "reject"}'), ('{"on_duplicate": "error"}'), ('{"on_duplicate": "update"}')) v(o);

-- Into a file source that is active.
CREATE TABLE test.files_rel (id int, amount numeric);
SELECT recon.create_source(:p, 'files_rel', NULL, '{}', 'test.files_rel') AS rel \gset
SELECT err(format('SELECT recon.ingest_file(%s, %L)', :rel, :'good'));
SELECT recon.alter_source(:s, '{"status": "disabled"}');
SELECT err(format('SELECT recon.ingest_file(%s, %L)', :s, :'good'));
SELECT err(format('SELECT recon.ingest_file(NULL, %L)', :'good'));
SELECT err(format('SELECT recon.ingest_file(-1, %L)', :'good'));

-- A load is part of the caller's transaction.
SELECT recon.alter_source(:s, '{"status": "active"}');
SELECT count(*) AS records FROM recon.records WHERE source_id = :s \gset before_
BEGIN;
SELECT loaded FROM load(:s, E'id,amount\n1,1\n2,2\n');
SELECT count(*) - :before_records AS new FROM recon.records WHERE source_id = :s;
ROLLBACK;
SELECT count(*) - :before_records AS new FROM recon.records WHERE source_id = :s;
BEGIN READ ONLY;
SELECT err(format('SELECT recon.ingest_file(%s, %L)', :s, :'good'));
ROLLBACK;
DROP TABLE test.files_rel;
SELECT recon.drop_project(:p);
DROP ROLE regress_ann, regress_bob, regress_team;
