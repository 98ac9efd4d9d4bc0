\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- Files in chunks. Several connections at once: test/isolation/specs/uploads.spec; bad input: sql/ingest_doors.sql.
CREATE ROLE regress_ann;
CREATE ROLE regress_bob;
CREATE ROLE regress_carl;
CREATE ROLE regress_dora;
SELECT recon.create_project('uploads') AS p \gset
SELECT recon.create_source(:p, 'up', '{"external_id": "id", "amount": "amount"}') AS s \gset
SELECT recon.add_member(:p, 'regress_ann', 'operator');
SELECT recon.add_member(:p, 'regress_bob', 'operator');
SELECT recon.add_member(:p, 'regress_carl', 'reviewer');
CREATE FUNCTION status(upload_id bigint) RETURNS TABLE (status text, chunks bigint, bytes bigint, total bigint, last int, missing int[], expires boolean, loaded boolean)
    STABLE LANGUAGE sql AS $$
    SELECT status, chunks, bytes, total_bytes, last_chunk, missing_chunks, expires_at > now(), ingestion_id IS NOT NULL FROM recon.upload_status($1)
$$;
-- err() of upload_chunk
CREATE FUNCTION chunk_err(upload_id bigint, chunk_no int, data bytea) RETURNS text LANGUAGE sql AS
    $$SELECT test.err(format('SELECT recon.upload_chunk(%s, %s, %L)', $1, $2, $3))$$;

-- In any order, cut anywhere, by whoever is an operator; the same chunk again is ignored.
SET ROLE regress_ann;
SELECT recon.upload_begin(:s, 'a.csv') AS u \gset
SELECT * FROM status(:u);
SELECT recon.upload_chunk(:u, 3, E'2,2\n3,x\n');
SET ROLE regress_bob;
SELECT recon.upload_chunk(:u, 1, 'id,amo');
SELECT recon.upload_chunk(:u, 3, E'2,2\n3,x\n');
SELECT * FROM status(:u);
SELECT err(format('SELECT recon.upload_finish(%s)', :u));
SELECT chunk_err(:u, 3, E'2,2\n3,y\n'), chunk_err(:u, 3, E'2,2\n3,x');
SELECT recon.upload_chunk(:u, 5, E',4\n');
SELECT recon.upload_chunk(:u, 7, '');
SELECT * FROM status(:u);
SELECT err(format('SELECT recon.upload_finish(%s)', :u));
SELECT recon.upload_chunk(:u, 4, '4');
SELECT recon.upload_chunk(:u, 6, '');
SELECT recon.upload_chunk(:u, 2, E'unt\n1,1\n');
SELECT * FROM status(:u);
SELECT filename, created_by FROM recon.upload_status(:u);
SELECT ingestion_id > 0 AS id, status, records_read, records_loaded, records_rejected, records_duplicate, bytes_read, elapsed_ms > 0 AS time FROM recon.upload_finish(:u);
SELECT * FROM records(:s);
SELECT * FROM rejects(:s);
SELECT name, uploaded_by, bytes FROM recon.files WHERE source_id = :s;

-- Finished again: the same report; its chunks are gone, and no more are taken.
RESET ROLE;
SELECT f = i AS same FROM (SELECT row_to_json(f)::jsonb FROM recon.upload_finish(:u) f) a(f),
    (SELECT to_jsonb(r) FROM (SELECT ingestion_id, status, records_read, records_loaded, records_rejected, records_duplicate, bytes_read, elapsed_ms FROM recon.ingestions WHERE source_id = :s) r) b(i);
SELECT count(*) FROM recon.ingestions WHERE source_id = :s;
SELECT (SELECT count(*) FROM recon.upload_chunks WHERE upload_id = :u) AS chunks, (SELECT count(*) FROM recon.upload_pages WHERE upload_id = :u) AS pages;
SELECT chunk_err(:u, 1, 'id,amo'), chunk_err(:u, 8, 'x');
SELECT * FROM status(:u);
SELECT user_name, action, resource, after - '{options,upload_id,project_id,source_id,ingestion_id,created_at,updated_at,sent_by}'::text[] AS after
FROM recon.audit_log WHERE resource = 'upload' AND resource_id = :u ORDER BY audit_id;

-- Numbers go as far as an integer does.
BEGIN;
SELECT recon.upload_begin(:s, 'far.csv') AS far \gset
SELECT recon.upload_chunk(:far, n, 'x') FROM (VALUES (2147483600), (2147483647)) v(n);
SELECT last_chunk, cardinality(missing_chunks) AS missing, missing_chunks[100] AS last_missing FROM recon.upload_status(:far);
SELECT err(format('SELECT recon.upload_finish(%s)', :far));
ROLLBACK;

-- The same bytes once more are a duplicate, whichever way they come; the report is kept.
SELECT recon.upload_begin(:s, 'again.csv') AS again \gset
SELECT recon.upload_chunk(:again, 1, E'id,amount\n1,1\n2,2\n3,x\n4,4\n');
SELECT status, records_read, records_loaded, records_duplicate FROM recon.upload_finish(:again);
SELECT status, records_read, records_loaded, records_duplicate FROM recon.upload_finish(:again);
SELECT status, read, duplicate FROM load(:s, E'id,amount\n1,1\n2,2\n3,x\n4,4\n');

-- A load over its limit of rejects too, with the options of upload_begin.
\set VERBOSITY terse
SELECT recon.upload_begin(:s, 'bad.csv', '{"max_rejects": 0, "delimiter": ";"}') AS bad \gset
SELECT recon.upload_chunk(:bad, 1, E'id;amount\n7;7\n8;x\n');
SELECT status, records_read, records_loaded, records_rejected FROM recon.upload_finish(:bad);
SELECT status, records_read, records_loaded, records_rejected FROM recon.upload_finish(:bad);
SELECT line, raw FROM rejects(:s);
SELECT * FROM status(:bad);
SELECT count(*) FROM recon.upload_pages;

-- An error of the caller leaves the upload as it was: mend the source, finish again.
SELECT recon.upload_begin(:s, 'header.csv') AS header \gset
SELECT recon.upload_chunk(:header, 1, E'id,betrag\n20,20\n');
SELECT err(format('SELECT recon.upload_finish(%s)', :header));
SELECT * FROM status(:header);
SELECT recon.alter_source(:s, '{"mapping": {"external_id": "id", "amount": "betrag"}}');
SELECT status, records_loaded FROM recon.upload_finish(:header);

-- No bytes: one empty chunk is an empty file, no chunk is none.
SELECT recon.upload_begin(:s, 'none.csv') AS none \gset
SELECT err(format('SELECT recon.upload_finish(%s)', :none));
SELECT recon.upload_chunk(:none, 1, '');
SELECT err(format('SELECT recon.upload_finish(%s)', :none)) = err(format('SELECT load(%s, %L)', :s, '')) AS as_a_file;

-- The size of the whole may be told: less is not finished, more not taken.
SELECT recon.upload_begin(:s, 'sized.csv', '{"total_bytes": 16}') AS sized \gset
SELECT recon.upload_chunk(:sized, 1, E'id,betrag\n');
SELECT err(format('SELECT recon.upload_finish(%s)', :sized));
SELECT chunk_err(:sized, 2, E'30,300\n');
SELECT recon.upload_chunk(:sized, 2, E'30,30\n');
SELECT * FROM status(:sized);
SELECT status, records_loaded FROM recon.upload_finish(:sized);
SELECT options FROM recon.uploads WHERE upload_id = :sized;

-- Large chunks and many small ones, read back in slices.
SELECT recon.create_source(:p, 'large', '{"external_id": "id", "amount": "amount"}') AS large \gset
SELECT string_agg(format(E'%s,%s.25,%s\n', n, n, repeat('p', 600)), '' ORDER BY n) AS lines FROM generate_series(1, 5000) n \gset
CREATE TABLE big (content bytea);
ALTER TABLE big ALTER COLUMN content SET STORAGE EXTERNAL;
INSERT INTO big SELECT convert_to(E'id,amount,padding\n' || :'lines', 'UTF8');
SELECT length(content) FROM big;
CREATE FUNCTION send(upload_id bigint, size int) RETURNS bigint LANGUAGE sql AS $$
    SELECT max(recon.upload_chunk($1, n, substring(content FROM (n - 1) * $2 + 1 FOR $2)))
    FROM test.big, LATERAL (SELECT n FROM generate_series(1, (length(content) + $2 - 1) / $2) n ORDER BY n DESC) n
$$;
CREATE FUNCTION finished(size int) RETURNS TABLE (held bigint, chunks bigint, loaded bigint, rejected bigint, bytes bigint, same_file boolean) LANGUAGE plpgsql AS $$
DECLARE
    u bigint := recon.upload_begin(test.source('large'), 'large.csv', '{"force": true}');
BEGIN
    held := test.send(u, size);
    SELECT s.chunks INTO chunks FROM recon.upload_status(u) s;
    SELECT records_loaded + records_duplicate, records_rejected, bytes_read INTO loaded, rejected, bytes FROM recon.upload_finish(u);
    SELECT count(DISTINCT fingerprint) = 1 INTO same_file FROM recon.files WHERE source_id = test.source('large');
    RETURN NEXT;
END
$$;
SELECT size, f.* FROM unnest(ARRAY[16777216, 3000000, 1048576, 81000, 8100, 8099, 3001]) size, LATERAL finished(size) f;
SELECT count(*), sum(amount) FROM recon.records WHERE source_id = :large;
SELECT count(*) FROM recon.upload_pages;
-- also where SQL writes
SET recon.write_path = spi;
SELECT size, f.* FROM unnest(ARRAY[1000000]) size, LATERAL finished(size) f;
RESET recon.write_path;

-- Bounds: of a chunk, of an upload, of a project.
SELECT recon.upload_begin(:large, 'bounds.csv') AS bounds \gset
SELECT err(format('SELECT recon.upload_chunk(%s, 1, convert_to(repeat(%L, 16777217), %L))', :bounds, 'x', 'UTF8'));
CREATE TABLE compressed AS SELECT convert_to(repeat('x', 16777217), 'UTF8') AS data;
SELECT err(format('SELECT recon.upload_chunk(%s, 1, data) FROM test.compressed', :bounds));
SELECT recon.upload_chunk(:bounds, 1, substring(data FROM 2)) FROM compressed;
SELECT chunk_err(:bounds, 0, ''), chunk_err(:bounds, -1, '');
SELECT err(format('SELECT recon.upload_chunk(%s, NULL, %L)', :bounds, '')), err(format('SELECT recon.upload_chunk(%s, 1, NULL)', :bounds)), err('SELECT recon.upload_chunk(NULL, 1, '''')');
SET recon.upload_limit = '17MB';
SELECT err(format('SELECT recon.upload_chunk(%s, 2, data) FROM (SELECT substring(data FROM 1 FOR 1048577) FROM test.compressed) t(data)', :bounds));
SELECT recon.upload_chunk(:bounds, 2147483647, substring(data FROM 1 FOR 1048576)) FROM compressed;
SELECT recon.upload_chunk(:bounds, 1, substring(data FROM 2)) FROM compressed;
SELECT status, chunks, last, missing[1:3] AS missing, cardinality(missing) FROM status(:bounds);
SELECT err(format('SELECT recon.upload_finish(%s)', :bounds));
SELECT err(format('SELECT recon.upload_begin(%s, %L, %L)', :large, 'x', '{"total_bytes": 17825793}'));
RESET recon.upload_limit;
SET recon.upload_project_limit = '18MB';
SELECT recon.upload_begin(:large, 'other.csv') AS other \gset
SELECT recon.upload_chunk(:other, 1, substring(data FROM 1 FOR 1048560)) FROM compressed;
SELECT chunk_err(:other, 2, repeat('x', 17)::bytea);
RESET recon.upload_project_limit;
DROP TABLE compressed, big;

-- What upload_begin refuses, before any chunk was sent.
SELECT v.filename, v.options, err(format('SELECT recon.upload_begin(%s, %L, %L)', :s, v.filename, v.options)) FROM (VALUES
    ('x', '{"delimeter": ";"}'), ('x', '[]'), ('x', '{"encoding": "klingon"}'), ('x', '{"max_rejects": "200%"}'), ('x', '{"total_bytes": -1}'),
    ('x', '{"total_bytes": "many"}'), ('', '{}'), (NULL, '{}')) v(filename, options);
SELECT err(format('SELECT recon.upload_begin(%s, %L)', :s, repeat('x', 1025)));
SELECT recon.upload_begin(:s, repeat('x', 1024), NULL) > 0 AS begun, recon.upload_begin(:s, 'x', '{"total_bytes": null}') > 0 AS begun;
CREATE TABLE test.uploads_rel (id int, amount numeric);
SELECT recon.create_source(:p, 'uploads_rel', NULL, '{}', 'test.uploads_rel') AS rel \gset
SELECT err(format('SELECT recon.upload_begin(%s, %L)', :rel, 'x'));

-- Who is no operator may do nothing, who is no member finds nothing; members see what is held, nobody its bytes.
CREATE TABLE calls (n int, function text, statement text);
GRANT SELECT ON calls TO PUBLIC;
INSERT INTO calls VALUES (1, 'upload_begin', format('SELECT recon.upload_begin(%s, %L)', :s, 'x')), (2, 'upload_chunk', format('SELECT recon.upload_chunk(%s, 1, %L)', :other, 'x')),
    (3, 'upload_finish', format('SELECT recon.upload_finish(%s)', :u)), (4, 'upload_status', format('SELECT recon.upload_status(%s)', :u)), (5, 'run_cleanup', 'SELECT recon.run_cleanup()');
SET ROLE regress_carl;
SELECT function, err(statement) FROM calls ORDER BY n;
SELECT count(*) > 0 AS uploads FROM recon.uploads;
SELECT count(*) > 0 AS chunks FROM recon.upload_chunks;
SELECT count(*) > 0 AS pages, bool_and(page_no >= 0) FROM recon.upload_pages;
SELECT err('SELECT data FROM recon.upload_pages');
SELECT upload_id = :other AS other, chunks, bytes FROM recon.upload_totals WHERE bytes BETWEEN 1 AND 2000000 ORDER BY 1;
SET ROLE regress_dora;
SELECT function, err(statement) FROM calls ORDER BY n;
SELECT (SELECT count(*) FROM recon.uploads) AS uploads, (SELECT count(*) FROM recon.upload_chunks) AS chunks, (SELECT count(*) FROM recon.upload_pages) AS pages, (SELECT count(*) FROM recon.upload_totals) AS totals;
RESET ROLE;

-- Abandoned for too long: refused, and its chunks go; a chunk that comes again keeps it alive.
UPDATE recon.uploads SET updated_at = updated_at - interval '25 hours' WHERE upload_id IN (:other, :bounds);
SELECT chunk_err(:other, 2, 'x');
SELECT err(format('SELECT recon.upload_finish(%s)', :other));
SELECT * FROM status(:other);
SET recon.upload_expiry = 0;
SELECT recon.upload_chunk(:other, 2, 'x');
RESET recon.upload_expiry;
SELECT * FROM status(:other);
SELECT status FROM status(:bounds);
GRANT pg_monitor TO regress_dora;
SET ROLE regress_dora;
SELECT * FROM recon.run_cleanup() WHERE task = 'expired uploads';
SELECT * FROM recon.run_cleanup() WHERE task = 'expired uploads';
RESET ROLE;
REVOKE pg_monitor FROM regress_dora;
SELECT * FROM status(:bounds);
SELECT chunk_err(:bounds, 1, 'x');
SELECT count(*) FROM recon.upload_pages WHERE upload_id = :bounds;
SELECT user_name, action FROM recon.audit_log WHERE resource = 'upload' AND resource_id = :bounds ORDER BY audit_id;
-- also by the next that begins in the project
UPDATE recon.uploads SET updated_at = updated_at - interval '25 hours' WHERE upload_id = :other;
SET ROLE regress_ann;
SELECT recon.upload_begin(:s, 'next.csv') > 0 AS begun;
RESET ROLE;
SELECT count(*) FROM recon.upload_pages WHERE upload_id = :other;
SELECT status, bytes FROM status(:other);

-- After a crash the tables that are not logged are empty: nothing that was counted counts any more.
SELECT recon.upload_begin(:s, 'crash.csv') AS crash \gset
SELECT recon.upload_chunk(:crash, 1, E'id,betrag\n'), recon.upload_chunk(:crash, 2, E'40,40\n');
DELETE FROM recon.upload_pages WHERE upload_id = :crash;
DELETE FROM recon.upload_chunks WHERE upload_id = :crash;
SELECT chunks, bytes, last FROM status(:crash);
SELECT err(format('SELECT recon.upload_finish(%s)', :crash));
SELECT recon.upload_chunk(:crash, 2, E'41,41\n');
SELECT recon.upload_chunk(:crash, 1, E'id,betrag\n');
SELECT records_loaded FROM recon.upload_finish(:crash);
SELECT external_id FROM records(:s);

-- An archived project takes no chunks; the report of what is finished is still there. All go with the project.
SELECT recon.upload_begin(:s, 'open.csv') AS open \gset
SELECT recon.upload_chunk(:open, 1, 'x');
SELECT recon.alter_project(:p, '{"status": "archived"}');
SELECT chunk_err(:open, 2, 'x'), err(format('SELECT recon.upload_finish(%s)', :open)), err(format('SELECT recon.upload_begin(%s, %L)', :s, 'x'));
SELECT status FROM recon.upload_finish(:u);
SELECT recon.drop_project(:p);
SELECT (SELECT count(*) FROM recon.uploads WHERE project_id = :p), (SELECT count(*) FROM recon.upload_chunks WHERE project_id = :p), (SELECT count(*) FROM recon.upload_pages WHERE project_id = :p);
SELECT err(format('SELECT recon.upload_status(%s)', :u));
DROP TABLE calls, uploads_rel;
DROP FUNCTION status, chunk_err, send, finished;
DROP ROLE regress_ann, regress_bob, regress_carl, regress_dora;
