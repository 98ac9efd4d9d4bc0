-- Review: what people decide on matches.

CREATE FUNCTION recon.approve_matches(match_ids bigint[], note text DEFAULT NULL) RETURNS bigint
    AS 'MODULE_PATHNAME', 'recon_approve_matches' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.approve_matches(bigint[], text) IS
    'approves proposed matches, all or none, and returns how many changed: approved ones stay as they are; for reviewers';

CREATE FUNCTION recon.reject_matches(match_ids bigint[], note text DEFAULT NULL) RETURNS bigint
    AS 'MODULE_PATHNAME', 'recon_reject_matches' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.reject_matches(bigint[], text) IS
    'rejects proposed matches, all or none, opens their records again, and returns how many changed: rejected ones stay '
    'as they are; for reviewers';

CREATE FUNCTION recon.unmatch(match_id bigint, note text DEFAULT NULL) RETURNS boolean
    AS 'MODULE_PATHNAME', 'recon_unmatch' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.unmatch(bigint, text) IS
    'takes a proposed or approved match apart and opens its records again; false where that was done already; for '
    'reviewers';

CREATE FUNCTION recon.unmatch_matches(match_ids bigint[], note text DEFAULT NULL) RETURNS bigint
    AS 'MODULE_PATHNAME', 'recon_unmatch_matches' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.unmatch_matches(bigint[], text) IS
    'recon.unmatch for many: all or none; returns how many changed; for reviewers';

CREATE FUNCTION recon.match_manually(project_id bigint, a bigint[], b bigint[], note text DEFAULT NULL,
                                     write_off boolean DEFAULT false) RETURNS bigint
    AS 'MODULE_PATHNAME', 'recon_match_manually' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.match_manually(bigint, bigint[], bigint[], text, boolean) IS
    'matches open records of one source with open records of another, whatever the rules say, approved at once unless the '
    'project has four_eyes on; with write_off, a difference of at most recon.write_off_limit is written off; returns the '
    'match''s id; for reviewers';
