-- Changes of recon's tables by their owner, at random: one statement a call, of any kind, over one or several tables and
-- projects. What foreign keys and other constraints refuse is undone, as by a savepoint.

-- A project with what the statements need: two sources, a load, and no record yet.
CREATE OR REPLACE FUNCTION direct_project(name text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    p bigint := recon.create_project(name);
BEGIN
    PERFORM recon.create_source(p, 'a'), recon.create_source(p, 'b');
    INSERT INTO recon.ingestions (project_id, source_id, status, records_read, records_loaded, records_rejected, records_duplicate,
        bytes_read, elapsed_ms, options, column_names, created_by, started_at, finished_at)
    SELECT p, min(source_id), 'completed', 0, 0, 0, 0, 0, 0, '{}', '{}', current_user, now(), now() FROM recon.data_sources WHERE project_id = p;
    RETURN p;
END
$$;

CREATE OR REPLACE FUNCTION any_of(choices text[]) RETURNS text VOLATILE LANGUAGE sql AS
    $$SELECT choices[1 + floor(random() * array_length(choices, 1))::int]$$;
CREATE OR REPLACE FUNCTION any_status() RETURNS text VOLATILE LANGUAGE sql AS
    $$SELECT any_of('{proposed,approved,rejected,unmatched}')$$;
CREATE OR REPLACE FUNCTION any_confidence() RETURNS float VOLATILE LANGUAGE sql AS
    $$SELECT round(random()::numeric, 9)::float$$;

-- The statements, by what they are for. $1: projects to work in, $2: a share of rows.
CREATE TABLE IF NOT EXISTS direct_statements (name text PRIMARY KEY, text text NOT NULL);
TRUNCATE direct_statements;
INSERT INTO direct_statements VALUES
('files', $$INSERT INTO recon.files (project_id, source_id, name, bytes, fingerprint, status, uploaded_by)
    SELECT project_id, source_id, 'f', random() * 1000, decode(repeat('00', 16), 'hex'), 'loaded', current_user FROM recon.data_sources WHERE project_id = ANY ($1)$$),
('file sizes', $$UPDATE recon.files SET bytes = random() * 1000 WHERE project_id = ANY ($1) AND random() < $2$$),
('file moves', $$UPDATE recon.files f SET project_id = s.project_id, source_id = s.source_id FROM (SELECT * FROM recon.data_sources WHERE project_id = ANY ($1) ORDER BY random() LIMIT 1) s
    WHERE f.project_id = ANY ($1) AND random() < $2 AND NOT EXISTS (SELECT FROM recon.ingestions i WHERE i.file_id = f.file_id)$$),
('files go', $$DELETE FROM recon.files f WHERE project_id = ANY ($1) AND random() < $2 AND NOT EXISTS (SELECT FROM recon.ingestions i WHERE i.file_id = f.file_id)$$),
('jobs', $$INSERT INTO recon.jobs (project_id, name, source_a, source_b, status, created_by)
    SELECT project_id, 'd', min(source_id), max(source_id), any_of('{pending,completed,failed,running,cancelled}'), current_user FROM recon.data_sources WHERE project_id = ANY ($1) GROUP BY project_id$$),
('job statuses', $$UPDATE recon.jobs SET status = any_of('{pending,completed,failed,running,cancelled}') WHERE name = 'd' AND project_id = ANY ($1) AND random() < $2$$),
('jobs go', $$DELETE FROM recon.jobs j WHERE name = 'd' AND project_id = ANY ($1) AND random() < $2$$),
('records', $$INSERT INTO recon.records (project_id, source_id, ingestion_id, line_no, external_id)
    SELECT i.project_id, s.source_id, i.ingestion_id, 1, 'd' FROM (SELECT project_id, min(ingestion_id) AS ingestion_id FROM recon.ingestions GROUP BY 1) i JOIN recon.data_sources s USING (project_id), generate_series(1, 4)
    WHERE project_id = ANY ($1)$$),
('record moves', $$UPDATE recon.records r SET project_id = i.project_id, source_id = i.source_id, ingestion_id = i.ingestion_id
    FROM (SELECT * FROM recon.ingestions WHERE project_id = ANY ($1) ORDER BY random() LIMIT 1) i
    WHERE r.project_id = ANY ($1) AND r.external_id = 'd' AND random() < $2 AND NOT EXISTS (SELECT FROM recon.match_records x WHERE x.record_id = r.record_id)$$),
('records go', $$DELETE FROM recon.records r WHERE project_id = ANY ($1) AND external_id = 'd' AND random() < $2 AND NOT EXISTS (SELECT FROM recon.match_records x WHERE x.record_id = r.record_id)$$),
('pairs', $$INSERT INTO recon.matches (project_id, record_a_id, record_b_id, created_at, confidence, cardinality, status, ambiguous)
    SELECT project_id, min(record_id), max(record_id), now(), any_confidence(), '1:1', any_status(), false FROM (SELECT * FROM recon.records WHERE project_id = ANY ($1) ORDER BY random() LIMIT 6) r GROUP BY project_id$$),
-- Two tables in one statement.
('groups', $$WITH m AS (INSERT INTO recon.matches (project_id, created_at, confidence, cardinality, status, ambiguous)
        SELECT p, now(), any_confidence(), 'N:M', any_status(), false FROM unnest($1) p, generate_series(1, 3) RETURNING project_id, match_id)
    INSERT INTO recon.match_members (project_id, match_id, record_id, side)
        SELECT r.project_id, m.match_id, r.record_id, 'A' FROM m JOIN recon.records r USING (project_id) WHERE random() < $2$$),
('groups go', $$WITH gone AS MATERIALIZED (SELECT match_id FROM recon.matches WHERE project_id = ANY ($1) AND cardinality = 'N:M' AND random() < $2),
        m AS (DELETE FROM recon.matches WHERE match_id IN (SELECT match_id FROM gone))
    DELETE FROM recon.match_members WHERE match_id IN (SELECT match_id FROM gone)$$),
('statuses and members', $$WITH m AS (UPDATE recon.matches SET status = any_status() WHERE project_id = ANY ($1) AND random() < $2),
        n AS (INSERT INTO recon.match_members (project_id, match_id, record_id, side)
            SELECT r.project_id, m.match_id, r.record_id, 'B' FROM recon.matches m JOIN recon.records r USING (project_id) WHERE m.project_id = ANY ($1) AND random() < 0.1 ON CONFLICT DO NOTHING)
    DELETE FROM recon.match_members WHERE project_id = ANY ($1) AND random() < $2$$),
('numbers of groups', $$WITH n AS MATERIALIZED (SELECT match_id AS old, nextval('recon.matches_match_id_seq') AS new FROM recon.matches WHERE project_id = ANY ($1) AND cardinality = 'N:M' AND random() < $2),
        m AS (UPDATE recon.matches SET match_id = n.new, status = any_status() FROM n WHERE match_id = n.old)
    UPDATE recon.match_members SET match_id = n.new FROM n WHERE match_id = n.old$$),
('statuses', $$UPDATE recon.matches SET status = any_status(), confidence = any_confidence() WHERE project_id = ANY ($1) AND random() < $2$$),
('notes', $$UPDATE recon.matches SET note = 'n' WHERE project_id = ANY ($1)$$),
('matches by MERGE', $$MERGE INTO recon.matches m USING (SELECT match_id, project_id, random() AS dice FROM recon.matches UNION ALL SELECT 0, unnest($1), 0) s ON m.match_id = s.match_id AND m.project_id = s.project_id AND m.project_id = ANY ($1)
    WHEN MATCHED AND dice < 0.1 AND NOT EXISTS (SELECT FROM recon.match_members x WHERE x.match_id = s.match_id) THEN DELETE WHEN MATCHED AND dice < $2 THEN UPDATE SET status = any_status()
    WHEN NOT MATCHED AND s.match_id = 0 THEN INSERT (project_id, created_at, confidence, cardinality, status, ambiguous) VALUES (s.project_id, now(), any_confidence(), '1:N', any_status(), false)$$),
('matches by ON CONFLICT', $$INSERT INTO recon.matches (match_id, project_id, created_at, confidence, cardinality, status, ambiguous)
    SELECT CASE WHEN random() < 0.5 THEN match_id ELSE nextval('recon.matches_match_id_seq') END, project_id, now(), any_confidence(), 'N:M', any_status(), false FROM recon.matches WHERE project_id = ANY ($1) AND cardinality = 'N:M' AND random() < $2
    ON CONFLICT (match_id, project_id) DO UPDATE SET status = EXCLUDED.status$$),
('empty matches move', $$UPDATE recon.matches m SET project_id = $1[1] WHERE cardinality = 'N:M' AND project_id = ANY ($1) AND NOT EXISTS (SELECT FROM recon.match_members x WHERE x.match_id = m.match_id)$$),
('members', $$INSERT INTO recon.match_members (project_id, match_id, record_id, side)
    SELECT r.project_id, m.match_id, r.record_id, 'B' FROM recon.matches m JOIN recon.records r USING (project_id) WHERE m.project_id = ANY ($1) AND random() < $2 / 3 ON CONFLICT DO NOTHING$$),
('members move', $$UPDATE recon.match_members x SET match_id = m.match_id FROM recon.matches m WHERE m.project_id = x.project_id AND x.project_id = ANY ($1) AND random() < $2$$),
('members go', $$DELETE FROM recon.match_members WHERE project_id = ANY ($1) AND random() < $2$$);

-- As the owner of the tables. What was done, and why it was undone.
CREATE OR REPLACE FUNCTION direct(projects bigint[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    chosen direct_statements;
BEGIN
    SELECT * FROM direct_statements ORDER BY random() LIMIT 1 INTO chosen;
    EXECUTE chosen.text USING projects, CASE WHEN random() < 0.2 THEN 1 ELSE random() END;
    IF random() < 0.1 THEN RAISE 'undo'; END IF;
    RETURN chosen.name;
EXCEPTION WHEN raise_exception OR integrity_constraint_violation OR cardinality_violation THEN
    RETURN chosen.name || ': ' || SQLERRM;
END
$$;

-- Where figures differ from the tables, for any project. Open records are not kept by such statements.
CREATE OR REPLACE FUNCTION wrong_figures() RETURNS jsonb STABLE LANGUAGE sql AS $$
    SELECT jsonb_object_agg(s.project_id, d) FROM recon.projects p, recon.get_project_stats(p.project_id) s,
        LATERAL (SELECT difference(s, counted(s.project_id)) - 'unmatched_records') e(d) WHERE d <> '{}'
$$;
