-- The door for COPY ... FROM STDIN. The library takes the statement over; what reaches the view all the same, because
-- the library is not loaded or the statement is an INSERT, is refused by its triggers. The first one also stops a COPY
-- without a row; without the second one COPY would refuse the view before it.

CREATE VIEW recon.inbox WITH (security_invoker = true) AS SELECT NULL::text AS record WHERE false;
COMMENT ON VIEW recon.inbox IS
    'always empty; COPY recon.inbox FROM STDIN WITH (FORMAT csv, SOURCE_ID ...) loads a stream into a source';
COMMENT ON COLUMN recon.inbox.record IS 'a record as it is sent';

CREATE FUNCTION recon.inbox_insert() RETURNS trigger
    AS 'MODULE_PATHNAME', 'recon_inbox_insert' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION recon.inbox_insert() IS 'refuses what comes into recon.inbox by another way than COPY, and says what to do';

CREATE TRIGGER refuse_statement BEFORE INSERT ON recon.inbox FOR EACH STATEMENT EXECUTE FUNCTION recon.inbox_insert();
COMMENT ON TRIGGER refuse_statement ON recon.inbox IS 'refuses any INSERT';
CREATE TRIGGER refuse_row INSTEAD OF INSERT ON recon.inbox FOR EACH ROW EXECUTE FUNCTION recon.inbox_insert();
COMMENT ON TRIGGER refuse_row ON recon.inbox IS 'refuses any INSERT; lets COPY come as far as the other trigger';
