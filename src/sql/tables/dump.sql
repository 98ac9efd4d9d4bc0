-- pg_dump keeps the rows of these tables and the position of their sequences; of uploads only what came of them. The
-- figures are made anew by the triggers of the tables that they count.
DO $$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT c.oid::regclass AS name,
               CASE c.relname WHEN 'uploads' THEN 'WHERE status <> ''open'''
                              WHEN 'upload_chunks' THEN 'WHERE false'
                              WHEN 'upload_pages' THEN 'WHERE false' ELSE '' END AS which
        FROM pg_catalog.pg_class c
        WHERE c.relnamespace = 'recon'::regnamespace AND c.relkind IN ('r', 'S')
          AND c.relname NOT IN ('stats_base', 'stats_deltas', 'stats_deltas_delta_id_seq') ORDER BY c.oid
    LOOP
        PERFORM pg_catalog.pg_extension_config_dump(item.name, item.which);
    END LOOP;
END
$$;
