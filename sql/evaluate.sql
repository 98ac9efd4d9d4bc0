\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- evaluate: a job's live matches against pairs that are known to be right.
CREATE ROLE regress_ann;
CREATE ROLE regress_bob;
CREATE ROLE regress_eve;
SELECT recon.create_project('evaluate') AS p \gset
SELECT recon.add_member(:p, 'regress_ann', 'viewer');
SELECT recon.create_source(:p, 'evaluate_a') AS a \gset
SELECT recon.create_source(:p, 'evaluate_b') AS b \gset
SELECT recon.create_rule(:p, 'evaluate exact', '{"match": [{"field": "reference", "op": "equal"}, {"field": "amount", "op": "equal"}]}', 10) AS exact \gset
SELECT recon.create_rule(:p, 'evaluate near', '{"match": [{"field": "amount", "op": "within", "abs": 10, "edge": 0}]}', 20) AS near \gset
-- Thirty pairs by the first rule, of which three are wrong; then pairs that differ by 1 to 9, the near ones mostly right.
SELECT loaded FROM load(:a, (SELECT E'external_id,amount,reference\n' || string_agg(CASE WHEN n <= 30 THEN format(E'a%s,%s,r%s\n', n, n, n) ELSE format(E'a%s,%s,\n', n, n * 1000) END, '' ORDER BY n) FROM generate_series(1, 57) n));
SELECT loaded FROM load(:b, (SELECT E'external_id,amount,reference\n' || string_agg(CASE WHEN n <= 30 THEN format(E'b%s,%s,r%s\n', n, n, n) ELSE format(E'b%s,%s,\n', n, n * 1000 + (n - 31) % 9 + 1) END, '' ORDER BY n) FROM generate_series(1, 57) n));
SELECT recon.create_job(:p, 'evaluate', :a, :b) AS j \gset
SELECT matches FROM recon.run_job(:j);
CREATE TABLE truth AS
SELECT 'a' || n AS external_id_a, 'b' || n AS external_id_b, n FROM generate_series(1, 60) n WHERE n > 3 AND (n <= 30 OR n > 57 OR (n * 7) % 10 >= (n - 31) % 9);
-- Pairs with a NULL say nothing, a pair given twice says it once.
INSERT INTO truth VALUES (NULL, 'b1'), ('a2', NULL), (NULL, NULL), ('a4', 'b4');
GRANT SELECT (external_id_a, external_id_b) ON truth TO regress_ann;
SELECT scope, CASE rule_id WHEN :exact THEN 'exact' WHEN :near THEN 'near' END AS rule, confidence_from AS "from", confidence_to AS "to", matches, correct, expected, round(precision::numeric, 4) AS precision, round(recall::numeric, 4) AS recall, round(f1::numeric, 4) AS f1
FROM recon.evaluate(:j, 'truth') WITH ORDINALITY ORDER BY ordinality;

-- The same in plain SQL: no row in either direction.
CREATE VIEW pairs AS
SELECT m.rule_id, m.confidence, EXISTS (SELECT FROM truth WHERE external_id_a = x.external_id AND external_id_b = y.external_id) AS correct
FROM recon.matches m JOIN recon.match_records a ON a.match_id = m.match_id AND a.side = 'A' JOIN recon.match_records b ON b.match_id = m.match_id AND b.side = 'B'
JOIN recon.records x ON x.record_id = a.record_id JOIN recon.records y ON y.record_id = b.record_id
WHERE m.job_id = job('evaluate') AND m.status IN ('proposed', 'approved');
CREATE VIEW plain AS
WITH expected AS (SELECT count(DISTINCT (external_id_a, external_id_b)) AS n FROM truth WHERE external_id_a IS NOT NULL AND external_id_b IS NOT NULL),
counts AS (
    SELECT 'all' AS scope, NULL::bigint AS rule_id, NULL::double precision AS low, NULL::double precision AS high, count(*) AS m, count(*) FILTER (WHERE correct) AS c FROM pairs
    UNION ALL SELECT 'rule', rule_id, NULL, NULL, count(*), count(*) FILTER (WHERE correct) FROM pairs GROUP BY rule_id
    UNION ALL SELECT 'band', NULL, s.low / 20.0, least(s.low + 1, 20) / 20.0, count(*), count(*) FILTER (WHERE correct)
    FROM generate_series(0, 20) s(low) JOIN pairs ON confidence::numeric >= s.low / 20.0 AND confidence::numeric < (s.low + 1) / 20.0 GROUP BY s.low
    UNION ALL (SELECT 'threshold', NULL, t.confidence, 1, count(*), count(*) FILTER (WHERE correct)
    FROM (SELECT DISTINCT confidence FROM pairs) t JOIN pairs p ON p.confidence >= t.confidence, expected GROUP BY t.confidence, n
    ORDER BY 2.0 * count(*) FILTER (WHERE correct) / (count(*) + n) DESC, t.confidence DESC LIMIT 1))
SELECT scope, rule_id, low, high, m, c, n, c::double precision / nullif(m, 0) AS p, c::double precision / nullif(n, 0) AS r, 2 * c::double precision / nullif(m + n, 0) AS f FROM counts, expected;
(TABLE plain EXCEPT ALL SELECT * FROM recon.evaluate(:j, 'truth')) UNION ALL (SELECT * FROM recon.evaluate(:j, 'truth') EXCEPT ALL TABLE plain);

-- Only live matches count.
SELECT recon.unmatch(max(match_id)), recon.reject_matches(ARRAY[max(match_id) - 1]) FROM recon.matches WHERE job_id = :j AND status = 'proposed';
SELECT matches, correct FROM recon.evaluate(:j, 'truth') WHERE scope = 'all';
(TABLE plain EXCEPT ALL SELECT * FROM recon.evaluate(:j, 'truth')) UNION ALL (SELECT * FROM recon.evaluate(:j, 'truth') EXCEPT ALL TABLE plain);

-- Nothing matched, nothing expected, neither.
SELECT recon.create_job(:p, 'evaluate nothing', :a, :b) AS nothing \gset
CREATE TABLE no_truth (external_id_a text, external_id_b text);
SELECT * FROM recon.evaluate(:nothing, 'truth');
SELECT scope, matches, correct, expected, precision, recall, f1 FROM recon.evaluate(:j, 'no_truth') WHERE scope = 'all';
SELECT * FROM recon.evaluate(:nothing, 'no_truth');

-- The truth is any relation with the two columns, in any order, as texts or numbers.
CREATE VIEW truth_view AS SELECT external_id_b::varchar(10), n, external_id_a::char(10) FROM truth;
SELECT scope, matches, correct, expected FROM recon.evaluate(:j, 'truth_view') WHERE scope = 'all';
CREATE TEMP TABLE truth_numbers (external_id_a bigint, external_id_b numeric);
INSERT INTO truth_numbers VALUES (1, 2);
SELECT scope, matches, correct, expected FROM recon.evaluate(:j, 'truth_numbers') WHERE scope = 'all';
CREATE TABLE wrong_names (external_id_a text, id_b text);
CREATE TABLE wrong_types (external_id_a text, external_id_b jsonb);
CREATE SEQUENCE no_relation;
SELECT n, err(format('SELECT recon.evaluate(%s)', arguments)) FROM (VALUES
    (1, format($$%s, 'wrong_names'$$, :j)), (2, format($$%s, 'wrong_types'$$, :j)), (3, format($$%s, 'no_relation'$$, :j)), (4, format($$%s, 'nowhere'$$, :j)),
    (5, format($$%s, 4294967295$$, :j)), (6, format($$%s, NULL$$, :j)), (7, $$NULL, 'truth'$$), (8, $$999999999, 'truth'$$)) v(n, arguments);

-- A viewer may; the relation is read with his rights, by column, with its row-level security, also behind a view.
CREATE FUNCTION who() RETURNS text LANGUAGE sql STABLE AS 'SELECT current_user::text';
CREATE VIEW whose AS SELECT CASE who() WHEN 'regress_ann' THEN 'a9' END AS external_id_a, 'b9' AS external_id_b;
CREATE TABLE secret_truth AS SELECT external_id_a, external_id_b FROM truth;
CREATE TABLE some_truth AS SELECT external_id_a, external_id_b FROM truth WHERE n BETWEEN 10 AND 12;
ALTER TABLE some_truth ENABLE ROW LEVEL SECURITY;
CREATE POLICY part ON some_truth USING (external_id_a <> 'a11' OR current_user = 'regress_bob');
GRANT SELECT ON some_truth, whose, no_truth TO regress_ann, regress_eve;
CREATE FUNCTION writes() RETURNS text LANGUAGE sql AS 'INSERT INTO test.no_truth VALUES (1, 2) RETURNING external_id_a';
CREATE VIEW writing AS SELECT test.writes() AS external_id_a, 'b9' AS external_id_b;
GRANT SELECT ON writing TO regress_ann;
GRANT INSERT ON no_truth TO regress_ann;
SET ROLE regress_ann;
SELECT scope, matches, correct, expected FROM recon.evaluate(:j, 'test.truth') WHERE scope = 'all';
SELECT correct, expected FROM recon.evaluate(:j, 'test.some_truth') WHERE scope = 'all';
SELECT correct, expected FROM recon.evaluate(:j, 'test.whose') WHERE scope = 'all';
SELECT err(format($$SELECT recon.evaluate(%s, 'test.secret_truth')$$, :j));
SELECT err(format($$SELECT recon.evaluate(%s, 'test.writing')$$, :j));
SET ROLE regress_eve;
SELECT err(format($$SELECT recon.evaluate(%s, 'test.no_truth')$$, :j));
RESET ROLE;

-- Thousands of matches that have no statistics yet.
SELECT recon.create_source(:p, 'evaluate_many_a') AS many_a, recon.create_source(:p, 'evaluate_many_b') AS many_b \gset
SELECT loaded FROM load(:many_a, (SELECT E'external_id,amount,reference\n' || string_agg(format(E'a%s,%s,r%s\n', n, n, n), '' ORDER BY n) FROM generate_series(1, 20000) n));
SELECT loaded FROM load(:many_b, (SELECT E'external_id,amount,reference\n' || string_agg(format(E'b%s,%s,r%s\n', n, n, n), '' ORDER BY n) FROM generate_series(1, 20000) n));
SELECT recon.create_job(:p, 'evaluate many', :many_a, :many_b, ARRAY[:exact]) AS many \gset
CREATE TABLE many_truth AS SELECT 'a' || n AS external_id_a, 'b' || n AS external_id_b FROM generate_series(1, 20000) n;
BEGIN;
SET LOCAL statement_timeout = '10s';
SELECT matches FROM recon.run_job(:many);
SELECT scope, matches, correct, expected FROM recon.evaluate(:many, 'many_truth');
SHOW enable_nestloop;
COMMIT;
SELECT recon.drop_project(:p);
DROP TABLE many_truth;
DROP VIEW truth_view, writing, whose, plain, pairs;
DROP TABLE truth, no_truth, wrong_names, wrong_types, secret_truth, some_truth, truth_numbers;
DROP SEQUENCE no_relation;
DROP FUNCTION who(), writes();
DROP ROLE regress_ann, regress_bob, regress_eve;
