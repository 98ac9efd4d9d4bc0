\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
\set stats :src '/sql/include/stats.sql'
\i :stats
-- Open records: how old they are, who is to clear them until when, what was said of them, and what comes nearest.
CREATE ROLE regress_ann;
CREATE ROLE regress_bob;
CREATE ROLE regress_eve;
SELECT recon.create_project('exceptions') AS p \gset
SELECT recon.add_member(:p, 'regress_ann', 'reviewer'), recon.add_member(:p, 'regress_bob', 'viewer');
SELECT recon.create_source(:p, 'exceptions_a') AS a \gset
SELECT recon.create_source(:p, 'exceptions_b') AS b \gset
SELECT recon.create_rule(:p, 'exceptions', '{"match": [{"field": "reference", "op": "equal"}, {"field": "amount", "op": "within", "abs": 1}]}') AS r \gset
SELECT recon.create_job(:p, 'exceptions', :a, :b) AS j \gset
CREATE FUNCTION r(VARIADIC names text[]) RETURNS bigint[] STABLE LANGUAGE sql AS $$SELECT array_agg(record_id ORDER BY n) FROM unnest(names) WITH ORDINALITY u(name, n) JOIN recon.records ON external_id = name AND project_id = project('exceptions')$$;
CREATE FUNCTION e(name text) RETURNS bigint STABLE LANGUAGE sql AS $$SELECT (r(name))[1]$$;
-- So many days old, today.
SELECT loaded FROM load(:a, (SELECT E'external_id,transaction_date,amount,currency,reference\n' || string_agg(format(E'a%s,%s,%s,EUR,r%s\n', n, current_date - days, n * 10, n), '' ORDER BY n)
    FROM unnest('{-3,0,7,8,30,31,60,61,90,91,400}'::int[]) WITH ORDINALITY u(days, n)));
SELECT loaded FROM load(:b, E'external_id,amount,currency,reference\nb1,10,EUR,x1\nb2,20.5,EUR,r2\nb3,33,EUR,r3\nb4,90000,EUR,\n');
CREATE VIEW shown AS SELECT external_id AS id, e.status, assigned_to, due_date - current_date AS due_in, comments, last_comment_at IS NOT NULL AS commented, note, reason FROM recon.exceptions e WHERE project_id = project('exceptions');
GRANT SELECT ON shown TO PUBLIC;
CREATE VIEW kept AS
SELECT difference(recon.get_project_stats(project('exceptions')), counted(project('exceptions'))) AS counters,
    (SELECT count(*) FROM recon.open_singles o FULL JOIN recon.exception_cases c USING (record_id) WHERE coalesce(o.project_id, c.project_id) = project('exceptions') AND o.record_id IS NOT NULL AND (o.set_aside IS TRUE) <> coalesce(c.status IN ('accepted', 'written_off'), false)) AS wrongly_aside,
    (SELECT count(*) FROM recon.exceptions WHERE project_id = project('exceptions')) AS exceptions, (recon.get_project_stats(project('exceptions'))).unmatched_records;
GRANT SELECT ON kept TO PUBLIC;

-- Buckets of ages, by default and by a setting. Not yet due is the first.
SELECT external_id, age_days, ageing_bucket FROM recon.exceptions WHERE source_id = :a ORDER BY record_id;
SELECT recon.alter_project(:p, '{"settings": {"ageing_buckets": [0, 1, 30]}}');
SELECT ageing_bucket, count(*) FROM recon.exceptions WHERE source_id = :a GROUP BY 1 ORDER BY min(age_days);
SELECT n, err(format('SELECT recon.alter_project(%s, %L)', :p, jsonb_build_object('settings', setting))) FROM (VALUES (1, '{"ageing_buckets": []}'::jsonb), (2, '{"ageing_buckets": [7, 7]}'), (3, '{"ageing_buckets": [-1]}'), (4, '{"ageing_buckets": 7}'), (5, '{"ageing_buckets": [1.5]}'),
    (6, '{"exception_due_days": -1}'), (7, '{"exception_due_days": "soon"}')) v(n, setting);
SELECT recon.alter_project(:p, '{"settings": {"ageing_buckets": null, "exception_due_days": 10}}');
SELECT recon.ageing_bucket(8), recon.ageing_bucket(5, '[5]'), recon.ageing_bucket(6, '[5]'), recon.ageing_bucket(NULL) IS NULL AS unknown;

-- Assigned, with a date of its own or by the setting; told once.
SET ROLE regress_ann;
SELECT recon.assign_exception(e('a1'), 'regress_ann', 'call the bank'), recon.assign_exception(e('a1'), 'regress_ann', 'call the bank'), recon.assign_exception(e('a2'), 'regress_ann', due_date => current_date + 3), recon.assign_exception(e('a1'), 'regress_ann');
SELECT recon.assign_exceptions(r('a3', 'a4', 'a3', 'a1'), 'regress_ann'), recon.assign_exceptions(r('a3', 'a4', 'a1'), 'regress_ann'), recon.assign_exceptions('{}', 'regress_ann');
SELECT recon.assign_exception(e('a4'), NULL, 'nobody''s'), recon.assign_exception(e('a4'), NULL);
SELECT * FROM shown WHERE id IN ('a1', 'a2', 'a3', 'a4', 'a5', 'b1') ORDER BY id;
SELECT n, err(statement) FROM (VALUES (1, format('SELECT recon.assign_exception(%s, ''regress_bob'')', e('a1'))), (2, format('SELECT recon.assign_exception(%s, ''regress_nobody'')', e('a1'))), (3, 'SELECT recon.assign_exception(999999999, ''regress_ann'')'),
    (4, format('SELECT recon.assign_exception(%s, ''regress_ann'', due_date => ''infinity'')', e('a1'))), (5, 'SELECT recon.assign_exceptions(NULL, ''regress_ann'')')) v(n, statement);

-- Comments; the same one sent twice is one.
SELECT recon.comment_exception(e('a1'), 'they call back'), recon.comment_exception(e('a1'), 'they call back'), recon.comment_exception(e('a1'), 'they did not'), recon.comment_exceptions(r('a1', 'a5', 'a6'), 'they did not');
SELECT external_id, comment, author FROM recon.exception_comments JOIN recon.records USING (record_id) WHERE exception_comments.project_id = project('exceptions') ORDER BY comment_id;
SELECT * FROM shown WHERE comments > 0 ORDER BY id;
SELECT err(format('SELECT recon.comment_exception(%s, '''')', e('a1'))), err(format('SELECT recon.comment_exception(%s, NULL)', e('a1')));

-- A status; accepted takes it out of runs and out of hands.
SELECT recon.set_exception_status(e('a1'), 'investigating'), recon.set_exception_status(e('a1'), 'investigating'), recon.set_exception_status(e('a2'), 'accepted', 'as it is'), recon.set_exceptions_status(r('a2', 'b3'), 'accepted');
SELECT * FROM shown WHERE status <> 'open' ORDER BY id;
SELECT last_id - first_id + 1 AS records FROM recon.open_ranges WHERE project_id = project('exceptions') ORDER BY source_id, first_id;
SELECT n, err(statement) FROM (VALUES (1, format('SELECT recon.set_exception_status(%s, ''closed'')', e('a1'))), (2, format('SELECT recon.match_manually(%s, %L, %L)', project('exceptions'), r('a2'), r('b2'))), (3, format('SELECT recon.match_manually(%s, %L, %L)', project('exceptions'), r('a1'), r('b3')))) v(n, statement);
SELECT * FROM kept;
RESET ROLE;
SELECT matches, total_records FROM recon.run_job(:j);
SELECT id, status, reason FROM shown WHERE id IN ('a1', 'a2', 'a3', 'b2', 'b3') ORDER BY id;
SELECT record_b_id FROM recon.preview_job(:j) WHERE record_a_id = e('a2');

-- Written off: no more than a superuser allowed, and what has an amount.
SET ROLE regress_ann;
SELECT err(format('SELECT recon.set_exception_status(%s, ''written_off'')', e('b2')));
RESET ROLE;
SET recon.write_off_limit = 30;
SELECT loaded FROM load(:b, E'external_id,reference\nb5,r5\n');
SET ROLE regress_ann;
SELECT recon.set_exception_status(e('a3'), 'written_off', 'too old');
SELECT err(format('SELECT recon.set_exceptions_status(%L, ''written_off'')', r('b2', 'a4', 'a5'))), err(format('SELECT recon.set_exceptions_status(%L, ''written_off'')', r('b2', 'b5')));
SELECT recon.set_exceptions_status(r('b2', 'a3'), 'written_off');
SELECT * FROM shown WHERE status <> 'open' ORDER BY id;
SELECT err(format('SELECT recon.match_manually(%s, %L, %L)', project('exceptions'), r('a3'), r('b1')));
SELECT * FROM kept;
RESET ROLE;
RESET recon.write_off_limit;

-- Open again, it is matched; taken apart, the case is there as it was.
SELECT matches FROM recon.run_job(:j);
SET ROLE regress_ann;
SELECT recon.set_exceptions_status(r('a2', 'b2'), 'open', 'look again'), recon.set_exceptions_status(r('a2', 'b2'), 'investigating');
RESET ROLE;
SELECT matches, matched_records FROM recon.run_job(:j);
SELECT * FROM shown WHERE id IN ('a2', 'b2') ORDER BY id;
SELECT err(format('SELECT recon.%s', call)) FROM (VALUES (format('comment_exception(%s, ''late'')', e('a2'))), (format('assign_exceptions(%L, ''regress_ann'')', r('a1', 'a2'))), (format('set_exception_status(%s, ''accepted'')', e('a2')))) v(call);
SELECT recon.unmatch(max(match_id)) FROM recon.match_records WHERE record_id = e('a2');
SELECT * FROM shown WHERE id IN ('a2', 'b2') ORDER BY id;
SELECT * FROM kept;

-- Carried forward: whatever runs, what people noted stays.
SELECT matches FROM recon.run_job(:j);
SELECT * FROM shown WHERE id IN ('a1', 'a3', 'a5') ORDER BY id;

-- The nearest candidate, where that is asked for: how near, and what is missing.
SELECT recon.unmatch(max(match_id)) FROM recon.match_records WHERE record_id = e('a2');
SELECT external_id AS id, (SELECT external_id FROM recon.records WHERE record_id = (nearest_candidate).record_id) AS nearest, round(((nearest_candidate).confidence)::numeric, 3) AS confidence, (nearest_candidate).rule_id = :r AS rule, (nearest_candidate).shortfall
FROM recon.exceptions WHERE record_id = ANY (r('a1', 'a2', 'a4', 'b1', 'b2', 'b4')) ORDER BY external_id;
SELECT (recon.nearest_candidate(e('a1'))).record_id = (SELECT candidate_record_id FROM recon.explain_record(e('a1')) WHERE rank = 1 LIMIT 1) AS as_explained;
SELECT recon.create_source(:p, 'exceptions_c') AS c \gset
SELECT loaded FROM load(:c, E'external_id\nc1\n');
SELECT nearest_candidate FROM recon.exceptions WHERE source_id = :c;
SELECT recon.nearest_candidate(NULL), err('SELECT recon.nearest_candidate(999999999)');

-- What is not asked for is not computed: neither the nearest candidate nor a join that only adds columns. Asked for, it comes after the LIMIT.
CREATE FUNCTION plan(query text) RETURNS TABLE (line text) LANGUAGE plpgsql AS $$
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS off) ' || query LOOP RETURN NEXT; END LOOP;
END
$$;
SELECT query, bool_or(line ~ 'nearest_candidate') AS nearest, bool_or(line ~ 'exception_cases|missing_records|projects') AS joins FROM (VALUES ('SELECT count(*) FROM recon.exceptions'), ('SELECT record_id, age_days, amount FROM recon.exceptions ORDER BY age_days DESC LIMIT 50')) q(query), plan(query) GROUP BY 1 ORDER BY 1;
SELECT bool_or(line ~ 'nearest_candidate' AND n < sort) AS after_the_sort, bool_or(line ~ 'nearest_candidate' AND n > sort) AS before_it
FROM (SELECT *, min(n) FILTER (WHERE line ~ '->  Sort') OVER () AS sort FROM plan('SELECT nearest_candidate FROM recon.exceptions ORDER BY amount DESC LIMIT 50') WITH ORDINALITY l(line, n)) l;

-- The audit trail.
SELECT action, external_id, user_name, before - 'due_date' AS before, after - '{comment_id,due_date}'::text[] AS after, after ->> 'due_date' = (current_date + 3)::text AS due FROM recon.audit_log l JOIN recon.records r ON r.record_id = resource_id WHERE l.project_id = :p AND resource = 'exception' ORDER BY audit_id;

-- Viewers see it and may not; strangers find nothing; nothing happens in an archived project.
CREATE TEMP TABLE calls AS SELECT n, format('SELECT recon.%s', call) AS statement FROM (VALUES (1, format('assign_exception(%s, ''regress_ann'')', e('a9'))), (2, format('comment_exception(%s, ''x'')', e('a9'))), (3, format('set_exception_status(%s, ''open'')', e('a9'))),
    (4, format('assign_exceptions(%L, ''regress_ann'')', r('a9'))), (5, format('comment_exceptions(%L, ''x'')', r('a9'))), (6, format('set_exceptions_status(%L, ''open'')', r('a9'))), (7, format('nearest_candidate(%s)', e('a9')))) v(n, call);
GRANT SELECT ON calls TO PUBLIC;
SET ROLE regress_bob;
SELECT count(*) FROM recon.exception_cases;
SELECT n, err(statement) FROM calls ORDER BY n;
SET ROLE regress_eve;
SELECT (SELECT count(*) FROM recon.exceptions) AS exceptions, (SELECT count(*) FROM recon.exception_cases) AS cases, (SELECT count(*) FROM recon.exception_comments) AS comments, (SELECT count(*) FROM shown) AS shown;
SELECT n, err(statement) FROM calls ORDER BY n;
RESET ROLE;
SELECT recon.alter_project(:p, '{"status": "archived"}');
SET ROLE regress_ann;
SELECT n, err(statement) FROM calls WHERE n < 7 ORDER BY n;
RESET ROLE;
SELECT * FROM recon.stats_verify(:p);
DROP TABLE calls;
DROP VIEW shown, kept;
DROP FUNCTION r(text[]), e(text), plan(text);
SELECT recon.alter_project(:p, '{"status": "active"}');
SELECT recon.drop_project(:p);
DROP ROLE regress_ann, regress_bob, regress_eve;
