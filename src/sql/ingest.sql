-- Sources and loads.

CREATE TYPE recon.ingest_report AS (
    ingestion_id      bigint,
    status            text,
    records_read      bigint,
    records_loaded    bigint,
    records_rejected  bigint,
    records_duplicate bigint,
    bytes_read        bigint,
    elapsed_ms        double precision
);
COMMENT ON TYPE recon.ingest_report IS
    'what a load did; records_read is the sum of loaded, rejected and duplicate where status is not failed';

CREATE FUNCTION recon.create_source(project_id bigint, name text, mapping jsonb DEFAULT NULL,
                                    options jsonb DEFAULT '{}', relation text DEFAULT NULL)
    RETURNS bigint AS 'MODULE_PATHNAME', 'recon_create_source' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.create_source(bigint, text, jsonb, jsonb, text) IS
    'creates a file source, or with relation a relation source, read as the caller; returns its id; for operators, '
    'relation sources for owners';

CREATE FUNCTION recon.alter_source(source_id bigint, changes jsonb) RETURNS void
    AS 'MODULE_PATHNAME', 'recon_alter_source' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.alter_source(bigint, jsonb) IS
    'changes name, mapping, options, status or relation; the relation and expressions only by the role that named the '
    'relation, or a superuser';

CREATE FUNCTION recon.ingest_file(source_id bigint, path text, options jsonb DEFAULT '{}')
    RETURNS recon.ingest_report AS 'MODULE_PATHNAME', 'recon_ingest_file' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.ingest_file(bigint, text, jsonb) IS
    'loads a CSV file of the server into a file source; options override the source''s; for operators with the '
    'privileges of pg_read_server_files';

CREATE FUNCTION recon.sync_source(source_id bigint)
    RETURNS recon.ingest_report AS 'MODULE_PATHNAME', 'recon_sync_source' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.sync_source(bigint) IS
    'loads new and changed rows of a relation source, read as the role that named the relation, and notes records whose '
    'row is gone in recon.missing_records; for operators';

CREATE FUNCTION recon.retry_rejects(ingestion_id bigint, mapping jsonb DEFAULT NULL)
    RETURNS recon.ingest_report AS 'MODULE_PATHNAME', 'recon_retry_rejects' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.retry_rejects(bigint, jsonb) IS
    'loads the rejects of a load that are not resolved yet once more, under the source''s mapping or the one given; '
    'for operators';

CREATE FUNCTION recon.suggest_mapping(sample bytea) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'recon_suggest_mapping' LANGUAGE c STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION recon.suggest_mapping(bytea) IS
    'guesses dialect (the keys of options) and mapping of a file from its first bytes (at most 1 MiB), with its confidence '
    'in each, 0 to 1, and notes on what to look at; for everybody';

CREATE FUNCTION recon.get_ingestion_progress()
    RETURNS TABLE (ingestion_id bigint, project_id bigint, source_id bigint, door text, pid integer, created_by name,
                   phase text, bytes_read bigint, bytes_total bigint, records_read bigint, records_loaded bigint,
                   records_rejected bigint, started_at timestamptz, updated_at timestamptz)
    AS 'MODULE_PATHNAME', 'recon_get_ingestion_progress' LANGUAGE c VOLATILE PARALLEL RESTRICTED ROWS 5;
COMMENT ON FUNCTION recon.get_ingestion_progress() IS
    'the loads that run in this database now, in the caller''s projects, as ingestion_progress shows them; needs the preload';

CREATE VIEW recon.ingestion_progress WITH (security_invoker = true) AS
    SELECT ingestion_id, project_id, source_id, door, pid, created_by, phase, bytes_read, bytes_total, records_read,
           records_loaded, records_rejected, started_at, updated_at
    FROM recon.get_ingestion_progress();
COMMENT ON VIEW recon.ingestion_progress IS
    'the loads that run in this database now, in the reader''s projects; needs the preload';
COMMENT ON COLUMN recon.ingestion_progress.ingestion_id IS 'the load; its row in ingestions comes with its end';
COMMENT ON COLUMN recon.ingestion_progress.project_id IS 'project';
COMMENT ON COLUMN recon.ingestion_progress.source_id IS 'source';
COMMENT ON COLUMN recon.ingestion_progress.door IS 'file, copy, upload, relation, or retry of rejects';
COMMENT ON COLUMN recon.ingestion_progress.pid IS 'process of its session, for pg_cancel_backend';
COMMENT ON COLUMN recon.ingestion_progress.created_by IS 'who loads';
COMMENT ON COLUMN recon.ingestion_progress.phase IS
    'reading (the input), waiting (for another load into the source), resolving (which records are known) or storing';
COMMENT ON COLUMN recon.ingestion_progress.bytes_read IS 'bytes of the input read so far';
COMMENT ON COLUMN recon.ingestion_progress.bytes_total IS 'bytes of the input, where that is known before its end';
COMMENT ON COLUMN recon.ingestion_progress.records_read IS 'records read so far';
COMMENT ON COLUMN recon.ingestion_progress.records_loaded IS
    'records stored so far, to be seen when the transaction commits; a load may begin to store only when all is read';
COMMENT ON COLUMN recon.ingestion_progress.records_rejected IS 'records rejected so far';
COMMENT ON COLUMN recon.ingestion_progress.started_at IS 'when the load began';
COMMENT ON COLUMN recon.ingestion_progress.updated_at IS 'when these figures were taken';
