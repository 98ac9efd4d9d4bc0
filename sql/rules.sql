\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- Rules: checked whole when they are made, versioned, and refused by name at the run where an op is not there yet.
SELECT recon.create_project('rul') AS p \gset

-- The rule of the contract is accepted as it stands, and so is every op, algorithm, step and cardinality.
SELECT recon.create_rule(:p, 'whole', '{
    "cardinality": "1:1",
    "match": [
        {"field": "currency",  "op": "equal"},
        {"field": "amount",    "op": "within", "abs": 0.01, "pct": 0.5, "weight": 3},
        {"field": "transaction_date", "op": "within", "business_days": 3, "calendar": "TARGET"},
        {"field": "reference", "op": "similar", "algorithm": "jaro_winkler", "min": 0.85, "normalize": ["upper", "alnum"], "weight": 2},
        {"a": "description", "b": "reference", "op": "contains", "optional": true}],
    "threshold": 0.8, "approve_at": 0.95, "ambiguous": "propose"}', 7) AS whole \gset
SELECT name, priority, version, active, spec ->> 'threshold' AS threshold FROM recon.rules WHERE rule_id = :whole;
SELECT recon.create_rule(:p, 'group', '{"cardinality": "1:N", "match": [{"field": "amount", "op": "within", "abs": 0}],
    "group_by": ["counterparty"], "same": ["transaction_date"], "max_group": 8, "fees": {"fixed": 0.30, "pct": 1.5}}') > 0 AS group;
SELECT recon.create_rule(:p, a, jsonb_build_object('match', jsonb_build_array(
    '{"field": "amount", "op": "equal"}'::jsonb,
    jsonb_build_object('field', 'reference', 'op', 'similar', 'algorithm', a, 'min', 0.5)))) > 0 AS made
FROM unnest('{levenshtein,damerau_levenshtein,jaro,jaro_winkler,jaccard,cosine,dice,token_sort,token_set,soundex,metaphone,double_metaphone}'::text[]) a;
SELECT recon.create_rule(:p, 'steps', '{"match": [{"field": "reference", "op": "starts_with", "min_length": 4,
    "normalize": ["trim", "upper", "lower", "alnum", "digits", "unaccent", "squash", "left", "strip_prefixes"], "left": 10, "prefixes": ["INV"]}]}') > 0 AS steps;

-- Each fault is named with its path.
SELECT s AS spec, err(format('SELECT recon.create_rule(%s, %L, %L)', :p, 'x', s)) FROM (VALUES
    ('[]'), ('{}'), ('{"match": []}'), ('{"match": {}}'), ('{"match": [1]}'), ('{"match": [{"field": "amount", "op": "equal"}], "treshold": 0.8}'),
    ('{"match": [{"field": "amount", "op": "equal"}], "threshold": 1.1}'), ('{"match": [{"field": "amount", "op": "equal"}], "threshold": "0.8"}'),
    ('{"match": [{"field": "amount", "op": "equal"}], "approve_at": -1}'), ('{"match": [{"field": "amount", "op": "equal"}], "ambiguous": "ask"}'),
    ('{"match": [{"field": "amount", "op": "equal"}], "cardinality": "1:M"}'), ('{"match": [{"field": "amount", "op": "equal"}], "group_by": ["x"]}'),
    ('{"match": [{"field": "amount", "op": "equal"}], "cardinality": "N:M"}'), ('{"match": [{"field": "amount", "op": "equal"}], "cardinality": "1:N", "max_group": 0}'),
    ('{"match": [{"op": "equal"}]}'), ('{"match": [{"field": "amount"}]}'), ('{"match": [{"field": "amount", "op": "equals"}]}'), ('{"match": [{"fild": "amount", "op": "equal"}]}'),
    ('{"match": [{"field": "amount", "a": "amount", "op": "equal"}]}'), ('{"match": [{"a": "amount", "op": "equal"}]}'),
    ('{"match": [{"a": "amount", "b": "reference", "op": "equal"}]}'), ('{"match": [{"field": "amount", "op": "equal", "abs": 1}]}'),
    ('{"match": [{"field": "amount", "op": "within"}]}'), ('{"match": [{"field": "amount", "op": "within", "abs": -1}]}'), ('{"match": [{"field": "amount", "op": "within", "pct": 101}]}'),
    ('{"match": [{"field": "amount", "op": "within", "days": 1}]}'), ('{"match": [{"field": "reference", "op": "within", "abs": 1}]}'),
    ('{"match": [{"field": "value_date", "op": "within", "days": 1, "business_days": 1}]}'), ('{"match": [{"field": "value_date", "op": "within", "days": [3, 1]}]}'),
    ('{"match": [{"field": "value_date", "op": "within", "days": [1]}]}'), ('{"match": [{"field": "value_date", "op": "within", "days": 1.5}]}'),
    ('{"match": [{"field": "value_date", "op": "within", "days": 1, "calendar": "x"}]}'), ('{"match": [{"field": "value_date", "op": "within", "days": 1, "edge": 2}]}'),
    ('{"match": [{"field": "reference", "op": "similar", "min": 0.5}]}'), ('{"match": [{"field": "reference", "op": "similar", "algorithm": "levenstein", "min": 0.5}]}'),
    ('{"match": [{"field": "reference", "op": "similar", "algorithm": "jaro", "max_distance": 1}]}'), ('{"match": [{"field": "reference", "op": "similar", "algorithm": "levenshtein"}]}'),
    ('{"match": [{"field": "reference", "op": "similar", "algorithm": "levenshtein", "min": 0.5, "max_distance": 1}]}'), ('{"match": [{"field": "amount", "op": "similar", "algorithm": "jaro", "min": 0.5}]}'),
    ('{"match": [{"field": "reference", "op": "equal", "normalize": ["uper"]}]}'), ('{"match": [{"field": "reference", "op": "equal", "normalize": "upper"}]}'),
    ('{"match": [{"field": "reference", "op": "equal", "normalize": ["left"]}]}'), ('{"match": [{"field": "amount", "op": "equal", "normalize": ["upper"]}]}'),
    ('{"match": [{"field": "amount", "op": "equal", "weight": 0}]}'), ('{"match": [{"field": "amount", "op": "equal", "weight": "3"}]}'),
    ('{"match": [{"field": "amount", "op": "equal", "optional": true}]}'), ('{"match": [{"field": "amount", "op": "equal", "optional": "yes"}]}'), (NULL)) v(s);
SELECT err(format('SELECT recon.create_rule(%s, %L, %L)', :p, '', '{"match": [{"field": "amount", "op": "equal"}]}'));
SELECT err(format('SELECT recon.create_rule(%s, %L, %L, NULL)', :p, 'x', '{"match": [{"field": "amount", "op": "equal"}]}'));
SELECT count(*) FROM recon.rules WHERE project_id = :p AND name IN ('', 'x');

-- A new wording is a new version; the old one stays, for the matches that it made.
SELECT recon.create_rule(:p, 'versioned', '{"match": [{"field": "amount", "op": "equal"}]}') AS v \gset
SELECT recon.alter_rule(:v, '{"name": "renamed", "priority": 5}');
SELECT recon.alter_rule(:v, '{"spec": {"match": [{"field": "amount", "op": "equal"}]}}');
SELECT recon.alter_rule(:v, '{"spec": {"match": [{"field": "reference", "op": "equal"}]}, "active": false}');
SELECT name, priority, version, active, spec FROM recon.rules WHERE rule_id = :v;
SELECT version, spec FROM recon.rule_versions WHERE rule_id = :v ORDER BY version;
SELECT c AS changes, err(format('SELECT recon.alter_rule(%s, %L)', :v, c)) FROM (VALUES
    ('{"nam": "x"}'), ('{"name": ""}'), ('{"active": "no"}'), ('{"priority": "first"}'), ('{"priority": 3000000000}'), ('{"spec": {}}'),
    ('{"spec": {"match": [{"field": "amount", "op": "equal", "tolerance": 1}]}}'), ('[]'), (NULL)) v(c);
SELECT name, priority, version, active FROM recon.rules WHERE rule_id = :v;
SELECT action, before -> 'version' AS before, after -> 'version' AS after FROM recon.audit_log
WHERE resource = 'rule' AND resource_id = :v ORDER BY audit_id;

-- What does not run yet says so by name, and nothing is stored.
SELECT recon.create_source(:p, 'rul_a') AS a \gset
SELECT recon.create_source(:p, 'rul_b') AS b \gset
SELECT loaded FROM load(:a, E'external_id,amount,reference,counterparty\n1,10,abc,x\n');
SELECT loaded FROM load(:b, E'external_id,amount,reference,counterparty\n1,10,abc,x\n');
SELECT r.name, err(format('SELECT recon.run_job(%s)', recon.create_job(:p, 'run ' || r.name, :a, :b, ARRAY[r.rule_id])))
FROM (SELECT * FROM recon.rules WHERE project_id = :p AND active AND name NOT IN ('whole') ORDER BY rule_id) r;
SELECT count(*) FROM recon.matches WHERE project_id = :p;
SELECT name, status, runs FROM recon.jobs WHERE project_id = :p AND (status <> 'pending' OR runs > 0) ORDER BY name;

-- A rule that would have to compare all pairs is refused, where those are more than the bound.
SELECT loaded FROM load(:a, E'external_id,amount,reference,counterparty\n2,10,abd,x\n');
SELECT loaded FROM load(:b, E'external_id,amount,reference,counterparty\n2,11,abd,x\n');
SELECT recon.create_rule(:p, 'all pairs', '{"match": [{"field": "reference", "op": "similar", "algorithm": "levenshtein", "min": 0.5}, {"field": "amount", "op": "equal", "optional": true}]}') AS r \gset
SELECT recon.create_job(:p, 'all pairs', :a, :b, ARRAY[:r]) AS j \gset
SET recon.max_comparisons = 0;
SELECT err(format('SELECT recon.run_job(%s)', :j));
RESET recon.max_comparisons;
SELECT matches FROM recon.run_job(:j);
SELECT recon.drop_project(:p);
