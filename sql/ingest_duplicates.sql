\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
\set VERBOSITY terse
-- What is known already: files, records by external_id, records by content.
SELECT recon.create_project('duplicates') AS p \gset
SELECT recon.create_source(:p, 'dup a', '{"external_id": "id", "amount": "amount", "reference": "ref", "note": "note"}') AS a \gset

-- The same bytes again change nothing, unless they are forced; then the records are known.
SELECT * FROM load(:a, E'id,amount,ref,note\n1,10,x,\n2,20,y,n\nbad,x,,\n');
SELECT * FROM load(:a, E'id,amount,ref,note\n1,10,x,\n2,20,y,n\nbad,x,,\n');
SELECT (SELECT count(*) FROM recon.ingest_errors WHERE ingestion_id = newest_load(:a)) AS rejects,
       (SELECT count(DISTINCT file_id) FROM recon.ingestions WHERE source_id = :a) AS files;
SELECT * FROM load(:a, E'id,amount,ref,note\n1,10,x,\n2,20,y,n\nbad,x,,\n', '{"force": true}');
-- A load that failed is no earlier load; the same bytes in another source are new.
SELECT recon.create_source(:p, 'dup b', '{"external_id": "id", "amount": "amount"}') AS b \gset
SELECT * FROM load(:b, E'id,amount\n1,1\n2,x\n', '{"max_rejects": 0}');
SELECT * FROM load(:b, E'id,amount\n1,1\n2,x\n');
SELECT * FROM load(:b, E'id,amount\n1,1\n2,x\n');

-- An export that overlaps adds what is new; numbers are compared as numbers, and columns may move.
SELECT * FROM load(:a, E'note,ref,amount,id\nn,y,20.00,2\n,z,30,3\n');
SELECT * FROM load(:a, E'id,amount,ref,note\n3,30,z,\n4,40,,\n4,40.0,,\n');
SELECT external_id, amount, reference, attributes FROM recon.records WHERE source_id = :a ORDER BY record_id;

-- Other content under a known external_id is a reject, also within a file.
SELECT * FROM load(:a, E'id,amount,ref,note\n4,41,,\n5,50,,\n5,51,,\n');
SELECT line, at, col, code, regexp_replace(message, 'record \d+', 'record #') AS message, raw FROM rejects(:a);

-- on_duplicate for records of the same content.
SELECT * FROM load(:a, E'id,amount,ref,note\n5,50,,\n6,60,,\n', '{"on_duplicate": "reject"}');
SELECT line, col, code, regexp_replace(message, 'record \d+', 'record #') AS message, raw FROM rejects(:a);
SELECT err(format('SELECT load(%s, %L, %L)', :a, E'id,amount,ref,note\n7,70,,\n6,60,,\n', '{"on_duplicate": "error"}'));
SELECT count(*) FROM recon.records WHERE source_id = :a AND external_id = '7';
SELECT status, loaded, rejected FROM load(:a, E'id,amount,ref,note\n5,50,,\n7,70,,\n', '{"on_duplicate": "reject", "max_rejects": 0}');
SELECT count(*) AS kept FROM rejects(:a);
SELECT count(*) FROM recon.records WHERE source_id = :a AND external_id = '7';

-- Without an external_id, by content and how often it occurs.
SELECT recon.create_source(:p, 'dup c', '{"amount": "amount", "reference": "ref"}') AS c \gset
SELECT * FROM load(:c, E'amount,ref\n1,x\n1,x\n2,y\n');
SELECT * FROM load(:c, E'amount,ref\n1.0,x\n1,x\n1,x\n2,z\n');
SELECT * FROM load(:c, E'ref,amount\nx,1\ny,2\n');
SELECT * FROM load(:c, E'amount,ref\n1,x\n1,x\n1,x\n1,x\n1,x\n', '{"on_duplicate": "reject"}');
SELECT amount, reference, count(*) FROM recon.records WHERE source_id = :c GROUP BY 1, 2 ORDER BY 1, 2;
-- A record with an external_id is never the one without.
SELECT recon.create_source(:p, 'dup d', '{"external_id": "id", "amount": "amount"}') AS d \gset
SELECT * FROM load(:d, E'id,amount\n,5\nx,5\n,5\n');
SELECT * FROM load(:d, E'id,amount\n,5\n,5\n,5\nx,5\ny,5\n');

-- Update: the old version is kept, and the record stays the same one.
SELECT * FROM load(:a, E'id,amount,ref,note\n1,11,xx,m\n9,90,,\n9,91,,\n9,92,q,\n2,20,y,n\n', '{"on_duplicate": "update"}');
SELECT records_updated FROM recon.ingestions WHERE ingestion_id = newest_load(:a);
SELECT r.external_id, r.amount, r.reference, r.attributes, i.ingestion_id = newest_load(:a) AS newest, r.line_no,
       (SELECT array_agg(v.amount ORDER BY v.version_id) FROM recon.record_versions v WHERE v.record_id = r.record_id) AS before
FROM recon.records r JOIN recon.ingestions i USING (ingestion_id) WHERE r.source_id = :a AND external_id IN ('1', '2', '9') ORDER BY external_id;
-- What it was is not known any more, what it is is.
SELECT * FROM load(:a, E'id,amount,ref,note\n1,10,x,\n1,11,xx,m\n9,92,q,\n');
SELECT count(*), count(DISTINCT record_id) FROM recon.open_records WHERE source_id = :a;

-- Updates and matches: proposed ones are withdrawn, approved ones hold.
SELECT recon.create_source(:p, 'dup e') AS e \gset
SELECT recon.create_source(:p, 'dup f') AS f \gset
SELECT loaded FROM load(:e, E'external_id,amount\nm1,1\nm2,2\nm3,3\n');
SELECT loaded FROM load(:f, E'external_id,amount\nm1,1\nm2,2\nm3,3\n');
SELECT recon.create_rule(:p, 'exact', '{"match": [{"field": "external_id", "op": "equal"}, {"field": "amount", "op": "within", "abs": 0.5}]}') AS r \gset
SELECT recon.create_job(:p, 'j', :e, :f) AS j \gset
SELECT matches, proposed, approved FROM recon.run_job(:j);
UPDATE recon.matches m SET status = 'proposed' FROM recon.match_records x JOIN recon.records r USING (record_id)
WHERE m.match_id = x.match_id AND m.job_id = :j AND r.external_id = 'm2';
SELECT * FROM load(:e, E'external_id,amount\nm1,1.1\nm2,2.1\nm3,3\nm4,4\n', '{"on_duplicate": "update"}');
SELECT line, col, code, regexp_replace(message, 'record \d+', 'record #') AS message, raw FROM rejects(:e);
SELECT m.status, m.note IS NOT NULL AS noted, r.external_id, r.amount, o.reason FROM recon.matches m JOIN recon.match_records x USING (match_id) JOIN recon.records r USING (record_id)
LEFT JOIN recon.open_records o USING (record_id) WHERE m.job_id = :j ORDER BY r.external_id, x.side;
SELECT matches, proposed, approved FROM recon.run_job(:j);
SELECT external_id, reason FROM recon.exceptions WHERE source_id IN (:e, :f) ORDER BY 1;

-- Many runs of fingerprints become few; all of them are looked into.
SELECT recon.create_source(:p, 'dup g', '{"external_id": "id", "amount": "amount"}') AS g \gset
SELECT sum(loaded) FROM generate_series(1, 40) i, LATERAL load(:g, E'id,amount\n' || (SELECT string_agg(format('%s,%s', n, n), E'\n') FROM generate_series(i * 100 - 99, i * 100) n)) l;
SELECT count(*) < 8 AS few, sum(entries) FROM recon.fingerprint_runs WHERE source_id = :g;
SELECT status, loaded, duplicate FROM load(:g, E'id,amount\n' || (SELECT string_agg(format('%s,%s', n, n), E'\n') FROM generate_series(1, 4005) n));
SELECT status, loaded, duplicate FROM load(:g, E'id,amount\n7,7\n4001,4001\n9999,1\n');
SELECT count(*), count(DISTINCT external_id) FROM recon.records WHERE source_id = :g;

-- Large enough to be stored on the way: repeats, conflicts and known records among them.
SELECT recon.create_source(:p, 'dup h', '{"external_id": "id", "amount": "amount", "reference": "pad"}') AS h \gset
CREATE TEMP TABLE big AS SELECT string_agg(format('%s,%s,%s', n, n, repeat('p', 150)), E'\n' ORDER BY n) AS lines FROM generate_series(1, 30000) n;
SELECT * FROM load(:h, (SELECT E'id,amount,pad\n' || lines || E'\n17,17,' || repeat('p', 150) || E'\n18,19,q\nnew,1,\n29999,29999,' || repeat('p', 150) || E'\n' FROM big));
SELECT line, code, raw FROM rejects(:h);
SELECT * FROM load(:h, (SELECT E'pad,id,amount\nq,first,1\n' || E'q,first,1\n' || regexp_replace(lines, '(\d+),(\d+),(p+)', '\3,\1,\2', 'g') FROM big));
SELECT status, loaded, rejected, duplicate FROM load(:h, (SELECT E'id,amount,pad\n' || replace(lines, ',p', ',r') || E'\nonly,1,\n' FROM big), '{"max_rejects": 10}');
SELECT status, loaded, rejected, duplicate FROM load(:h, (SELECT E'id,amount,pad\n' || replace(lines, ',p', ',r') || E'\nonly,1,\n' FROM big), '{"on_duplicate": "update"}');
SELECT count(*), count(DISTINCT external_id), count(*) FILTER (WHERE reference LIKE 'r%') AS updated FROM recon.records WHERE source_id = :h;
SELECT count(*), count(DISTINCT record_id) FROM recon.open_records WHERE source_id = :h;
DROP TABLE pg_temp.big;

-- Rejects once more, under a mended mapping.
SELECT recon.create_source(:p, 'dup r', '{"external_id": "id", "transaction_date": "day", "amount": "amount"}') AS s \gset
SELECT * FROM load(:s, E'id,day,amount\n1,2024-01-01,1\n2,31.01.2024,2\n3,30.02.2024,"3\n4"\n5,01.02.2024,5\n6,2024-01-06,"6\n');
SELECT newest_load(:s) AS load \gset
SELECT line_no, error_code, resolved_by IS NOT NULL AS resolved FROM recon.ingest_errors WHERE ingestion_id = :load ORDER BY 1;
SELECT records_read, records_loaded, records_rejected, records_duplicate FROM recon.retry_rejects(:load);
SELECT status, records_read, records_loaded, records_rejected, records_duplicate
FROM recon.retry_rejects(:load, '{"external_id": "id", "transaction_date": {"column": "day", "format": "DD.MM.YYYY"}, "amount": "amount"}');
SELECT line_no, column_name, error_code, message, resolved_by = newest_load(:s) AS resolved FROM recon.ingest_errors WHERE ingestion_id = :load ORDER BY 1;
SELECT records_read, records_loaded, records_rejected, records_duplicate
FROM recon.retry_rejects(:load, '{"external_id": "id", "transaction_date": {"column": "day", "format": "DD.MM.YYYY"}, "amount": "amount"}');
SELECT r.external_id, r.transaction_date, r.line_no, i.retry_of = :load AS retried FROM recon.records r JOIN recon.ingestions i USING (ingestion_id) WHERE r.source_id = :s ORDER BY 1;
SELECT records_read, records_rejected FROM recon.retry_rejects(newest_load(:s));
SELECT err(format('SELECT recon.retry_rejects(%s, %L)', :load, m)) FROM (VALUES ('{"amount": "nowhere"}'), ('{"amount": 5}'), ('[]')) v(m);
SELECT err('SELECT recon.retry_rejects(NULL)');

-- A reject that reads like another line of its file, now that the mapping is mended, is a further record, in one retry or in
-- several. What another file has brought is known.
SELECT recon.create_source(:p, 'mixed', '{"transaction_date": "day", "amount": "amount"}') AS mixed \gset
SELECT * FROM load(:mixed, E'day,amount\n2024-02-01,5\n01.02.2024,5\n01.02.2024,5\n2024/02/01,5\n03.02.2024,5\n');
SELECT newest_load(:mixed) AS load \gset
SELECT status, loaded, duplicate FROM load(:mixed, E'day,amount\n2024-02-03,5\n');
SELECT records_read, records_loaded, records_rejected, records_duplicate
FROM unnest(ARRAY['DD.MM.YYYY', 'YYYY/MM/DD', 'YYYY/MM/DD']) format,
     recon.retry_rejects(:load, jsonb_build_object('transaction_date', jsonb_build_object('column', 'day', 'format', format), 'amount', 'amount'));
SELECT line_no, transaction_date FROM recon.records WHERE source_id = :mixed ORDER BY ingestion_id, line_no;
-- And they are known as that many.
SELECT status, loaded, duplicate FROM load(:mixed, E'day,amount\n2024-02-01,5\n2024-02-01,5\n2024-02-01,5\n2024-02-01,5\n2024-02-01,5\n');
SELECT count(*) FROM recon.open_records WHERE source_id = :s;
SELECT recon.drop_project(:p);
