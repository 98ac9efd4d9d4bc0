-- What each column holds, where the table's own file has not said it beside the table.

COMMENT ON COLUMN recon.users.user_id IS 'id';
COMMENT ON COLUMN recon.users.display_name IS 'as the user wants to be called; set_user';
COMMENT ON COLUMN recon.users.email IS 'e-mail address; set_user';
COMMENT ON COLUMN recon.users.active IS 'false for a user who should no longer be offered for work';
COMMENT ON COLUMN recon.users.created_at IS 'when the role first created or joined a project';

COMMENT ON COLUMN recon.projects.project_id IS 'id';
COMMENT ON COLUMN recon.projects.name IS 'name; need not be unique';
COMMENT ON COLUMN recon.projects.description IS 'free text';
COMMENT ON COLUMN recon.projects.settings IS 'settings of the project: a JSON object';
COMMENT ON COLUMN recon.projects.active IS 'status is active';
COMMENT ON COLUMN recon.projects.created_at IS 'when it was created';
COMMENT ON COLUMN recon.projects.updated_at IS 'when it or its members last changed';

COMMENT ON COLUMN recon.project_members.project_id IS 'project';
COMMENT ON COLUMN recon.project_members.member IS 'the role; whoever has its privileges has its membership';
COMMENT ON COLUMN recon.project_members.user_id IS 'the role''s row in users';
COMMENT ON COLUMN recon.project_members.added_by IS 'who added it';
COMMENT ON COLUMN recon.project_members.added_at IS 'when it was added';

COMMENT ON COLUMN recon.data_sources.source_id IS 'id';
COMMENT ON COLUMN recon.data_sources.project_id IS 'project';
COMMENT ON COLUMN recon.data_sources.name IS 'name, unique in the project';
COMMENT ON COLUMN recon.data_sources.kind IS 'file or relation';
COMMENT ON COLUMN recon.data_sources.mapping IS 'field to column; NULL: by the names of the header';
COMMENT ON COLUMN recon.data_sources.options IS 'how the files are written';
COMMENT ON COLUMN recon.data_sources.status IS 'active, or disabled: nothing can be loaded or matched';
COMMENT ON COLUMN recon.data_sources.active IS 'status is active';
COMMENT ON COLUMN recon.data_sources.created_by IS 'who created it';
COMMENT ON COLUMN recon.data_sources.created_at IS 'when it was created';
COMMENT ON COLUMN recon.data_sources.updated_at IS 'when it last changed';

COMMENT ON COLUMN recon.files.file_id IS 'id';
COMMENT ON COLUMN recon.files.project_id IS 'project';
COMMENT ON COLUMN recon.files.source_id IS 'the source it was loaded into';
COMMENT ON COLUMN recon.files.name IS 'name, without directories';
COMMENT ON COLUMN recon.files.bytes IS 'size as read';
COMMENT ON COLUMN recon.files.status IS 'loaded, or failed: over max_rejects';
COMMENT ON COLUMN recon.files.uploaded_by IS 'who loaded it';
COMMENT ON COLUMN recon.files.created_at IS 'when it was loaded';

COMMENT ON COLUMN recon.ingestions.ingestion_id IS 'id';
COMMENT ON COLUMN recon.ingestions.project_id IS 'project';
COMMENT ON COLUMN recon.ingestions.source_id IS 'source';
COMMENT ON COLUMN recon.ingestions.file_id IS 'the file, where there was one';
COMMENT ON COLUMN recon.ingestions.status IS 'completed, duplicate or failed';
COMMENT ON COLUMN recon.ingestions.records_read IS 'records in the input, without its header';
COMMENT ON COLUMN recon.ingestions.records_loaded IS 'records stored';
COMMENT ON COLUMN recon.ingestions.records_rejected IS 'records in ingest_errors';
COMMENT ON COLUMN recon.ingestions.records_duplicate IS 'records that were known already';
COMMENT ON COLUMN recon.ingestions.bytes_read IS 'bytes of the input';
COMMENT ON COLUMN recon.ingestions.elapsed_ms IS 'duration in milliseconds';
COMMENT ON COLUMN recon.ingestions.created_by IS 'who loaded';
COMMENT ON COLUMN recon.ingestions.started_at IS 'when the load began';
COMMENT ON COLUMN recon.ingestions.finished_at IS 'when it ended';

COMMENT ON COLUMN recon.ingest_errors.project_id IS 'project';
COMMENT ON COLUMN recon.ingest_errors.ingestion_id IS 'the load';
COMMENT ON COLUMN recon.ingest_errors.message IS 'what is wrong with the record';

COMMENT ON COLUMN recon.records.record_id IS 'id';
COMMENT ON COLUMN recon.records.project_id IS 'project';
COMMENT ON COLUMN recon.records.source_id IS 'source';
COMMENT ON COLUMN recon.records.ingestion_id IS 'the load that brought it';
COMMENT ON COLUMN recon.records.line_no IS 'physical line of the input on which it starts';
COMMENT ON COLUMN recon.records.external_id IS 'the record''s id in the system that it comes from';
COMMENT ON COLUMN recon.records.transaction_date IS 'booking or transaction date';
COMMENT ON COLUMN recon.records.value_date IS 'value date';
COMMENT ON COLUMN recon.records.amount IS 'signed amount, exact';
COMMENT ON COLUMN recon.records.currency IS 'currency, as it was written';
COMMENT ON COLUMN recon.records.reference IS 'reference';
COMMENT ON COLUMN recon.records.counterparty IS 'the other side of the transaction';
COMMENT ON COLUMN recon.records.description IS 'purpose or memo';
COMMENT ON COLUMN recon.records.attributes IS 'all other fields of the mapping, typed as it says; none: NULL';

COMMENT ON COLUMN recon.open_records.record_id IS 'the record';
COMMENT ON COLUMN recon.open_records.project_id IS 'project';
COMMENT ON COLUMN recon.open_records.source_id IS 'the record''s source';

COMMENT ON COLUMN recon.rules.rule_id IS 'id';
COMMENT ON COLUMN recon.rules.project_id IS 'project';
COMMENT ON COLUMN recon.rules.name IS 'name';
COMMENT ON COLUMN recon.rules.priority IS 'lower runs first';
COMMENT ON COLUMN recon.rules.spec IS 'the rule, in its present wording';
COMMENT ON COLUMN recon.rules.version IS 'the present wording''s number in rule_versions';
COMMENT ON COLUMN recon.rules.active IS 'whether jobs run it';
COMMENT ON COLUMN recon.rules.created_by IS 'who created it';
COMMENT ON COLUMN recon.rules.created_at IS 'when it was created';
COMMENT ON COLUMN recon.rules.updated_at IS 'when it last changed';

COMMENT ON COLUMN recon.rule_versions.project_id IS 'project';
COMMENT ON COLUMN recon.rule_versions.rule_id IS 'the rule';
COMMENT ON COLUMN recon.rule_versions.version IS 'counts from 1';
COMMENT ON COLUMN recon.rule_versions.spec IS 'the wording';
COMMENT ON COLUMN recon.rule_versions.created_by IS 'who worded it so';
COMMENT ON COLUMN recon.rule_versions.created_at IS 'when';

COMMENT ON COLUMN recon.jobs.job_id IS 'id';
COMMENT ON COLUMN recon.jobs.project_id IS 'project';
COMMENT ON COLUMN recon.jobs.name IS 'name';
COMMENT ON COLUMN recon.jobs.source_a IS 'source of side A';
COMMENT ON COLUMN recon.jobs.source_b IS 'source of side B';
COMMENT ON COLUMN recon.jobs.confidence_threshold IS 'least threshold of every rule in this job';
COMMENT ON COLUMN recon.jobs.settings IS 'settings of the job: a JSON object';
COMMENT ON COLUMN recon.jobs.status IS 'pending before the first run, then the outcome of the last';
COMMENT ON COLUMN recon.jobs.runs IS 'runs that completed';
COMMENT ON COLUMN recon.jobs.matched_records IS 'records matched by the last run';
COMMENT ON COLUMN recon.jobs.unmatched_records IS 'records that the last run left open';
COMMENT ON COLUMN recon.jobs.matches IS 'matches made by the last run';
COMMENT ON COLUMN recon.jobs.proposed IS 'of these, proposed for review';
COMMENT ON COLUMN recon.jobs.approved IS 'of these, approved by their rule';
COMMENT ON COLUMN recon.jobs.processing_time_ms IS 'duration of the last run in milliseconds';
COMMENT ON COLUMN recon.jobs.created_by IS 'who created it';
COMMENT ON COLUMN recon.jobs.created_at IS 'when it was created';
COMMENT ON COLUMN recon.jobs.started_at IS 'when the last run began';
COMMENT ON COLUMN recon.jobs.finished_at IS 'when the last run ended';

COMMENT ON COLUMN recon.matches.match_id IS 'id';
COMMENT ON COLUMN recon.matches.project_id IS 'project';
COMMENT ON COLUMN recon.matches.job_id IS 'the job that made it; NULL: matched by hand';
COMMENT ON COLUMN recon.matches.rule_id IS 'the rule that made it; NULL: matched by hand';
COMMENT ON COLUMN recon.matches.rule_version IS 'the wording that the rule had then';
COMMENT ON COLUMN recon.matches.cardinality IS 'members of side A to side B: 1:1, 1:N, N:1 or N:M';
COMMENT ON COLUMN recon.matches.status IS 'proposed or approved (live), rejected or unmatched (past)';
COMMENT ON COLUMN recon.matches.created_at IS 'when it was made';
COMMENT ON COLUMN recon.matches.reviewed_by IS 'who decided on it; NULL: nobody yet, or its rule';
COMMENT ON COLUMN recon.matches.reviewed_at IS 'when it was decided on';
COMMENT ON COLUMN recon.matches.note IS 'what the reviewer wrote';

COMMENT ON COLUMN recon.match_records.project_id IS 'project';
COMMENT ON COLUMN recon.match_records.match_id IS 'the match';
COMMENT ON COLUMN recon.match_records.record_id IS 'the member';
COMMENT ON COLUMN recon.match_records.side IS 'A or B';

COMMENT ON COLUMN recon.holidays.calendar IS 'name of the calendar, as rules give it';
COMMENT ON COLUMN recon.holidays.day IS 'a day off';

COMMENT ON COLUMN recon.audit_log.audit_id IS 'id';
COMMENT ON COLUMN recon.audit_log.at IS 'when';
COMMENT ON COLUMN recon.audit_log.session_user_name IS 'the role that logged in';
COMMENT ON COLUMN recon.audit_log.user_name IS 'the role that acted (current_user)';
COMMENT ON COLUMN recon.audit_log.action IS 'create, alter, drop, add, remove, load, run, set';
COMMENT ON COLUMN recon.audit_log.resource IS 'kind of thing: project, member, source, ingestion, rule, job, holidays';
COMMENT ON COLUMN recon.audit_log.resource_id IS 'its id';
COMMENT ON COLUMN recon.audit_log.before IS 'as it was; NULL where there was nothing';
COMMENT ON COLUMN recon.audit_log.after IS 'as it is now; NULL where there is nothing';
