-- What keeps an installation in order.

CREATE FUNCTION recon.run_cleanup() RETURNS TABLE (task text, removed bigint)
    AS 'MODULE_PATHNAME', 'recon_run_cleanup' LANGUAGE c VOLATILE ROWS 10;
COMMENT ON FUNCTION recon.run_cleanup() IS
    'removes old jobs without matches, old rejects, expired uploads and orphaned temporary files, adds up the changes '
    'of figures, and seals the chains of the audit trail; a row for each kind of thing; for superusers and members of pg_monitor';

CREATE FUNCTION recon.health_check() RETURNS TABLE (check_name text, status text, detail text, hint text)
    AS 'MODULE_PATHNAME', 'recon_health_check' LANGUAGE c VOLATILE ROWS 30;
COMMENT ON FUNCTION recon.health_check() IS
    'whether all is well with recon in this database and its server: a row a check, of which status is ok, warning or failed, '
    'with what to do; for superusers and members of pg_monitor';

CREATE FUNCTION recon.get_pool_status()
    RETURNS TABLE (pool text, used bigint, capacity bigint, utilization double precision, warning boolean)
    AS 'MODULE_PATHNAME', 'recon_get_pool_status' LANGUAGE c VOLATILE PARALLEL RESTRICTED ROWS 4;
COMMENT ON FUNCTION recon.get_pool_status() IS 'the rows of pool_status; for superusers and members of pg_monitor';

CREATE VIEW recon.pool_status WITH (security_invoker = true) AS SELECT * FROM recon.get_pool_status();
COMMENT ON VIEW recon.pool_status IS
    'what the server has a limited number of, and how much of it is in use now; for superusers and members of pg_monitor';
COMMENT ON COLUMN recon.pool_status.pool IS 'connections, worker_processes, job_slots or memo_bytes';
COMMENT ON COLUMN recon.pool_status.used IS 'in use; of worker_processes also those of parallel queries and other extensions';
COMMENT ON COLUMN recon.pool_status.capacity IS
    'connections for roles that are no superusers, max_worker_processes, recon.max_concurrent_jobs; 0: there is no such pool';
COMMENT ON COLUMN recon.pool_status.utilization IS 'used / capacity, 0 to 1';
COMMENT ON COLUMN recon.pool_status.warning IS 'more than 80 % are in use, or have been and less than 70 % were not seen since';

CREATE FUNCTION recon.get_worker_status()
    RETURNS TABLE (worker text, database text, state text, pid integer, job_id bigint, wait_reason text,
                   next_try_at timestamptz, last_cleanup timestamptz, removed bigint, result text)
    AS 'MODULE_PATHNAME', 'recon_get_worker_status' LANGUAGE c VOLATILE PARALLEL RESTRICTED ROWS 10;
COMMENT ON FUNCTION recon.get_worker_status() IS 'the rows of worker_status; for superusers and members of pg_monitor';

CREATE VIEW recon.worker_status WITH (security_invoker = true) AS SELECT * FROM recon.get_worker_status();
COMMENT ON VIEW recon.worker_status IS
    'the background workers of recon in the whole server; no row without the preload; for superusers and members of pg_monitor';
COMMENT ON COLUMN recon.worker_status.worker IS
    'launcher (one), cleanup (one for each database known to have the extension) or job (one for each that is queued or running)';
COMMENT ON COLUMN recon.worker_status.database IS 'where it works; NULL for the launcher';
COMMENT ON COLUMN recon.worker_status.state IS 'waiting, starting, running, ending, failed to start, or not running';
COMMENT ON COLUMN recon.worker_status.pid IS 'process, where it is running';
COMMENT ON COLUMN recon.worker_status.job_id IS 'job';
COMMENT ON COLUMN recon.worker_status.wait_reason IS 'why a job waits, as in job_progress';
COMMENT ON COLUMN recon.worker_status.next_try_at IS 'of a job: not before';
COMMENT ON COLUMN recon.worker_status.last_cleanup IS 'of a database: end of the last cleanup by the worker';
COMMENT ON COLUMN recon.worker_status.removed IS 'how much that removed';
COMMENT ON COLUMN recon.worker_status.result IS 'of what';

CREATE FUNCTION recon.get_metrics(family text DEFAULT NULL)
    RETURNS TABLE (name text, labels jsonb, value double precision, type text, help text)
    AS 'MODULE_PATHNAME', 'recon_get_metrics' LANGUAGE c VOLATILE ROWS 200;
COMMENT ON FUNCTION recon.get_metrics(text) IS
    'the rows of metrics, or those of one family of them, for exporters that ask for one after the other; for superusers and '
    'members of pg_monitor';

CREATE VIEW recon.metrics WITH (security_invoker = true) AS SELECT * FROM recon.get_metrics();
COMMENT ON VIEW recon.metrics IS
    'figures of recon for monitoring, as Prometheus wants them; those with the label datname are of that database, the others '
    'of the server; without those that cannot be read, as a table is locked for over a second, of which a WARNING tells; for '
    'superusers and members of pg_monitor';
COMMENT ON COLUMN recon.metrics.name IS 'recon_…; of a counter, which only grows until the server starts again, ending in _total';
COMMENT ON COLUMN recon.metrics.labels IS 'of what: label to value; with name unique';
COMMENT ON COLUMN recon.metrics.value IS 'value';
COMMENT ON COLUMN recon.metrics.type IS 'counter or gauge';
COMMENT ON COLUMN recon.metrics.help IS 'what it is';
