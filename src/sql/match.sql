-- Rules, and why a match was made or not.

CREATE FUNCTION recon.create_rule(project_id bigint, name text, spec jsonb, priority int DEFAULT 100)
    RETURNS bigint AS 'MODULE_PATHNAME', 'recon_create_rule' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.create_rule(bigint, text, jsonb, int) IS
    'creates a rule and returns its id; the spec is checked whole; for operators';

CREATE FUNCTION recon.alter_rule(rule_id bigint, changes jsonb) RETURNS void
    AS 'MODULE_PATHNAME', 'recon_alter_rule' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.alter_rule(bigint, jsonb) IS
    'changes name, spec, priority or active; a new spec is a new version of the rule; for operators';

CREATE FUNCTION recon.explain_rule(rule_id bigint, job_id bigint DEFAULT NULL)
    RETURNS TABLE (step bigint, operation text, detail text, rows_a bigint, rows_b bigint, estimated_pairs bigint,
                   actual_pairs bigint)
    AS 'MODULE_PATHNAME', 'recon_explain_rule' LANGUAGE c STABLE ROWS 10;
COMMENT ON FUNCTION recon.explain_rule(bigint, bigint) IS
    'how the rule is answered over the records that are open now, step by step, without storing a match: what each step '
    'leaves of the records (or classes of equal records) of both sides and of the pairs to look at, and for the cut of '
    'the blocks how many pairs a sample had promised; over the sources of the job, or of the job that can run the rule '
    'and ran last or was made last, or else of the project; for viewers';

CREATE FUNCTION recon.explain_match(match_id bigint)
    RETURNS TABLE (field text, value_a text, value_b text, op text, score double precision, weight double precision,
                   passed boolean, runner_up_record_id bigint, runner_up_confidence double precision,
                   margin double precision, member_record_id bigint)
    AS 'MODULE_PATHNAME', 'recon_explain_match' LANGUAGE c STABLE ROWS 10;
COMMENT ON FUNCTION recon.explain_match(bigint) IS
    'a row for each condition of the rule that made the match, in the wording it had then; none for a match made by '
    'hand. Of a group, the values of a condition on the amount are the sums, those of members less their fees, and of '
    'any other those of the pair with the least score; then a row follows for each member (member_record_id) with its '
    'amount and fee, and where several sets fit, for each member of another one. runner_up_record_id is the best other '
    'partner of either record (B''s where both are as good), NULL for a set; margin the match''s confidence less that '
    'one''s, the same in every row: among the records that are open now or were matched with this match or later, by '
    'its own rule or one after it; of a set, among those that are open now and the members; NULL where the rule allows '
    'no other, or the match is not live';

CREATE FUNCTION recon.explain_record(record_id bigint)
    RETURNS TABLE (candidate_record_id bigint, rule_id bigint, confidence double precision, field text, value_a text,
                   value_b text, op text, score double precision, weight double precision, passed boolean,
                   shortfall text, rank bigint, threshold double precision)
    AS 'MODULE_PATHNAME', 'recon_explain_record' LANGUAGE c STABLE ROWS 30;
COMMENT ON FUNCTION recon.explain_record(bigint) IS
    'for an open record, the three nearest open records of the other side under each rule of the job that last ran '
    'over its source, condition by condition: nearest by the number of conditions that hold, then by confidence, or '
    'where some do not hold by how near all values are; shortfall says by how much a condition misses, threshold what '
    'confidence the rule asks for in that job. Of a group rule, for a record whose amount is that of a sum: two of the '
    'sets that fit, or the one whose sum comes nearest, with a row for each member; for others the nearest records that '
    'could be in a group with it';

CREATE FUNCTION recon.similarity(a text, b text, algorithm text) RETURNS double precision
    AS 'MODULE_PATHNAME', 'recon_similarity' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION recon.similarity(text, text, text) IS
    'how alike two texts are, 0 to 1, by an algorithm of the rule language: levenshtein, damerau_levenshtein, jaro, '
    'jaro_winkler, jaccard, cosine, dice, token_sort, token_set, soundex, metaphone or double_metaphone';
