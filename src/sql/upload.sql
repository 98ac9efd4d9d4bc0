-- Files that come in chunks.

CREATE TYPE recon.upload_report AS (
    upload_id      bigint,
    project_id     bigint,
    source_id      bigint,
    filename       text,
    status         text,
    chunks         bigint,
    bytes          bigint,
    total_bytes    bigint,
    last_chunk     integer,
    missing_chunks integer[],
    created_by     name,
    created_at     timestamptz,
    updated_at     timestamptz,
    expires_at     timestamptz,
    ingestion_id   bigint
);
COMMENT ON TYPE recon.upload_report IS
    'what is held of an upload; missing_chunks has the first 100 missing numbers below last_chunk';

CREATE FUNCTION recon.upload_begin(source_id bigint, filename text, options jsonb DEFAULT '{}') RETURNS bigint
    AS 'MODULE_PATHNAME', 'recon_upload_begin' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.upload_begin(bigint, text, jsonb) IS
    'begins the upload of a file into a file source and returns its id; options as for ingest_file, and total_bytes; '
    'for operators';

CREATE FUNCTION recon.upload_chunk(upload_id bigint, chunk_no integer, data bytea) RETURNS bigint
    AS 'MODULE_PATHNAME', 'recon_upload_chunk' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.upload_chunk(bigint, integer, bytea) IS
    'keeps a chunk of at most 16 MiB, from 1 and in any order, and returns the bytes held so far; for operators';

CREATE FUNCTION recon.upload_finish(upload_id bigint) RETURNS recon.ingest_report
    AS 'MODULE_PATHNAME', 'recon_upload_finish' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.upload_finish(bigint) IS
    'loads the file that the chunks make, and deletes them; called again it gives the same report; for operators';

CREATE FUNCTION recon.upload_status(upload_id bigint) RETURNS recon.upload_report
    AS 'MODULE_PATHNAME', 'recon_upload_status' LANGUAGE c STABLE;
COMMENT ON FUNCTION recon.upload_status(bigint) IS
    'what is held of an upload, and which chunks are missing; for members';
