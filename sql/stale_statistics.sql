\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\set own_database :src '/sql/include/own_database.sql'
\set own regress_stale_statistics
\i :own_database
\i :common
\set ECHO all
-- A project of which the planner's statistics know nothing: what is done with many of its records reads each some times,
-- and not all of them for each.
DO $$
DECLARE
    name name;
BEGIN
    FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'recon'::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('ALTER TABLE recon.%I SET (autovacuum_enabled = off)', name);
    END LOOP;
END
$$;
CREATE FUNCTION content(side text, records int) RETURNS text LANGUAGE sql AS $$
    SELECT E'external_id,currency,reference\n' || string_agg(format(E'%s%s,C%s,%s%s\n', side, n, n % 10, md5(n::text), side), '' ORDER BY n) FROM generate_series(1, records) n
$$;
CREATE FUNCTION make(name text, records int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    project bigint := recon.create_project(name);
    a bigint := recon.create_source(project, 'a', options => '{"on_duplicate": "update"}');
    b bigint := recon.create_source(project, 'b');
BEGIN
    PERFORM load(a, content('a', records)), load(b, content('b', records));
    PERFORM recon.create_rule(project, 'reference', '{"match": [{"field": "reference", "op": "similar", "algorithm": "jaro_winkler", "min": 0.9}, {"field": "currency", "op": "equal"}]}');
    RETURN recon.create_job(project, 'job', a, b);
END
$$;
-- Whether so many rows of recon's tables were read at most.
CREATE FUNCTION rows_read() RETURNS numeric LANGUAGE sql AS $$SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_xact_all_tables WHERE schemaname = 'recon'$$;
CREATE FUNCTION reads(most bigint, statement text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    before numeric := rows_read();
BEGIN
    EXECUTE statement;
    IF rows_read() - before <= most THEN RETURN true; END IF;
    RAISE NOTICE '% read % rows', statement, rows_read() - before;
    RETURN false;
END
$$;
SELECT matches FROM recon.run_job(make('old', 200));
SELECT recon.reject_matches(array_agg(match_id)) FROM (SELECT match_id FROM recon.matches ORDER BY match_id LIMIT 8) m;
ANALYZE;
SELECT make('new', 2000) AS job \gset
CREATE FUNCTION made(wanted text, most int DEFAULT NULL) RETURNS bigint[] STABLE LANGUAGE sql AS $$
    SELECT array_agg(match_id) FROM (SELECT m.match_id FROM recon.matches m JOIN recon.projects p USING (project_id) WHERE p.name = 'new' AND m.status = wanted ORDER BY 1 LIMIT most) m
$$;
CREATE FUNCTION open(most int DEFAULT NULL) RETURNS bigint[] STABLE LANGUAGE sql AS $$
    SELECT array_agg(record_id) FROM (SELECT o.record_id FROM recon.open_singles o JOIN recon.projects p USING (project_id) WHERE p.name = 'new' ORDER BY 1 LIMIT most) o
$$;
SELECT reads(100000, format('SELECT recon.run_job(%s)', :job));
SELECT reads(100000, 'SELECT recon.approve_matches(made($$proposed$$, 900))');
SELECT reads(100000, 'SELECT recon.reject_matches(made($$proposed$$))');
SELECT reads(100000, 'SELECT recon.unmatch_matches(made($$approved$$))');
SELECT array_length(open(), 1) AS open, array_length(made('rejected'), 1) AS rejected;
SELECT reads(100000, format('SELECT count(*) FROM recon.preview_job(%s)', :job));
SELECT reads(100000, 'SELECT recon.set_exceptions_status(open(), $$investigating$$)');
SELECT reads(100000, 'SELECT recon.set_exceptions_status(open(500), $$accepted$$)');
SELECT reads(100000, 'SELECT recon.comment_exceptions(open(), $$seen$$)');
SELECT reads(100000, format('SELECT recon.run_job(%s)', :job));
SELECT reads(100000, format('SELECT recon.run_job(%s)', :job));
SELECT reads(100000, $$SELECT load(source_id, replace(content('a', 2000), ',C', ',D')) FROM recon.data_sources JOIN recon.projects p USING (project_id) WHERE p.name = 'new' AND data_sources.name = 'a'$$);
SELECT reads(100000, format('SELECT recon.run_job(%s)', :job));
SELECT reads(100000, $$SELECT recon.drop_project(project_id) FROM recon.projects WHERE name = 'new'$$);
\set ECHO none
\c :home
DROP DATABASE :own;
