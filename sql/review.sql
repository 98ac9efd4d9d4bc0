\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
\set stats :src '/sql/include/stats.sql'
\i :stats
-- What people decide on matches: approved, rejected, taken apart, made by hand.
CREATE ROLE regress_ann;
CREATE ROLE regress_bob;
CREATE ROLE regress_eve;
SELECT recon.create_project('review') AS p \gset
SELECT recon.add_member(:p, 'regress_ann', 'reviewer'), recon.add_member(:p, 'regress_bob', 'viewer');
SELECT recon.create_source(:p, 'review_a') AS a \gset
SELECT recon.create_source(:p, 'review_b') AS b \gset
SELECT recon.create_source(:p, 'review_c') AS c \gset
SELECT recon.create_rule(:p, 'review', '{"match": [{"field": "reference", "op": "equal"}, {"field": "amount", "op": "within", "abs": 1}]}') AS r \gset
SELECT recon.create_job(:p, 'review', :a, :b) AS j \gset
SELECT loaded FROM load(:a, (SELECT E'external_id,amount,currency,reference\n' || string_agg(format(E'a%s,%s,EUR,r%s\n', n, n * 10, n), '' ORDER BY n) FROM generate_series(1, 8) n) || E'a9,90,EUR,\na10,100,USD,\na11,,EUR,\na12,5,EUR,\n');
SELECT loaded FROM load(:b, (SELECT E'external_id,amount,currency,reference\n' || string_agg(format(E'b%s,%s,EUR,r%s\n', n, n * 10 + CASE WHEN n < 7 THEN 0.5 ELSE 0 END, n), '' ORDER BY n) FROM generate_series(1, 8) n) || E'b9,40,EUR,\nb10,30,EUR,\nb11,20.25,EUR,\nb12,100,,\n');
SELECT matches, proposed, approved FROM recon.run_job(:j);
-- Matches and records by the names that the files gave them.
CREATE FUNCTION m(name text) RETURNS bigint STABLE LANGUAGE sql AS $$SELECT max(x.match_id) FROM recon.match_records x JOIN recon.records USING (record_id) WHERE external_id = name AND x.project_id = project('review')$$;
CREATE FUNCTION r(VARIADIC names text[]) RETURNS bigint[] STABLE LANGUAGE sql AS $$SELECT array_agg(record_id ORDER BY n) FROM unnest(names) WITH ORDINALITY u(name, n) JOIN recon.records ON external_id = name AND project_id = project('review')$$;
CREATE VIEW matches AS
SELECT m.match_id, (SELECT string_agg(external_id, ' ' ORDER BY record_id) FROM recon.match_records x JOIN recon.records USING (record_id) WHERE x.match_id = m.match_id AND side = 'A') AS a,
    (SELECT string_agg(external_id, ' ' ORDER BY record_id) FROM recon.match_records x JOIN recon.records USING (record_id) WHERE x.match_id = m.match_id AND side = 'B') AS b,
    cardinality, status, round(confidence::numeric, 3) AS confidence, amount_difference AS difference, reviewed_by, reviewed_at IS NOT NULL AS reviewed, note
FROM recon.matches m WHERE m.project_id = project('review');
CREATE VIEW open AS SELECT string_agg(external_id || coalesce(' (' || nullif(reason, 'no candidate') || ')', ''), ', ' ORDER BY record_id) AS open FROM recon.exceptions WHERE project_id = project('review');
-- What must hold at all times: counters as counted, and every record open or in one live match.
CREATE VIEW kept AS
SELECT difference(recon.get_project_stats(project('review')), counted(project('review'))) AS counters,
    (SELECT count(*) FROM recon.records r WHERE project_id = project('review') AND
        (SELECT count(*) FROM recon.open_records o WHERE o.record_id = r.record_id)
      + (SELECT count(*) FROM recon.match_records x JOIN recon.matches USING (match_id) WHERE x.record_id = r.record_id AND status IN ('proposed', 'approved')) <> 1) AS not_in_one;
GRANT SELECT ON matches, open, kept TO regress_ann;
SELECT a, b, status, confidence, difference, reviewed_by, note FROM matches ORDER BY match_id;

-- Approved: what was proposed; what is approved stays as it is.
SET ROLE regress_ann;
SELECT recon.approve_matches(ARRAY[m('a1'), m('a2'), m('a2'), m('a7')], 'seen');
SELECT recon.approve_matches(ARRAY[m('a1'), m('a2')], 'again');
SELECT recon.approve_matches('{}'), recon.reject_matches('{}');
SELECT a, b, cardinality, status, confidence, difference, reviewed_by, reviewed, note FROM matches WHERE reviewed ORDER BY match_id \gx
SELECT * FROM kept;

-- Rejected: its records are open, all others left alone.
SELECT recon.reject_matches(ARRAY[m('a3')]), recon.reject_matches(ARRAY[m('a3')]);
SELECT recon.reject_matches(ARRAY[m('a3'), m('a4')], 'not these');
SELECT * FROM open;
SELECT a, b, status, reviewed_by, note FROM matches WHERE status NOT IN ('proposed', 'approved') ORDER BY match_id;
SELECT * FROM kept;

-- Taken apart: proposed or approved. The note stays where none is given.
SELECT recon.unmatch(m('a1')), recon.unmatch(m('a1')), recon.unmatch(m('a5'), 'no');
SELECT a, b, status, reviewed_by, note FROM matches WHERE status = 'unmatched' ORDER BY match_id;
SELECT * FROM open;
SELECT * FROM kept;

-- What the state does not allow; then nothing of the call is done.
RESET ROLE;
SELECT n, err(statement) FROM (VALUES
    (1, format('SELECT recon.reject_matches(ARRAY[%s, %s])', m('a6'), m('a2'))), (2, format('SELECT recon.reject_matches(ARRAY[%s])', m('a1'))), (3, format('SELECT recon.approve_matches(ARRAY[%s, %s])', m('a6'), m('a3'))),
    (4, format('SELECT recon.approve_matches(ARRAY[%s, 999999999])', m('a6'))), (5, format('SELECT recon.unmatch(%s)', m('a3'))), (6, 'SELECT recon.unmatch(999999999)'), (7, 'SELECT recon.unmatch(NULL)'),
    (8, 'SELECT recon.approve_matches(NULL)'), (9, 'SELECT recon.approve_matches(ARRAY[1, NULL])')) v(n, statement);
SELECT status FROM matches WHERE a = 'a6';

-- Matched by hand: records of one source with those of another.
SET ROLE regress_ann;
SELECT recon.match_manually(project('review'), r('a10'), r('b12'), 'one to one') > 0 AS made;
SELECT recon.match_manually(project('review'), r('a9'), r('b9', 'b10', 'b11'), 'one to three') > 0 AS made;
SELECT recon.match_manually(project('review'), r('a3', 'a4', 'a11'), r('b3')) > 0 AS made;
SELECT recon.match_manually(project('review'), r('a12', 'a1'), r('b4', 'b5')) > 0 AS made;
SELECT a, b, cardinality, status, confidence, difference, reviewed_by, note FROM matches WHERE match_id IN (m('a10'), m('a9'), m('a11'), m('a12')) ORDER BY a, b;
SELECT a.external_id AS a, b.external_id AS b, match_type, confidence_score, status, job_id FROM recon.results LEFT JOIN recon.records a ON a.record_id = record_a_id LEFT JOIN recon.records b ON b.record_id = record_b_id
WHERE match_type = 'manual' AND results.project_id = project('review') ORDER BY 1, 2;
SELECT count(*) AS explained FROM unnest(ARRAY[m('a10'), m('a9')]) u(id), recon.explain_match(id);
SELECT * FROM open;
SELECT * FROM kept;
SELECT recon.unmatch_matches(ARRAY[m('a9'), m('a12'), m('a9')], 'both wrong'), recon.unmatch_matches(ARRAY[m('a9'), m('a12')]), recon.unmatch_matches('{}');
SELECT a, status, note FROM matches WHERE match_id IN (m('a9'), m('a12'));
SELECT * FROM open;
SELECT * FROM kept;
RESET ROLE;
SELECT err(format('SELECT recon.unmatch_matches(ARRAY[%s, %s])', m('a10'), (SELECT min(match_id) FROM matches WHERE status = 'rejected'))) AS rejected, (SELECT status FROM matches WHERE match_id = m('a10')), err(format('SELECT recon.unmatch_matches(ARRAY[%s, 999999999])', m('a2'))) AS absent, (SELECT status FROM matches WHERE match_id = m('a2'));
SELECT n, err(format('SELECT recon.match_manually(%s)', arguments)) FROM (VALUES
    (1, format($$%s, '{}', %L$$, :p, r('b9'))), (2, format($$%s, %L, NULL$$, :p, r('a9')))) v(n, arguments);
SELECT n, err(format('SELECT recon.match_manually(%s, %L, %L)', project, a, b)) FROM (VALUES
    (1, :p, r('a9', 'a9'), r('b9')), (2, :p, r('a9'), r('b9', 'a9')), (3, :p, r('a9'), r('a12')), (4, :p, r('a9', 'b9'), r('b10')), (5, :p, r('a9'), ARRAY[999999999]), (6, :p, r('a9'), r('b9') || NULL::bigint),
    (7, :p, r('a9'), r('b12')), (8, :p, r('a2'), r('b9')), (9, 999999999, r('a9'), r('b9'))) v(n, project, a, b);
SELECT recon.create_project('review other') AS other \gset
SELECT recon.create_source(:other, 'review_d') AS d \gset
SELECT loaded FROM load(:d, E'external_id,amount\nd1,1\n');
SELECT err(format('SELECT recon.match_manually(%s, %L, ARRAY[%s])', :p, r('a9'), record_id)) FROM recon.records WHERE source_id = :d;
SELECT recon.drop_project(:other);
SELECT * FROM kept;

-- A range of records that no run has seen is cut around those that are matched.
SELECT loaded FROM load(:c, (SELECT E'external_id,amount\n' || string_agg(format(E'c%s,%s\n', n, n), '' ORDER BY n) FROM generate_series(1, 10) n));
SELECT recon.match_manually(:p, r('a9'), r('c1', 'c4', 'c5', 'c10')) > 0 AS made;
SELECT last_id - first_id + 1 AS records FROM recon.open_ranges WHERE source_id = :c ORDER BY first_id;
SELECT external_id, reason FROM recon.exceptions WHERE source_id = :c ORDER BY record_id;
SELECT recon.unmatch(m('a9'));
SELECT external_id, reason FROM recon.exceptions WHERE source_id = :c ORDER BY record_id;
SELECT * FROM kept;

-- What is open again is matched again, and what is approved is left alone.
SELECT matches FROM recon.run_job(:j);
SELECT a, b, status, note FROM matches WHERE status IN ('proposed', 'approved') ORDER BY length(a), a;
SELECT * FROM kept;

-- A difference is written off where a superuser allowed it, up to so much in the one currency of the records.
CREATE FUNCTION off(a bigint[], b bigint[]) RETURNS text LANGUAGE sql AS $$SELECT err(format('SELECT recon.match_manually(%s, %L, %L, ''fee'', true)', project('review'), a, b))$$;
SELECT off(r('a9'), r('b9', 'b10', 'b11'));
SET ROLE regress_ann;
SELECT err('SET recon.write_off_limit = 5');
RESET ROLE;
SELECT err('SET recon.write_off_limit = -1'), err('SET recon.write_off_limit = "much"');
SET recon.write_off_limit = 0.24;
SELECT off(r('a9'), r('b9', 'b10', 'b11'));
SELECT loaded FROM load(:a, E'external_id,amount,currency\na20,10.5,EUR\na21,10,\na22,,EUR\na23,7,EUR\na24,7.25,EUR\n');
SELECT loaded FROM load(:b, E'external_id,amount,currency\nb20,10.55,USD\nb21,10.1,EUR\nb22,1,EUR\nb23,7,EUR\nb24,7,EUR\n');
SELECT off(r('a20'), r('b20')) AS currencies, off(r('a21'), r('b21')) AS one_currency_unknown, off(r('a22'), r('b22')) AS amount_unknown;
SET recon.write_off_limit = 0.25;
SET ROLE regress_ann;
SELECT recon.match_manually(project('review'), r('a9'), r('b9', 'b10', 'b11'), 'fee', true) > 0 AS made;
SELECT recon.match_manually(project('review'), r('a23'), r('b23'), 'none to write off', true) > 0 AS made;
SELECT recon.match_manually(project('review'), r('a24'), r('b24'), 'kept as a difference', write_off => false) > 0 AS made;
SELECT a, b, difference, written_off, m.status, m.note FROM matches m JOIN recon.matches USING (match_id) WHERE match_id IN (m('a9'), m('a23'), m('a24')) ORDER BY a;
RESET ROLE;
RESET recon.write_off_limit;
SELECT after ->> 'written_off' AS written_off, after ->> 'proposed_by' AS proposed_by, after ->> 'proposed_session' = session_user AS session FROM recon.audit_log WHERE resource = 'match' AND resource_id = m('a9') ORDER BY audit_id;
SELECT * FROM kept;

-- The audit trail: each change of each match, before and after.
SELECT action, user_name, before ->> 'status' AS before, after ->> 'status' AS after, after ->> 'note' AS note, after ? 'reviewed_at' AS whole, jsonb_array_length(after -> 'a') AS a, jsonb_array_length(after -> 'b') AS b
FROM recon.audit_log WHERE project_id = :p AND resource = 'match' ORDER BY audit_id;

-- Viewers may not, strangers find nothing, and nothing happens in an archived project.
CREATE TEMP TABLE calls AS SELECT * FROM (VALUES (1, format('SELECT recon.approve_matches(ARRAY[%s])', m('a6'))), (2, format('SELECT recon.reject_matches(ARRAY[%s])', m('a6'))), (3, format('SELECT recon.unmatch(%s)', m('a6'))), (5, format('SELECT recon.unmatch_matches(ARRAY[%s])', m('a6'))),
    (4, format('SELECT recon.match_manually(%s, %L, %L)', :p, r('a12'), r('b9')))) v(n, statement);
GRANT SELECT ON calls TO PUBLIC;
SET ROLE regress_bob;
SELECT n, err(statement) FROM calls ORDER BY n;
SET ROLE regress_eve;
SELECT n, err(statement) FROM calls ORDER BY n;
RESET ROLE;
SELECT recon.alter_project(:p, '{"status": "archived"}');
SET ROLE regress_ann;
SELECT n, err(statement) FROM calls ORDER BY n;
RESET ROLE;
SELECT recon.alter_project(:p, '{"status": "active"}');
SELECT * FROM recon.stats_verify(:p);
DROP TABLE calls;
DROP VIEW matches, open, kept;
DROP FUNCTION m(text), r(text[]), off(bigint[], bigint[]);
SELECT recon.drop_project(:p);
DROP ROLE regress_ann, regress_bob, regress_eve;
