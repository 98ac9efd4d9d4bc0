\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- File and relation sources: what is checked when they are made and changed.
CREATE ROLE regress_ann;
CREATE ROLE regress_bob;
SELECT recon.create_project('src') AS p \gset
SELECT recon.add_member(:p, 'regress_ann', 'owner');
SELECT recon.add_member(:p, 'regress_bob', 'operator');

-- A file source, by an operator.
SET ROLE regress_bob;
SELECT recon.create_source(:p, 'bank',
    '{"external_id": "Id", "amount": {"debit": "Out", "credit": "In", "decimal": ",", "thousands": "."},
      "transaction_date": {"column": "Date", "format": "DD.MM.YYYY"},
      "description": {"columns": ["Text 1", "Text 2"]}, "branch": {"column": 7, "type": "numeric"}}',
    '{"delimiter": ";", "encoding": "LATIN1", "null": ["", "n/a"], "max_rejects": "2.5%"}') AS bank \gset
SELECT name, kind, relation, mapping ->> 'external_id' AS id, options ->> 'delimiter' AS delimiter, status, created_by
FROM recon.data_sources WHERE source_id = :bank;
SELECT err(format($$SELECT recon.create_source(%s, 'bank')$$, :p));
SELECT err(format($$SELECT recon.create_source(%s, '')$$, :p));
SELECT err(format($$SELECT recon.create_source(%s, NULL)$$, :p));
SELECT err(format($$SELECT recon.create_source(%s, 'rel', relation => 'pg_catalog.pg_class')$$, :p));

-- Each fault in a mapping is named with its path.
SELECT m AS mapping, err(format($$SELECT recon.create_source(%s, 'x', %L)$$, :p, m)) FROM (VALUES
    ('[]'), ('{}'), ('{"amount": true}'), ('{"amount": ""}'), ('{"amount": 0}'), ('{"": "x"}'), ('{"amount": {}}'),
    ('{"amount": {"column": "a", "colum": 1}}'), ('{"amount": {"column": "a", "decimals": ","}}'),
    ('{"amount": {"column": "a", "decimal": ",,"}}'), ('{"amount": {"column": "a", "decimal": ",", "thousands": ","}}'),
    ('{"amount": {"column": "a", "scale": -1}}'), ('{"amount": {"column": "a", "scale": "2"}}'),
    ('{"amount": {"debit": "a"}}'), ('{"amount": {"column": "a", "columns": ["b"]}}'),
    ('{"amount": {"columns": ["a", "b"]}}'), ('{"reference": {"debit": "a", "credit": "b"}}'),
    ('{"amount": {"column": "a", "type": "text"}}'), ('{"amount": {"column": "a", "format": "YYYY"}}'),
    ('{"amount": {"column": "a", "default": "ten"}}'), ('{"reference": {"column": "a", "negate": true}}'),
    ('{"transaction_date": {"column": "a", "format": "DD/MM"}}'),
    ('{"transaction_date": {"column": "a", "format": "D/M/YYYY"}}'),
    ('{"transaction_date": {"column": "a", "default": "31.12.2024"}}'),
    ('{"reference": {"column": "a", "null": "x"}}'), ('{"reference": {"column": "a", "null": ["x", 1]}}'),
    ('{"reference": {"column": "a", "required": "yes"}}'), ('{"reference": {"columns": ["a", {}]}}'),
    ('{"branch": {"column": "a", "type": "int"}}'), ('{"at": {"column": "a", "type": "timestamptz", "format": "DD/MM/YYYY"}}'),
    ('{"branch no": {"column": "a", "typ": "text"}}'), ('{"amount": {"expression": "1"}}')) v(m);
SELECT count(*) FROM recon.data_sources WHERE project_id = :p;

-- So is each in the options.
SELECT o AS options, err(format($$SELECT recon.create_source(%s, 'x', NULL, %L)$$, :p, o)) FROM (VALUES
    ('[]'), ('{"delimeter": ";"}'), ('{"delimiter": ""}'), ('{"delimiter": 1}'), ('{"delimiter": "\n"}'),
    ('{"quote": "ab"}'), ('{"quote": ","}'), ('{"escape": "é"}'), ('{"encoding": "klingon"}'), ('{"encoding": ""}'),
    ('{"header": "no"}'), ('{"header": false}'), ('{"skip_lines": -1}'), ('{"skip_lines": 1.5}'), ('{"comment": "\""}'),
    ('{"null": 1}'), ('{"trim": 1}'), ('{"max_field_bytes": 0}'), ('{"max_rejects": -1}'), ('{"max_rejects": "x%"}'),
    ('{"max_rejects": "101%"}'), ('{"max_rejects": true}'), ('{"on_duplicate": "ignore"}'), ('{"batch_size": 0}'),
    ('{"force": "yes"}'), ('{"x": 1}')) v(o);

-- Without a header, columns have numbers only; names would never be found.
SELECT err(format($$SELECT recon.create_source(%s, 'x', '{"amount": "a"}', '{"header": false}')$$, :p));
SELECT err(format($$SELECT recon.create_source(%s, 'x', '{"amount": {"debit": 1, "credit": "c"}}', '{"header": false}')$$, :p));
SELECT recon.create_source(:p, 'plain', '{"amount": 2}', '{"header": false}') > 0 AS made;
SELECT err(format($$SELECT recon.alter_source(%s, '{"mapping": {"amount": "a"}}')$$, source('plain')));
SELECT err(format($$SELECT recon.alter_source(%s, '{"options": {"header": false}}')$$, :bank));

-- What a later version will run is accepted, and refused at the load.
SELECT recon.create_source(:p, 'later', NULL, '{"delimiter": "||", "escape": "\\", "on_duplicate": "update", "encoding": "auto"}') > 0 AS made;

-- Changes.
SELECT recon.alter_source(:bank, '{"name": "bank2", "options": {"trim": true}, "mapping": null, "status": "disabled"}');
SELECT name, mapping, options, status, active FROM recon.data_sources WHERE source_id = :bank;
SELECT c AS changes, err(format($$SELECT recon.alter_source(%s, %L)$$, :bank, c)) FROM (VALUES
    ('{"nam": "x"}'), ('{"name": ""}'), ('{"name": "plain"}'), ('{"status": "off"}'), ('{"mapping": {"amount": {"colum": 1}}}'),
    ('{"options": {"trimm": true}}'), ('{"options": 1}'), ('{"kind": "relation"}'), ('[]'), (NULL)) v(c);
SELECT err(format($$SELECT recon.alter_source(%s, '{"name": "bank2", "status": "active"}')$$, :bank));
SET ROLE regress_ann;
SELECT err(format($$SELECT recon.alter_source(%s, '{"relation": "pg_catalog.pg_class"}')$$, :bank));

-- Relation sources, by owners: the relation and every column and expression are looked up, as the caller.
RESET ROLE;
CREATE SCHEMA regress_src;
GRANT USAGE ON SCHEMA regress_src TO regress_ann, regress_bob;
CREATE TABLE regress_src."Ledger lines" (id int, dt date, amt numeric, "Ref No" text, dropped int);
ALTER TABLE regress_src."Ledger lines" DROP COLUMN dropped;
CREATE TABLE regress_src.hidden (id int);
CREATE SEQUENCE regress_src.seq;
CREATE VIEW regress_src.v AS SELECT id, amt FROM regress_src."Ledger lines";
CREATE MATERIALIZED VIEW regress_src.mv AS SELECT id, amt FROM regress_src."Ledger lines";
CREATE TABLE regress_src.part (id int, amt numeric) PARTITION BY RANGE (id);
GRANT SELECT ON regress_src."Ledger lines", regress_src.v, regress_src.mv, regress_src.part, regress_src.seq TO regress_ann;
SET ROLE regress_ann;
SELECT recon.create_source(:p, 'ledger', '{"external_id": "id", "transaction_date": "dt", "reference": "Ref No",
    "amount": {"expression": "-amt * 100"}, "region": {"expression": "upper(\"Ref No\") || id::text"}}', '{}',
    'regress_src."Ledger lines"') AS ledger \gset
SELECT kind, relation, relation_owner FROM recon.data_sources WHERE source_id = :ledger;
SELECT recon.create_source(:p, r, '{"amount": "amt"}', '{}', 'regress_src.' || r) > 0 AS made FROM unnest('{v,mv,part}'::text[]) r;
SELECT r AS relation, err(format($$SELECT recon.create_source(%s, 'y', NULL, '{}', %L)$$, :p, r)) FROM (VALUES
    ('regress_src.nothing'), ('nowhere.t'), (''), ('a b'), ('regress_src.hidden'), ('regress_src.seq')) v(r);
SELECT m AS mapping, err(format($$SELECT recon.create_source(%s, 'y', %L, '{}', 'regress_src."Ledger lines"')$$, :p, m)) FROM (VALUES
    ('{"amount": "amount"}'), ('{"amount": 9}'), ('{"amount": "dropped"}'), ('{"amount": {"debit": "amt", "credit": "x"}}')) v(m);
SELECT e AS expression, err(format($$SELECT recon.create_source(%s, 'y', %L, '{}', 'regress_src."Ledger lines"')$$,
    :p, jsonb_build_object('amount', jsonb_build_object('expression', e)))) FROM (VALUES
    (''), ('amt +'), ('nothing'), ('no_function(amt)'), ('amt; drop table regress_src.hidden'), ('1 from pg_class'),
    ('amt, dt'), ('*'), ('t.*'), ('amt as b'), ('amt b'), ('(select 1)'), ('(select amt)'), ('exists (select 1)'), ('sum(amt)'), ('row_number() over ()'),
    ('amt limit 1'), ('amt order by 1'), ('amt union select 1'), ('amt where true'), ('distinct amt'), ('$1'),
    ('generate_series(1, 2)'), ('1) , (2'), ('default')) v(e);

-- A column that was dropped has no number.
CREATE TEMP TABLE gaps (a text, b text, c text);
ALTER TABLE gaps DROP COLUMN b;
SELECT n, replace(err(format($$SELECT recon.create_source(%s, 'gap', '{"external_id": %s}', '{}', 'gaps')$$, :p, n)), (pg_my_temp_schema()::regnamespace)::text, 'pg_temp')
FROM generate_series(2, 4, 2) n;
DROP TABLE gaps;

-- The relation and its expressions are read as the role that named them: nobody else changes those.
SET ROLE regress_bob;
SELECT err(format($$SELECT recon.alter_source(%s, '{"relation": "regress_src.v"}')$$, :ledger));
SELECT err(format($$SELECT recon.alter_source(%s, '{"mapping": {"amount": {"expression": "amt"}}}')$$, :ledger));
SELECT err(format($$SELECT recon.alter_source(%s, '{"mapping": {"amount": "amt"}}')$$, :ledger));
SELECT recon.alter_source(:ledger, '{"name": "ledger2"}');
RESET ROLE;
SELECT recon.add_member(:p, 'regress_bob', 'owner');
SET ROLE regress_bob;
SELECT err(format($$SELECT recon.alter_source(%s, '{"relation": "regress_src.v", "mapping": {"amount": "amt"}}')$$, :ledger));
SET ROLE regress_ann;
SELECT err(format($$SELECT recon.alter_source(%s, '{"relation": "regress_src.v"}')$$, :ledger));
SELECT recon.alter_source(:ledger, '{"relation": "regress_src.v", "mapping": {"amount": {"expression": "amt"}, "external_id": "id"}}');
RESET ROLE;
SELECT recon.alter_source(:ledger, '{"mapping": {"amount": {"expression": "amt + 0"}}}');
SELECT name, relation, relation_owner, mapping FROM recon.data_sources WHERE source_id = :ledger;

SET client_min_messages = error;
DROP SCHEMA regress_src CASCADE;
RESET client_min_messages;
SELECT recon.drop_project(:p);
DROP ROLE regress_ann, regress_bob;
