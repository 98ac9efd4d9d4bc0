-- Projects, members, and who sees what.

CREATE FUNCTION recon.member_projects() RETURNS bigint[]
    AS 'MODULE_PATHNAME', 'recon_member_projects' LANGUAGE c STABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION recon.member_projects() IS
    'the projects for which recon.is_member is true, ascending; for superusers all';

-- Tells the planner that recon.is_member(project_id) means project_id = ANY (recon.member_projects()), for which it may have
-- an index.
CREATE FUNCTION recon.is_member_support(request internal) RETURNS internal
    AS 'MODULE_PATHNAME', 'recon_is_member_support' LANGUAGE c STRICT;
COMMENT ON FUNCTION recon.is_member_support(internal) IS 'planner support for recon.is_member';

CREATE FUNCTION recon.is_member(project_id bigint) RETURNS boolean
    AS 'MODULE_PATHNAME', 'recon_is_member' LANGUAGE c STABLE PARALLEL SAFE STRICT COST 10 SUPPORT recon.is_member_support;
COMMENT ON FUNCTION recon.is_member(bigint) IS
    'whether the current user has the privileges of a member of the project; superusers of all';

CREATE FUNCTION recon.shares_project(user_id bigint) RETURNS boolean
    AS 'MODULE_PATHNAME', 'recon_shares_project' LANGUAGE c STABLE STRICT COST 10;
COMMENT ON FUNCTION recon.shares_project(bigint) IS
    'whether the user is the current one or a fellow member in a project of the current user';

CREATE FUNCTION recon.create_project(name text, description text DEFAULT NULL, settings jsonb DEFAULT '{}')
    RETURNS bigint AS 'MODULE_PATHNAME', 'recon_create_project' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.create_project(text, text, jsonb) IS
    'creates a project, with the caller as its owner; returns its id';

CREATE FUNCTION recon.alter_project(project_id bigint, changes jsonb) RETURNS void
    AS 'MODULE_PATHNAME', 'recon_alter_project' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.alter_project(bigint, jsonb) IS
    'changes name, description, status or settings (merged; a null takes a key out); for owners';

CREATE FUNCTION recon.drop_project(project_id bigint) RETURNS void
    AS 'MODULE_PATHNAME', 'recon_drop_project' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.drop_project(bigint) IS
    'drops a project with everything in it but its audit trail; for owners';

CREATE FUNCTION recon.add_member(project_id bigint, member name, member_role text) RETURNS void
    AS 'MODULE_PATHNAME', 'recon_add_member' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.add_member(bigint, name, text) IS
    'makes a role viewer, reviewer, operator or owner of the project, or changes which of them it is; for owners';

CREATE FUNCTION recon.remove_member(project_id bigint, member name) RETURNS void
    AS 'MODULE_PATHNAME', 'recon_remove_member' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.remove_member(bigint, name) IS
    'takes a role out of the project; the last owner cannot be removed; for owners';

CREATE FUNCTION recon.set_user(display_name text, email text) RETURNS void
    AS 'MODULE_PATHNAME', 'recon_set_user' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.set_user(text, text) IS 'sets the calling role''s name and e-mail address for others to see';

CREATE FUNCTION recon.find_user(email text) RETURNS SETOF recon.users
    AS 'MODULE_PATHNAME', 'recon_find_user' LANGUAGE c STABLE STRICT ROWS 1;
COMMENT ON FUNCTION recon.find_user(text) IS
    'the active users with an e-mail address, upper or lower case, among the caller and who shares a project with him; for '
    'superusers among all';

CREATE FUNCTION recon.set_holidays(calendar text, days date[]) RETURNS bigint
    AS 'MODULE_PATHNAME', 'recon_set_holidays' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.set_holidays(text, date[]) IS
    'replaces the days off of a calendar and returns how many it has; for superusers and who was granted it';

DO $$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT c.relname,
               EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a
                       WHERE a.attrelid = c.oid AND a.attname = 'project_id' AND NOT a.attisdropped) AS of_project
        FROM pg_catalog.pg_class c WHERE c.relnamespace = 'recon'::regnamespace AND c.relkind = 'r'
    LOOP
        EXECUTE format('ALTER TABLE recon.%I ENABLE ROW LEVEL SECURITY', item.relname);
        IF item.of_project THEN
            EXECUTE format('CREATE POLICY members ON recon.%I FOR SELECT USING (recon.is_member(project_id))', item.relname);
            EXECUTE format('COMMENT ON POLICY members ON recon.%I IS ''members of the project see its rows''', item.relname);
        END IF;
    END LOOP;
END
$$;
CREATE POLICY fellows ON recon.users FOR SELECT USING (recon.shares_project(user_id));
COMMENT ON POLICY fellows ON recon.users IS 'who shares a project sees one another';
CREATE POLICY everyone ON recon.holidays FOR SELECT USING (true);
COMMENT ON POLICY everyone ON recon.holidays IS 'calendars belong to no project';
