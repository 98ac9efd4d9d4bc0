\echo Use "ALTER EXTENSION recon UPDATE TO '1.1'" to load this file. \quit

-- 1.1: the performance indexes of recon.index_definitions(), of which one replaces an index of 1.0.
--
-- The update builds what is missing, and meanwhile nobody writes these tables. On big ones build them first, with no writer
-- waiting (docs/upgrading.md); the update then has nothing left to build, and needs recon.open_singles alone for a moment:
--     SELECT recon.build_indexes(concurrently => true);
--     SELECT * FROM recon.index_status WHERE state <> 'valid';
-- Indexes that were built by hand with CREATE INDEX CONCURRENTLY are as good where they have the name and the definition.
SET LOCAL search_path = pg_catalog, pg_temp;

DO $$
DECLARE
    item record;
    began timestamptz := clock_timestamp();
    patience integer := coalesce((SELECT nullif(setting, '0')::integer FROM pg_settings WHERE name = 'lock_timeout'), 5000); -- ms
BEGIN
    FOR item IN SELECT s.* FROM recon.get_index_status() s WHERE s.state IN ('different', 'invalid', 'building', 'waiting') ORDER BY s.name LOOP
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format(CASE item.state
                WHEN 'different' THEN 'relation "recon.%s" is not the index that recon needs'
                WHEN 'invalid' THEN 'index "recon.%s" is invalid'
                ELSE 'index "recon.%s" is being built' END, item.name),
            DETAIL = (SELECT 'recon needs: ' || d.definition FROM recon.index_definitions() d WHERE d.name = item.name),
            HINT = CASE item.state
                WHEN 'different' THEN 'Drop or rename it, then update again.'
                WHEN 'invalid' THEN format('Build it anew with SELECT recon.build_indexes(concurrently => true), or drop it with DROP INDEX CONCURRENTLY recon.%I; then update again.', item.name)
                ELSE 'Wait until recon.index_status shows it as valid, then update again.' END;
    END LOOP;

    -- All locks at once, or none: who waits for one makes all writers wait behind it, and who waits with one can end in a
    -- deadlock. So what is not to be had is tried again, for lock_timeout where that is set.
    LOOP
        BEGIN
            FOR item IN
                SELECT w.table_name, min(w.mode) AS mode -- the stronger one, by the alphabet
                FROM (SELECT s.table_name, 'SHARE' AS mode FROM recon.get_index_status() s WHERE s.state = 'missing'
                      UNION ALL VALUES ('open_singles', 'ACCESS EXCLUSIVE')) w
                GROUP BY w.table_name ORDER BY w.table_name
            LOOP
                EXECUTE format('LOCK TABLE recon.%I IN %s MODE NOWAIT', item.table_name, item.mode);
            END LOOP;
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            IF clock_timestamp() > began + patience * interval '1 ms' THEN
                RAISE EXCEPTION USING
                    ERRCODE = 'lock_not_available',
                    MESSAGE = format('could not lock table "recon.%s" within %s ms', item.table_name, patience),
                    DETAIL = 'A transaction that writes the table is open, and building its indexes has to wait for that one to end.',
                    HINT = 'Try again at a quieter time, with a longer lock_timeout, or first SELECT recon.build_indexes(concurrently => true).';
            END IF;
        END;
        PERFORM pg_sleep(0.02);
    END LOOP;
    FOR item IN SELECT s.definition FROM recon.get_index_status() s WHERE s.state = 'missing' ORDER BY s.name LOOP
        EXECUTE item.definition;
    END LOOP;
    -- idx_open_singles_project_id_source_id does its work.
    DROP INDEX IF EXISTS recon.open_singles_source_id_idx;
END
$$;
