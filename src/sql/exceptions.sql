-- Exceptions: what people do about open records.

CREATE FUNCTION recon.assign_exception(record_id bigint, assignee name, note text DEFAULT NULL,
                                       due_date date DEFAULT NULL) RETURNS boolean
    AS 'MODULE_PATHNAME', 'recon_assign_exception' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.assign_exception(bigint, name, text, date) IS
    'gives an open record to a reviewer, operator or owner of its project (NULL: to nobody), until a date where one is '
    'given; false where nothing changed; for reviewers';

CREATE FUNCTION recon.assign_exceptions(record_ids bigint[], assignee name, note text DEFAULT NULL,
                                        due_date date DEFAULT NULL) RETURNS bigint
    AS 'MODULE_PATHNAME', 'recon_assign_exceptions' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.assign_exceptions(bigint[], name, text, date) IS
    'recon.assign_exception for many: all or none; returns how many changed; for reviewers';

CREATE FUNCTION recon.set_exception_status(record_id bigint, status text, note text DEFAULT NULL) RETURNS boolean
    AS 'MODULE_PATHNAME', 'recon_set_exception_status' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.set_exception_status(bigint, text, text) IS
    'makes an open record open, investigating, accepted or written_off; the last two keep it out of runs and of '
    'match_manually, and written_off is bounded by recon.write_off_limit; false where nothing changed; for reviewers';

CREATE FUNCTION recon.set_exceptions_status(record_ids bigint[], status text, note text DEFAULT NULL) RETURNS bigint
    AS 'MODULE_PATHNAME', 'recon_set_exceptions_status' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.set_exceptions_status(bigint[], text, text) IS
    'recon.set_exception_status for many: all or none; returns how many changed; for reviewers';

CREATE FUNCTION recon.comment_exception(record_id bigint, comment text) RETURNS boolean
    AS 'MODULE_PATHNAME', 'recon_comment_exception' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.comment_exception(bigint, text) IS
    'adds a comment to an open record; false where the newest one says the same and is by the same role; for reviewers';

CREATE FUNCTION recon.comment_exceptions(record_ids bigint[], comment text) RETURNS bigint
    AS 'MODULE_PATHNAME', 'recon_comment_exceptions' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.comment_exceptions(bigint[], text) IS
    'recon.comment_exception for many: all or none; returns how many were added; for reviewers';

CREATE FUNCTION recon.ageing_bucket(age_days integer, buckets jsonb DEFAULT NULL) RETURNS text
    AS 'MODULE_PATHNAME', 'recon_ageing_bucket' LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION recon.ageing_bucket(integer, jsonb) IS
    'the range of days that an age is in, for example ''8-30''; buckets: the last day of each, ascending, '
    'NULL: [7, 30, 60, 90]';

CREATE TYPE recon.candidate AS (
    record_id  bigint,
    rule_id    bigint,
    confidence double precision,
    shortfall  text
);
COMMENT ON TYPE recon.candidate IS
    'an open record of the other side: under which rule it comes nearest, how near it is there (the confidence of the '
    'pair where all conditions hold), and by what the conditions miss; NULL: by nothing';

CREATE FUNCTION recon.nearest_candidate(record_id bigint) RETURNS recon.candidate
    AS 'MODULE_PATHNAME', 'recon_nearest_candidate' LANGUAGE c STABLE STRICT COST 1000000;
COMMENT ON FUNCTION recon.nearest_candidate(bigint) IS
    'the open record of the other side that comes nearest to an open record under the rules of the job that last ran '
    'over its source, as recon.explain_record shows it; NULL where there is none; for viewers';
