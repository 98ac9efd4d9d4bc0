\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- What holds for every object of the extension, also for those that come later. Each query lists exceptions.
CREATE VIEW tables AS
SELECT c.oid, c.relname, c.relkind, c.relrowsecurity, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'project_id') AS of_project
FROM pg_class c WHERE c.relnamespace = 'recon'::regnamespace AND c.relkind IN ('r', 'p');
SELECT count(*) > 15 AS tables FROM tables;

-- Row-level security, with a policy for reading only, on every table.
SELECT relname AS without_row_security FROM tables t
WHERE NOT relrowsecurity OR NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = t.oid AND p.polcmd = 'r');
SELECT polrelid::regclass AS writing_policy FROM pg_policy WHERE polrelid IN (SELECT oid FROM tables) AND polcmd <> 'r';
SELECT relname AS not_by_membership FROM tables t
WHERE of_project AND (SELECT array_agg(pg_get_expr(polqual, polrelid)) FROM pg_policy WHERE polrelid = t.oid) <> '{recon.is_member(project_id)}';
SELECT relname AS view_with_rights_of_its_owner FROM pg_class
WHERE relnamespace = 'recon'::regnamespace AND relkind = 'v' AND NOT coalesce(reloptions @> '{security_invoker=true}', false);

-- A comment on every object.
SELECT pg_describe_object(d.classid, d.objid, 0) AS without_comment
FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND e.extname = 'recon'
LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
LEFT JOIN pg_type y ON d.classid = 'pg_type'::regclass AND y.oid = d.objid
WHERE d.deptype = 'e' AND c.relkind IS DISTINCT FROM 'S' AND (y.oid IS NULL OR y.typrelid IN (SELECT oid FROM pg_class WHERE relkind = 'c')) AND obj_description(d.objid, d.classid::regclass::name) IS NULL ORDER BY 1;
SELECT relname, attname AS column_without_comment FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT attisdropped
WHERE col_description(t.oid, a.attnum) IS NULL;
SELECT count(*) > 40 AS objects FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND e.extname = 'recon';
SELECT polrelid::regclass AS policy_without_comment FROM pg_policy WHERE polrelid IN (SELECT oid FROM tables) AND obj_description(oid, 'pg_policy') IS NULL;

-- Functions: none runs with its owner's rights and the caller's search_path; all of the schema may be called by everybody but those granted one by one.
SELECT proname AS security_definer_without_search_path FROM pg_proc
WHERE pronamespace = 'recon'::regnamespace AND prosecdef AND NOT EXISTS (SELECT FROM unnest(proconfig) s WHERE s LIKE 'search_path=%');
SELECT proname AS not_for_public FROM pg_proc WHERE pronamespace = 'recon'::regnamespace AND NOT has_function_privilege('public', oid, 'EXECUTE') ORDER BY 1;
SELECT proname AS without_argument_names FROM pg_proc WHERE pronamespace = 'recon'::regnamespace AND pronargs > 0 AND proargnames IS NULL;

-- pg_dump keeps every table and every sequence.
SELECT c.relname AS not_dumped FROM pg_class c WHERE c.relnamespace = 'recon'::regnamespace AND c.relkind IN ('r', 'p', 'S')
  AND c.oid <> ALL (SELECT unnest(extconfig) FROM pg_extension WHERE extname = 'recon') ORDER BY 1;
SELECT c::regclass AS relation, w AS condition FROM pg_extension, unnest(extconfig, extcondition) u(c, w) WHERE extname = 'recon' AND w <> '' ORDER BY 1;

-- A project may be placed on a node of its own: each key of its tables has project_id, also those that refer to another of its tables.
SELECT conrelid::regclass AS relation, conname AS key_without_project FROM pg_constraint k JOIN tables t ON t.oid = k.conrelid AND t.of_project
LEFT JOIN tables f ON f.oid = k.confrelid
WHERE (contype IN ('p', 'u') OR contype = 'f' AND f.of_project)
  AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'project_id' AND a.attnum = ANY (k.conkey));
SELECT i.indexrelid::regclass AS unique_index_without_project FROM pg_index i JOIN tables t ON t.oid = i.indrelid AND t.of_project
WHERE indisunique AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'project_id' AND a.attnum = ANY (i.indkey));
SELECT relname AS without_primary_key FROM tables t WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = t.oid AND contype = 'p');
SELECT conrelid::regclass AS relation, conname AS not_valid FROM pg_constraint WHERE conrelid IN (SELECT oid FROM tables) AND NOT convalidated;

-- The same, for what placing a project needs besides: the tables that would be on each node, and none of them refers to a project's;
-- ids that do not run out, wherever they are made; policies without a subquery; foreign keys that change no key; nothing that one
-- node alone could not keep; and the triggers there are, which only note what recon itself did not write.
SELECT relname AS of_no_project FROM tables WHERE NOT of_project ORDER BY 1;
SELECT conrelid::regclass AS relation, conname AS refers_to_a_project FROM pg_constraint k JOIN tables t ON t.oid = k.conrelid AND NOT t.of_project
JOIN tables f ON f.oid = k.confrelid AND f.of_project;
SELECT t.relname, a.attname AS id_that_is_not_bigint FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT attisdropped
WHERE (a.attidentity <> '' OR a.attname LIKE '%\_id' AND a.attname <> 'external_id') AND a.atttypid <> 'bigint'::regtype;
SELECT relname, attname AS default_by_a_sequence FROM tables t JOIN pg_attrdef d ON d.adrelid = t.oid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.adnum
WHERE pg_get_expr(adbin, adrelid) ~ 'nextval';
SELECT polrelid::regclass AS policy_with_a_subquery FROM pg_policy WHERE polrelid IN (SELECT oid FROM tables) AND concat(polqual, polwithcheck) ~ 'SUBLINK|SUBPLAN';
SELECT conrelid::regclass AS relation, conname AS sets_to_null FROM pg_constraint WHERE conrelid IN (SELECT oid FROM tables) AND contype = 'f'
  AND (confdeltype IN ('n', 'd') OR confupdtype <> 'a');
SELECT conrelid::regclass AS relation, conname AS exclusion FROM pg_constraint WHERE conrelid IN (SELECT oid FROM tables) AND contype = 'x';
SELECT DISTINCT tgfoid::regproc AS trigger_function FROM pg_trigger WHERE tgrelid IN (SELECT oid FROM tables) AND NOT tgisinternal ORDER BY 1;

-- Everybody may read (of pages that are on their way not the bytes), nobody may write; a stranger's temporary objects are not in the way.
SELECT relname, privilege FROM pg_class, unnest('{INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) privilege
WHERE relnamespace = 'recon'::regnamespace AND relkind IN ('r', 'v', 'p') AND has_table_privilege('public', oid, privilege);
SELECT relname AS not_to_read FROM pg_class WHERE relnamespace = 'recon'::regnamespace AND relkind IN ('r', 'v', 'p') AND NOT has_table_privilege('public', oid, 'SELECT');
SELECT has_schema_privilege('public', 'recon', 'USAGE') AS usage, has_schema_privilege('public', 'recon', 'CREATE') AS create;

-- The settings, each with the prefix and who may change it.
SELECT name, boot_val, unit, context, vartype, min_val, max_val, enumvals FROM pg_settings WHERE name LIKE 'recon.%' ORDER BY name;
SELECT name AS without_description FROM pg_settings WHERE name LIKE 'recon.%' AND coalesce(short_desc, '') = '';
DROP VIEW tables;
