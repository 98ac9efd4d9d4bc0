\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- run_project: what a scheduler calls.
CREATE ROLE regress_ann;
CREATE ROLE regress_bob;
CREATE ROLE regress_carl;
CREATE ROLE regress_dora;
CREATE TABLE rp_ledger (id text, amount numeric);
GRANT SELECT ON rp_ledger TO regress_ann;
CREATE FUNCTION project_outcome(project_id bigint) RETURNS TABLE (job text, status text, total bigint, matches bigint, unmatched bigint) LANGUAGE plpgsql AS $$
DECLARE
    reports recon.job_report[] := ARRAY(SELECT r FROM recon.run_project(project_id) r);
BEGIN
    RETURN QUERY SELECT j.name, r.status, r.total_records, r.matches, r.unmatched_records
    FROM unnest(reports) WITH ORDINALITY r JOIN recon.jobs j USING (job_id) ORDER BY r.ordinality;
END
$$;

-- Two file sources, no setting: they are the pair, in order of their ids.
SET ROLE regress_ann;
SELECT recon.create_project('run_project') AS p \gset
SELECT recon.add_member(:p, 'regress_bob', 'operator'), recon.add_member(:p, 'regress_carl', 'reviewer');
SELECT err(format('SELECT recon.run_project(%s)', :p));
SELECT recon.create_source(:p, 'rp_bank') AS bank \gset
SELECT err(format('SELECT recon.run_project(%s)', :p));
SELECT recon.create_source(:p, 'rp_cards') AS cards \gset
SELECT err(format('SELECT recon.run_project(%s)', :p));
SELECT count(*) AS jobs FROM recon.jobs WHERE project_id = :p;
SELECT recon.create_rule(:p, 'id', '{"match": [{"field": "external_id", "op": "equal"}]}') > 0 AS rule;
RESET ROLE;
SELECT loaded FROM load(:bank, E'external_id,amount\n1,1\n2,2\n3,3\n4,4\n');
SELECT loaded FROM load(:cards, E'external_id,amount\n1,1\n');
SET ROLE regress_ann;
SELECT * FROM project_outcome(:p);
SELECT name, source_a = :bank AS a, source_b = :cards AS b, rules, settings, created_by, runs FROM recon.jobs WHERE project_id = :p;

-- Again: the same job takes what is open now; jobs of others over the same sources are left alone.
SELECT recon.create_job(:p, 'own', :bank, :cards) > 0 AS made;
RESET ROLE;
SELECT loaded FROM load(:cards, E'external_id,amount\n2,2\n');
SET ROLE regress_bob;
SELECT * FROM project_outcome(:p);
SELECT * FROM project_outcome(:p);
SELECT name, runs FROM recon.jobs WHERE project_id = :p ORDER BY job_id;

-- With a relation source there are three; the setting says what belongs together. It is synchronised, whatever the pairs say.
SET ROLE regress_ann;
SELECT recon.create_source(:p, 'rp_ledger', '{"external_id": "id", "amount": "amount"}', '{}', 'test.rp_ledger') AS ledger \gset
SELECT err(format('SELECT recon.run_project(%s)', :p));
SELECT recon.alter_project(:p, '{"settings": {"pairs": [["rp_bank", "rp_ledger"]]}}');
RESET ROLE;
INSERT INTO rp_ledger VALUES ('3', 3), ('9', 9);
SET ROLE regress_bob;
SELECT * FROM project_outcome(:p);
RESET ROLE;
INSERT INTO rp_ledger VALUES ('4', 4);
SET ROLE regress_bob;
SELECT * FROM project_outcome(:p);
SELECT * FROM project_outcome(:p);
SET ROLE regress_ann;
SELECT recon.alter_project(:p, '{"settings": {"pairs": [["rp_bank", "rp_cards"]]}}');
RESET ROLE;
INSERT INTO rp_ledger VALUES ('5', 5);
SELECT loaded FROM load(:bank, E'external_id,amount\n5,5\n6,6\n7,7\n');
SELECT loaded FROM load(:cards, E'external_id,amount\n6,6\n');
SELECT * FROM project_outcome(:p);
SELECT count(*) FROM recon.records WHERE source_id = :ledger;

-- Several pairs run in order: each sees what the earlier ones left.
SELECT recon.alter_project(:p, '{"settings": {"pairs": [["rp_bank", "rp_ledger"], ["rp_ledger", "rp_bank"], ["rp_bank", "rp_cards"]]}}');
SELECT loaded FROM load(:cards, E'external_id,amount\n7,7\n');
SELECT * FROM project_outcome(:p);
SELECT name, runs, settings FROM recon.jobs WHERE project_id = :p ORDER BY job_id;
SELECT * FROM recon.stats_verify(:p);
-- a job of one's own rules is not one of these
UPDATE recon.jobs SET rules = '{}' WHERE project_id = :p AND name = 'rp_ledger / rp_bank';
SELECT job FROM project_outcome(:p);
SELECT name, count(*) FROM recon.jobs WHERE project_id = :p GROUP BY 1 ORDER BY 1;

-- Who may not, and what is not there.
SET ROLE regress_carl;
SELECT err(format('SELECT recon.run_project(%s)', :p));
SET ROLE regress_dora;
SELECT err(format('SELECT recon.run_project(%s)', :p));
SELECT err('SELECT recon.run_project(999999999)');
SELECT err('SELECT recon.run_project(NULL)');
RESET ROLE;

-- The setting: its shape when it is given, the sources when it is used.
SELECT pairs, err(format($$SELECT recon.alter_project(%s, '{"settings": {"pairs": %s}}')$$, :p, pairs)) FROM (VALUES
    (1, '1'), (2, '[]'), (3, '{}'), (4, '["rp_bank", "rp_cards"]'), (5, '[["rp_bank"]]'), (6, '[["rp_bank", "rp_cards"], ["rp_bank", "rp_cards", "rp_ledger"]]'),
    (7, '[["rp_bank", 5]]'), (8, '[["", "rp_bank"]]'), (9, '[["rp_bank", "rp_cards"], ["rp_bank", "rp_bank"]]'), (10, '[null]')) v(n, pairs) ORDER BY n;
SELECT recon.alter_project(:p, '{"settings": {"pairs": [["rp_bank", "rp_cards"], ["rp_ledger", "nowhere"]]}}');
INSERT INTO rp_ledger VALUES ('10', 10);
SELECT err(format('SELECT recon.run_project(%s)', :p));
SELECT recon.alter_project(:p, '{"settings": {"pairs": [["rp_cards", "rp_bank"]]}}'), recon.alter_source(:bank, '{"status": "disabled"}');
SELECT err(format('SELECT recon.run_project(%s)', :p));
SELECT recon.alter_project(:p, '{"settings": {"pairs": null}}');
SELECT * FROM project_outcome(:p);
SELECT recon.alter_source(:bank, '{"status": "active"}'), recon.alter_source(:ledger, '{"status": "disabled"}');
INSERT INTO rp_ledger VALUES ('11', 11);
SELECT job FROM project_outcome(:p);
SELECT count(*) FROM recon.records WHERE source_id = :ledger;
SELECT recon.alter_project(:p, '{"status": "archived"}');
SELECT err(format('SELECT recon.run_project(%s)', :p));
SELECT recon.alter_project(:p, '{"status": "active"}');
-- settings that came by another way are checked where they are used
UPDATE recon.projects SET settings = '{"pairs": [["rp_bank", 1]]}' WHERE project_id = :p;
SELECT err(format('SELECT recon.run_project(%s)', :p));
UPDATE recon.projects SET settings = '{"pairs": null}' WHERE project_id = :p;
SELECT count(*) AS rows FROM recon.run_project(:p);

-- A synchronisation that fails leaves nothing half done, nor does a job.
SELECT recon.alter_source(:ledger, '{"status": "active"}'), recon.alter_project(:p, '{"settings": {"pairs": [["rp_ledger", "rp_cards"]]}}');
SELECT count(*) AS jobs FROM recon.jobs WHERE project_id = :p \gset before_
ALTER TABLE rp_ledger RENAME TO rp_moved;
SELECT err(format('SELECT recon.run_project(%s)', :p));
ALTER TABLE rp_moved RENAME TO rp_ledger;
SELECT recon.alter_rule(rule_id, '{"active": false}') FROM recon.rules WHERE project_id = :p;
SELECT err(format('SELECT recon.run_project(%s)', :p));
SELECT count(*) = :before_jobs AS no_job FROM recon.jobs WHERE project_id = :p;
SELECT count(*) FROM recon.records WHERE source_id = :ledger;
SELECT * FROM recon.stats_verify(:p);
SELECT recon.drop_project(:p);
DROP FUNCTION project_outcome(bigint);
DROP TABLE rp_ledger;
DROP ROLE regress_ann, regress_bob, regress_carl, regress_dora;
