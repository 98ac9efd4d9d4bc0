-- The audit trail is proved.

CREATE TYPE recon.audit_report AS (
    valid           boolean,
    chains          bigint,
    batches         bigint,
    entries         bigint,
    seals           bigint,
    unsealed        bigint,
    last_seal       bigint,
    last_seal_hash  bytea,
    broken_chain    bigint,
    broken_batch    bigint,
    broken_audit_id bigint,
    broken_seal     bigint,
    problem         text
);
COMMENT ON TYPE recon.audit_report IS 'what is there of a project''s audit trail, and whether it is whole';
COMMENT ON COLUMN recon.audit_report.valid IS 'it is whole';
COMMENT ON COLUMN recon.audit_report.chains IS 'chains that have batches';
COMMENT ON COLUMN recon.audit_report.batches IS 'rows of audit_batches';
COMMENT ON COLUMN recon.audit_report.entries IS 'rows of audit_log';
COMMENT ON COLUMN recon.audit_report.seals IS 'rows of audit_seals';
COMMENT ON COLUMN recon.audit_report.unsealed IS
    'of the batches, those that no seal stands for yet: that the last of them are missing would not be found';
COMMENT ON COLUMN recon.audit_report.last_seal IS 'number of the newest seal';
COMMENT ON COLUMN recon.audit_report.last_seal_hash IS 'its hash, which stands for all that was sealed: keep it elsewhere';
COMMENT ON COLUMN recon.audit_report.broken_chain IS 'chain of the first broken link; NULL, as what follows, where it does not apply';
COMMENT ON COLUMN recon.audit_report.broken_batch IS 'its batch';
COMMENT ON COLUMN recon.audit_report.broken_audit_id IS 'the entry that is not as it was written';
COMMENT ON COLUMN recon.audit_report.broken_seal IS 'the seal that is, or whose batch is, not as it was';
COMMENT ON COLUMN recon.audit_report.problem IS 'in words; NULL where the trail is whole';

CREATE FUNCTION recon.verify_audit(project_id bigint) RETURNS recon.audit_report
    AS 'MODULE_PATHNAME', 'recon_verify_audit' LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000;
COMMENT ON FUNCTION recon.verify_audit(bigint) IS
    'proves the audit trail of a project whole, or names the first broken link; for members, and of a project that was '
    'dropped or of none (0) for superusers';
