\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- Projects, members, users.
CREATE ROLE regress_ann;
CREATE ROLE regress_bob;
CREATE ROLE regress_carl;
GRANT regress_ann, regress_bob, regress_carl TO CURRENT_USER;

-- The creator owns it.
SET ROLE regress_ann;
SELECT recon.create_project('prj', 'first', '{"currency": "EUR", "keep": 1}') AS prj \gset
SELECT name, description, settings, status, active FROM recon.projects WHERE project_id = :prj;
SELECT member, member_role, added_by FROM recon.project_members WHERE project_id = project('prj');
SELECT err($$SELECT recon.create_project(NULL)$$);
SELECT err($$SELECT recon.create_project('')$$);
SELECT err($$SELECT recon.create_project('x', NULL, '[]')$$);
SELECT err($$SELECT recon.create_project('x', NULL, '{"pairs": [["a"]]}')$$);
SELECT count(*) FROM recon.projects WHERE name = 'x';

-- Changes: settings are merged, a null takes a key out (of the settings, not of what is in them), what is not named stays.
SELECT recon.alter_project(project('prj'), '{"settings": {"deep": {"kept": null}}}');
SELECT recon.alter_project(project('prj'), '{"settings": {"currency": null, "new": [1]}}');
SELECT name, description, settings, status FROM recon.projects WHERE project_id = project('prj');
SELECT recon.alter_project(project('prj'), '{"name": "prj2", "description": null}');
SELECT name, description, settings, status FROM recon.projects WHERE project_id = project('prj2');
SELECT recon.alter_project(project('prj2'), '{"name": "prj", "description": "second"}');
SELECT err(format($$SELECT recon.alter_project(%s, %L)$$, project('prj'), changes)) FROM (VALUES
    ('{"nmae": "x"}'), ('{"name": ""}'), ('{"name": 5}'), ('{"status": "closed"}'), ('{"settings": 1}'),
    ('{"settings": {"pairs": "x"}}'), ('{"project_id": 1}'), ('[]'), (NULL)) c(changes);

-- Members: roles are cumulative, and may be changed.
SELECT recon.add_member(project('prj'), 'regress_bob', 'viewer');
SELECT recon.add_member(project('prj'), 'regress_bob', 'reviewer');
SELECT member, member_role, added_by FROM recon.project_members WHERE project_id = project('prj') ORDER BY member::text;
SELECT err(format($$SELECT recon.add_member(%s, 'regress_carl', 'admin')$$, project('prj')));
SELECT err(format($$SELECT recon.add_member(%s, 'regress_nobody', 'viewer')$$, project('prj')));
SELECT err(format($$SELECT recon.remove_member(%s, 'regress_carl')$$, project('prj')));
SELECT err(format($$SELECT recon.remove_member(%s, 'regress_nobody')$$, project('prj')));

-- An owner is left, always.
SELECT err(format($$SELECT recon.remove_member(%s, 'regress_ann')$$, project('prj')));
SELECT err(format($$SELECT recon.add_member(%s, 'regress_ann', 'operator')$$, project('prj')));
SELECT recon.add_member(project('prj'), 'regress_carl', 'owner');
SELECT recon.remove_member(project('prj'), 'regress_ann');
SELECT count(*) FROM recon.projects WHERE name = 'prj';
SET ROLE regress_carl;
SELECT member, member_role FROM recon.project_members WHERE project_id = project('prj') ORDER BY member::text;
SELECT recon.add_member(project('prj'), 'regress_ann', 'owner');

-- Only owners manage.
SET ROLE regress_bob;
SELECT err(format($$SELECT recon.alter_project(%s, '{"name": "bob"}')$$, project('prj')));
SELECT err(format($$SELECT recon.add_member(%s, 'regress_bob', 'owner')$$, project('prj')));
SELECT err(format($$SELECT recon.remove_member(%s, 'regress_ann')$$, project('prj')));
SELECT err(format($$SELECT recon.drop_project(%s)$$, project('prj')));

-- Users see the members of their projects.
SELECT recon.set_user('Bob', 'bob@example.com');
SET ROLE regress_ann;
SELECT role_name, display_name, email, active FROM recon.users ORDER BY role_name;
RESET ROLE;
SELECT recon.remove_member(project('prj'), 'regress_bob');
SET ROLE regress_ann;
SELECT role_name, display_name, email, active FROM recon.users ORDER BY role_name;
SET ROLE regress_bob;
SELECT role_name, display_name FROM recon.users;

-- An archived project can be looked at, not worked in.
SET ROLE regress_ann;
SELECT recon.create_source(project('prj'), 'prj_a') > 0, recon.create_source(project('prj'), 'prj_b') > 0;
SELECT recon.create_rule(project('prj'), 'prj_rule', '{"match": [{"field": "external_id", "op": "equal"}]}') > 0;
SELECT recon.create_job(project('prj'), 'prj_job', source('prj_a'), source('prj_b')) > 0;
RESET ROLE;
SELECT * FROM load(source('prj_a'), E'external_id,amount\n1,10\n2,x\n');
SELECT * FROM load(source('prj_b'), E'external_id,amount\n1,10\n');
SELECT status, matches FROM recon.run_job(job('prj_job'));
SELECT recon.alter_project(project('prj'), '{"status": "archived"}');
SELECT err(format($$SELECT recon.ingest_file(%s, '/nowhere')$$, source('prj_a')));
SELECT err(format($$SELECT recon.run_job(%s)$$, job('prj_job')));
SELECT err(format($$SELECT recon.create_source(%s, 'c')$$, project('prj')));
SELECT err(format($$SELECT recon.alter_source(%s, '{"name": "c"}')$$, source('prj_a')));
SELECT err(format($$SELECT recon.create_rule(%s, 'c', '{"match": [{"field": "amount", "op": "equal"}]}')$$, project('prj')));
SELECT err(format($$SELECT recon.alter_rule(%s, '{"active": false}')$$, rule('prj_rule')));
SELECT err(format($$SELECT recon.create_job(%s, 'c', %s, %s)$$, project('prj'), source('prj_a'), source('prj_b')));
SELECT count(*) FROM recon.records WHERE project_id = project('prj');
SELECT recon.alter_project(project('prj'), '{"status": "active"}');
SELECT status, matches FROM recon.run_job(job('prj_job'));

-- Every change stands in the audit log: who, what, before, after.
SELECT replace(user_name, session_user, 'the superuser') AS user_name, session_user_name = session_user AS by_session,
       action, resource,
       CASE resource WHEN 'job' THEN jsonb_build_object('runs', before -> 'runs') ELSE before - '{project_id,owner_id,created_at,status,active,settings}'::text[] END AS before
FROM recon.audit_log WHERE project_id = project('prj') ORDER BY audit_id;
SELECT before -> 'settings' AS before, after -> 'settings' AS after FROM recon.audit_log
WHERE project_id = project('prj') AND action = 'alter' AND resource = 'project' ORDER BY audit_id LIMIT 1;

-- A member whose role was dropped is removed by the name that it had; a new role of that name is not that member.
RESET ROLE;
CREATE ROLE regress_gone;
SELECT recon.add_member(:prj, 'regress_gone', 'viewer');
DROP ROLE regress_gone;
SELECT recon.remove_member(:prj, 'regress_gone');
SELECT count(*) FROM recon.project_members WHERE project_id = :prj AND NOT EXISTS (SELECT FROM pg_roles WHERE oid = member);
SELECT err(format($$SELECT recon.remove_member(%s, 'regress_gone')$$, :prj));

-- A dropped role is no owner that would be left.
CREATE ROLE regress_gone;
SET ROLE regress_ann;
SELECT recon.create_project('ghosts') AS ghosts \gset
SELECT recon.add_member(:ghosts, 'regress_gone', 'owner');
RESET ROLE;
DROP ROLE regress_gone;
SET ROLE regress_ann;
SELECT err(format($$SELECT recon.remove_member(%s, 'regress_ann')$$, :ghosts));
SELECT err(format($$SELECT recon.add_member(%s, 'regress_ann', 'viewer')$$, :ghosts));
RESET ROLE;
CREATE ROLE regress_gone;
SELECT recon.remove_member(:ghosts, 'regress_gone');
DROP ROLE regress_gone;
SELECT member, member_role FROM recon.project_members WHERE project_id = :ghosts;

-- A long procedure sees its own changes: membership is asked again in each statement.
SET ROLE regress_ann;
SELECT set_config('test.ghosts', :'ghosts', false) <> '' AS set;
DO $$
DECLARE
    project bigint := current_setting('test.ghosts');
    member boolean;
BEGIN
    FOR i IN 1 .. 2 LOOP
        member := recon.is_member(project);
        PERFORM set_config('test.member_' || i, member::text, false);
        IF i = 1 THEN
            PERFORM recon.add_member(project, 'regress_bob', 'owner');
            PERFORM recon.remove_member(project, 'regress_ann');
        END IF;
    END LOOP;
END
$$;
SELECT current_setting('test.member_1') AS before, current_setting('test.member_2') AS after;
RESET ROLE;
SELECT recon.drop_project(:ghosts);

-- A dropped project leaves its audit trail and nothing else.
SET ROLE regress_ann;
SELECT recon.drop_project(:prj);
SELECT err(format($$SELECT recon.drop_project(%s)$$, :prj));
RESET ROLE;
SELECT c.relname, (xpath('/row/n/text()', query_to_xml(
           format('SELECT count(*) AS n FROM recon.%I WHERE project_id = %s', c.relname, :prj), false, true, '')))[1]::text AS rows
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'project_id'
WHERE c.relnamespace = 'recon'::regnamespace AND c.relkind IN ('r', 'v') AND c.relname <> 'audit_seals' ORDER BY c.relname;
SELECT action, resource, before ->> 'name' AS name, after FROM recon.audit_log WHERE project_id = :prj ORDER BY audit_id DESC LIMIT 1;
DROP ROLE regress_ann, regress_bob, regress_carl;
