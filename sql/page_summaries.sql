\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\set own_database :src '/sql/include/own_database.sql'
\set own regress_page_summaries
\i :own_database
\i :common
\set ECHO all
-- Indexes of ranges of pages (BRIN): what is appended to a range that has its summary is found, though rows that say
-- nothing new are not told to it.
SELECT recon.create_project('pages') AS p \gset
ALTER TABLE recon.records SET (autovacuum_enabled = off);
ALTER TABLE recon.matches SET (autovacuum_enabled = off);
SELECT recon.create_source(:p, 'a') AS a, recon.create_source(:p, 'b') AS b \gset
-- Dates of a round are its own, in no order, and some are unknown.
CREATE FUNCTION content(round int) RETURNS text LANGUAGE sql AS $$
    SELECT E'external_id,transaction_date,amount\n' || string_agg(format('%s-%s,%s,1', round, g,
        CASE WHEN g % 101 > 0 THEN (date '2000-01-01' + round * 1000 + g * 7919 % 700)::text END), E'\n' ORDER BY g)
    FROM generate_series(1, 3000) g
$$;
CREATE FUNCTION summaries() RETURNS bigint LANGUAGE sql AS
    $$SELECT removed FROM recon.run_cleanup() WHERE task = 'ranges of pages summarised'$$;
-- Dates whose rows the index gives others of than the table; how many dates there are.
CREATE FUNCTION compare(project bigint, OUT wrong bigint, OUT dates bigint, OUT unknown bigint, OUT plan text) LANGUAGE plpgsql AS $$
DECLARE
    day record;
    found bigint;
BEGIN
    wrong := 0;
    dates := 0;
    FOR day IN SELECT transaction_date AS date, count(*) FROM recon.records WHERE project_id = project AND transaction_date IS NOT NULL GROUP BY 1 LOOP
        SET LOCAL enable_seqscan = off;
        SELECT count(*) INTO found FROM recon.records WHERE project_id = project AND transaction_date = day.date;
        dates := dates + 1;
        wrong := wrong + (found <> day.count)::int;
    END LOOP;
    SELECT count(*) INTO unknown FROM recon.records WHERE project_id = project AND transaction_date IS NULL;
    EXECUTE format('EXPLAIN (FORMAT json) SELECT count(*) FROM recon.records WHERE project_id = %s AND transaction_date = %L', project, now()) INTO plan;
    plan := substring(plan FROM 'idx_\w+');
END
$$;
SELECT summaries() >= 0;
SELECT loaded FROM load(:a, content(1));
SELECT summaries() > 0, summaries();
SELECT loaded FROM load(:b, content(2));
SELECT loaded FROM load(:a, content(3));
SELECT * FROM compare(:p);
SELECT summaries() > 0, summaries();
SELECT * FROM compare(:p);
-- A source, and a run, in a range of others.
SET enable_seqscan = off;
SELECT count(*) FROM recon.records WHERE source_id = :a;
SELECT count(*) FROM recon.records WHERE source_id = :b;
SELECT recon.create_rule(:p, 'amount', '{"match": [{"field": "amount", "op": "equal"}]}') > 0;
SELECT matches FROM recon.run_job(recon.create_job(:p, 'job', :a, :b));
SELECT summaries() > 0, summaries();
SELECT recon.create_source(:p, 'c') AS c \gset
SELECT loaded FROM load(:c, content(4));
SELECT recon.run_job(recon.create_job(:p, 'second', :c, :a)) IS NOT NULL;
SELECT j.name, (SELECT count(*) FROM recon.matches m WHERE m.job_id = j.job_id) FROM recon.jobs j WHERE j.project_id = :p ORDER BY 1;
RESET enable_seqscan;
SELECT j.name, count(*) FROM recon.matches m JOIN recon.jobs j ON j.job_id = m.job_id + 0 WHERE j.project_id = :p GROUP BY 1 ORDER BY 1;
-- An index of a DBA's own, for rows as a whole.
CREATE INDEX whole ON recon.records (amount) WHERE NOT (records IS NULL);
SELECT loaded FROM load(:c, content(5));
SET enable_seqscan = off;
SELECT count(*) FROM recon.records WHERE NOT (records IS NULL) AND amount = 1;
RESET enable_seqscan;
\set ECHO none
\c :home
DROP DATABASE :own;
