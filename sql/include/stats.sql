-- What get_project_stats must say: counted from the tables, in the same snapshot as a statement that asks for both.
CREATE OR REPLACE FUNCTION counted(project bigint) RETURNS recon.project_stats STABLE LANGUAGE sql AS $$
    WITH live AS (SELECT * FROM recon.matches WHERE project_id = project AND status IN ('proposed', 'approved'))
    SELECT project,
        (SELECT count(*) FROM recon.jobs WHERE project_id = project),
        (SELECT count(*) FROM recon.jobs WHERE project_id = project AND status = 'completed'),
        (SELECT count(*) FROM recon.jobs WHERE project_id = project AND status = 'failed'),
        (SELECT count(*) FROM recon.jobs WHERE project_id = project AND status = 'running'),
        (SELECT count(*) FROM recon.records WHERE project_id = project),
        (SELECT count(*) FROM recon.match_records x JOIN live USING (match_id, project_id)),
        (SELECT count(*) FROM recon.open_records WHERE project_id = project),
        (SELECT count(*) FROM live),
        (SELECT count(*) FROM live WHERE status = 'proposed'),
        (SELECT count(*) FROM live WHERE status = 'approved'),
        (SELECT avg(confidence::numeric) FROM live)::double precision,
        (SELECT count(*) FROM recon.files WHERE project_id = project),
        (SELECT coalesce(sum(bytes), 0)::bigint FROM recon.files WHERE project_id = project),
        (SELECT max(at) FROM recon.audit_log WHERE project_id = project)
$$;

-- Where the two differ; '{}' where they are the same. A mean may differ in its last digit.
CREATE OR REPLACE FUNCTION difference(kept recon.project_stats, truth recon.project_stats) RETURNS jsonb IMMUTABLE LANGUAGE sql AS $$
    SELECT coalesce(jsonb_object_agg(k.key, jsonb_build_array(k.value, t.value)), '{}')
    FROM jsonb_each(to_jsonb(kept)) k JOIN jsonb_each(to_jsonb(truth)) t USING (key)
    WHERE k.value IS DISTINCT FROM t.value
      AND (key <> 'avg_confidence' OR k.value = 'null' OR t.value = 'null' OR abs(k.value::numeric - t.value::numeric) > 1e-15)
$$;
