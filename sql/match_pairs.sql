\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\set scenario :src '/sql/include/scenario.sql'
\i :common
\i :scenario
-- Who gets whom: order of rules, thresholds, ties, and that the order of loading is no matter.

-- Rules run by priority, then id; each sees what the earlier ones left. Nothing else is matched.
SELECT * FROM scenario('[{"match": [{"field": "reference", "op": "equal"}, {"field": "amount", "op": "equal"}]},
                         {"match": [{"field": "reference", "op": "equal"}, {"field": "amount", "op": "within", "pct": 1}]}]',
    E'external_id,amount,reference\na1,100,r1\na2,100,r2\na3,100,r3\na4,100,\n', E'external_id,amount,reference\nb1,100,r1\nb2,99.5,r2\nb3,90,r3\nb4,100,r4\n');

-- The best first; who loses his partner to a better match is told so.
SELECT * FROM scenario('{"match": [{"field": "currency", "op": "equal"}, {"field": "amount", "op": "within", "abs": 10}]}',
    E'external_id,amount,currency\na1,100,EUR\na2,101,EUR\n', E'external_id,amount,currency\nb1,101,EUR\n');

-- Thresholds: of the rule, or the job's where it is higher; approved at or above approve_at.
SELECT t AS job_threshold, approve, s.status, s.confidence, s.reason
FROM (VALUES (NULL, 0.7, 1), (NULL, 0.75, 0.75), (NULL, 0.750000001, 1), (0.8, 0, 0.5), (0.75, 0, 0.5), (0.1, 0.8, 0)) v(t, threshold, approve),
     LATERAL scenario(jsonb_build_object('match', '[{"field": "amount", "op": "within", "abs": 1}]'::jsonb, 'threshold', threshold, 'approve_at', approve),
                      E'external_id,amount\na,10\n', E'external_id,amount\nb,10.5\n', t) s WHERE s.a IS NOT NULL;

-- Records that agree in all that the rule reads are interchangeable: paired in order, which is no ambiguity.
SELECT * FROM scenario('{"match": [{"field": "amount", "op": "equal"}], "approve_at": 0}',
    E'external_id,amount\na2,10\na1,10\na3,10\n', E'external_id,amount\nb3,10\nb1,10\n');

-- Two partners as good as one another: proposed and never approved by itself, left open, or taken.
SELECT v.ambiguous AS rule_says, s.a, s.b, s.confidence, s.status, s.ambiguous, s.reason
FROM (VALUES (1, 'propose'), (2, 'skip'), (3, 'take')) v(n, ambiguous),
     LATERAL scenario(jsonb_build_object('match', '[{"field": "amount", "op": "within", "abs": 1}]'::jsonb, 'ambiguous', v.ambiguous, 'approve_at', 0),
                      E'external_id,amount\na,10\nsure,20\n', E'external_id,amount\nb2,10.5\nb1,9.5\nsure,20\n') s ORDER BY n, a, b;
-- What one rule skips, a later one may settle.
SELECT * FROM scenario('[{"match": [{"field": "amount", "op": "within", "abs": 1}], "ambiguous": "skip"},
                         {"match": [{"field": "amount", "op": "within", "abs": 1}, {"field": "reference", "op": "equal"}]}]',
    E'external_id,amount,reference\na,10,x\n', E'external_id,amount,reference\nb1,9.5,y\nb2,10.5,x\n');
-- A square of ties, as good one way as the other, and one that has a single way.
SELECT * FROM scenario('{"match": [{"field": "amount", "op": "within", "abs": 1, "edge": 1}], "approve_at": 0}',
    E'external_id,amount\na1,10\na2,10.2\n', E'external_id,amount\nb1,10.1\nb2,10.3\n');
SELECT * FROM scenario('{"match": [{"field": "amount", "op": "within", "abs": 1}, {"field": "transaction_date", "op": "within", "days": 1}], "approve_at": 0}',
    E'external_id,amount,transaction_date\na1,10,2024-01-01\na2,10,2024-01-05\n', E'external_id,amount,transaction_date\nb1,10.5,2024-01-02\nb2,9.5,2024-01-04\n');

-- The same records give the same matches and confidences, in whatever order they were loaded.
CREATE FUNCTION sheet(side text, seed double precision, n int) RETURNS text LANGUAGE sql AS $$
    SELECT 'external_id,amount,currency,transaction_date,reference' || E'\n' || string_agg(line, E'\n' ORDER BY position)
    FROM (SELECT setseed(seed)) s, LATERAL (
        SELECT format('%s%s,%s,%s,%s,%s', side, g, (g * 7919 % 40) + CASE side WHEN 'a' THEN 0 ELSE (g % 3) * 0.25 END, CASE g % 5 WHEN 0 THEN '' WHEN 1 THEN 'USD' ELSE 'EUR' END,
                      date '2024-01-01' + g * 31 % 9, 'INV ' || (g * 104729 % 60)) AS line, random() AS position
        FROM generate_series(1, n) g) l
$$;
CREATE TABLE runs AS
SELECT seed, s.* FROM unnest('{0.1,0.2,0.3}'::float8[]) seed, LATERAL scenario(
    '[{"match": [{"field": "amount", "op": "equal"}, {"field": "reference", "op": "equal"}, {"field": "transaction_date", "op": "within", "days": [0, 4]}]},
      {"match": [{"field": "amount", "op": "within", "abs": 0.5, "weight": 2}, {"field": "transaction_date", "op": "within", "business_days": 2}, {"field": "reference", "op": "similar", "algorithm": "jaro_winkler", "min": 0.5}], "threshold": 0.9, "approve_at": 0.95},
      {"match": [{"field": "amount", "op": "within", "abs": 1}, {"field": "reference", "op": "similar", "algorithm": "levenshtein", "max_distance": 2, "normalize": ["digits"]}], "ambiguous": "skip"}]',
    sheet('a', seed, 150), sheet('b', 1 - seed, 170)) s;
SELECT count(DISTINCT seed) AS runs, count(*) FILTER (WHERE rule IS NOT NULL) / 3 > 50 AS many_matches, count(DISTINCT rule) AS rules,
       bool_or(ambiguous) AS some_ambiguous, count(DISTINCT reason) > 0 AS some_open FROM runs;
SELECT count(*) AS differences FROM (
    SELECT a, b, rule, confidence, status, ambiguous, difference, reason FROM runs GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 HAVING count(*) <> 3) d;
-- No record is in two matches.
SELECT count(*) FROM (SELECT FROM runs, LATERAL (VALUES (a), (b)) v(record) WHERE record IS NOT NULL GROUP BY seed, record HAVING count(*) > 1) d;
DROP TABLE runs;
DROP FUNCTION sheet;

-- The highest total, not the best first: 0.75 and 0.7 instead of 1 and none.
SELECT * FROM scenario('{"match": [{"field": "amount", "op": "within", "abs": 1}]}',
    E'external_id,amount\na1,10\na2,10.5\n', E'external_id,amount\nb1,10\nb2,9.4\n');
-- Across confidences, too, what is as good is ambiguous: 1 and 0.5 are as much as 0.75 twice.
SELECT * FROM scenario('{"match": [{"field": "amount", "op": "within", "abs": 1}], "approve_at": 0}',
    E'external_id,amount\na1,10\na2,10.5\n', E'external_id,amount\nb1,10\nb2,9.5\n');
-- Beyond the bound for exact assignments the job says how good its own is.
SET recon.max_exact_candidates = 2;
DO $$
DECLARE
    p bigint := recon.create_project('gap');
    a bigint := recon.create_source(p, 'a');
    b bigint := recon.create_source(p, 'b');
    job bigint;
BEGIN
    PERFORM test.load(a, E'external_id,amount\na1,10\na2,10.5\n'), test.load(b, E'external_id,amount\nb1,10\nb2,9.4\n');
    PERFORM recon.create_rule(p, 'r', '{"match": [{"field": "amount", "op": "within", "abs": 1}]}');
    job := recon.create_job(p, 'job', a, b);
    SET LOCAL client_min_messages = error;
    PERFORM recon.run_job(job);
    ASSERT (SELECT assignment_gap BETWEEN 0 AND 0.2 FROM recon.jobs WHERE job_id = job), 'gap';
    ASSERT (SELECT sum(confidence) = 1.45 FROM recon.matches WHERE job_id = job), 'total';
    PERFORM recon.drop_project(p);
END
$$;
RESET recon.max_exact_candidates;
-- Interchangeable records pair in the contract's order however they were loaded: by external_id, those without it last and by their content.
CREATE FUNCTION paired(direction integer) RETURNS TABLE (pairs text) LANGUAGE plpgsql AS $$
DECLARE
    p bigint := recon.create_project('order');
    a bigint := recon.create_source(p, 'order a');
    b bigint := recon.create_source(p, 'order b');
BEGIN
    PERFORM test.load(a, E'external_id,amount,description\n' || (SELECT string_agg(line, E'\n' ORDER BY n * direction) FROM unnest('{"x1,1,q",",1,c","x2,1,p",",1,a","é,1,o",",1,b","X3,1,n"}'::text[]) WITH ORDINALITY v(line, n)));
    PERFORM test.load(b, E'external_id,amount,description\n' || (SELECT string_agg(line, E'\n' ORDER BY n * direction) FROM unnest('{",1,m","y2,1,l",",1,k","y1,1,j",",1,i"}'::text[]) WITH ORDINALITY v(line, n)));
    PERFORM recon.create_rule(p, 'order', '{"match": [{"field": "amount", "op": "equal"}], "ambiguous": "propose"}');
    PERFORM recon.run_job(recon.create_job(p, 'order', a, b));
    RETURN QUERY SELECT string_agg(x.description || y.description, ' ' ORDER BY x.external_id COLLATE "C", x.description)
        FROM recon.matches m JOIN recon.records x ON x.record_id = record_a_id JOIN recon.records y ON y.record_id = record_b_id WHERE m.project_id = p;
    PERFORM recon.drop_project(p);
END
$$;
SELECT pairs FROM paired(1);
SELECT pairs FROM paired(-1);
DROP FUNCTION paired(integer);
