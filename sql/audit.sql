\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- Every change is in the audit trail, and the trail proves itself.
CREATE ROLE regress_ann;
CREATE ROLE regress_bob;
CREATE ROLE regress_eve;
GRANT pg_read_server_files TO regress_ann;
SELECT coalesce(max(audit_id), 0) AS last FROM recon.audit_log \gset

-- Each kind of change once.
SET ROLE regress_ann;
SELECT recon.create_project('audited') AS p \gset
SELECT recon.alter_project(:p, '{"description": "all of it", "settings": {"pairs": [["audit a", "audit b"]]}}');
SELECT recon.set_user('Ann', 'ann@example.org');
SELECT recon.add_member(:p, 'regress_bob', 'viewer'), recon.add_member(:p, 'regress_bob', 'reviewer');
SELECT recon.create_source(:p, 'audit a') AS a, recon.create_source(:p, 'audit b') AS b \gset
SELECT recon.alter_source(:a, '{"options": {"trim": true}}');
SELECT recon.create_rule(:p, 'near', '{"match": [{"field": "reference", "op": "equal"}, {"field": "amount", "op": "within", "abs": 1}]}') AS r \gset
SELECT recon.alter_rule(:r, '{"priority": 7}');
SELECT recon.create_job(:p, 'audit job', :a, :b) AS j \gset
RESET ROLE;
SELECT file('audit_a.csv', E'external_id,amount,reference\na1,10,x\na2,20,y\na3,30,z\na4,40,u\na5,bad,v\na6,60,w\n') AS path_a, file('audit_c.csv', E'external_id,amount,reference\nb4,40.25,u\n') AS path_c \gset
CREATE FUNCTION m(text) RETURNS bigint STABLE LANGUAGE sql AS $$SELECT max(x.match_id) FROM recon.match_records x JOIN recon.records USING (record_id) WHERE external_id = $1 AND x.project_id = project('audited')$$;
CREATE FUNCTION r(text) RETURNS bigint STABLE LANGUAGE sql AS $$SELECT max(record_id) FROM recon.records WHERE external_id = $1 AND project_id = project('audited')$$;
SET ROLE regress_ann;
SELECT status, records_rejected FROM recon.ingest_file(:a, :'path_a');
SELECT status FROM recon.ingest_file(:a, :'path_a');
SELECT recon.upload_begin(:b, 'b.csv') AS up \gset
SELECT recon.upload_chunk(:up, 1, convert_to(E'external_id,amount,reference\nb1,10.5,x\nb2,20.5,y\nb3,30.5,z\nb4,40.5,u\nb6,61,-\n', 'UTF8'));
SELECT status FROM recon.upload_finish(:up);
SELECT status FROM recon.retry_rejects((SELECT min(ingestion_id) FROM recon.ingestions WHERE project_id = :p));
SELECT matches, proposed FROM recon.run_job(:j);
SELECT recon.approve_matches(ARRAY[m('a1'), m('a2')], 'seen'), recon.approve_matches(ARRAY[m('a1')], 'again');
SELECT recon.reject_matches(ARRAY[m('a3')]), recon.unmatch(m('a2'));
SELECT recon.match_manually(:p, ARRAY[r('a2')], ARRAY[r('b3')]) > 0 AS by_hand;
SELECT recon.assign_exception(r('a6'), 'regress_bob'), recon.comment_exception(r('a6'), 'where is it?') IS NOT NULL AS commented, recon.set_exception_status(r('a6'), 'investigating');
SELECT records_loaded FROM recon.ingest_file(:b, :'path_c', '{"on_duplicate": "update"}');
SELECT recon.remove_member(:p, 'regress_bob');
SELECT recon.alter_project(:p, '{"status": "archived"}'), recon.alter_project(:p, '{"status": "active"}');
RESET ROLE;
SELECT recon.set_holidays('AUDIT', '{2024-05-01}'), recon.set_holidays('AUDIT', '{2024-05-01,2024-12-25}');
UPDATE recon.stats_base SET jobs = jobs + 1 WHERE project_id = :p;
SELECT recon.stats_verify(:p);
SELECT replace(user_name, session_user, 'the superuser') AS user_name, session_user_name = session_user AS by_session, action, resource, resource_id IS NOT NULL AS id, before IS NOT NULL AS before, after IS NOT NULL AS after, count(*)
FROM recon.audit_log WHERE audit_id > :last AND (project_id = :p OR project_id = 0 AND user_name IN ('regress_ann', session_user))
GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY min(audit_id);
SELECT before -> 'days' AS before, after -> 'days' AS after FROM recon.audit_log WHERE audit_id > :last AND resource = 'holidays' ORDER BY audit_id;
SELECT before ->> 'display_name' AS before, after ->> 'display_name' AS after FROM recon.audit_log WHERE audit_id > :last AND resource = 'user';
SELECT before - 'reviewed_at' AS before, after - 'reviewed_at' AS after FROM recon.audit_log WHERE audit_id > :last AND action = 'approve' ORDER BY audit_id;
SELECT before ->> 'status' AS before, regexp_replace(after ->> 'note', '\d+', '#') AS note, after ->> 'status' AS after FROM recon.audit_log WHERE audit_id > :last AND action = 'withdraw';
SELECT before ->> 'runs' AS before, after ->> 'runs' AS runs, after ->> 'matches' AS matches, after ->> 'total_records' AS total_records FROM recon.audit_log WHERE audit_id > :last AND action = 'run';

-- A call is a batch, whatever the number of its entries; the batches of a chain follow one another.
SELECT entries, count(*) FROM recon.audit_batches WHERE project_id = :p GROUP BY 1 ORDER BY 1;
SELECT chain_no, count(*) = max(batch_no) AS without_gap, min(batch_no) FROM recon.audit_batches WHERE project_id = :p GROUP BY 1;
SELECT valid, chains, batches = (SELECT count(*) FROM recon.audit_batches WHERE project_id = :p) AS batches, entries = (SELECT count(*) FROM recon.audit_log WHERE project_id = :p) AS entries, problem FROM recon.verify_audit(:p);

-- The hashes, as anybody can compute them from the documentation.
CREATE FUNCTION sha(VARIADIC parts bytea[]) RETURNS bytea LANGUAGE sql AS $$SELECT sha256(string_agg(p, '' ORDER BY n)) FROM unnest(parts) WITH ORDINALITY u(p, n)$$;
SELECT count(*) AS wrong_entries FROM recon.audit_log WHERE project_id = :p AND hash IS DISTINCT FROM
    sha(convert_to(json_build_array(audit_id, project_id, extract(epoch FROM at), session_user_name, user_name, action, resource, resource_id, before::text, after::text)::text, 'UTF8'));
SELECT count(*) AS wrong_batches FROM recon.audit_batches b WHERE project_id = :p AND hash IS DISTINCT FROM
    sha(coalesce((SELECT hash FROM recon.audit_batches x WHERE x.project_id = b.project_id AND x.chain_no = b.chain_no AND x.batch_no = b.batch_no - 1), decode(repeat('00', 32), 'hex')),
        convert_to(json_build_array(project_id, chain_no, batch_no, entries)::text, 'UTF8'),
        (SELECT string_agg(hash, '' ORDER BY audit_id) FROM recon.audit_log l WHERE l.project_id = b.project_id AND l.chain_no = b.chain_no AND l.batch_no = b.batch_no));
SELECT convert_from(convert_to(json_build_array(7, extract(epoch FROM timestamptz '2024-02-29 12:00:00.5+00'), 'Jörg'::name, NULL, '{"b": 1.50, "a": null}'::jsonb::text)::text, 'UTF8'), 'UTF8') AS text_of_an_entry;

-- They depend on no setting.
SET timezone = 'Asia/Kathmandu';
SET datestyle = 'SQL, DMY';
SET extra_float_digits = 0;
SET intervalstyle = 'sql_standard';
SET bytea_output = 'escape';
SELECT valid FROM recon.verify_audit(:p);
SELECT recon.alter_project(:p, '{"description": "elsewhere"}');
RESET timezone;
RESET datestyle;
RESET extra_float_digits;
RESET intervalstyle;
RESET bytea_output;
SELECT valid FROM recon.verify_audit(:p);

-- A rollback to a savepoint takes its batches along, and the chain goes on from where it was.
SELECT max(batch_no) AS batch FROM recon.audit_batches WHERE project_id = :p AND chain_no = 0 \gset
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT recon.alter_project(:p, '{"description": "1"}');
SAVEPOINT s;
SELECT recon.alter_project(:p, '{"description": "2"}'), recon.alter_project(:p, '{"description": "3"}');
ROLLBACK TO s;
SELECT recon.alter_project(:p, '{"description": "4"}');
COMMIT;
BEGIN;
SAVEPOINT s;
SELECT recon.alter_project(:p, '{"description": "5"}');
ROLLBACK TO s;
SELECT recon.alter_project(:p, '{"description": "6"}');
COMMIT;
SELECT l.batch_no - :batch AS batch, after ->> 'description' AS description FROM recon.audit_log l WHERE project_id = :p AND chain_no = 0 AND batch_no > :batch ORDER BY 1;
SELECT valid FROM recon.verify_audit(:p);

-- What a batch of many entries has; nothing changed, nothing written.
SELECT loaded FROM load(:a, E'external_id,amount,reference\n' || (SELECT string_agg(format(E'm%s,%s,m%s\n', n, n, n), '') FROM generate_series(1, 3000) n));
SELECT loaded FROM load(:b, E'external_id,amount,reference\n' || (SELECT string_agg(format(E'n%s,%s.5,m%s\n', n, n, n), '') FROM generate_series(1, 3000) n));
SELECT matches FROM recon.run_job(:j);
SELECT recon.approve_matches(array_agg(match_id)) FROM recon.matches WHERE project_id = :p AND status = 'proposed';
SELECT recon.approve_matches(array_agg(match_id)) FROM recon.matches WHERE project_id = :p AND status = 'approved';
SELECT entries FROM recon.audit_batches WHERE project_id = :p AND entries > 100;
SELECT valid FROM recon.verify_audit(:p);

-- Seals: where there is something new.
SELECT removed >= 1 AS sealed FROM recon.run_cleanup() WHERE task = 'audit chains sealed';
SELECT valid, seals, unsealed, last_seal, last_seal_hash = (SELECT hash FROM recon.audit_seals WHERE project_id = :p AND seal_no = 1) AS hash FROM recon.verify_audit(:p);
SELECT removed FROM recon.run_cleanup() WHERE task = 'audit chains sealed';
SELECT recon.alter_project(:p, '{"description": "sealed"}');
SELECT seals, unsealed FROM recon.verify_audit(:p);
SELECT removed FROM recon.run_cleanup() WHERE task = 'audit chains sealed';
SELECT count(*) AS wrong_seals FROM recon.audit_seals s WHERE project_id = :p AND hash IS DISTINCT FROM
    sha(coalesce((SELECT hash FROM recon.audit_seals x WHERE x.project_id = s.project_id AND x.seal_no = s.seal_no - 1), decode(repeat('00', 32), 'hex')),
        convert_to(json_build_array(project_id, seal_no, extract(epoch FROM at), chain_no, batch_no)::text, 'UTF8'), batch_hash);
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT recon.alter_project(:p, '{"description": "fixed"}');
SELECT removed FROM recon.run_cleanup() WHERE task = 'audit chains sealed';
COMMIT;

-- Nobody but a superuser changes the trail, and what he changes is found.
SET ROLE regress_ann;
SELECT err('UPDATE recon.audit_log SET user_name = user_name'), err('DELETE FROM recon.audit_batches WHERE false'), err('TRUNCATE recon.audit_seals');
RESET ROLE;
BEGIN;
UPDATE recon.audit_log SET user_name = 'regress_nobody' WHERE project_id = :p AND audit_id = (SELECT max(audit_id) FROM recon.audit_log WHERE project_id = :p);
SELECT valid, regexp_replace(problem, '[0-9]+', '#') AS problem FROM recon.verify_audit(:p);
ROLLBACK;

-- Who may prove it: members; of what belongs to no project, or to one that is gone, superusers.
SET ROLE regress_ann;
SELECT recon.add_member(:p, 'regress_bob', 'viewer');
SET ROLE regress_bob;
SELECT valid FROM recon.verify_audit(:p);
BEGIN READ ONLY;
SELECT valid FROM recon.verify_audit(:p);
COMMIT;
SET ROLE regress_eve;
SELECT err(format('SELECT recon.verify_audit(%s)', :p)), err('SELECT recon.verify_audit(0)'), err('SELECT recon.verify_audit(NULL)');
SELECT count(*) FROM recon.audit_seals;
RESET ROLE;
SELECT valid, entries > 0 AS entries FROM recon.verify_audit(0);
SET ROLE regress_ann;
SELECT recon.drop_project(:p);
SELECT err(format('SELECT recon.verify_audit(%s)', :p));
RESET ROLE;
SELECT valid, unsealed, seals FROM recon.verify_audit(:p);
SELECT action, resource, before ->> 'name' AS name FROM recon.audit_log WHERE project_id = :p ORDER BY audit_id DESC LIMIT 1;
SELECT err('SELECT recon.verify_audit(999999999)');

DROP FUNCTION sha, m, r;
DROP ROLE regress_ann, regress_bob, regress_eve;
