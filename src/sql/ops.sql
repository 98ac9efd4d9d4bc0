-- What keeps an installation in order.

CREATE FUNCTION recon.run_cleanup() RETURNS TABLE (task text, removed bigint)
    AS 'MODULE_PATHNAME', 'recon_run_cleanup' LANGUAGE c VOLATILE ROWS 10;
COMMENT ON FUNCTION recon.run_cleanup() IS
    'removes old jobs without matches, old rejects, expired uploads and orphaned temporary files, and adds up the changes '
    'of figures; a row for each kind of thing; for superusers and members of pg_monitor';
