\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- What was rejected is not proposed again: pairs, groups, by the same job or another, in whatever way a run is done.
SELECT recon.create_project('rejections') AS p \gset
SELECT recon.create_source(:p, 'rejections_a') AS a \gset
SELECT recon.create_source(:p, 'rejections_b', options => '{"on_duplicate": "update"}') AS b \gset
SELECT recon.create_rule(:p, 'near', '{"match": [{"field": "reference", "op": "equal"}, {"field": "amount", "op": "within", "abs": 5}]}', 1) AS near \gset
SELECT recon.create_job(:p, 'ab', :a, :b) AS j \gset
CREATE VIEW live AS
SELECT (SELECT string_agg(external_id, ' ' ORDER BY external_id) FROM recon.match_records x JOIN recon.records USING (record_id) WHERE x.match_id = m.match_id AND external_id LIKE 'a%') AS a,
    (SELECT string_agg(external_id, ' ' ORDER BY external_id) FROM recon.match_records x JOIN recon.records USING (record_id) WHERE x.match_id = m.match_id AND external_id LIKE 'b%') AS b,
    status, round(confidence::numeric, 3) AS confidence, ambiguous FROM recon.matches m WHERE project_id = project('rejections') AND status IN ('proposed', 'approved');
CREATE FUNCTION m(name text) RETURNS bigint STABLE LANGUAGE sql AS $$SELECT match_id FROM recon.match_records x JOIN recon.records USING (record_id) JOIN recon.matches m USING (match_id) WHERE external_id = name AND x.project_id = project('rejections') AND m.status IN ('proposed', 'approved')$$;
CREATE VIEW reasons AS SELECT string_agg(external_id || ': ' || reason, ', ' ORDER BY external_id) AS open FROM recon.exceptions WHERE project_id = project('rejections');

-- A pair; then the next best.
SELECT loaded FROM load(:a, E'external_id,amount,reference\na1,10,r1\na2,20,r2\n');
SELECT loaded FROM load(:b, E'external_id,amount,reference\nb1,11,r1\nb1x,13,r1\nb2,21,r2\n');
SELECT matches FROM recon.run_job(:j);
SELECT * FROM live ORDER BY a;
SELECT recon.reject_matches(ARRAY[m('a1'), m('a2')]);
SELECT a.external_id AS a, b.external_id AS b FROM recon.preview_job(:j) JOIN recon.records a ON a.record_id = record_a_id JOIN recon.records b ON b.record_id = record_b_id;
SELECT matches FROM recon.run_job(:j);
SELECT * FROM live ORDER BY a;
SELECT * FROM reasons;
SELECT matches FROM recon.run_job(:j);
SELECT recon.reject_matches(ARRAY[m('a1')]);
SELECT matches FROM recon.run_job(:j);
SELECT * FROM reasons;

-- Nor by a job that has the sources the other way round, nor by another rule. By hand it may be, and what is then taken apart is still rejected.
SELECT recon.create_job(:p, 'ba', :b, :a) AS ba \gset
SELECT recon.create_rule(:p, 'exact', '{"match": [{"field": "reference", "op": "equal"}]}', 2) AS exact \gset
SELECT matches FROM recon.run_job(:ba);
SELECT recon.match_manually(:p, (SELECT array_agg(record_id) FROM recon.records WHERE project_id = :p AND external_id = 'a2'), (SELECT array_agg(record_id) FROM recon.records WHERE project_id = :p AND external_id = 'b2')) > 0 AS made;
SELECT recon.unmatch(m('a2'));
SELECT matches FROM recon.run_job(:j);
SELECT * FROM reasons;

-- What was taken apart may be proposed again: nobody said that it is wrong.
SELECT loaded FROM load(:a, E'external_id,amount,reference\na3,30,r3\n');
SELECT loaded FROM load(:b, E'external_id,amount,reference\nb3,30,r3\n');
SELECT matches FROM recon.run_job(:j);
SELECT recon.unmatch(m('a3'));
SELECT matches FROM recon.run_job(:j);
SELECT * FROM live ORDER BY a;

-- An approved match stays as it is, whatever a run could do better.
SELECT loaded FROM load(:b, E'external_id,amount,reference\nb3x,30,r3\n');
SELECT matches FROM recon.run_job(:j);
SELECT * FROM live ORDER BY a;

-- Records that are alike: those that were rejected are told from the others.
SELECT loaded FROM load(:a, E'external_id,amount,reference\na41,4,r4\na42,4,r4\n');
SELECT loaded FROM load(:b, E'external_id,amount,reference\nb41,5,r4\nb42,5,r4\n');
SELECT matches FROM recon.run_job(:j);
SELECT * FROM live WHERE a LIKE 'a4%' ORDER BY a;
SELECT recon.reject_matches(ARRAY[m('a41'), m('a42')]);
SELECT matches FROM recon.run_job(:j);
SELECT * FROM live WHERE a LIKE 'a4%' ORDER BY a;

-- A group: the same set is not made again, another one is.
SELECT recon.create_rule(:p, 'group', '{"cardinality": "1:N", "match": [{"field": "amount", "op": "equal"}], "group_by": ["reference"], "approve_at": 1}', 3) AS group \gset
SELECT loaded FROM load(:a, E'external_id,amount,reference\na5,50,r5\n');
SELECT loaded FROM load(:b, E'external_id,amount,reference\nb51,40,r5\nb52,10,r5\n');
SELECT recon.alter_rule(:near, '{"active": false}'), recon.alter_rule(:exact, '{"active": false}');
SELECT matches FROM recon.run_job(:j);
SELECT * FROM live WHERE a = 'a5';
SELECT recon.unmatch(m('a5'));
SELECT recon.alter_rule(:group, '{"spec": {"cardinality": "1:N", "match": [{"field": "amount", "op": "within", "abs": 1}], "group_by": ["reference"], "threshold": 0.4}}');
SELECT loaded FROM load(:b, E'external_id,amount,reference\nb51,39.5,r5\n');
SELECT matches FROM recon.run_job(:j);
SELECT * FROM live WHERE a = 'a5';
SELECT recon.reject_matches(ARRAY[m('a5')], 'not these');
SELECT count(*) FROM recon.preview_job(:j) WHERE status <> 'unmatched';
SELECT matches FROM recon.run_job(:j);
SELECT external_id, reason FROM recon.exceptions WHERE project_id = :p AND external_id LIKE '_5%' ORDER BY 1;
SELECT loaded FROM load(:b, E'external_id,amount,reference\nb53,0.5,r5\n');
SELECT matches FROM recon.run_job(:j);
SELECT * FROM live WHERE a = 'a5';

-- In files, with workers, and by SQL alone, the same.
SELECT recon.create_source(:p, 'rejections_c') AS c \gset
SELECT recon.create_source(:p, 'rejections_d') AS d \gset
SELECT recon.create_rule(:p, 'texts', '{"match": [{"field": "reference", "op": "similar", "algorithm": "jaro_winkler", "min": 0.9}, {"field": "currency", "op": "equal"}]}', 4) AS texts \gset
SELECT recon.create_job(:p, 'cd', :c, :d, ARRAY[:texts]) AS cd \gset
SELECT loaded FROM load(:c, (SELECT E'external_id,currency,reference\n' || string_agg(format(E'c%s,C%s,%s\n', n, n % 10, md5(n::text)), '' ORDER BY n) FROM generate_series(1, 3000) n));
SELECT loaded FROM load(:d, (SELECT E'external_id,currency,reference\n' || string_agg(format(E'd%s,C%s,%s\n', n, n % 10, md5(n::text) || 'x'), '' ORDER BY n) FROM generate_series(1, 3000) n));
CREATE FUNCTION outcome(job bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    SELECT format('%s pairs, %s of them rejected', count(*), count(*) FILTER (WHERE substr(a.external_id, 2)::int % 3 = 0 AND substr(a.external_id, 2) = substr(b.external_id, 2))) INTO result
    FROM recon.preview_job(job) JOIN recon.records a ON a.record_id = record_a_id JOIN recon.records b ON b.record_id = record_b_id;
    RETURN result;
END
$$;
SET recon.parallel_workers = 0;
SELECT outcome(:cd);
SELECT matches FROM recon.run_job(:cd);
SELECT recon.reject_matches(array_agg(match_id)) FROM recon.matches JOIN recon.records ON record_id = record_a_id WHERE matches.job_id = :cd AND CASE WHEN external_id ~ '^c' THEN substr(external_id, 2)::int % 3 = 0 END;
SELECT recon.unmatch_matches(array_agg(match_id)) FROM recon.matches WHERE job_id = :cd AND status <> 'rejected';
SELECT outcome(:cd);
SET recon.parallel_workers = 2;
SELECT outcome(:cd);
SET recon.work_mem = '1MB';
SELECT outcome(:cd);
RESET recon.parallel_workers;
RESET recon.work_mem;
SET recon.write_path = spi;
SELECT matches FROM recon.run_job(:cd);
RESET recon.write_path;
SELECT count(*) FILTER (WHERE reason = 'match rejected') AS rejected, count(*) FROM recon.exceptions WHERE source_id IN (:c, :d);
SELECT * FROM recon.stats_verify(:p);
DROP VIEW live, reasons;
DROP FUNCTION m(text), outcome(bigint);
SELECT recon.drop_project(:p);
