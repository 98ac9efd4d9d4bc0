\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
\set stats :src '/sql/include/stats.sql'
\i :stats
-- Closed periods: nothing of them is loaded, updated, matched or decided on, until an owner reopens them.
CREATE ROLE regress_ann;
CREATE ROLE regress_bob;
CREATE ROLE regress_eve;
SELECT recon.create_project('closing') AS p \gset
SELECT recon.add_member(:p, 'regress_ann', 'owner'), recon.add_member(:p, 'regress_bob', 'operator');
SELECT recon.create_source(:p, 'closing_a') AS a \gset
SELECT recon.create_source(:p, 'closing_b') AS b \gset
SELECT recon.create_rule(:p, 'closing', '{"match": [{"field": "reference", "op": "equal"}, {"field": "amount", "op": "within", "abs": 1}]}') AS r \gset
SELECT recon.create_job(:p, 'closing', :a, :b) AS j \gset
SELECT * FROM load(:a, E'external_id,transaction_date,value_date,amount,reference\na1,2024-01-10,,10,r1\na2,2024-01-11,,20,r2\na3,2024-01-30,,30,r3\na4,,2024-01-31,40,r4\na5,2024-02-01,,50,r5\na6,2024-01-15,,60,r6\n');
SELECT * FROM load(:b, E'external_id,transaction_date,amount,reference\nb1,2024-01-12,10,r1\nb2,2024-01-12,20.5,r2\nb3,2024-02-02,30,r3\n');
SELECT matches, proposed, approved FROM recon.run_job(:j);
CREATE FUNCTION m(name text) RETURNS bigint STABLE LANGUAGE sql AS $$SELECT max(x.match_id) FROM recon.match_records x JOIN recon.records USING (record_id) WHERE external_id = name AND x.project_id = project('closing')$$;
CREATE FUNCTION r(VARIADIC names text[]) RETURNS bigint[] STABLE LANGUAGE sql AS $$SELECT array_agg(record_id ORDER BY n) FROM unnest(names) WITH ORDINALITY u(name, n) JOIN recon.records ON external_id = name AND project_id = project('closing')$$;
CREATE VIEW matches AS
SELECT (SELECT string_agg(external_id, ' ' ORDER BY external_id) FROM recon.match_records x JOIN recon.records USING (record_id) WHERE x.match_id = m.match_id) AS records, status
FROM recon.matches m WHERE m.project_id = project('closing');
CREATE VIEW open AS SELECT string_agg(external_id, ' ' ORDER BY external_id) AS open FROM recon.exceptions WHERE project_id = project('closing');
CREATE VIEW errors AS SELECT line_no, error_code, regexp_replace(message, '\(record \d+\)', '(record #)') AS message, resolved_by IS NOT NULL AS resolved FROM recon.ingest_errors WHERE ingestion_id = (SELECT max(ingestion_id) FROM recon.ingestions WHERE project_id = project('closing') AND retry_of IS NULL);
CREATE VIEW counters AS SELECT difference(recon.get_project_stats(project('closing')), counted(project('closing'))) AS counters;
SELECT * FROM matches ORDER BY 1;

-- By owners only; a hidden project is none.
SET ROLE regress_bob;
SELECT err(format('SELECT recon.close_period(%s, %L)', :p, '2024-01-31'));
SELECT err(format('SELECT recon.reopen_period(%s)', :p));
SET ROLE regress_eve;
SELECT err(format('SELECT recon.close_period(%s, %L)', :p, '2024-01-31'));
SELECT err(format('SELECT recon.reopen_period(%s)', :p));
RESET ROLE;
SELECT err(format('SELECT recon.close_period(%s, NULL)', :p));
SELECT err(format('SELECT recon.close_period(%s, %L)', :p, 'infinity'));
SELECT err(format('SELECT recon.reopen_period(%s, %L)', :p, '-infinity'));
SELECT err(format('SELECT recon.reopen_period(%s, %L)', :p, '2024-01-31'));
SELECT recon.reopen_period(:p);

-- Closed: once, or again, or for longer; for less only by reopening. One match of the period was not decided on.
SET client_min_messages = notice;
SET ROLE regress_ann;
SELECT recon.close_period(:p, '2023-12-31');
SELECT recon.close_period(:p, '2024-01-31');
SELECT recon.close_period(:p, '2024-01-31');
SELECT err(format('SELECT recon.close_period(%s, %L)', :p, '2024-01-30'));
SELECT err(format('SELECT recon.reopen_period(%s, %L)', :p, '2024-02-01'));
RESET ROLE;
SET client_min_messages = warning;
SELECT closed_until FROM recon.projects WHERE project_id = :p;
SELECT closed_until, closed_by FROM recon.closed_periods WHERE project_id = :p ORDER BY 1;
SELECT user_name, action, resource, before, after FROM recon.audit_log WHERE project_id = :p AND resource = 'period' ORDER BY audit_id;

-- No load brings a record of the period, superusers' included; what is known already is as known as ever.
SELECT * FROM load(:a, E'external_id,transaction_date,value_date,amount,reference\na1,2024-01-10,,10,r1\na7,2024-01-31,,70,r7\na8,2024-02-01,2024-01-15,80,r8\na9,,2024-01-31,90,r9\na10,,,1,r10\n');
SELECT * FROM errors ORDER BY line_no;
SELECT * FROM open;
-- ... nor gives one of it another content, or a record of later a date in it.
SELECT * FROM load(:a, E'external_id,transaction_date,value_date,amount,reference\na6,2024-01-15,,61,r6\na6,2024-02-15,,60,r6\na5,2024-01-20,,50,r5\na5,2024-02-03,,51,r5\na1,2024-01-10,,11,r1\na2,2024-02-11,,20,r2\n', '{"on_duplicate": "update"}');
SELECT * FROM errors ORDER BY line_no;
SELECT external_id, transaction_date, amount FROM recon.records WHERE external_id IN ('a1', 'a2', 'a5', 'a6') AND project_id = :p ORDER BY 1;
SELECT * FROM matches ORDER BY 1;
SELECT * FROM counters;

-- Records without an external_id, the same twice; a load of many, which are stored on the way; too many rejects.
SELECT * FROM load(:b, E'transaction_date,amount,reference\n2024-01-05,1,x\n2024-01-05,1,x\n2024-02-05,1,x\n2024-02-05,1,x\n');
SELECT * FROM load(:b, E'transaction_date,amount,reference\n2024-01-05,1,x\n2024-01-05,1,x\n2024-02-05,1,x\n2024-02-05,1,x\n2024-02-05,1,x\n');
SELECT recon.create_source(:p, 'closing_c') AS c \gset
SELECT * FROM load(:c, (SELECT E'external_id,transaction_date,amount\n' || string_agg(format(E'c%s,%s,%s\n', n, date '2024-01-01' + n % 60, n), '' ORDER BY n) FROM generate_series(1, 60000) n));
SELECT count(*), min(transaction_date) FROM recon.records WHERE source_id = :c;
SELECT count(*), count(DISTINCT line_no), min(message) FROM recon.ingest_errors WHERE ingestion_id = newest_load(:c);
SET client_min_messages = error;
SELECT * FROM load(:c, (SELECT E'external_id,transaction_date,amount\n' || string_agg(format(E'c%s,%s,%s\n', n, date '2024-01-01' + n % 60, n), '' ORDER BY n) FROM generate_series(1, 60002) n), '{"max_rejects": 31001}');
SELECT * FROM load(:c, E'external_id,transaction_date\nd1,2024-01-31\nd2,2024-02-01\n', '{"max_rejects": 0}');
SET client_min_messages = warning;
SELECT * FROM counters;

-- Of a relation: as of files, and a record that it has no more stays what it is.
CREATE TABLE entries (id text, day date, amount numeric);
INSERT INTO entries VALUES ('e1', '2024-01-20', 1), ('e2', '2024-02-20', 2);
SELECT recon.create_source(:p, 'closing_e', '{"external_id": "id", "transaction_date": "day", "amount": "amount"}', relation => 'test.entries') AS e \gset
SELECT records_read, records_loaded, records_rejected FROM recon.sync_source(:e);
SELECT * FROM errors ORDER BY line_no;
SELECT recon.reopen_period(:p);
SELECT records_read, records_loaded, records_rejected, records_duplicate FROM recon.sync_source(:e);
SELECT recon.close_period(:p, '2024-01-31');
UPDATE entries SET amount = 10 * amount;
SELECT records_read, records_loaded, records_rejected, records_duplicate FROM recon.sync_source(:e);
SELECT * FROM errors ORDER BY line_no;
DELETE FROM entries WHERE id <> 'e2';
SELECT records_read, records_loaded, records_rejected, records_duplicate FROM recon.sync_source(:e);
SELECT external_id, transaction_date, amount, o.record_id IS NOT NULL AS open, g.record_id IS NOT NULL AS missing FROM recon.records r LEFT JOIN recon.open_records o USING (record_id) LEFT JOIN recon.missing_records g USING (record_id) WHERE r.source_id = :e ORDER BY 1;

-- No decision on a match of the period; what it would not change is none.
SELECT err(format('SELECT recon.approve_matches(ARRAY[%s])', m('a2')));
SELECT err(format('SELECT recon.reject_matches(ARRAY[%s])', m('a2')));
SELECT err(format('SELECT recon.unmatch(%s)', m('a1')));
SELECT recon.approve_matches(ARRAY[m('a1')]);
SET ROLE regress_ann;
SELECT err(format('SELECT recon.unmatch(%s)', m('a1')));
RESET ROLE;
-- One whose latest record is of later is open to all, and so are its records.
SELECT recon.unmatch(m('a3'), 'wrong');
SELECT err(format('SELECT recon.match_manually(%s, %L, %L)', :p, r('a4'), (SELECT array_agg(record_id) FROM recon.records WHERE source_id = :e AND external_id = 'e1')));
SELECT recon.match_manually(:p, r('a4', 'a6'), r('b3'), 'late') > 0;
SELECT recon.unmatch(m('b3'));
SELECT * FROM matches ORDER BY 1;
SELECT * FROM counters;

-- A run never matches two records of the period, though the rule would.
SELECT * FROM load(:b, E'external_id,transaction_date,amount,reference\nb4,2024-02-04,40,r4\n');
SELECT recon.alter_rule(:r, '{"spec": {"match": [{"field": "amount", "op": "within", "abs": 30}]}}');
SELECT a.external_id AS a, b.external_id AS b, match_type FROM recon.preview_job(:j) v LEFT JOIN recon.records a ON a.record_id = record_a_id LEFT JOIN recon.records b ON b.record_id = record_b_id WHERE match_type <> 'unmatched' ORDER BY 1, 2;
SELECT matches FROM recon.run_job(:j);
SELECT count(*) AS closed_matches FROM recon.matches m WHERE project_id = :p AND status IN ('proposed', 'approved') AND created_at > (SELECT max(closed_at) FROM recon.closed_periods WHERE project_id = :p)
    AND (SELECT max(coalesce(transaction_date, value_date)) FROM recon.match_records x JOIN recon.records r USING (record_id) WHERE x.match_id = m.match_id) <= '2024-01-31';
SELECT * FROM counters;

-- Why a record of it stays open.
SELECT recon.create_project('closing two') AS q \gset
SELECT recon.create_source(:q, 'two_a') AS qa \gset
SELECT recon.create_source(:q, 'two_b') AS qb \gset
SELECT recon.create_rule(:q, 'two', '{"match": [{"field": "reference", "op": "equal"}]}') AS qr \gset
SELECT recon.create_job(:q, 'two', :qa, :qb) AS qj \gset
SELECT * FROM load(:qa, E'external_id,transaction_date,amount,reference\nx1,2024-01-10,10,r\nx2,2024-02-10,10,s\n');
SELECT * FROM load(:qb, E'external_id,transaction_date,amount,reference\ny1,2024-01-12,10,r\ny2,2024-01-12,10,s\n');
SELECT recon.close_period(:q, '2024-01-31');
SELECT matches FROM recon.run_job(:qj);
SELECT c.external_id AS candidate, field, value_a, value_b, op, score, weight, passed, shortfall FROM recon.explain_record((SELECT record_id FROM recon.records WHERE source_id = :qa AND external_id = 'x1')) e JOIN recon.records c ON c.record_id = e.candidate_record_id ORDER BY rank, field DESC;
SELECT external_id, reason FROM recon.exceptions WHERE project_id = :q ORDER BY 1;
SELECT a.external_id AS a, b.external_id AS b FROM recon.results JOIN recon.records a ON a.record_id = record_a_id JOIN recon.records b ON b.record_id = record_b_id WHERE job_id = :qj;
SELECT field, value_a, value_b, passed FROM recon.explain_match((SELECT match_id FROM recon.matches WHERE project_id = :q));
SELECT field, value_a, value_b, passed FROM recon.explain_record((SELECT record_id FROM recon.records WHERE source_id = :qb AND external_id = 'y1'));
-- Reopened, it is matched as any other.
SELECT recon.reopen_period(:q);
SELECT matches FROM recon.run_job(:qj);

-- Groups: none of records of the period on both sides.
SELECT recon.create_project('closing three') AS g \gset
SELECT recon.create_source(:g, 'three_a') AS ga \gset
SELECT recon.create_source(:g, 'three_b') AS gb \gset
SELECT * FROM load(:ga, (SELECT E'external_id,transaction_date,amount,reference,counterparty\n' || string_agg(format(E'x%s,%s,%s,r%s,c%s\n', n, date '2024-01-01' + n % 60, n % 7 + n % 3 + 2, n / 3, n % 40), '' ORDER BY n) FROM generate_series(1, 600) n));
SELECT * FROM load(:gb, (SELECT E'external_id,transaction_date,amount,reference,counterparty\n' || string_agg(format(E'y%s,%s,%s,r%s,c%s\n', n, date '2024-01-01' + n % 59, n % 7 + 1, n / 2, n % 40), '' ORDER BY n) FROM generate_series(1, 900) n));
SELECT recon.close_period(:g, '2024-01-31');
CREATE FUNCTION closed_matches(project bigint) RETURNS TABLE (matches bigint, with_closed bigint, closed bigint) LANGUAGE sql AS $$
    SELECT count(*), count(*) FILTER (WHERE first <= '2024-01-31'), count(*) FILTER (WHERE last <= '2024-01-31') FROM (
        SELECT min(transaction_date) AS first, max(transaction_date) AS last FROM recon.match_records JOIN recon.matches m USING (project_id, match_id) JOIN recon.records USING (project_id, record_id)
        WHERE project_id = $1 AND m.status IN ('proposed', 'approved') GROUP BY match_id) d
$$;
SELECT recon.create_job(:g, 'three', :ga, :gb) AS gj \gset
SELECT recon.create_rule(:g, 'groups', '{"cardinality": "1:N", "group_by": ["counterparty"], "match": [{"field": "amount", "op": "equal"}], "ambiguous": "take", "max_group": 3}') AS gr \gset
SELECT matches > 0 AS found FROM recon.run_job(:gj);
SELECT with_closed > 0 AS with_closed, closed FROM closed_matches(:g);
SELECT recon.alter_rule(:gr, '{"spec": {"cardinality": "N:M", "group_by": ["counterparty"], "match": [{"field": "amount", "op": "within", "abs": 1}], "ambiguous": "take", "max_group": 5}}');
SELECT matches > 0 AS found FROM recon.run_job(:gj);
SELECT recon.alter_rule(:gr, '{"spec": {"match": [{"field": "reference", "op": "similar", "algorithm": "levenshtein", "min": 0.5}], "ambiguous": "take"}}');
SELECT matches > 0 AS found FROM recon.run_job(:gj);
SELECT with_closed > 0 AS with_closed, closed FROM closed_matches(:g);
SELECT difference(recon.get_project_stats(:g), counted(:g));

-- The same matches with parallel workers, and with records in files.
SELECT recon.create_project('closing five') AS f \gset
SELECT recon.create_source(:f, 'five_a') AS fa \gset
SELECT recon.create_source(:f, 'five_b') AS fb \gset
SELECT recon.create_rule(:f, 'five', '{"match": [{"field": "amount", "op": "within", "abs": 6}, {"field": "reference", "op": "similar", "algorithm": "levenshtein", "min": 0.6}], "ambiguous": "take"}') AS fr \gset
SELECT loaded FROM load(:fa, (SELECT E'external_id,transaction_date,amount,reference\n' || string_agg(format(E'x%s,%s,%s,%s\n', n, date '2024-01-01' + n % 61, n % 37, 'INV ' || n % 2000), '' ORDER BY n) FROM generate_series(1, 3000) n));
SELECT loaded FROM load(:fb, (SELECT E'external_id,transaction_date,amount,reference\n' || string_agg(format(E'y%s,%s,%s,%s\n', n, date '2024-01-01' + n % 59, n % 41, 'INV ' || n % 2100), '' ORDER BY n) FROM generate_series(1, 3000) n));
SELECT recon.close_period(:f, '2024-01-31');
CREATE FUNCTION found(job bigint, workers int, memory text) RETURNS TABLE (matches bigint, with_closed bigint, closed bigint, digest text) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('recon.parallel_workers', workers::text, true), set_config('recon.work_mem', memory, true);
    RETURN QUERY SELECT count(*), count(*) FILTER (WHERE least(a.transaction_date, b.transaction_date) <= '2024-01-31'), count(*) FILTER (WHERE greatest(a.transaction_date, b.transaction_date) <= '2024-01-31'),
        md5(string_agg(concat_ws(' ', a.external_id, b.external_id, confidence_score), E'\n' ORDER BY a.external_id COLLATE "C"))
    FROM recon.preview_job(job) JOIN recon.records a ON a.record_id = record_a_id JOIN recon.records b ON b.record_id = record_b_id;
END
$$;
SELECT recon.create_rule(:f, 'five equal', '{"match": [{"field": "reference", "op": "equal"}, {"field": "amount", "op": "within", "abs": 20}], "ambiguous": "take"}') AS fe \gset
SELECT recon.create_job(:f, 'five text', :fa, :fb, ARRAY[:fr]) AS ft, recon.create_job(:f, 'five equal', :fa, :fb, ARRAY[:fe]) AS fj \gset
CREATE TEMP TABLE found_with AS SELECT job, workers, memory, f.* FROM (VALUES (:ft, 0, '256MB'), (:ft, 2, '256MB'), (:fj, 0, '256MB'), (:fj, 0, '1MB')) w(job, workers, memory), found(job, workers, memory) f;
SELECT count(*), count(DISTINCT digest) AS different, min(matches) > 800 AS matches, min(with_closed) > 400 AS with_closed, max(closed) AS closed FROM found_with GROUP BY job ORDER BY job;

-- A project with a closed period is not dropped. Its rules' versions stay, whoever changes a rule.
SELECT err(format('SELECT recon.drop_project(%s)', :g));
SELECT count(*) = 3 AS versions FROM recon.rule_versions WHERE rule_id = :gr;
SELECT err('DELETE FROM recon.rule_versions WHERE rule_id = ' || :gr) LIKE '23503%' AS kept;
SET ROLE regress_ann;
SELECT err('UPDATE recon.rule_versions SET spec = spec');
SELECT err('UPDATE recon.projects SET closed_until = NULL');
SELECT err('DELETE FROM recon.closed_periods');
SELECT count(*) AS seen FROM recon.closed_periods;
RESET ROLE;
SET ROLE regress_eve;
SELECT count(*) AS seen FROM recon.closed_periods;
RESET ROLE;
SELECT recon.reopen_period(:g);
SELECT recon.drop_project(:g);

-- Reopened to an earlier day: the rejects of later days load now, the others do not.
SET ROLE regress_ann;
SELECT recon.reopen_period(:p, '2024-01-20');
RESET ROLE;
SELECT closed_until, closed_by FROM recon.closed_periods WHERE project_id = :p ORDER BY 1;
SELECT min(ingestion_id) AS i FROM recon.ingest_errors WHERE project_id = :p \gset
SELECT records_read, records_loaded, records_rejected FROM recon.retry_rejects(:i);
SELECT line_no, error_code, message, resolved_by IS NOT NULL AS resolved FROM recon.ingest_errors WHERE ingestion_id = :i ORDER BY 1;
SELECT recon.reopen_period(:p);
SELECT recon.unmatch(m('a1'));
SELECT recon.approve_matches(ARRAY[m('a2')]);
SELECT user_name, before, after, action FROM recon.audit_log WHERE project_id = :p AND resource = 'period' ORDER BY audit_id;
SELECT * FROM counters;

-- Records without dates, by the day of their load.
SELECT recon.create_project('closing four') AS u \gset
SELECT recon.create_source(:u, 'four_a') AS ua \gset
SELECT recon.create_source(:u, 'four_b') AS ub \gset
SELECT recon.create_rule(:u, 'four', '{"match": [{"field": "reference", "op": "equal"}]}') AS ur \gset
SELECT recon.create_job(:u, 'four', :ua, :ub) AS uj \gset
SELECT loaded FROM load(:ua, E'external_id,reference\nu1,r\nu2,s\n');
SELECT loaded FROM load(:ub, E'external_id,reference,transaction_date\nv1,r,2024-01-01\nv2,s,2099-01-01\n');
SELECT recon.close_period(:u, (now() AT TIME ZONE 'UTC')::date);
SELECT loaded, rejected FROM load(:ua, E'external_id,reference\nu3,t\n');
SELECT matches FROM recon.run_job(:uj);
SELECT string_agg(external_id, ' ' ORDER BY external_id) AS open FROM recon.exceptions WHERE project_id = :u;
SELECT recon.reopen_period(:u, (now() AT TIME ZONE 'UTC')::date - 1);
SELECT records_loaded, records_rejected FROM recon.retry_rejects(newest_load(:ua));
SELECT matches FROM recon.run_job(:uj);

SELECT recon.reopen_period(project_id) FROM recon.projects WHERE name LIKE 'closing%';
SELECT recon.drop_project(project_id) FROM recon.projects WHERE name LIKE 'closing%';
SELECT count(*) FROM recon.closed_periods;
DROP VIEW matches, open, errors, counters;
DROP TABLE entries;
DROP FUNCTION m(text), r(text[]), closed_matches(bigint), found(bigint, int, text);
DROP TABLE found_with;
DROP ROLE regress_ann, regress_bob, regress_eve;
