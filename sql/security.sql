\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- Who sees what, who may do what, and that nothing else tells of a project.
CREATE ROLE regress_ann;
CREATE ROLE regress_bob;
CREATE ROLE regress_carl;
CREATE ROLE regress_dora NOINHERIT;
CREATE ROLE regress_eve;
CREATE ROLE regress_team;
GRANT pg_read_server_files TO regress_ann, regress_bob, regress_carl, regress_eve;

-- A project with a row in every table.
SET ROLE regress_ann;
SELECT recon.create_project('secret project') AS p \gset
SELECT recon.create_source(:p, 'secret a') AS a \gset
SELECT recon.create_source(:p, 'secret b') AS b \gset
SELECT recon.create_rule(:p, 'secret rule', '{"match": [{"field": "amount", "op": "equal"}]}') AS r \gset
SELECT recon.create_job(:p, 'secret job', :a, :b) AS j \gset
SELECT recon.set_user('Secret Ann', 'ann@secret');
RESET ROLE;
SELECT count(*) > 0 AS sealed FROM recon.run_cleanup();
SELECT file('secret.csv', E'external_id,amount\ns1,1\ns2,2\ns3,x\n') AS path \gset
SELECT records_loaded, records_rejected FROM recon.ingest_file(:a, :'path');
SELECT loaded FROM load(:b, E'external_id,amount\ns1,1\n');
SELECT matches FROM recon.run_job(:j);
SELECT match_id AS m FROM recon.matches WHERE job_id = :j \gset
SELECT record_id AS open FROM recon.open_records WHERE project_id = :p \gset
SELECT loaded FROM load(:b, E'external_id,amount\ns9,5\n');
SELECT loaded FROM load(:b, E'external_id,amount\ns9,6\n', '{"on_duplicate": "update"}');
SELECT record_id AS open_b FROM recon.open_records WHERE project_id = :p AND source_id = :b \gset
SELECT recon.comment_exception(:open, 'secret comment');
INSERT INTO recon.rejections VALUES (:m, :p, :a, :b);
SELECT max(ingestion_id) AS ingestion FROM recon.ingestions WHERE project_id = :p \gset
SELECT recon.upload_begin(:a, 'secret.csv') AS up \gset
SELECT recon.upload_chunk(:up, 1, 'secret');

CREATE FUNCTION rows_seen() RETURNS TABLE (relation name, rows bigint) LANGUAGE plpgsql AS $$
BEGIN
    FOR relation IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'recon'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'p', 'f') AND has_any_column_privilege(c.oid, 'SELECT') ORDER BY c.relname LOOP
        EXECUTE format('SELECT count(*) FROM recon.%I', relation) INTO rows;
        RETURN NEXT;
    END LOOP;
END
$$;
SELECT recon.set_holidays('SECURITY', '{2024-01-01}');
SET ROLE regress_ann;
SELECT string_agg(relation, ' ') AS seen_without_rows FROM rows_seen() WHERE rows = 0;

-- Who is no member finds nothing, in no table and no view; calendars belong to nobody.
SET ROLE regress_eve;
SELECT * FROM rows_seen() WHERE rows > 0 AND relation <> 'holidays';
SELECT count(*) > 0 AS holidays FROM recon.holidays;
SELECT recon.is_member(:p) AS of_hidden, recon.is_member(999999999) AS of_none, recon.shares_project(1) AS shares;

-- A hidden id and one that does not exist give the same answer, from every function that takes ids.
CREATE TEMP TABLE calls (function text, hidden text, none text);
INSERT INTO calls SELECT function, format(arguments, VARIADIC ids), format(arguments, VARIADIC '{999999999,999999998,999999997}'::text[]) FROM (VALUES
    ('alter_project', $$%1$s, '{"name": "x"}'$$, ARRAY[:p]::text[]), ('drop_project', '%1$s', ARRAY[:p]::text[]), ('get_project_stats', '%1$s', ARRAY[:p]::text[]), ('get_project', '%1$s', ARRAY[:p]::text[]), ('get_reconciliation_jobs', '%1$s', ARRAY[:p]::text[]), ('get_project_data_sources', '%1$s', ARRAY[:p]::text[]), ('stats_verify', '%1$s', ARRAY[:p]::text[]), ('verify_audit', '%1$s', ARRAY[:p]::text[]), ('add_member', $$%1$s, 'regress_eve', 'owner'$$, ARRAY[:p]::text[]),
    ('remove_member', $$%1$s, 'regress_ann'$$, ARRAY[:p]::text[]), ('create_source', $$%1$s, 'secret a'$$, ARRAY[:p]::text[]),
    ('create_source', $$%1$s, 'x', NULL, '{}', 'nowhere'$$, ARRAY[:p]::text[]), ('alter_source', $$%1$s, '{"name": "secret b"}'$$, ARRAY[:a]::text[]),
    ('alter_source', $$%1$s, '{"relation": "nowhere"}'$$, ARRAY[:a]::text[]), ('ingest_file', $$%1$s, '/nowhere'$$, ARRAY[:a]::text[]),
    ('create_rule', $$%1$s, 'x', '{"match": [{"field": "amount", "op": "equal"}]}'$$, ARRAY[:p]::text[]), ('alter_rule', $$%1$s, '{"active": false}'$$, ARRAY[:r]::text[]),
    ('create_job', $$%1$s, 'x', %2$s, %3$s$$, ARRAY[:p, :a, :b]::text[]), ('run_project', '%1$s', ARRAY[:p]::text[]), ('run_job', '%1$s', ARRAY[:j]::text[]), ('start_job', '%1$s', ARRAY[:j]::text[]), ('cancel_job', '%1$s', ARRAY[:j]::text[]), ('preview_job', '%1$s', ARRAY[:j]::text[]), ('report_html', '%1$s', ARRAY[:j]::text[]), ('get_job_progress', '%1$s', ARRAY[:j]::text[]),
    ('explain_rule', '%1$s', ARRAY[:r]::text[]), ('explain_match', '%1$s', ARRAY[:m]::text[]), ('explain_record', '%1$s', ARRAY[:open]::text[]), ('retry_rejects', '%1$s', ARRAY[:ingestion]::text[]),
    ('sync_source', '%1$s', ARRAY[:a]::text[]),
    ('evaluate', $$%1$s, 'pg_class'$$, ARRAY[:j]::text[]), ('approve_matches', 'ARRAY[%1$s]', ARRAY[:m]::text[]), ('reject_matches', 'ARRAY[%1$s]', ARRAY[:m]::text[]), ('unmatch', '%1$s', ARRAY[:m]::text[]), ('unmatch_matches', 'ARRAY[%1$s]', ARRAY[:m]::text[]),
    ('assign_exception', $$%1$s, 'regress_eve'$$, ARRAY[:open]::text[]), ('assign_exceptions', $$ARRAY[%1$s], 'regress_eve'$$, ARRAY[:open]::text[]), ('comment_exception', $$%1$s, 'x'$$, ARRAY[:open]::text[]), ('comment_exceptions', $$ARRAY[%1$s], 'x'$$, ARRAY[:open]::text[]),
    ('set_exception_status', $$%1$s, 'accepted'$$, ARRAY[:open]::text[]), ('set_exceptions_status', $$ARRAY[%1$s], 'accepted'$$, ARRAY[:open]::text[]), ('nearest_candidate', '%1$s', ARRAY[:open]::text[]),
    ('close_period', $$%1$s, '2024-01-31'$$, ARRAY[:p]::text[]), ('reopen_period', '%1$s', ARRAY[:p]::text[]), ('balance_proof', '%1$s, %2$s, %3$s', ARRAY[:p, :a, :b]::text[]),
    ('match_manually', '%1$s, ARRAY[%2$s], ARRAY[%3$s]', ARRAY[:p, :open, :open_b]::text[]),
    ('upload_begin', $$%1$s, 'x'$$, ARRAY[:a]::text[]), ('upload_chunk', $$%1$s, 1, 'secret'$$, ARRAY[:up]::text[]), ('upload_finish', '%1$s', ARRAY[:up]::text[]), ('upload_status', '%1$s', ARRAY[:up]::text[])) v(function, arguments, ids);
SELECT function, hidden = none AS same, hidden AS answer FROM (
    SELECT function, err(format('SELECT recon.%s(%s)', function, hidden)) AS hidden, err(format('SELECT recon.%s(%s)', function, none)) AS none FROM calls) c;
SELECT proname AS not_tested_above FROM pg_proc
WHERE pronamespace = 'recon'::regnamespace AND proargtypes::oid[] && '{int8,int8[]}'::regtype[]::oid[] AND proname NOT IN (SELECT function FROM calls) AND proname NOT IN ('is_member', 'shares_project');
-- Ids of a hidden project are of no use in one's own.
SELECT recon.create_project('eve') AS own \gset
SELECT recon.create_source(:own, 'secret a') > 0 AS same_name_is_free;
SELECT err(format('SELECT recon.create_job(%s, %L, %s, %s)', :own, 'x', :a, :b)) = err(format('SELECT recon.create_job(%s, %L, 999999998, 999999999)', :own, 'x')) AS same;
SELECT err(format('SELECT recon.create_job(%s, %L, %s, %s, ARRAY[%s])', :own, 'x', :own, :b, :r)) LIKE '%secret%' AS tells;
SELECT relation, rows FROM rows_seen() WHERE rows > 0 AND relation <> 'holidays';

-- Each role in a project may do what the contract says, and less may not.
RESET ROLE;
SELECT recon.add_member(:p, 'regress_bob', 'viewer');
CREATE FUNCTION may(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RAISE EXCEPTION 'undo' USING ERRCODE = 'RE000';
EXCEPTION
    WHEN SQLSTATE 'RE000' THEN RETURN 'yes';
    WHEN OTHERS THEN RETURN SQLSTATE;
END
$$;
CREATE TABLE deeds AS SELECT * FROM (VALUES
    (1, 'read', format('SELECT 1 / count(*) FROM recon.records WHERE project_id = %s', :p)), (2, 'explain', format('SELECT recon.explain_match(%s)', :m)),
    (3, 'preview', format('SELECT count(*) FROM recon.preview_job(%s)', :j)), (4, 'run', format('SELECT recon.run_job(%s)', :j)),
    (5, 'load', format('SELECT recon.ingest_file(%s, %L)', :a, :'path')), (6, 'file source', format('SELECT recon.create_source(%s, %L)', :p, 'x')),
    (7, 'rule', format('SELECT recon.create_rule(%s, %L, %L)', :p, 'x', '{"match": [{"field": "amount", "op": "equal"}]}')), (8, 'change rule', format('SELECT recon.alter_rule(%s, %L)', :r, '{"active": true}')),
    (9, 'job', format('SELECT recon.create_job(%s, %L, %s, %s)', :p, 'x', :a, :b)), (10, 'change source', format('SELECT recon.alter_source(%s, %L)', :a, '{"name": "x"}')),
    (11, 'relation source', format('SELECT recon.create_source(%s, %L, NULL, %L, %L)', :p, 'x', '{}', 'pg_catalog.pg_class')), (12, 'settings', format('SELECT recon.alter_project(%s, %L)', :p, '{"settings": {}}')),
    (13, 'members', format('SELECT recon.add_member(%s, %L, %L)', :p, 'regress_eve', 'viewer')), (14, 'drop', format('SELECT recon.drop_project(%s)', :p)),
    (15, 'unmatch', format('SELECT recon.unmatch(%s)', :m)), (16, 'match by hand', format('SELECT recon.match_manually(%s, ARRAY[%s], ARRAY[%s])', :p, :open, :open_b)),
    (17, 'approve', format('SELECT recon.approve_matches(ARRAY[%s])', :m)), (18, 'run project', format('SELECT recon.run_project(%s)', :p)),
    (19, 'assign an exception', format('SELECT recon.assign_exception(%s, NULL)', :open)), (20, 'comment on it', format('SELECT recon.comment_exception(%s, %L)', :open, 'x')), (21, 'accept it', format('SELECT recon.set_exception_status(%s, %L)', :open, 'accepted')),
    (22, 'nearest candidate', format('SELECT recon.nearest_candidate(%s)', :open))) v(n, deed, statement);
GRANT SELECT ON deeds TO PUBLIC;
CREATE TABLE done (n int, member_role text, may text);
GRANT INSERT ON done TO PUBLIC;
SET ROLE regress_bob;
INSERT INTO done SELECT n, 'viewer', may(statement) FROM deeds;
RESET ROLE;
SELECT recon.add_member(:p, 'regress_bob', 'reviewer');
SET ROLE regress_bob;
INSERT INTO done SELECT n, 'reviewer', may(statement) FROM deeds;
RESET ROLE;
SELECT recon.add_member(:p, 'regress_bob', 'operator');
SET ROLE regress_bob;
INSERT INTO done SELECT n, 'operator', may(statement) FROM deeds;
RESET ROLE;
SELECT recon.add_member(:p, 'regress_bob', 'owner');
SET ROLE regress_bob;
INSERT INTO done SELECT n, 'owner', may(statement) FROM deeds;
RESET ROLE;
SELECT deed, max(may) FILTER (WHERE member_role = 'viewer') AS viewer, max(may) FILTER (WHERE member_role = 'reviewer') AS reviewer,
       max(may) FILTER (WHERE member_role = 'operator') AS operator, max(may) FILTER (WHERE member_role = 'owner') AS owner
FROM done JOIN deeds USING (n) GROUP BY n, deed ORDER BY n;

-- A group that is a member: who has its privileges has its membership, asked at each call.
SELECT recon.add_member(:p, 'regress_team', 'viewer');
GRANT regress_team TO regress_carl, regress_dora;
SET ROLE regress_carl;
SELECT name FROM recon.projects;
SELECT err(format('SELECT recon.run_job(%s)', :j));
SET SESSION AUTHORIZATION regress_dora;
SELECT name FROM recon.projects;
SET ROLE regress_team;
SELECT name FROM recon.projects;
RESET SESSION AUTHORIZATION;
REVOKE regress_team FROM regress_carl;
SET ROLE regress_carl;
SELECT name FROM recon.projects;
RESET ROLE;

-- Nobody writes to tables, members no more than others; nobody takes ids.
SET ROLE regress_ann;
SELECT relname, privilege FROM pg_class, unnest('{INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) privilege
WHERE relnamespace = 'recon'::regnamespace AND relkind IN ('r', 'v') AND has_table_privilege(oid, privilege);
SELECT relname FROM pg_class WHERE relnamespace = 'recon'::regnamespace AND CASE relkind WHEN 'S' THEN has_sequence_privilege(oid, 'SELECT,USAGE,UPDATE') END;
SELECT err(format('UPDATE recon.projects SET name = %L WHERE project_id = %s', 'x', :p));
SELECT err($$SELECT recon.set_holidays('X', '{2024-01-01}')$$);
RESET ROLE;
GRANT EXECUTE ON FUNCTION recon.set_holidays TO regress_ann;
SET ROLE regress_ann;
SELECT recon.set_holidays('SECURITY', '{2024-01-01,2024-01-01,2024-05-01}');
SELECT err($$SELECT recon.set_holidays('', '{2024-01-01}')$$), err($$SELECT recon.set_holidays('X', NULL)$$), err($$SELECT recon.set_holidays('X', '{NULL}')$$), err($$SELECT recon.set_holidays('X', '{infinity}')$$);
RESET ROLE;
REVOKE EXECUTE ON FUNCTION recon.set_holidays FROM regress_ann;

-- Operators and functions of the caller's own are never found by recon's functions.
CREATE SCHEMA regress_evil AUTHORIZATION regress_eve;
SET ROLE regress_eve;
CREATE FUNCTION regress_evil.trap(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trapped as %', current_user; END$$;
CREATE FUNCTION regress_evil.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trapped as %', current_user; END$$;
CREATE OPERATOR regress_evil.= (FUNCTION = regress_evil.trap, LEFTARG = bigint, RIGHTARG = bigint);
SET search_path = regress_evil, pg_catalog;
SELECT recon.create_project('evil') > 0 AS made;
SELECT recon.alter_project(:own, '{"name": "eve 2"}');
SELECT count(*) FROM recon.results;
RESET ROLE;
SET search_path = test;
DROP SCHEMA regress_evil CASCADE;
DROP TABLE deeds, done;
DROP FUNCTION may(text), rows_seen();
SELECT recon.drop_project(:p);
SELECT recon.drop_project(project('eve 2'));
SELECT recon.drop_project(project('evil'));
DROP TABLE pg_temp.calls;
DROP ROLE regress_ann, regress_bob, regress_carl, regress_dora, regress_eve, regress_team;
