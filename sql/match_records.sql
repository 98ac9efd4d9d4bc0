\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- The members of matches: those of 1:1 matches stand in the match's own row, the others in match_members; one view has all.
SELECT recon.create_project('members') AS p \gset
SELECT recon.create_source(:p, 'members_a') AS a \gset
SELECT recon.create_source(:p, 'members_b') AS b \gset
SELECT recon.create_job(:p, 'members', :a, :b) AS j \gset
SELECT recon.create_rule(:p, 'members', '{"match": [{"field": "external_id", "op": "equal"}, {"field": "amount", "op": "within", "abs": 0.5}]}') AS r \gset
SELECT loaded FROM load(:a, E'external_id,amount\n' || (SELECT string_agg(format('%s,%s', g, g), E'\n' ORDER BY g) FROM generate_series(1, 300) g));
SELECT loaded FROM load(:b, E'external_id,amount\n' || (SELECT string_agg(format('%s,%s', g, g), E'\n' ORDER BY g DESC) FROM generate_series(101, 400) g));
SELECT matches, matched_records FROM recon.run_job(:j);
SELECT (SELECT count(*) FROM recon.match_members WHERE project_id = :p) AS rows_of_their_own, side, count(*), count(DISTINCT match_id), count(DISTINCT record_id),
       bool_and(r.source_id = CASE x.side WHEN 'A' THEN :a ELSE :b END) AS of_its_side, min(r.external_id::int), max(r.external_id::int)
FROM recon.match_records x JOIN recon.records r USING (record_id) WHERE x.project_id = :p GROUP BY side ORDER BY side;
SELECT count(*) FROM recon.match_records x JOIN recon.match_records y USING (match_id) JOIN recon.records a ON a.record_id = x.record_id
JOIN recon.records b ON b.record_id = y.record_id WHERE x.side = 'A' AND y.side = 'B' AND a.external_id = b.external_id AND x.project_id = :p;

-- Groups, as they are kept: one record to two, two to one, two to two.
CREATE TABLE members_open AS SELECT record_id, source_id, row_number() OVER (PARTITION BY source_id ORDER BY record_id) AS n FROM recon.open_records WHERE project_id = :p;
WITH m AS (INSERT INTO recon.matches (project_id, job_id, cardinality, confidence, status, ambiguous, created_at)
               SELECT :p, :j, cardinality, 1, 'approved', false, now() FROM unnest('{1:N,N:1,N:M}'::text[]) cardinality RETURNING match_id, cardinality)
INSERT INTO recon.match_members (project_id, match_id, record_id, side)
SELECT :p, m.match_id, o.record_id, CASE o.source_id WHEN :a THEN 'A' ELSE 'B' END
FROM m JOIN (VALUES ('1:N', 1, 1, 1, 2), ('N:1', 2, 3, 3, 3), ('N:M', 4, 5, 4, 5)) g(cardinality, a1, a2, b1, b2) USING (cardinality)
JOIN members_open o ON o.n BETWEEN CASE o.source_id WHEN :a THEN a1 ELSE b1 END AND CASE o.source_id WHEN :a THEN a2 ELSE b2 END;
SELECT cardinality, side, count(*) FROM recon.match_records JOIN recon.matches USING (match_id, project_id) WHERE project_id = :p GROUP BY 1, 2 ORDER BY 1, 2;
SELECT a.n AS a, b.n AS b, match_type, status FROM recon.results LEFT JOIN members_open a ON a.record_id = record_a_id LEFT JOIN members_open b ON b.record_id = record_b_id
WHERE job_id = :j AND match_type = 'manual' ORDER BY 1, 2;

-- Both records in the match's row, or none.
SELECT cardinality, a IS NOT NULL AS a, b IS NOT NULL AS b, split_part(err(format('INSERT INTO recon.matches (project_id, cardinality, record_a_id, record_b_id, confidence, status, ambiguous, created_at) VALUES (%s, %L, %s, %s, 1, ''approved'', false, now())',
       :p, cardinality, coalesce(a::text, 'NULL'), coalesce(b::text, 'NULL'))), E'\n', 1)
FROM (SELECT max(record_id) FILTER (WHERE source_id = :a) AS some_a, max(record_id) FILTER (WHERE source_id = :b) AS some_b FROM recon.records WHERE project_id = :p) s,
     LATERAL (VALUES ('1:1', some_a, NULL), ('1:1', NULL, some_b), ('1:1', NULL, NULL), ('1:N', some_a, NULL), ('N:M', some_a, some_b)) v(cardinality, a, b);

-- What a record is in is found by indexes, by its owner and by a member, on either side.
CREATE FUNCTION plan(statement text) RETURNS TABLE (node text) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE 'EXPLAIN (COSTS off) ' || statement;
END
$$;
CREATE FUNCTION indexes(statement text) RETURNS TABLE (scan text, times bigint) LANGUAGE sql AS $$
    SELECT m[1], count(*) FROM plan($1), regexp_match(node, '((?:Seq|Index|Index Only|Bitmap Index|Bitmap Heap) Scan .*)') m WHERE m IS NOT NULL GROUP BY 1 ORDER BY 1
$$;
ANALYZE recon.matches, recon.match_members;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT * FROM indexes('SELECT * FROM recon.match_records WHERE record_id = 5');
SELECT * FROM indexes(format('SELECT * FROM recon.match_records WHERE project_id = %s AND record_id = ANY (ARRAY[1, 2, 3])', :p)) WHERE scan ~ 'on matches';
SELECT * FROM indexes('SELECT * FROM recon.match_records WHERE match_id = 5');
CREATE ROLE regress_ann;
SELECT recon.add_member(:p, 'regress_ann', 'viewer');
SET ROLE regress_ann;
SELECT * FROM indexes('SELECT * FROM recon.match_records WHERE record_id = 5');
SELECT count(*) FROM recon.match_records;
RESET ROLE;
SELECT recon.remove_member(:p, 'regress_ann');
SET ROLE regress_ann;
SELECT (SELECT count(*) FROM recon.match_records) AS seen, (SELECT count(*) FROM recon.match_members) AS rows, has_table_privilege('recon.match_members', 'INSERT') AS may_write;
RESET ROLE;
RESET enable_seqscan;
RESET enable_bitmapscan;
SELECT recon.drop_project(:p);
DROP ROLE regress_ann;
SELECT count(*) FROM recon.match_records WHERE project_id = :p;
DROP FUNCTION plan(text), indexes(text);
DROP TABLE members_open;

-- Records that an update has moved: the table is not in order of the ids any more, what a run stores is.
SELECT recon.create_project('moved') AS p \gset
SELECT recon.create_source(:p, 'moved_a') AS a \gset
SELECT recon.create_source(:p, 'moved_b') AS b \gset
SELECT recon.create_job(:p, 'moved', :a, :b) AS j \gset
SELECT recon.create_rule(:p, 'moved', '{"match": [{"field": "reference", "op": "equal"}, {"field": "amount", "op": "within", "abs": 0.5}]}') AS r \gset
CREATE FUNCTION moved(step int, prefix text) RETURNS text LANGUAGE sql AS $$
    SELECT E'external_id,reference,amount\n' || string_agg(format('%s,%s%s,%s', g, prefix, g, g), E'\n' ORDER BY g) FROM generate_series(1, 4000, step) g
$$;
SELECT loaded FROM load(:a, moved(1, 'x'));
SELECT loaded FROM load(:a, moved(3, 'y'), '{"on_duplicate": "update"}');
SELECT loaded FROM load(:b, moved(1, 'y'));
SELECT loaded FROM load(:b, moved(2, 'z'), '{"on_duplicate": "update"}');
SELECT count(*) > 0 AS moved FROM (SELECT source_id, record_id < lag(record_id) OVER (PARTITION BY source_id ORDER BY ctid) AS back FROM recon.records WHERE project_id = :p) s WHERE back;
SELECT total_records, matches, unmatched_records FROM recon.run_job(:j);
SELECT count(*), min(a.external_id::int), max(a.external_id::int), bool_and(a.external_id = b.external_id AND a.external_id::int % 6 = 4) AS right_ones
FROM recon.matches m JOIN recon.records a ON a.record_id = m.record_a_id JOIN recon.records b ON b.record_id = m.record_b_id WHERE m.project_id = :p;
SELECT bool_and(record_a_id > before) AS in_order FROM (SELECT record_a_id, lag(record_a_id) OVER (ORDER BY match_id) AS before FROM recon.matches WHERE project_id = :p) s;
SELECT source_id = :a AS of_a, reason, count(*), count(DISTINCT record_id) FROM recon.exceptions WHERE project_id = :p GROUP BY 1, 2 ORDER BY 1, 2;
SELECT recon.drop_project(:p);
DROP FUNCTION moved(int, text);
