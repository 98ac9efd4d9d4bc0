\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- Four eyes: who proposed, matched by hand or loaded does not approve. Sessions of their own are SET SESSION AUTHORIZATION here.
CREATE ROLE regress_ann;
CREATE ROLE regress_bob;
CREATE ROLE regress_eve;
CREATE ROLE regress_team;
GRANT regress_team TO regress_ann, regress_bob;
SELECT recon.create_project('four eyes') AS p \gset
SELECT recon.add_member(:p, 'regress_ann', 'operator'), recon.add_member(:p, 'regress_bob', 'operator'), recon.add_member(:p, 'regress_eve', 'reviewer'), recon.add_member(:p, 'regress_team', 'operator');
SELECT err(format('SELECT recon.alter_project(%s, ''{"settings": {"four_eyes": "yes"}}'')', :p)), err('SELECT recon.create_project(''x'', settings => ''{"four_eyes": 1}'')');
SELECT recon.create_source(:p, 'four_a') AS a \gset
SELECT recon.create_source(:p, 'four_b', options => '{"on_duplicate": "update"}') AS b \gset
SELECT recon.create_rule(:p, 'four', '{"match": [{"field": "reference", "op": "equal"}]}') AS r \gset
SELECT recon.create_job(:p, 'four', :a, :b) AS j \gset
CREATE FUNCTION m(name text) RETURNS bigint STABLE LANGUAGE sql AS $$SELECT max(x.match_id) FROM recon.match_records x JOIN recon.records USING (record_id) WHERE external_id = name AND x.project_id = project('four eyes')$$;
CREATE FUNCTION r(VARIADIC names text[]) RETURNS bigint[] STABLE LANGUAGE sql AS $$SELECT array_agg(record_id ORDER BY n) FROM unnest(names) WITH ORDINALITY u(name, n) JOIN recon.records ON external_id = name AND project_id = project('four eyes')$$;
CREATE FUNCTION approve(VARIADIC names text[]) RETURNS text LANGUAGE sql AS $$SELECT err(format('SELECT recon.approve_matches(%L)', (SELECT array_agg(m(n)) FROM unnest(names) n)))$$;
CREATE VIEW matches AS SELECT external_id AS a, m.status, reviewed_by FROM recon.matches m JOIN recon.match_records x USING (match_id) JOIN recon.records r ON r.record_id = x.record_id WHERE m.project_id = project('four eyes') AND side = 'A';
CREATE FUNCTION rows(prefix text, first int, last int) RETURNS text LANGUAGE sql AS $$SELECT E'external_id,reference\n' || string_agg(format(E'%s%s,r%s\n', prefix, n, n), '' ORDER BY n) FROM generate_series(first, last) n$$;
-- Loads as anybody may.
CREATE FUNCTION put(source bigint, content text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    upload bigint := recon.upload_begin(source, 'four.csv');
BEGIN
    PERFORM recon.upload_chunk(upload, 1, convert_to(content, 'UTF8'));
    RETURN (SELECT records_loaded FROM recon.upload_finish(upload));
END
$$;
GRANT SELECT ON matches TO PUBLIC;

-- Off: the rule approves. Switched on by an owner, which the audit trail tells.
SELECT put(:a, rows('a', 1, 2)), put(:b, rows('b', 1, 2));
SELECT matches, proposed, approved FROM recon.run_job(:j);
SET SESSION AUTHORIZATION regress_bob;
SELECT err(format('SELECT recon.alter_project(%s, ''{"settings": {"four_eyes": true}}'')', project('four eyes')));
RESET SESSION AUTHORIZATION;
SELECT recon.alter_project(:p, '{"settings": {"four_eyes": true}}');
SELECT user_name, before -> 'settings' AS before, after -> 'settings' AS after FROM recon.audit_log WHERE project_id = :p AND action = 'alter' ORDER BY audit_id DESC LIMIT 1;

-- On: no run approves, nor shows it would. What was approved before stays so.
SET SESSION AUTHORIZATION regress_ann;
SELECT put(:a, rows('a', 3, 4));
SET SESSION AUTHORIZATION regress_bob;
SELECT put(:b, rows('b', 3, 3));
SET ROLE regress_team;
SELECT put(:b, rows('b', 4, 4));
RESET SESSION AUTHORIZATION;
SELECT put(:a, rows('a', 5, 9)), put(:b, rows('b', 5, 9));
SELECT status, count(*) FROM recon.preview_job(:j) GROUP BY status;
SET SESSION AUTHORIZATION regress_bob;
SELECT matches, proposed, approved FROM recon.run_job(:j);
SELECT * FROM matches ORDER BY a;

-- Bob ran it; ann loaded one side of a3 and a4; eve is another. All or none, the first named.
SELECT approve('a5'), approve('a6', 'a5') = approve('a5') AS names_the_first;
SET SESSION AUTHORIZATION regress_ann;
SELECT approve('a3'), approve('a6', 'a3', 'a7');
SELECT approve('a5');
SET SESSION AUTHORIZATION regress_eve;
SELECT approve('a3');
RESET SESSION AUTHORIZATION;
SELECT * FROM matches WHERE a IN ('a3', 'a5', 'a6', 'a7') ORDER BY a;

-- SET ROLE makes nobody another, on either side: bob's session loaded b4 as regress_team, and so did that role.
SET SESSION AUTHORIZATION regress_ann;
SET ROLE regress_team;
SELECT approve('a4'), approve('a6');
SELECT recon.unmatch(m('a6'), 'no');
SET SESSION AUTHORIZATION regress_bob;
SET ROLE regress_team;
SELECT approve('a7');
RESET SESSION AUTHORIZATION;
SELECT (SELECT array_agg(r::text ORDER BY r::text) FROM unnest(loaded_by) r WHERE r::text LIKE 'regress%') AS loaded_by, count(*) FROM recon.ingestions WHERE project_id = :p GROUP BY 1 ORDER BY 1;
SELECT count(*) AS runs, count(*) FILTER (WHERE run_by = '{regress_bob}') AS of_bob FROM recon.job_runs WHERE job_id = :j;

-- Superusers are no exception, and a new name is no new role.
SELECT approve('a7') LIKE '42501 %loaded record%' AS superuser_refused;
ALTER ROLE regress_bob RENAME TO regress_robert;
SET SESSION AUTHORIZATION regress_robert;
SELECT approve('a7');
RESET SESSION AUTHORIZATION;
ALTER ROLE regress_robert RENAME TO regress_bob;

-- By hand it is proposed, for another to approve.
SET SESSION AUTHORIZATION regress_eve;
SELECT recon.match_manually(project('four eyes'), r('a6'), r('b6'), 'by hand') > 0 AS made;
SELECT approve('a6');
SELECT * FROM matches WHERE a = 'a6' ORDER BY status;
SET SESSION AUTHORIZATION regress_ann;
SELECT approve('a6');
SELECT * FROM matches WHERE a = 'a6' ORDER BY status;
RESET SESSION AUTHORIZATION;

-- Whoever loaded what the record was before counts, too.
SET SESSION AUTHORIZATION regress_ann;
SELECT put(:b, E'external_id,reference\nb8,other\n');
SET SESSION AUTHORIZATION regress_bob;
SELECT put(:b, E'external_id,reference\nb8,r8\n');
SET SESSION AUTHORIZATION regress_eve;
SELECT recon.match_manually(project('four eyes'), r('a8'), r('b8')) > 0 AS made;
SET SESSION AUTHORIZATION regress_ann;
SELECT approve('a8');
RESET SESSION AUTHORIZATION;

-- An upload is of everybody who had a hand in it, and a retry also of those whose rejects they were.
SET SESSION AUTHORIZATION regress_ann;
SELECT recon.upload_begin(:a, 'four.csv') AS u \gset
SET SESSION AUTHORIZATION regress_bob;
SELECT recon.upload_chunk(:u, 1, E'external_id,reference,transaction_date\nu1,u1,2026-01-01\nu2,u2,01.02.2026\n');
SET SESSION AUTHORIZATION regress_team;
SELECT records_loaded, records_rejected FROM recon.upload_finish(:u);
RESET SESSION AUTHORIZATION;
SELECT max(ingestion_id) AS i FROM recon.ingestions WHERE source_id = :a \gset
SELECT records_loaded FROM recon.retry_rejects(:i, '{"external_id": "external_id", "reference": "reference", "transaction_date": {"column": "transaction_date", "format": "DD.MM.YYYY"}}');
SELECT records_loaded, (SELECT array_agg(r::text ORDER BY r::text) FROM unnest(loaded_by) r WHERE r::text LIKE 'regress%') AS loaded_by, cardinality(loaded_by) FROM recon.ingestions WHERE source_id = :a ORDER BY started_at DESC LIMIT 2;

-- Many in one call.
SELECT put(:a, rows('a', 1000, 1999)), put(:b, rows('b', 1000, 1999));
SET SESSION AUTHORIZATION regress_bob;
SELECT matches, proposed, approved FROM recon.run_job(:j);
SET SESSION AUTHORIZATION regress_eve;
SELECT recon.approve_matches(array_agg(match_id)) FROM recon.matches WHERE project_id = :p AND status = 'proposed' AND match_id <> m('a8');
RESET SESSION AUTHORIZATION;
SELECT status, count(*) FROM recon.matches WHERE project_id = :p GROUP BY status ORDER BY status;

-- Off again, by an owner: the rule approves, and so does who matches by hand; what waits may be approved by anybody.
SELECT recon.alter_project(:p, '{"settings": {"four_eyes": false}}');
SELECT put(:a, rows('a', 3000, 3001)), put(:b, rows('b', 3000, 3001));
SELECT matches, proposed, approved FROM recon.run_job(:j);
SELECT approve('a8');
SELECT * FROM recon.stats_verify(:p);
DROP VIEW matches;
DROP FUNCTION m(text), r(text[]), approve(text[]), rows(text, int, int), put(bigint, text);
SELECT recon.drop_project(:p);
DROP ROLE regress_ann, regress_bob, regress_eve, regress_team;
