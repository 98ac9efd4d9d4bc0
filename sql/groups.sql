\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- Groups: one record and several whose amounts add up, either way, and several on both sides.
SELECT recon.create_project('groups') AS p \gset
SELECT recon.create_source(:p, 'groups_bank') AS a \gset
SELECT recon.create_source(:p, 'groups_ledger') AS b \gset
CREATE VIEW test.groups_results AS
SELECT a.external_id AS a, b.external_id AS b, match_type, confidence_score, status, match_id IS NOT NULL AS stored, job_id
FROM recon.results r LEFT JOIN recon.records a ON a.record_id = record_a_id LEFT JOIN recon.records b ON b.record_id = record_b_id;

-- 1:N. Acme adds up in full, Beta's record in two ways, Gamma's and Delta's in none.
SELECT loaded FROM load(:a, E'external_id,transaction_date,amount,currency,counterparty\na1,2024-03-02,100,EUR,Acme\na2,2024-03-03,55,EUR,Beta\na3,2024-03-05,30,EUR,Gamma\na4,2024-03-05,80.5,EUR,Delta\n');
SELECT loaded FROM load(:b, E'external_id,transaction_date,amount,currency,counterparty\nb1,2024-03-01,60,EUR,Acme\nb2,2024-03-01,45,EUR,Acme\nb3,2024-03-02,-5,EUR,Acme\nb4,2024-03-02,20,EUR,Beta\nb5,2024-03-02,35,EUR,Beta\nb6,2024-03-02,15,EUR,Beta\nb7,2024-03-02,40,EUR,Beta\nb8,2024-03-04,10,EUR,Gamma\nb9,2024-03-04,19,EUR,Gamma\nb10,2024-03-04,80,EUR,Delta\n');
SELECT recon.create_rule(:p, 'groups', '{"cardinality": "1:N", "match": [{"field": "amount", "op": "equal"}, {"field": "transaction_date", "op": "within", "days": [-3, 0]}], "group_by": ["counterparty"]}', 10) AS r \gset
SELECT recon.create_job(:p, 'groups', :a, :b) AS j \gset
SELECT a.external_id AS a, b.external_id AS b, match_type, confidence_score, status, rule_id = :r AS by_rule, ambiguous
FROM recon.preview_job(:j) LEFT JOIN recon.records a ON a.record_id = record_a_id LEFT JOIN recon.records b ON b.record_id = record_b_id ORDER BY 1, 2;
SELECT step, operation, detail, rows_a, rows_b, actual_pairs FROM recon.explain_rule(:r);
SELECT total_records, matched_records, unmatched_records, matches, proposed, approved FROM recon.run_job(:j);
SELECT a, b, match_type, confidence_score, status, stored FROM test.groups_results WHERE job_id = :j ORDER BY a, b;
SELECT cardinality, record_a_id, record_b_id, confidence, status, ambiguous, amount_difference FROM recon.matches WHERE job_id = :j ORDER BY ambiguous;
SELECT r.external_id, m.side FROM recon.match_records m JOIN recon.records r USING (record_id) WHERE r.project_id = :p ORDER BY 1;
SELECT external_id, reason FROM recon.exceptions WHERE project_id = :p ORDER BY 1;
CREATE FUNCTION test.groups_explained(id bigint) RETURNS TABLE (field text, value_a text, value_b text, op text, score numeric, weight double precision, passed boolean, runner_up bigint, runner_up_confidence double precision, margin double precision, member text)
    LANGUAGE sql AS $$
    SELECT field, value_a, value_b, op, round(score::numeric, 4), weight, passed, runner_up_record_id, runner_up_confidence, margin, external_id
    FROM recon.explain_match($1) WITH ORDINALITY LEFT JOIN recon.records ON record_id = member_record_id ORDER BY ordinality
$$;
SELECT e.* FROM recon.matches, test.groups_explained(match_id) e WHERE job_id = :j AND NOT ambiguous;
SELECT e.* FROM recon.matches, test.groups_explained(match_id) e WHERE job_id = :j AND ambiguous;
SELECT of.external_id AS of, c.external_id AS candidate, confidence, field, value_a, value_b, op, round(score::numeric, 4) AS score, weight, passed, shortfall, rank
FROM recon.exceptions of, recon.explain_record(of.record_id) WITH ORDINALITY e LEFT JOIN recon.records c ON c.record_id = candidate_record_id
WHERE of.project_id = :p AND of.external_id IN ('a3', 'a4', 'b8') ORDER BY of.external_id, ordinality;

-- A group is decided as a whole, and a record is in one live match.
SELECT match_id AS acme FROM recon.matches WHERE job_id = :j AND NOT ambiguous \gset
SELECT match_id AS beta FROM recon.matches WHERE job_id = :j AND ambiguous \gset
SELECT recon.reject_matches(ARRAY[:beta], 'not these');
SELECT recon.approve_matches(ARRAY[:acme]);
SELECT status, count(*) FROM recon.matches JOIN recon.match_records USING (project_id, match_id) WHERE job_id = :j GROUP BY 1 ORDER BY 1;
SELECT record_id AS a1 FROM recon.records WHERE project_id = :p AND external_id = 'a1' \gset
SELECT record_id AS b10 FROM recon.records WHERE project_id = :p AND external_id = 'b10' \gset
SELECT err(format('SELECT recon.match_manually(%s, ARRAY[%s], ARRAY[%s])', :p, :a1, :b10));
SELECT recon.unmatch(:acme, 'again');
SELECT count(*) FROM recon.open_records WHERE project_id = :p;

-- What a run does with several answers; with a budget that does not suffice; with fees and a tolerance.
SELECT recon.alter_rule(:r, '{"spec": {"cardinality": "1:N", "match": [{"field": "amount", "op": "equal"}], "group_by": ["counterparty"], "ambiguous": "skip"}}');
BEGIN;
SELECT matches FROM recon.run_job(:j);
SELECT external_id, reason FROM recon.exceptions WHERE project_id = :p AND external_id LIKE 'a%' ORDER BY 1;
SELECT of.external_id AS of, c.external_id AS candidate, field, value_a, value_b, op, passed, shortfall, rank
FROM recon.exceptions of, recon.explain_record(of.record_id) WITH ORDINALITY e LEFT JOIN recon.records c ON c.record_id = candidate_record_id
WHERE of.project_id = :p AND of.external_id = 'a2' ORDER BY ordinality;
ROLLBACK;
BEGIN;
SET LOCAL recon.group_budget = 1;
SELECT matches FROM recon.run_job(:j);
SELECT external_id, reason FROM recon.exceptions WHERE project_id = :p AND external_id LIKE 'a%' ORDER BY 1;
ROLLBACK;
SELECT recon.alter_rule(:r, '{"spec": {"cardinality": "1:N", "match": [{"field": "amount", "op": "within", "abs": 1, "edge": 0.9}], "group_by": ["counterparty"], "ambiguous": "take", "fees": {"fixed": 0.10, "pct": 1, "cap": 0.25, "rounding": "half_up"}}}');
BEGIN;
SELECT matches, proposed, approved FROM recon.run_job(:j);
SELECT e.* FROM recon.matches m, test.groups_explained(match_id) e WHERE m.job_id = :j AND m.status IN ('proposed', 'approved') AND EXISTS (
    SELECT FROM recon.match_records r WHERE r.match_id = m.match_id AND r.record_id = :a1);
SELECT amount_difference, confidence FROM recon.matches m WHERE m.job_id = :j AND m.status IN ('proposed', 'approved') ORDER BY 1;
ROLLBACK;

-- N:1 is the same from the other side; N:M pairs what shares a key.
SELECT recon.alter_rule(:r, '{"active": false}');
SELECT recon.create_rule(:p, 'groups n1', '{"cardinality": "N:1", "match": [{"field": "amount", "op": "equal"}], "group_by": ["counterparty"], "ambiguous": "skip"}', 10) AS n1 \gset
BEGIN;
SELECT matches, approved FROM recon.run_job(recon.create_job(:p, 'groups back', :b, :a, ARRAY[:n1])) ;
SELECT a.external_id AS a, b.external_id AS b, match_type, status FROM recon.results LEFT JOIN recon.records a ON a.record_id = record_a_id LEFT JOIN recon.records b ON b.record_id = record_b_id
WHERE job_id = (SELECT max(job_id) FROM recon.jobs) AND match_id IS NOT NULL ORDER BY 1;
SELECT cardinality, amount_difference FROM recon.matches WHERE job_id = (SELECT max(job_id) FROM recon.jobs);
ROLLBACK;
SELECT recon.create_rule(:p, 'groups nm', '{"cardinality": "N:M", "match": [{"field": "amount", "op": "equal"}], "group_by": ["counterparty"]}', 10) AS nm \gset
SELECT loaded FROM load(:a, E'external_id,amount,currency,counterparty\nc1,70,EUR,Zeta\nc2,30,EUR,Zeta\nc3,10,EUR,Eta\nc4,1,EUR,Eta\nc5,2,EUR,Eta\nc6,3,EUR,Eta\nc7,4,EUR,Eta\n');
SELECT loaded FROM load(:b, E'external_id,amount,currency,counterparty\nd1,50,EUR,Zeta\nd2,25,EUR,Zeta\nd3,25,EUR,Zeta\nd4,9,EUR,Eta\nd5,6,EUR,Eta\n');
SELECT recon.create_job(:p, 'groups nm', :a, :b, ARRAY[:nm]) AS jm \gset
SELECT a.external_id AS a, b.external_id AS b, match_type, status FROM recon.preview_job(:jm) LEFT JOIN recon.records a ON a.record_id = record_a_id LEFT JOIN recon.records b ON b.record_id = record_b_id
WHERE match_type = 'group' AND (a.counterparty = 'Zeta' OR b.counterparty = 'Zeta') ORDER BY 1, 2;
SELECT matches > 0 AS matched FROM recon.run_job(:jm);
SELECT e.* FROM recon.matches m, test.groups_explained(match_id) e WHERE job_id = :jm AND EXISTS (
    SELECT FROM recon.match_records m2 JOIN recon.records r USING (record_id) WHERE m2.match_id = m.match_id AND r.external_id = 'c1');
SELECT a, b, match_type, status FROM test.groups_results WHERE job_id = :jm AND stored AND (a LIKE 'c%' OR b LIKE 'd%') ORDER BY a, b;
-- Without 2 and 3, or without 1 and 4: the explanation says so, of a match and of a record that is left open for it.
SELECT op, score, passed, member FROM recon.matches m, test.groups_explained(match_id) e WHERE job_id = :jm AND ambiguous AND EXISTS (
    SELECT FROM recon.match_records m2 JOIN recon.records r USING (record_id) WHERE m2.match_id = m.match_id AND r.external_id = 'c3');
BEGIN;
SELECT recon.reject_matches(ARRAY[match_id]) FROM recon.match_records JOIN recon.records r USING (record_id) WHERE external_id = 'c3';
SELECT r.external_id, c.external_id AS candidate, e.op, e.passed, e.shortfall
FROM recon.exceptions of JOIN recon.records r USING (record_id), recon.explain_record(of.record_id) WITH ORDINALITY e LEFT JOIN recon.records c ON c.record_id = candidate_record_id
WHERE r.external_id IN ('c6', 'd4') ORDER BY 1, ordinality;
ROLLBACK;

-- What members share among themselves; a tolerance in percent; at most so many members; no key at all.
SELECT recon.create_source(:p, 'groups_more_a') AS ma \gset
SELECT recon.create_source(:p, 'groups_more_b') AS mb \gset
SELECT loaded FROM load(:ma, E'external_id,amount,currency\ns1,30,EUR\ns2,1000,EUR\ns3,-6,EUR\n');
SELECT loaded FROM load(:mb, E'external_id,transaction_date,amount,currency\nt1,2024-01-01,10,EUR\nt2,2024-01-01,20,EUR\nt3,2024-01-02,12,EUR\nt4,2024-01-01,18,EUR\nt5,2024-01-03,600,EUR\nt6,2024-01-03,396,EUR\nt7,2024-01-04,-1,EUR\nt8,2024-01-04,-2,EUR\nt9,2024-01-04,-3,EUR\n');
SELECT recon.create_rule(:p, 'groups same', '{"cardinality": "1:N", "match": [{"field": "amount", "op": "within", "pct": 0.5}], "ambiguous": "skip"}', 10) AS same \gset
SELECT recon.create_job(:p, 'groups same', :ma, :mb, ARRAY[:same]) AS js \gset
CREATE VIEW test.groups_found AS SELECT a.external_id AS a, string_agg(b.external_id, ' ' ORDER BY b.external_id) AS members
FROM recon.preview_job(:js) JOIN recon.records a ON a.record_id = record_a_id JOIN recon.records b ON b.record_id = record_b_id GROUP BY 1 ORDER BY 1;
SELECT * FROM test.groups_found;
SELECT recon.alter_rule(:same, '{"spec": {"cardinality": "1:N", "match": [{"field": "amount", "op": "within", "pct": 0.5}], "ambiguous": "skip", "same": ["transaction_date"]}}');
SELECT * FROM test.groups_found;
SELECT recon.alter_rule(:same, '{"spec": {"cardinality": "1:N", "match": [{"field": "amount", "op": "within", "pct": 0.5}], "ambiguous": "skip", "same": ["transaction_date"], "max_group": 2}}');
SELECT * FROM test.groups_found;
DROP VIEW test.groups_found;

-- Rules that cannot be.
SELECT n, err(format('SELECT recon.create_rule(%s, %L, %L)', :p, 'x', spec)) FROM (VALUES
    (1, '{"cardinality": "1:N", "match": [{"field": "reference", "op": "equal"}]}'), (2, '{"cardinality": "N:M", "match": [{"field": "amount", "op": "equal"}]}'),
    (3, '{"cardinality": "1:N", "match": [{"field": "amount", "op": "equal"}], "fees": {"fixed": 1, "rounding": "odd"}}'), (4, '{"cardinality": "1:N", "match": [{"field": "amount", "op": "equal"}], "max_group": 0}')) v(n, spec);
SELECT matched_records, unmatched_records FROM recon.get_project_stats(:p);
DROP VIEW test.groups_results;
DROP FUNCTION test.groups_explained(bigint);
SELECT recon.drop_project(:p);
