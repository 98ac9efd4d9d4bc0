-- Everybody may read what row-level security shows; all changes go through functions, which check the caller.
GRANT SELECT ON ALL TABLES IN SCHEMA recon TO PUBLIC;
-- What is on its way belongs to nobody yet: which pages there are may be seen, their bytes not.
REVOKE SELECT ON recon.upload_pages FROM PUBLIC;
GRANT SELECT (upload_id, chunk_no, page_no, project_id) ON recon.upload_pages TO PUBLIC;
REVOKE ALL ON FUNCTION recon.set_holidays(text, date[]) FROM PUBLIC;
-- Who may make triggers on tables of the own could otherwise make these.
REVOKE ALL ON FUNCTION recon.count_changes(), recon.mark_changes(), recon.inbox_insert() FROM PUBLIC;
-- What is of the whole server is not of a project.
REVOKE ALL ON FUNCTION recon.health_check(), recon.get_metrics(text), recon.get_pool_status(), recon.get_worker_status(),
    recon.get_memo_stats(), recon.get_index_builds(), recon.get_index_status() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION recon.health_check(), recon.get_metrics(text), recon.get_pool_status(), recon.get_worker_status(),
    recon.get_memo_stats(), recon.get_index_builds(), recon.get_index_status() TO pg_monitor;
REVOKE ALL ON recon.metrics, recon.pool_status, recon.worker_status, recon.memo_stats, recon.index_status FROM PUBLIC;
GRANT SELECT ON recon.metrics, recon.pool_status, recon.worker_status, recon.memo_stats, recon.index_status TO pg_monitor;
-- COPY asks for it; what may be loaded into a source is asked by the load itself.
GRANT INSERT ON recon.inbox TO PUBLIC;
