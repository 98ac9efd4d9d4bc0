\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- A relation source is read as the role that named the relation: never as the caller, and never as a superuser.
CREATE ROLE regress_ann;
CREATE ROLE regress_bob;
CREATE ROLE regress_carl;
CREATE ROLE regress_dora;
CREATE ROLE regress_eve;
SELECT recon.create_project('sync security') AS p \gset
SELECT recon.add_member(:p, r, l) FROM (VALUES ('regress_ann', 'owner'), ('regress_bob', 'operator'), ('regress_carl', 'reviewer'), ('regress_eve', 'owner')) v(r, l);
CREATE SCHEMA regress_src;
GRANT USAGE ON SCHEMA regress_src TO regress_ann;
CREATE TABLE regress_src.rows (id int, amount numeric, tenant text);
INSERT INTO regress_src.rows VALUES (1, 10, 'regress_ann'), (2, 20, 'regress_ann'), (3, 30, 'other');
ALTER TABLE regress_src.rows ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON regress_src.rows USING (tenant = current_user);
GRANT SELECT ON regress_src.rows TO regress_ann;
SET ROLE regress_ann;
SELECT recon.create_source(:p, 'rows', '{"external_id": "id", "amount": "amount", "reference": {"expression": "current_user"}}', '{}', 'regress_src.rows') AS s \gset

-- By operators, who need no right on the relation; policies apply as to its reader, also for a superuser.
SET ROLE regress_carl;
SELECT err(format('SELECT recon.sync_source(%s)', :s));
SET ROLE regress_dora;
SELECT err(format('SELECT recon.sync_source(%s)', :s));
SET ROLE regress_bob;
SELECT err('SELECT FROM regress_src.rows');
SELECT status, records_read, records_loaded, records_duplicate FROM recon.sync_source(:s);
SELECT external_id, reference FROM recon.records WHERE source_id = :s ORDER BY 1;
RESET ROLE;
SELECT status, records_read, records_loaded, records_duplicate FROM recon.sync_source(:s);
SET row_security = off;
SELECT status, records_read, records_loaded, records_duplicate FROM recon.sync_source(:s);
RESET row_security;

-- What the reader may no longer do, nobody does through the source.
REVOKE SELECT ON regress_src.rows FROM regress_ann;
SELECT err(format('SELECT recon.sync_source(%s)', :s));
GRANT SELECT ON regress_src.rows TO regress_ann;
REVOKE USAGE ON SCHEMA regress_src FROM regress_ann;
SELECT err(format('SELECT recon.sync_source(%s)', :s));
GRANT USAGE ON SCHEMA regress_src TO regress_ann;
DROP POLICY tenant ON regress_src.rows;
SELECT status, records_read FROM recon.sync_source(:s);
SELECT recon.add_member(:p, 'regress_dora', 'owner');
GRANT USAGE ON SCHEMA regress_src TO regress_dora;
CREATE TABLE regress_src.free (id int, amount numeric);
GRANT SELECT ON regress_src.free TO regress_dora;
SET ROLE regress_dora;
SELECT recon.create_source(:p, 'free', '{"external_id": "id"}', '{}', 'regress_src.free') AS free \gset
-- An operator changes how columns are read, not which.
SET ROLE regress_bob;
SELECT err(format($$SELECT recon.alter_source(%s, '{"mapping": {"external_id": "id", "amount": "amount"}}')$$, :free));
SELECT err(format($$SELECT recon.alter_source(%s, '{"mapping": {"external_id": 2}}')$$, :free));
SELECT err(format($$SELECT recon.alter_source(%s, '{"mapping": null}')$$, :free));
SELECT err(format($$SELECT recon.alter_source(%s, '{"mapping": {"external_id": {"column": "id", "required": true}}}')$$, :free));
RESET ROLE;
SELECT recon.remove_member(:p, 'regress_dora');
SELECT status FROM recon.sync_source(:free);
REVOKE ALL ON regress_src.free FROM regress_dora;
REVOKE ALL ON SCHEMA regress_src FROM regress_dora;
DROP ROLE regress_dora;
SELECT err(format('SELECT recon.sync_source(%s)', :free));
SELECT err(format('SELECT recon.retry_rejects(%s)', newest_load(:free)));

-- Code in a view runs as the reader of the source, and can neither become somebody else nor leave something behind. A superuser reads it.
CREATE SCHEMA regress_evil AUTHORIZATION regress_eve;
SET ROLE regress_eve;
CREATE TABLE regress_evil.loot (who text);
CREATE SEQUENCE regress_evil.seq;
CREATE FUNCTION regress_evil.attempt(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END
$$;
CREATE TABLE regress_evil.deeds (n serial, statement text);
INSERT INTO regress_evil.deeds (statement) VALUES ('SET ROLE postgres'), ('RESET ROLE'), ('SET SESSION AUTHORIZATION DEFAULT'), ('SET LOCAL SESSION AUTHORIZATION postgres'),
    ('SELECT set_config(''role'', ''none'', false)'), ('INSERT INTO regress_evil.loot VALUES (current_user)'), ('CREATE TABLE regress_evil.more ()'), ('CREATE TEMP TABLE more ()'),
    ('CREATE FUNCTION regress_evil.f() RETURNS int LANGUAGE sql AS ''SELECT 1'''), ('ALTER ROLE regress_eve SUPERUSER'), ('GRANT postgres TO regress_eve'), ('SELECT nextval(''regress_evil.seq'')'),
    ('SET transaction_read_only = off'), ('SET TRANSACTION READ WRITE'), ('LISTEN loot'), ('DECLARE c CURSOR WITH HOLD FOR SELECT 1'), ('PREPARE x AS SELECT 1'), ('DISCARD ALL'), ('CLOSE ALL'),
    ('COPY regress_evil.loot FROM PROGRAM ''echo x'''), ('SELECT pg_read_file(''PG_VERSION'')'), ('SELECT amount FROM regress_src.rows'), ('SELECT recon.create_project(''evil'')'),
    ('SELECT recon.sync_source(max(source_id)) FROM recon.data_sources'), ('SET search_path = regress_evil'), ('SET datestyle = ''German'''), ('SET statement_timeout = 1234'),
    ('SELECT set_config(''regress.mark'', ''set'', false)'), ('SET recon.ingest_directories = ''/''');
CREATE VIEW regress_evil.trap AS SELECT n AS external_id, current_user::text AS reference, statement AS description, regress_evil.attempt(statement) AS counterparty,
    current_setting('search_path') AS path, current_setting('is_superuser') AS superuser FROM regress_evil.deeds;
SELECT recon.create_source(:p, 'trap', NULL, '{}', 'regress_evil.trap') AS trap \gset
RESET ROLE;
SET statement_timeout = 0;
SELECT current_user = session_user AND usesuper AS superuser FROM pg_user WHERE usename = current_user;
SELECT status, records_read, records_loaded FROM recon.sync_source(:trap);
SELECT description, counterparty FROM recon.records WHERE source_id = :trap ORDER BY external_id::int;
SELECT DISTINCT reference FROM recon.records WHERE source_id = :trap;
SELECT count(*) FROM regress_evil.loot;
SELECT relname FROM pg_class WHERE relnamespace = 'regress_evil'::regnamespace AND relname = 'more';
SELECT current_setting('search_path') AS path, current_setting('datestyle') AS datestyle, current_setting('statement_timeout') AS timeout, current_setting('regress.mark', true) IS DISTINCT FROM 'set' AS unmarked,
    current_setting('transaction_read_only') AS read_only, current_setting('role') AS role, current_user = session_user AS same_user;
SELECT rolsuper FROM pg_roles WHERE rolname = 'regress_eve';
SELECT count(*) FROM pg_cursors WHERE name <> '';

-- Neither does what a type or a domain brings along run as somebody else; a policy of the reader's own table neither.
SET ROLE regress_eve;
CREATE FUNCTION regress_evil.whoami() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF current_user <> 'regress_eve' THEN RAISE EXCEPTION 'trapped %', current_user; END IF;
    RETURN true;
END
$$;
CREATE DOMAIN regress_evil.dom AS text CHECK (regress_evil.whoami());
CREATE TABLE regress_evil.guarded (external_id text, who text DEFAULT current_user);
INSERT INTO regress_evil.guarded VALUES ('1');
ALTER TABLE regress_evil.guarded ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY guard ON regress_evil.guarded USING (regress_evil.whoami());
SELECT recon.create_source(:p, 'guarded', '{"external_id": "external_id", "d": {"expression": "external_id::regress_evil.dom"}}', '{}', 'regress_evil.guarded') AS guarded \gset
RESET ROLE;
SELECT status, records_read, records_loaded FROM recon.sync_source(:guarded);
INSERT INTO regress_evil.guarded VALUES (NULL);
SELECT recon.alter_source(:guarded, '{"mapping": {"external_id": {"column": "external_id", "required": true}, "d": {"expression": "''x''::regress_evil.dom"}}}');
SELECT status, records_read, records_rejected FROM recon.sync_source(:guarded);
SELECT status, records_read, records_rejected FROM recon.retry_rejects(newest_load(:guarded));
-- A constant of an array becomes a value, and its elements are checked, when the expression is analysed.
SET ROLE regress_eve;
SELECT recon.alter_source(:guarded, '{"mapping": {"external_id": "external_id", "d": {"expression": "(''{x}''::regress_evil.dom[])[1]"}}}');
RESET ROLE;
SELECT recon.alter_source(:guarded, '{"relation": "regress_evil.guarded"}');
SELECT status, records_read, records_rejected FROM recon.sync_source(:guarded);

-- Names in expressions are found in pg_catalog alone, when they are checked and when they are evaluated, whoever calls.
SET ROLE regress_eve;
CREATE FUNCTION regress_evil.upper(text) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trapped %', current_user; END$$;
CREATE FUNCTION regress_evil.plus(int, int) RETURNS int LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trapped %', current_user; END$$;
CREATE OPERATOR regress_evil.+ (FUNCTION = regress_evil.plus, LEFTARG = int, RIGHTARG = int);
CREATE FUNCTION regress_evil.own(text) RETURNS text LANGUAGE sql AS $$SELECT 'own ' || $1$$;
GRANT USAGE ON SCHEMA regress_evil TO regress_bob;
CREATE TABLE regress_evil.names (id int, ref text);
INSERT INTO regress_evil.names VALUES (1, 'a');
SET search_path = regress_evil, pg_catalog, test;
SELECT recon.create_source(:p, 'names', '{"external_id": {"expression": "id + 1"}, "reference": {"expression": "upper(ref)"}, "own": {"expression": "regress_evil.own(ref)"}}', '{}', 'names') AS names \gset
SELECT err(format($$SELECT recon.create_source(%s, 'own', '{"reference": {"expression": "own(ref)"}}', '{}', 'names')$$, :p));
SET ROLE regress_bob;
SELECT status, records_read, records_rejected FROM recon.sync_source(:names);
RESET ROLE;
SELECT status, records_duplicate FROM recon.sync_source(:names);
SET search_path = test;
SELECT external_id, reference, attributes FROM recon.records WHERE source_id = :names;

-- What got into the catalogue past create_source is checked again, and is a tree, not text, when it runs.
CREATE FUNCTION stored(expression text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    UPDATE recon.data_sources SET mapping = jsonb_build_object('external_id', jsonb_build_object('expression', expression)) WHERE name = 'names';
    RETURN err(format('SELECT recon.sync_source(%s)', source('names')));
END
$$;
SELECT e AS expression, stored(e) FROM (VALUES ('id; DROP TABLE regress_evil.names'), ('id FROM regress_evil.names; --'), ('(SELECT 1)'), ('id, ref'), ('generate_series(1, 2)'), ('count(*)'), ('$1'), ('*'), ('')) v(e);
UPDATE recon.data_sources SET mapping = '{"external_id": "id\" FROM regress_evil.loot --"}' WHERE source_id = :names;
SELECT err(format('SELECT recon.sync_source(%s)', :names));
UPDATE recon.data_sources SET mapping = NULL, relation = 'regress_evil.names; DROP TABLE regress_evil.names' WHERE source_id = :names;
SELECT err(format('SELECT recon.sync_source(%s)', :names));
SELECT count(*) FROM regress_evil.names;
BEGIN READ ONLY;
SELECT err(format('SELECT recon.sync_source(%s)', :s));
ROLLBACK;

DROP FUNCTION stored(text);
SET client_min_messages = error;
DROP SCHEMA regress_evil, regress_src CASCADE;
RESET client_min_messages;
SELECT recon.drop_project(:p);
DROP ROLE regress_ann, regress_bob, regress_carl, regress_eve;
