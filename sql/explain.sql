\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- Why a match was made, by how much it is better than the next best, and why a record is open.
SELECT recon.create_project('explain') AS p \gset
SELECT recon.create_source(:p, 'explain_a') AS a \gset
SELECT recon.create_source(:p, 'explain_b') AS b \gset
SELECT recon.create_rule(:p, 'explain strict', '{"match": [{"field": "currency", "op": "equal"}, {"field": "amount", "op": "equal"}, {"field": "reference", "op": "equal"}]}', 10) AS strict \gset
SELECT recon.create_rule(:p, 'explain near', '{"match": [{"field": "currency", "op": "equal"}, {"field": "amount", "op": "within", "abs": 2, "weight": 2}, {"field": "transaction_date", "op": "within", "days": [-1, 5]}, {"field": "reference", "op": "similar", "algorithm": "levenshtein", "min": 0.6, "normalize": ["upper"]}]}', 20) AS near \gset
SELECT recon.create_job(:p, 'explain', :a, :b, NULL, 0.4) AS j \gset
SELECT loaded FROM load(:a, E'external_id,transaction_date,amount,currency,reference\na1,2024-03-01,100,EUR,inv-1\na2,2024-03-01,50,EUR,ref 2000\na3,2024-03-02,50.50,EUR,ref 2001\na4,2024-03-10,70,EUR,order 7\na5,2024-03-10,,EUR,x\na6,2024-03-20,20,CHF,alone\n');
SELECT loaded FROM load(:b, E'external_id,transaction_date,amount,currency,reference\nb1,2024-03-02,100,EUR,inv-1\nb2,2024-03-02,50.25,EUR,REF 2000\nb3,2024-03-03,51,EUR,REF 2009\nb4,2024-03-20,73.20,EUR,ordre 77\nb5,2024-03-12,70,USD,order 7\nb6,2024-03-12,72.75,EUR,nothing alike\nb7,2024-03-11,500,EUR,order 7\n');
SELECT matches FROM recon.run_job(:j);
CREATE FUNCTION m(name text) RETURNS bigint STABLE LANGUAGE sql AS $$SELECT max(match_id) FROM recon.match_records x JOIN recon.records USING (record_id) WHERE external_id = name AND x.project_id = project('explain')$$;
CREATE FUNCTION rec(name text) RETURNS bigint STABLE LANGUAGE sql AS $$SELECT record_id FROM recon.records WHERE external_id = name AND project_id = project('explain')$$;
SELECT a.external_id AS a, b.external_id AS b, match_type, confidence_score FROM recon.results JOIN recon.records a ON a.record_id = record_a_id JOIN recon.records b ON b.record_id = record_b_id WHERE job_id = :j ORDER BY 1;

-- The other partner is one that the rule could have had: matched by it, or after it, or open; not what an earlier rule took.
SELECT field, value_a, value_b, op, score, weight, passed, r.external_id AS runner_up, runner_up_confidence, margin FROM recon.explain_match(m('a2')) WITH ORDINALITY LEFT JOIN recon.records r ON record_id = runner_up_record_id ORDER BY ordinality;
CREATE VIEW runners AS
SELECT u.name, m.confidence, r.external_id AS runner_up, e.runner_up_confidence, e.margin, count(*) AS conditions, round(m.confidence::numeric - e.runner_up_confidence::numeric, 9) = e.margin::numeric AS right
FROM (VALUES ('a1'), ('a2'), ('a3')) u(name) JOIN recon.matches m ON match_id = m(name) CROSS JOIN recon.explain_match(match_id) e LEFT JOIN recon.records r ON record_id = runner_up_record_id GROUP BY 1, 2, 3, 4, 5, 7, match_id ORDER BY 1;
SELECT * FROM runners;
-- What came later counts as well.
SELECT loaded FROM load(:b, E'external_id,transaction_date,amount,currency,reference\nb8,2024-03-03,50.50,EUR,REF 2001\nb9,2024-03-01,100,EUR,inv-1\n');
SELECT * FROM runners;
-- Of equal ones the one with the lower id; a match that is no more has none.
SELECT loaded FROM load(:b, E'external_id,transaction_date,amount,currency,reference\nb8x,2024-03-03,50.50,EUR,REF 2001\n');
SELECT name, runner_up FROM runners;
SELECT recon.unmatch(m('a3'));
SELECT * FROM runners WHERE name = 'a3';

-- The three nearest under each rule: more conditions hold first, then nearer values.
CREATE FUNCTION nearest(name text, of_rule text) RETURNS TABLE (rank bigint, candidate text, confidence double precision, threshold double precision, field text, value_a text, value_b text, score numeric, passed boolean, shortfall text) STABLE LANGUAGE sql AS $$
    SELECT e.rank, b.external_id, round(e.confidence::numeric, 4)::double precision, e.threshold, e.field, value_a, value_b, round(score::numeric, 4), passed, shortfall
    FROM recon.explain_record(test.rec(name)) WITH ORDINALITY e JOIN recon.records b ON b.record_id = candidate_record_id WHERE e.rule_id = test.rule(of_rule) ORDER BY ordinality
$$;
SELECT * FROM nearest('a4', 'explain strict');
SELECT * FROM nearest('a4', 'explain near');
SELECT * FROM nearest('a5', 'explain near') WHERE rank = 1;
SELECT * FROM nearest('a6', 'explain near') WHERE rank = 1;
-- The same pair from the other side.
SELECT * FROM nearest('b4', 'explain near') WHERE rank = 1;
SELECT err(format('SELECT recon.explain_record(%s)', rec('a1')));
-- Groups have no pairs: their rules are left out.
SELECT recon.create_rule(:p, 'explain group', '{"cardinality": "1:N", "match": [{"field": "amount", "op": "equal"}]}', 30) AS grouped \gset
SELECT count(*) FILTER (WHERE rule_id = :grouped) AS of_group, count(DISTINCT rule_id) AS rules FROM recon.explain_record(rec('a4'));
SELECT recon.alter_rule(:grouped, '{"active": false}');

-- Reasons, as exceptions give them.
SELECT external_id, reason FROM recon.exceptions WHERE project_id = :p ORDER BY record_id;
SELECT recon.create_project('explain nothing') AS q \gset
SELECT recon.create_source(:q, 'explain_alone') AS alone \gset
SELECT loaded FROM load(:alone, E'external_id,amount\nq1,1\n');
SELECT err(format('SELECT recon.explain_record(%s)', record_id)) FROM recon.records WHERE source_id = :alone;
DROP VIEW runners;
DROP FUNCTION m(text), rec(text), nearest(text, text);
SELECT recon.drop_project(:q);
SELECT recon.drop_project(:p);
