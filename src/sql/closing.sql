-- Closing: the balance proof, and periods that nobody changes any more.

CREATE FUNCTION recon.close_period(project_id bigint, until date) RETURNS void
    AS 'MODULE_PATHNAME', 'recon_close_period' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.close_period(bigint, date) IS
    'closes the project until that day: nothing dated until then is loaded, updated, matched or decided on any more, by '
    'nobody; waits for whoever works in the project; for owners';

CREATE FUNCTION recon.reopen_period(project_id bigint, until date DEFAULT NULL) RETURNS void
    AS 'MODULE_PATHNAME', 'recon_reopen_period' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.reopen_period(bigint, date) IS
    'leaves the project closed until that earlier day only, or not at all; for owners';

CREATE FUNCTION recon.balance_proof(project_id bigint, source_a bigint, source_b bigint, as_of date DEFAULT current_date)
    RETURNS TABLE (currency text,
                   a_opening numeric, a_movements numeric, a_closing numeric,
                   a_matched numeric, a_matched_elsewhere numeric, a_open numeric,
                   a_records bigint, a_matched_records bigint, a_open_records bigint, a_without_amount bigint,
                   b_opening numeric, b_movements numeric, b_closing numeric,
                   b_matched numeric, b_matched_elsewhere numeric, b_open numeric,
                   b_records bigint, b_matched_records bigint, b_open_records bigint, b_without_amount bigint,
                   difference numeric, explained_by_open numeric, explained_by_matches numeric,
                   written_off numeric, explained_by_others numeric, unexplained numeric, proved boolean)
    AS 'MODULE_PATHNAME', 'recon_balance_proof' LANGUAGE c STABLE ROWS 10;
COMMENT ON FUNCTION recon.balance_proof(bigint, bigint, bigint, date) IS
    'a row for each currency (NULL: of the records without one): what the records of both sources that are dated until '
    'that day come to, that this is what is matched and what is open, and what the difference of the two consists of; '
    'the opening balance is that of the day after the last closed period before; for viewers';
