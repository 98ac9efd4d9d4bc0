\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- Rows are appended directly or by SQL, and the tables cannot tell which.
CREATE FUNCTION work(path text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    p bigint := recon.create_project('paths ' || path);
    a bigint := recon.create_source(p, 'a', '{"external_id": "id", "amount": "amount", "transaction_date": "date", "reference": "ref", "note": "note", "n": {"column": "n", "type": "numeric"}}', '{"batch_size": 300}');
    b bigint := recon.create_source(p, 'b', '{"external_id": "id", "amount": "amount", "transaction_date": "date", "reference": "ref"}');
    j bigint := recon.create_job(p, 'j', a, b);
    lines text;
BEGIN
    PERFORM set_config('recon.write_path', path, true);
    SELECT string_agg(format('%s,%s,%s,%s,%s,%s', g, CASE WHEN g % 50 = 0 THEN 'x' ELSE (g % 700)::text END, date '2024-01-01' + g % 5, CASE WHEN g % 3 > 0 THEN 'ref ' || g % 400 END,
                             CASE g WHEN 7 THEN '"' || repeat('é', 20000) || '"' END, g / 8.0), E'\n' ORDER BY g) INTO lines FROM generate_series(1, 2200) g;
    PERFORM test.load(a, E'id,amount,date,ref,note,n\n' || lines);
    PERFORM test.load(b, E'id,amount,date,ref,note,n\n' || lines);
    PERFORM recon.create_rule(p, 'r1', '{"match": [{"field": "amount", "op": "equal"}, {"field": "reference", "op": "equal"}]}');
    PERFORM recon.create_rule(p, 'r2', '{"match": [{"field": "amount", "op": "within", "abs": 1}, {"field": "transaction_date", "op": "within", "days": 1}], "ambiguous": "propose"}');
    PERFORM recon.run_job(j);
    PERFORM set_config('recon.write_path', 'auto', true);
    RETURN p;
END
$$;
SELECT work('heap') AS heap \gset
SELECT work('spi') AS spi \gset
SELECT work('auto') AS auto \gset

ANALYZE recon.records, recon.open_ranges, recon.open_singles, recon.matches, recon.match_members, recon.ingest_errors;

-- What a project holds, without ids and times.
CREATE FUNCTION contents(project bigint) RETURNS TABLE (what text, content text) LANGUAGE sql AS $$
    SELECT 'record', (s.name, r.line_no, (to_jsonb(r) - '{record_id,project_id,source_id,ingestion_id}'::text[])::text, o.reason, o.record_id IS NOT NULL)::text
    FROM recon.records r JOIN recon.data_sources s USING (source_id) LEFT JOIN recon.open_records o USING (record_id) WHERE r.project_id = $1
    UNION ALL
    SELECT 'reject', (s.name, to_jsonb(e) - '{project_id,ingestion_id}'::text[])::text FROM recon.ingest_errors e JOIN recon.ingestions i USING (ingestion_id) JOIN recon.data_sources s USING (source_id) WHERE e.project_id = $1
    UNION ALL
    SELECT 'match', (to_jsonb(m) - '{match_id,project_id,job_id,rule_id,record_a_id,record_b_id,created_at}'::text[] || jsonb_build_object('rule', u.name,
           'members', (SELECT jsonb_agg(jsonb_build_array(x.side, r.external_id) ORDER BY x.side, r.external_id) FROM recon.match_records x JOIN recon.records r USING (record_id) WHERE x.match_id = m.match_id)))::text
    FROM recon.matches m JOIN recon.rules u USING (rule_id) WHERE m.project_id = $1
    UNION ALL
    SELECT 'load', (status, records_read, records_loaded, records_rejected, bytes_read)::text FROM recon.ingestions WHERE project_id = $1
$$;
SELECT what, count(*) FROM contents(:heap) GROUP BY what ORDER BY what;
SELECT (SELECT count(*) FROM (SELECT * FROM contents(:heap) EXCEPT ALL SELECT * FROM contents(:spi)) d) AS heap_not_spi, (SELECT count(*) FROM (SELECT * FROM contents(:spi) EXCEPT ALL SELECT * FROM contents(:heap)) d) AS spi_not_heap,
       (SELECT count(*) FROM (SELECT * FROM contents(:auto) EXCEPT ALL SELECT * FROM contents(:spi)) d) AS auto_not_spi;

-- Indexes of the user's own are kept up, and their rules; constraints hold.
CREATE INDEX paths_reference ON recon.records (reference) WHERE amount > 100;
CREATE UNIQUE INDEX paths_unique ON recon.records (source_id, description);
SELECT recon.create_source(:heap, 'paths_c') AS c \gset
SET recon.write_path = 'heap';
SELECT loaded FROM load(:c, E'external_id,amount,reference,description\nunique1,200,findme,d1\nunique2,50,findme,d2\n');
SET enable_seqscan = off;
SELECT external_id FROM recon.records WHERE reference = 'findme' AND amount > 100;
RESET enable_seqscan;
SELECT regexp_replace(err(format('SELECT load(%s, %L)', :c, E'external_id,description\nother,d\nunique3,d1\n')), '\(\d+,', '(#,');
SET recon.write_path = 'spi';
SELECT regexp_replace(err(format('SELECT load(%s, %L)', :c, E'external_id,description\nother,d\nunique3,d1\n')), '\(\d+,', '(#,');
RESET recon.write_path;
SELECT count(*) FROM recon.records WHERE source_id = :c;
DROP INDEX recon.paths_reference, recon.paths_unique;
ALTER TABLE recon.records ADD CONSTRAINT paths_check CHECK (amount < 1000) NOT VALID;
SELECT split_part(err(format('SELECT load(%s, %L)', :c, E'external_id,amount\nbig,1000\n')), E'\n', 1);
ALTER TABLE recon.records DROP CONSTRAINT paths_check;

-- Wide records end a batch by its bytes, before the rows that refer to them end theirs: by SQL the foreign keys hold all the same.
SET recon.write_path = 'spi';
SELECT loaded FROM load(:c, E'external_id,amount,description\n' || (SELECT string_agg(format('wide%s,1,%s', g, repeat('w', 12000)), E'\n') FROM generate_series(1, 1500) g));
RESET recon.write_path;

-- A trigger of the user's own fires: "auto" sees it, "heap" refuses to go past it.
CREATE TABLE fired (external_id text);
CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO test.fired VALUES (NEW.external_id); RETURN NEW; END$$;
CREATE TRIGGER paths_trigger AFTER INSERT ON recon.records FOR EACH ROW EXECUTE FUNCTION fire();
SELECT loaded FROM load(:c, E'external_id,amount\nt1,1\nt2,2\n');
SELECT external_id FROM fired ORDER BY 1;
SET recon.write_path = 'heap';
SELECT err(format('SELECT load(%s, %L)', :c, E'external_id,amount\nt3,1\n'));
RESET recon.write_path;
DROP TRIGGER paths_trigger ON recon.records;
DROP FUNCTION fire();
DROP TABLE fired;
SELECT loaded FROM load(:c, E'external_id,amount\nt4,1\n');
SELECT err('SET recon.write_path = ''fast''');
DROP FUNCTION contents(bigint), work(text);
-- What somebody's own table refers to stays.
CREATE TABLE own (record_id bigint, project_id bigint, FOREIGN KEY (record_id, project_id) REFERENCES recon.records);
INSERT INTO own SELECT record_id, project_id FROM recon.records WHERE project_id = :heap LIMIT 1;
SELECT split_part(err(format('SELECT recon.drop_project(%s)', :heap)), E'\n', 1) AS err;
DROP TABLE own;
SELECT recon.drop_project(p) FROM unnest(ARRAY[:heap, :spi, :auto]) p;
