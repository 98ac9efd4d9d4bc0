\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\set scenario :src '/sql/include/scenario.sql'
\i :common
\i :scenario
-- What each condition holds for and how it scores, against values worked out by hand from the contract.
CREATE TABLE expected_scores (id int GENERATED ALWAYS AS IDENTITY, field text, condition jsonb, a text, b text, score numeric);
INSERT INTO expected_scores (field, condition, a, b, score) VALUES
    -- within, numbers: 1 at no difference, falling to edge (0.5) at the bound; exact at the bound; the wider of abs and pct
    ('amount', '{"op": "within", "abs": 1}', '10', '10.00', 1),
    ('amount', '{"op": "within", "abs": 1}', '10', '10.5', 0.75),
    ('amount', '{"op": "within", "abs": 1}', '10', '11', 0.5),
    ('amount', '{"op": "within", "abs": 1}', '10', '11.01', NULL),
    ('amount', '{"op": "within", "abs": 1, "edge": 0}', '10', '9.5', 0.5),
    ('amount', '{"op": "within", "abs": 1, "edge": 1}', '10', '9', 1),
    ('amount', '{"op": "within", "abs": 0}', '10', '10.0', 1),
    ('amount', '{"op": "within", "abs": 0}', '10', '10.01', NULL),
    ('amount', '{"op": "within", "abs": 0.1}', '0.3', '0.2', 0.5),
    ('amount', '{"op": "within", "abs": 0.1}', '0.3', '0.1999999999', NULL),
    ('amount', '{"op": "within", "abs": 1}', '-0.5', '0.5', 0.5),
    ('amount', '{"op": "within", "pct": 10}', '100', '90', 0.5),
    ('amount', '{"op": "within", "pct": 10}', '90', '100', 0.5),
    ('amount', '{"op": "within", "pct": 10}', '100', '89.99', NULL),
    ('amount', '{"op": "within", "pct": 10}', '100', '110', 0.545454546),
    ('amount', '{"op": "within", "pct": 10}', '-100', '-95', 0.75),
    ('amount', '{"op": "within", "pct": 10}', '-100', '100', NULL),
    ('amount', '{"op": "within", "pct": 100}', '0', '5', 0.5),
    ('amount', '{"op": "within", "pct": 0.5, "abs": 0.01}', '1000', '995', 0.5),
    ('amount', '{"op": "within", "pct": 0.5, "abs": 0.01}', '1', '1.01', 0.5),
    ('amount', '{"op": "within", "abs": 2, "pct": 10}', '100', '98', 0.9),
    ('amount', '{"op": "equal"}', '10', '10.000', 1),
    ('amount', '{"op": "equal"}', '12345678901234567.01', '12345678901234567.02', NULL),
    -- within, dates
    ('transaction_date', '{"op": "within", "days": 3}', '2024-03-01', '2024-03-01', 1),
    ('transaction_date', '{"op": "within", "days": 3}', '2024-03-01', '2024-02-29', 0.833333334),
    ('transaction_date', '{"op": "within", "days": 3}', '2024-03-01', '2024-03-04', 0.5),
    ('transaction_date', '{"op": "within", "days": 3}', '2024-03-01', '2024-03-05', NULL),
    ('transaction_date', '{"op": "within", "days": 0}', '2024-03-01', '2024-03-01', 1),
    ('transaction_date', '{"op": "within", "days": [0, 5]}', '2024-03-01', '2024-02-29', NULL),
    ('transaction_date', '{"op": "within", "days": [0, 5]}', '2024-03-01', '2024-03-03', 0.8),
    ('transaction_date', '{"op": "within", "days": [2, 5]}', '2024-03-01', '2024-03-02', NULL),
    ('transaction_date', '{"op": "within", "days": [2, 5]}', '2024-03-01', '2024-03-03', 1),
    ('transaction_date', '{"op": "within", "days": [2, 5]}', '2024-03-01', '2024-03-06', 0.5),
    ('transaction_date', '{"op": "within", "days": [-5, -2]}', '2024-03-06', '2024-03-04', 1),
    ('transaction_date', '{"op": "within", "days": [-5, -2]}', '2024-03-06', '2024-03-01', 0.5),
    ('transaction_date', '{"op": "within", "days": [-1, 4]}', '2024-03-06', '2024-03-05', 0.875),
    ('transaction_date', '{"op": "within", "days": [2, 2]}', '2024-03-01', '2024-03-03', 1),
    -- within, business days: 2024-03-01 is a Friday, the Monday after it a holiday of the calendar
    ('value_date', '{"op": "within", "business_days": 2}', '2024-03-01', '2024-03-04', 0.75),
    ('value_date', '{"op": "within", "business_days": 2}', '2024-03-01', '2024-03-05', 0.5),
    ('value_date', '{"op": "within", "business_days": 2}', '2024-03-01', '2024-03-06', NULL),
    ('value_date', '{"op": "within", "business_days": 2, "calendar": "REGRESS"}', '2024-03-01', '2024-03-05', 0.75),
    ('value_date', '{"op": "within", "business_days": 2, "calendar": "REGRESS"}', '2024-03-06', '2024-03-01', 0.5),
    ('value_date', '{"op": "within", "business_days": [1, 1]}', '2024-03-01', '2024-03-04', 1),
    ('value_date', '{"op": "within", "business_days": 0}', '2024-03-04', '2024-03-05', NULL),
    -- texts
    ('reference', '{"op": "equal"}', 'abc', 'abc', 1),
    ('reference', '{"op": "equal"}', 'abc', 'ABC', NULL),
    ('reference', '{"op": "equal", "normalize": ["upper", "alnum"]}', 'inv-1/a', 'INV 1A', 1),
    ('reference', '{"op": "equal", "normalize": ["digits"]}', 'RE 00-17', 'inv0017', 1),
    ('reference', '{"op": "equal", "normalize": ["trim", "squash", "lower"]}', '  A  b ', 'a B', 1),
    ('reference', '{"op": "equal", "normalize": ["unaccent"]}', 'Café Müller', 'Cafe Muller', 1),
    ('reference', '{"op": "equal", "normalize": ["left"], "left": 3}', 'äbcd', 'äbcx', 1),
    ('reference', '{"op": "equal", "normalize": ["strip_prefixes"], "prefixes": ["INV", "RE"]}', 'INV17', 'RE17', 1),
    ('reference', '{"op": "similar", "algorithm": "levenshtein", "min": 0.5}', 'kitten', 'sitting', 0.571428572),
    ('reference', '{"op": "similar", "algorithm": "levenshtein", "min": 0.6}', 'kitten', 'sitting', NULL),
    ('reference', '{"op": "similar", "algorithm": "levenshtein", "max_distance": 3}', 'kitten', 'sitting', 0.571428572),
    ('reference', '{"op": "similar", "algorithm": "levenshtein", "max_distance": 2}', 'kitten', 'sitting', NULL),
    ('reference', '{"op": "similar", "algorithm": "levenshtein", "min": 0.5}', 'müller', 'muller', 0.833333334),
    ('reference', '{"op": "similar", "algorithm": "jaro_winkler", "min": 0.9}', 'MARTHA', 'MARHTA', 0.961111112),
    ('reference', '{"op": "similar", "algorithm": "jaro_winkler", "min": 0.84}', 'DWAYNE', 'DUANE', 0.84),
    ('reference', '{"op": "similar", "algorithm": "jaro_winkler", "min": 0.85}', 'DWAYNE', 'DUANE', NULL),
    ('reference', '{"op": "similar", "algorithm": "jaro_winkler", "min": 0.9, "normalize": ["upper"]}', 'martha', 'MARTHA', 1),
    ('reference', '{"op": "similar", "algorithm": "damerau_levenshtein", "min": 0.3}', 'ca', 'abc', 0.333333334),
    ('reference', '{"op": "similar", "algorithm": "damerau_levenshtein", "min": 0.8}', 'specter', 'spectre', 0.857142858),
    ('reference', '{"op": "similar", "algorithm": "jaro", "min": 0.9}', 'MARTHA', 'MARHTA', 0.944444444),
    ('reference', '{"op": "similar", "algorithm": "jaro", "min": 0.95}', 'MARTHA', 'MARHTA', NULL),
    ('reference', '{"op": "similar", "algorithm": "jaccard", "min": 0.3}', 'word', 'two words', 0.363636364),
    ('reference', '{"op": "similar", "algorithm": "jaccard", "min": 0.4}', 'word', 'two words', NULL),
    ('reference', '{"op": "similar", "algorithm": "jaccard", "tokens": "word", "min": 0.5}', 'paid by Meier', 'PAID BY Maier', 0.5),
    ('reference', '{"op": "similar", "algorithm": "cosine", "min": 0.5}', 'word', 'two words', 0.565685425),
    ('reference', '{"op": "similar", "algorithm": "cosine", "tokens": "word", "min": 0.5}', 'paid by Meier', 'paid by Maier', 0.666666667),
    ('reference', '{"op": "similar", "algorithm": "dice", "min": 0.5}', 'word', 'two words', 0.533333334),
    ('reference', '{"op": "similar", "algorithm": "dice", "tokens": "word", "min": 0.7}', 'paid by Meier', 'paid by Maier', NULL),
    ('reference', '{"op": "similar", "algorithm": "token_sort", "min": 1}', 'fuzzy wuzzy was a bear', 'wuzzy fuzzy was a bear', 1),
    ('reference', '{"op": "similar", "algorithm": "token_sort", "min": 0.9}', 'fuzzy was a bear', 'fuzzy fuzzy was a bear', NULL),
    ('reference', '{"op": "similar", "algorithm": "token_set", "min": 1}', 'fuzzy was a bear', 'fuzzy fuzzy was a bear', 1),
    ('reference', '{"op": "similar", "algorithm": "soundex", "min": 1}', 'Robert', 'Rupert', 1),
    ('reference', '{"op": "similar", "algorithm": "soundex", "min": 1}', 'Robert', 'Rubin', NULL),
    ('reference', '{"op": "similar", "algorithm": "metaphone", "min": 1}', 'Knight', 'Night', 1),
    ('reference', '{"op": "similar", "algorithm": "metaphone", "min": 1}', 'Thompson', 'Thomson', NULL),
    ('reference', '{"op": "similar", "algorithm": "double_metaphone", "min": 1}', 'Smith', 'Smyth', 1),
    ('reference', '{"op": "similar", "algorithm": "double_metaphone", "min": 0.5}', 'Smith', 'Schmidt', 0.9),
    ('reference', '{"op": "similar", "algorithm": "double_metaphone", "min": 0.5}', 'Smith', 'Jones', NULL),
    ('reference', '{"op": "contains"}', 'Invoice INV-17 paid', 'INV-17', 1),
    ('reference', '{"op": "contains"}', 'INV-17', 'Invoice INV-17 paid', 1),
    ('reference', '{"op": "contains"}', 'Invoice INV-17 paid', 'inv-17', NULL),
    ('reference', '{"op": "contains", "normalize": ["upper", "alnum"]}', 'Invoice INV-17 paid', 'inv 17', 1),
    ('reference', '{"op": "starts_with"}', 'INV-17', 'INV-17/2', 1),
    ('reference', '{"op": "starts_with"}', 'INV-17/2', 'INV-17', 1),
    ('reference', '{"op": "starts_with"}', 'INV-17', 'INV-18', NULL),
    ('reference', '{"op": "starts_with"}', 'IN', 'INV-17', NULL),
    ('reference', '{"op": "starts_with", "min_length": 2}', 'IN', 'INV-17', 1),
    ('reference', '{"op": "starts_with", "min_length": 3}', 'äö', 'äöü', NULL),
    ('reference', '{"op": "starts_with", "min_length": 2, "normalize": ["lower"]}', 'ÄÖ', 'äöü', 1),
    ('reference', '{"op": "starts_with", "optional": true}', 'INV-17', 'INV-18', 0),
    ('reference', '{"op": "contains", "optional": true}', 'INV-17', '', 0),
    -- NULL is like nothing
    ('reference', '{"op": "equal"}', '', '', NULL),
    ('amount', '{"op": "within", "abs": 1000}', '1', '', NULL),
    ('transaction_date', '{"op": "within", "days": 1000}', '', '2024-01-01', NULL),
    ('reference', '{"op": "similar", "algorithm": "levenshtein", "min": 0}', 'abc', '', NULL),
    ('reference', '{"op": "similar", "algorithm": "levenshtein", "min": 0}', 'abc', 'xyz', 0),
    -- an optional condition scores 0 where it does not hold
    ('reference', '{"op": "equal", "optional": true}', 'abc', 'xyz', 0),
    ('reference', '{"op": "equal", "optional": true}', 'abc', '', 0),
    ('reference', '{"op": "equal", "optional": true}', 'abc', 'abc', 1);
SELECT recon.set_holidays('REGRESS', '{2024-03-04,2024-12-25,2024-12-25}');
-- All in one run: a rule and a pair of records for each, held together by an attribute that only that pair has.
CREATE FUNCTION sheet(side text) RETURNS text LANGUAGE sql AS $$
    SELECT 'external_id,amount,transaction_date,value_date,reference,' || string_agg('pair' || id, ',' ORDER BY id) || E'\n'
        || string_agg(concat_ws(',', side || id, CASE field WHEN 'amount' THEN v ELSE '' END, CASE field WHEN 'transaction_date' THEN v ELSE '' END,
                                CASE field WHEN 'value_date' THEN v ELSE '' END, CASE field WHEN 'reference' THEN v ELSE '' END,
                                repeat(',', id - 1) || 'x' || repeat(',', n - id)), E'\n' ORDER BY id)
    FROM (SELECT *, CASE side WHEN 'a' THEN a ELSE b END AS v, count(*) OVER ()::int AS n FROM expected_scores) e
$$;
CREATE TABLE got AS
SELECT e.*, s.a AS got_a, s.b AS got_b, 2 * s.confidence::numeric - 1 AS got
FROM expected_scores e LEFT JOIN scenario(
    (SELECT jsonb_agg(jsonb_build_object('match', jsonb_build_array(jsonb_build_object('field', 'pair' || id, 'op', 'equal'),
                                                                    jsonb_build_object('field', field) || condition)) ORDER BY id) FROM expected_scores),
    sheet('a'), sheet('b')) s ON s.rule = e.id;
SELECT count(*), count(got) AS matched, count(*) FILTER (WHERE got_a = 'a' || id AND got_b = 'b' || id) AS with_the_right_one FROM got;
-- Confidences have nine decimals, of which the other condition took a half.
SELECT field, condition, a, b, score AS expected, got FROM got WHERE (got IS NULL) <> (score IS NULL) OR abs(got - score) > 0.000000002 ORDER BY id;
DROP FUNCTION sheet;
DROP TABLE expected_scores, got;

-- Confidence is the weighted mean, to nine decimals.
SELECT * FROM scenario('{"match": [{"field": "currency", "op": "equal"}, {"field": "reference", "op": "similar", "algorithm": "levenshtein", "min": 0.5, "weight": 3}]}',
    E'external_id,currency,reference\na,EUR,kitten\n', E'external_id,currency,reference\nb,EUR,sitting\n');
SELECT * FROM scenario('{"match": [{"field": "amount", "op": "within", "abs": 1, "weight": 0.5}, {"field": "reference", "op": "equal", "optional": true, "weight": 1.5}, {"field": "transaction_date", "op": "within", "days": 4}]}',
    E'external_id,amount,reference,transaction_date\na,10,x,2024-01-01\n', E'external_id,amount,reference,transaction_date\nb,10.5,y,2024-01-02\n');

-- Texts alone select: as by comparing all with all.
SELECT * FROM scenario('{"match": [{"field": "reference", "op": "similar", "algorithm": "jaro_winkler", "min": 0.85}, {"field": "counterparty", "op": "starts_with", "optional": true}]}',
    E'external_id,reference,counterparty\na1,MARTHA,Acme Ltd\na2,DWAYNE,Acme\na3,DIXON,\n', E'external_id,reference,counterparty\nb1,MARHTA,Acme\nb2,MARTHA,Meier\nb3,DICKSONX,\n');
SELECT * FROM scenario('{"match": [{"a": "description", "b": "reference", "op": "contains", "normalize": ["alnum"]}, {"field": "amount", "op": "within", "abs": 1}]}',
    E'external_id,description,amount\na1,payment of INV-17,10\na2,payment of INV-18,20\na3,payment of INV-19,30\n', E'external_id,reference,amount\nb1,INV 17,10\nb2,INV 18,20.5\nb3,INV 19,40\n');

-- Times: seconds either way, exact at the bound, whatever the zone; business days by a calendar, one way only.
SELECT * FROM scenario('{"match": [{"field": "t", "op": "within", "seconds": 1.5}, {"field": "x", "op": "equal"}]}',
    E'id,t,x\na1,2024-01-01T12:00:00Z,1\na2,2024-01-01T12:00:00Z,2\na3,2024-01-01T12:00:00Z,3\n', E'id,t,x\nb1,2024-01-01T13:00:01.5+01:00,1\nb2,2024-01-01T11:59:59.25Z,2\nb3,2024-01-01T12:00:01.500001Z,3\n', NULL,
    '{"external_id": "id", "t": {"column": "t", "type": "timestamptz"}, "x": "x"}');
SELECT * FROM scenario('{"match": [{"field": "transaction_date", "op": "within", "business_days": [0, 1], "calendar": "REGRESS"}, {"field": "reference", "op": "equal"}]}',
    E'external_id,transaction_date,reference\na1,2024-03-01,1\na2,2024-03-01,2\na3,2024-03-05,3\n', E'external_id,transaction_date,reference\nb1,2024-03-05,1\nb2,2024-03-06,2\nb3,2024-03-01,3\n');

-- A block of more pairs than may be compared stays open, a WARNING says so, and other blocks are matched. Texts that are joined need fewer.
SET recon.max_comparisons = 8;
SELECT * FROM scenario('{"match": [{"field": "amount", "op": "equal"}, {"field": "reference", "op": "contains"}]}',
    E'external_id,amount,reference\na1,100,x1\na2,100,x2\na3,100,x3\na4,7,x4\n', E'external_id,amount,reference\nb1,100,x1\nb2,100,x2\nb3,100,x3\nb4,7,x4\n');
SELECT * FROM scenario('{"match": [{"field": "amount", "op": "equal"}, {"field": "reference", "op": "similar", "algorithm": "soundex", "min": 1}]}',
    E'external_id,amount,reference\na1,100,Robert\na2,100,Smith\na3,100,Jones\na4,7,Meier\n', E'external_id,amount,reference\nb1,100,Rupert\nb2,100,Smyth\nb3,100,Brown\nb4,7,Mayer\n');
RESET recon.max_comparisons;

-- Attributes are fields too, by their types; a and b name two fields.
SELECT * FROM scenario('{"match": [{"field": "n", "op": "within", "abs": 1}, {"field": "d", "op": "within", "days": 1}, {"field": "t", "op": "within", "seconds": 60}, {"field": "x", "op": "equal"}]}',
    E'id,n,d,t,x\na,1.5,01.02.2024,2024-01-01T12:00:00Z,q\n', E'id,n,d,t,x\nb,1,02.02.2024,2024-01-01T13:00:30+01:00,q\n', NULL,
    '{"external_id": "id", "n": {"column": "n", "type": "numeric"}, "d": {"column": "d", "type": "date", "format": "DD.MM.YYYY"}, "t": {"column": "t", "type": "timestamptz"}, "x": "x"}');
SELECT * FROM scenario('{"match": [{"a": "description", "b": "order no", "op": "equal", "normalize": ["digits"]}]}',
    E'external_id,description\na,order 17 of May\n', E'external_id,order no\nb,No. 17\n');

-- Amounts in currencies that are both known and differ never match; where one is unknown they may. Other fields do not care.
SELECT * FROM scenario('{"match": [{"field": "amount", "op": "equal"}, {"field": "reference", "op": "equal"}]}',
    E'external_id,amount,currency,reference\na1,10,EUR,1\na2,10,EUR,2\na3,10,,3\na4,10,EUR,4\n', E'external_id,amount,currency,reference\nb1,10,EUR,1\nb2,10,USD,2\nb3,10,USD,3\nb4,10,,4\n');
SELECT * FROM scenario('{"match": [{"field": "reference", "op": "equal"}]}',
    E'external_id,amount,currency,reference\na,10,EUR,1\n', E'external_id,amount,currency,reference\nb,10,USD,1\n');
SELECT * FROM scenario('{"match": [{"field": "reference", "op": "equal"}, {"field": "amount", "op": "equal", "optional": true}]}',
    E'external_id,amount,currency,reference\na,10,EUR,1\n', E'external_id,amount,currency,reference\nb,10,USD,1\n');

-- What does not fit: fields, types, calendars.
SELECT err(format('SELECT scenario(%L, %L, %L)', s, E'external_id,branch,n\n1,x,1\n', E'external_id,branch,n\n1,x,1\n')) FROM (VALUES
    ('{"match": [{"field": "brnch", "op": "equal"}]}'), ('{"match": [{"field": "nothing like it", "op": "equal"}]}'), ('{"match": [{"field": "referense", "op": "equal"}]}'),
    ('{"match": [{"field": "n", "op": "within", "abs": 1}]}'), ('{"match": [{"field": "branch", "op": "within", "seconds": 1}]}'), ('{"match": [{"a": "amount", "b": "branch", "op": "equal"}]}'),
    ('{"match": [{"field": "value_date", "op": "within", "business_days": 1, "calendar": "NOWHERE"}]}')) v(s);
