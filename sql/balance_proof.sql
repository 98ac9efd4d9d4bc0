\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- Balance proof: opening + movements = closing, matched + open = the whole, and what the difference of two sources consists of.
CREATE ROLE regress_bob;
CREATE ROLE regress_eve;
SELECT recon.create_project('proof') AS p \gset
SELECT recon.add_member(:p, 'regress_bob', 'viewer');
SELECT recon.create_source(:p, 'proof_bank') AS a \gset
SELECT recon.create_source(:p, 'proof_ledger') AS b \gset
SELECT recon.create_source(:p, 'proof_cards') AS c \gset
SELECT loaded FROM load(:a, E'external_id,transaction_date,amount,currency\na1,2024-01-10,100.00,EUR\na2,2024-01-20,250.50,EUR\na3,2024-02-05,-30.25,EUR\na4,2024-02-06,75,USD\na5,2024-02-07,,EUR\na6,2024-02-08,1.01,\na7,2024-03-01,10,EUR\na8,2024-02-09,12,EUR\n');
SELECT loaded FROM load(:b, E'external_id,transaction_date,amount,currency\nb1,2024-01-11,100.00,EUR\nb2,2024-02-01,250.00,EUR\nb3,2024-02-05,75,USD\nb4,2024-02-20,44,GBP\nb5,2024-03-02,10,EUR\n');
SELECT loaded FROM load(:c, E'external_id,transaction_date,amount,currency\nc1,2024-02-10,12.5,EUR\n');
CREATE FUNCTION r(VARIADIC names text[]) RETURNS bigint[] STABLE LANGUAGE sql AS $$SELECT array_agg(record_id ORDER BY n) FROM unnest(names) WITH ORDINALITY u(name, n) JOIN recon.records ON external_id = name AND project_id = project('proof')$$;
-- a2 and b2 differ by 0.50, and are of January and February; a8 is matched with a third source.
SELECT count(recon.match_manually(:p, r(a), r(b))) FROM (VALUES ('a1', 'b1'), ('a2', 'b2'), ('a4', 'b3'), ('a7', 'b5'), ('a8', 'c1')) v(a, b);
SELECT * FROM recon.balance_proof(:p, :a, :b, '2024-02-29') \gx
SELECT * FROM recon.balance_proof(:p, :b, :a, '2024-02-29') LIMIT 1 \gx
-- Of that, written off, whichever side was A's then.
BEGIN;
SET recon.write_off_limit = 50;
SELECT recon.unmatch((SELECT match_id FROM recon.match_records WHERE record_id = ANY (r('a2'))));
SELECT count(recon.match_manually(:p, r('b2'), r('a2'), 'bank charges', true));
SELECT currency, difference, explained_by_open, explained_by_matches, written_off, unexplained, proved FROM recon.balance_proof(:p, :a, :b, '2024-02-29') WHERE currency = 'EUR';
SELECT currency, difference, explained_by_open, explained_by_matches, written_off, unexplained, proved FROM recon.balance_proof(:p, :b, :a, '2024-02-29') WHERE currency = 'EUR';
SELECT currency, written_off FROM recon.balance_proof(:p, :a, :b, '2024-01-31');
ROLLBACK;
-- At the end of January a2 was open still: its match is of February.
SELECT currency, a_closing, a_matched, a_open, b_closing, b_matched, b_open, difference, explained_by_open, unexplained, proved FROM recon.balance_proof(:p, :a, :b, '2024-01-31');
SELECT currency, a_closing, a_matched, a_matched_elsewhere, a_open, b_closing, b_matched, b_matched_elsewhere, b_open, proved FROM recon.balance_proof(:p, :a, :c) ORDER BY 1;
SELECT * FROM recon.balance_proof(:p, :a, :b, '2023-12-31');

-- The opening balance is that after the last period closed before; what a source brought forward is a setting.
SELECT recon.close_period(:p, '2024-01-31');
SELECT recon.close_period(:p, '2024-02-29');
SELECT as_of, currency, a_opening, a_movements, a_closing, b_opening, b_movements, b_closing, proved
FROM unnest('{2024-01-31,2024-02-01,2024-02-29,2024-03-01,2024-03-31}'::date[]) as_of, recon.balance_proof(:p, :a, :b, as_of) WHERE currency = 'EUR' ORDER BY 1;
SELECT recon.alter_project(:p, '{"settings": {"opening_balances": {"proof_bank": {"EUR": "1000.10", "CHF": "5", "": "0.01"}, "proof_ledger": {"EUR": "1000.1"}, "other": {"EUR": "1"}}}}');
SELECT currency, a_opening, a_closing, b_opening, b_closing, difference, unexplained, proved FROM recon.balance_proof(:p, :a, :b, '2024-02-29');
SELECT err(format('SELECT recon.alter_project(%s, %L)', :p, settings)) FROM unnest(ARRAY[
    '{"settings": {"opening_balances": []}}', '{"settings": {"opening_balances": {"proof_bank": 1}}}',
    '{"settings": {"opening_balances": {"proof_bank": {"EUR": 1}}}}', '{"settings": {"opening_balances": {"proof_bank": {"EUR": "1,00"}}}}']) settings;
SELECT err(format('SELECT recon.create_project(%L, NULL, %L)', 'no', '{"opening_balances": {"a": {"EUR": "NaN"}}}'));
SELECT recon.alter_project(:p, '{"settings": {"opening_balances": null}}');

-- A record that is in no match and not open, or in two, is found.
BEGIN;
DELETE FROM recon.open_ranges WHERE source_id = :a;
SELECT currency, a_closing, a_matched, a_open, a_records, a_matched_records, a_open_records, proved FROM recon.balance_proof(:p, :a, :b, '2024-02-29');
ROLLBACK;
BEGIN;
INSERT INTO recon.open_singles (record_id, project_id, source_id) SELECT record_id, project_id, source_id FROM recon.records WHERE record_id = ANY (r('a1'));
SELECT currency, a_closing, a_matched, a_open, a_records, a_matched_records, a_open_records, proved FROM recon.balance_proof(:p, :a, :b, '2024-02-29');
ROLLBACK;

-- For viewers; a hidden project is none.
SET ROLE regress_bob;
SELECT count(*) FROM recon.balance_proof(:p, :a, :b, '2024-02-29');
SET ROLE regress_eve;
SELECT err(format('SELECT * FROM recon.balance_proof(%s, %s, %s)', :p, :a, :b));
RESET ROLE;
SELECT err(format('SELECT * FROM recon.balance_proof(%s, %s, %s)', :p, :a, :a));
SELECT err(format('SELECT * FROM recon.balance_proof(%s, %s, 0)', :p, :a));
SELECT err(format('SELECT * FROM recon.balance_proof(%s, %s, %s, NULL)', :p, :a, :b));
SELECT err(format('SELECT * FROM recon.balance_proof(%s, %s, %s, %L)', :p, :a, :b, 'infinity'));
SELECT provolatile, proparallel FROM pg_proc WHERE oid = 'recon.balance_proof'::regproc;

-- Records, rules, decisions and closes at random: the proof holds on each day, says what counting says, and what it said of a
-- closed period it goes on to say.
SELECT setseed(0.8);
SELECT recon.create_project('proof at random') AS q \gset
SELECT recon.create_source(:q, 'random_a') AS qa \gset
SELECT recon.create_source(:q, 'random_b') AS qb \gset
SELECT recon.create_source(:q, 'random_c') AS qc \gset
CREATE FUNCTION lines(count int, start int, first date, days int) RETURNS text LANGUAGE sql AS $$
    SELECT E'external_id,transaction_date,amount,currency,reference\n' || string_agg(format(E'%s,%s,%s,%s,%s\n', n,
        CASE WHEN random() < 0.95 THEN first + (random() * days)::int END, CASE WHEN random() < 0.95 THEN round((random() * 100)::numeric, (random() * 4)::int) END,
        CASE WHEN random() < 0.9 THEN (ARRAY['EUR', 'USD', 'GBP'])[1 + (random() * 2)::int] END, 'r' || (random() * 60)::int), '')
    FROM generate_series(start, start + count - 1) n
$$;
CREATE FUNCTION unproved(project bigint, a bigint, b bigint) RETURNS TABLE (days bigint, unproved bigint, miscounted bigint) LANGUAGE sql AS $$
    SELECT count(DISTINCT as_of), count(*) FILTER (WHERE NOT proved OR unexplained <> 0 OR a_opening + a_movements <> a_closing),
        count(*) FILTER (WHERE (a_closing, a_records, a_matched + a_matched_elsewhere, a_open, a_without_amount) IS DISTINCT FROM (
            SELECT (coalesce(sum(amount), 0), count(*), coalesce(sum(amount) FILTER (WHERE dated <= as_of), 0), coalesce(sum(amount) FILTER (WHERE (dated <= as_of) IS NOT TRUE), 0), count(*) FILTER (WHERE amount IS NULL))
            FROM recon.records r LEFT JOIN LATERAL (
                SELECT max(coalesce(o.transaction_date, i.started_at::date)) AS dated FROM recon.match_records x JOIN recon.matches m USING (match_id) JOIN recon.match_records y USING (match_id) JOIN recon.records o ON o.record_id = y.record_id
                JOIN recon.ingestions i ON i.ingestion_id = o.ingestion_id WHERE x.record_id = r.record_id AND m.status IN ('proposed', 'approved')) l ON true
            JOIN recon.ingestions j ON j.ingestion_id = r.ingestion_id
            WHERE r.source_id = a AND coalesce(transaction_date, j.started_at::date) <= as_of AND r.currency IS NOT DISTINCT FROM p.currency))
    FROM (SELECT generate_series(date '2024-01-01', '2024-05-01', '7 days')::date UNION VALUES (current_date), (current_date + 1)) d(as_of), recon.balance_proof(project, a, b, as_of) p
$$;
SELECT recon.create_rule(:q, 'random', '{"match": [{"field": "reference", "op": "equal"}, {"field": "amount", "op": "within", "abs": 20}], "approve_at": 0.8, "ambiguous": "take"}') AS qr \gset
SELECT recon.create_rule(:q, 'random groups', '{"cardinality": "1:N", "group_by": ["reference"], "match": [{"field": "amount", "op": "within", "abs": 10}], "ambiguous": "take", "max_group": 3}', 200) AS qg \gset
SELECT recon.create_job(:q, 'ab', :qa, :qb) AS ab \gset
SELECT recon.create_job(:q, 'ca', :qc, :qa) AS ca \gset
SELECT loaded FROM load(:qa, lines(300, 1, '2024-01-01', 60));
SELECT loaded FROM load(:qb, lines(300, 1, '2024-01-01', 60));
SELECT loaded FROM load(:qc, lines(100, 1, '2024-01-01', 60));
SELECT matches > 100 AS matched, proposed > 10 AS proposed FROM recon.run_job(:ab);
SELECT matches > 10 AS matched FROM recon.run_job(:ca);
SELECT * FROM unproved(:q, :qa, :qb);
SELECT * FROM unproved(:q, :qb, :qc);
CREATE TEMP TABLE said AS SELECT as_of::date, p.* FROM generate_series(date '2024-01-01', '2024-02-01', '1 day') as_of, recon.balance_proof(:q, :qa, :qb, as_of::date) p;
SELECT recon.close_period(:q, '2024-02-01');
SELECT loaded > 0 AS loaded, rejected > 0 AS rejected FROM load(:qa, lines(300, 301, '2024-01-15', 90));
SELECT loaded > 0 AS loaded, rejected > 0 AS rejected FROM load(:qb, lines(300, 301, '2024-01-15', 90));
SELECT loaded > 0 AS loaded, rejected > 0 AS rejected FROM load(:qc, lines(100, 50, '2024-01-15', 90), '{"on_duplicate": "update"}');
SELECT matches > 50 AS matched FROM recon.run_job(:ab);
SELECT matches > 5 AS matched FROM recon.run_job(:ca);
-- What may be decided on, is.
DO $$
DECLARE
    id bigint;
BEGIN
    FOR id IN SELECT match_id FROM recon.matches WHERE project_id = test.project('proof at random') AND status IN ('proposed', 'approved') ORDER BY match_id LOOP
        CONTINUE WHEN random() < 0.5;
        BEGIN
            PERFORM recon.unmatch(id);
        EXCEPTION WHEN object_not_in_prerequisite_state THEN
        END;
    END LOOP;
END
$$;
SELECT count(*) > 50 AS unmatched FROM recon.matches WHERE project_id = :q AND status = 'unmatched';
SELECT * FROM unproved(:q, :qa, :qb);
SELECT * FROM unproved(:q, :qb, :qc);
SELECT count(*) > 50 AS said, count(*) FILTER (WHERE s IS DISTINCT FROM n) AS changed
FROM said s FULL JOIN (SELECT as_of::date, p.* FROM generate_series(date '2024-01-01', '2024-02-01', '1 day') as_of, recon.balance_proof(:q, :qa, :qb, as_of::date) p) n
    ON n.as_of = s.as_of AND n.currency IS NOT DISTINCT FROM s.currency;
SELECT recon.reopen_period(project_id), recon.drop_project(project_id) FROM recon.projects WHERE name LIKE 'proof%';
DROP TABLE said;
DROP FUNCTION r(text[]), lines(int, int, date, int), unproved(bigint, bigint, bigint);
DROP ROLE regress_bob, regress_eve;
