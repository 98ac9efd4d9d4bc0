-- The script runs as a superuser: nothing in it is looked up in a schema that somebody else could have filled.
SET LOCAL search_path = pg_catalog, pg_temp;

DO $$
BEGIN
    IF NOT (SELECT r.rolsuper OR n.nspowner = current_user::regrole
            FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_roles r ON r.oid = n.nspowner
            WHERE n.nspname = 'recon') THEN
        RAISE EXCEPTION 'schema "recon" belongs to another role'
            USING ERRCODE = 'insufficient_privilege', HINT = 'Drop or rename that schema first.';
    END IF;
END
$$;

REVOKE ALL ON SCHEMA recon FROM PUBLIC;
GRANT USAGE ON SCHEMA recon TO PUBLIC;
COMMENT ON SCHEMA recon IS 'reconciliation: projects, sources, records, rules, jobs and matches';
