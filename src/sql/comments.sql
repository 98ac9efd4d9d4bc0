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

COMMENT ON COLUMN recon.closed_periods.project_id IS 'project';
COMMENT ON COLUMN recon.closed_periods.closed_by IS 'who closed it, or left it closed when reopening what came after';
COMMENT ON COLUMN recon.closed_periods.closed_at IS 'when';

COMMENT ON COLUMN recon.data_sources.source_id IS 'id';
COMMENT ON COLUMN recon.data_sources.project_id IS 'project';
COMMENT ON COLUMN recon.data_sources.name IS 'name, unique in the project';
COMMENT ON COLUMN recon.data_sources.kind IS 'file or relation';
COMMENT ON COLUMN recon.data_sources.mapping IS 'field to column; NULL: by the names of the header';
COMMENT ON COLUMN recon.data_sources.options IS 'how the files are written';
COMMENT ON COLUMN recon.data_sources.loads IS 'loads so far';
COMMENT ON COLUMN recon.data_sources.updates IS 'how many of them changed known records';
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
COMMENT ON COLUMN recon.ingestions.records_updated IS 'how many of records_loaded were new contents of known records';
COMMENT ON COLUMN recon.ingestions.records_missing IS 'known records that a synchronisation did not find; NULL for other loads';
COMMENT ON COLUMN recon.ingestions.retry_of IS 'the load whose rejects this one tried again';
COMMENT ON COLUMN recon.ingestions.options IS 'the options as they were, of the source and of the load';
COMMENT ON COLUMN recon.ingestions.column_names IS 'the columns of the input; empty where the header names none';
COMMENT ON COLUMN recon.ingestions.column_types IS 'types of the columns of a relation';
COMMENT ON COLUMN recon.ingestions.elapsed_ms IS 'duration in milliseconds';
COMMENT ON COLUMN recon.ingestions.created_by IS 'who loaded';
COMMENT ON COLUMN recon.ingestions.started_at IS 'when the load began';
COMMENT ON COLUMN recon.ingestions.finished_at IS 'when it ended';
COMMENT ON COLUMN recon.ingestions.loaded_by IS
    'who loaded: the current role and that of the session, those who uploaded its chunks, and of a retry those of the load';
COMMENT ON COLUMN recon.ingestions.rejects_removed_at IS 'when the cleanup removed its rows of ingest_errors';

COMMENT ON COLUMN recon.ingest_errors.project_id IS 'project';
COMMENT ON COLUMN recon.ingest_errors.ingestion_id IS 'the load';
COMMENT ON COLUMN recon.ingest_errors.message IS 'what is wrong with the record';

COMMENT ON COLUMN recon.uploads.upload_id IS 'id';
COMMENT ON COLUMN recon.uploads.project_id IS 'project';
COMMENT ON COLUMN recon.uploads.source_id IS 'source into which it is loaded';
COMMENT ON COLUMN recon.uploads.filename IS 'name of the file, as the client gave it';
COMMENT ON COLUMN recon.uploads.options IS 'options of the load, over the source''s';
COMMENT ON COLUMN recon.uploads.total_bytes IS 'size of the whole file, where the client told it';
COMMENT ON COLUMN recon.uploads.status IS 'open, finished (loaded, or refused by the load) or expired';
COMMENT ON COLUMN recon.uploads.bytes IS 'bytes counted so far';
COMMENT ON COLUMN recon.uploads.ingestion_id IS 'the load that it ended in';
COMMENT ON COLUMN recon.uploads.created_by IS 'who began it';
COMMENT ON COLUMN recon.uploads.created_at IS 'when it began';
COMMENT ON COLUMN recon.uploads.updated_at IS 'when a chunk last came, or when it ended';

COMMENT ON COLUMN recon.upload_chunks.upload_id IS 'the upload';
COMMENT ON COLUMN recon.upload_chunks.chunk_no IS 'place in the file; the first is 1';
COMMENT ON COLUMN recon.upload_chunks.project_id IS 'project';
COMMENT ON COLUMN recon.upload_chunks.bytes IS 'length';
COMMENT ON COLUMN recon.upload_chunks.hash IS 'XXH3, 128 bits, of its bytes';
COMMENT ON COLUMN recon.upload_chunks.counted IS 'whether the totals in uploads have it';

COMMENT ON COLUMN recon.upload_pages.upload_id IS 'the upload';
COMMENT ON COLUMN recon.upload_pages.chunk_no IS 'the chunk';
COMMENT ON COLUMN recon.upload_pages.page_no IS 'place in the chunk; the first is 0';
COMMENT ON COLUMN recon.upload_pages.project_id IS 'project';
COMMENT ON COLUMN recon.upload_pages.data IS 'the bytes';

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

COMMENT ON COLUMN recon.record_versions.version_id IS 'id';
COMMENT ON COLUMN recon.record_versions.project_id IS 'project';
COMMENT ON COLUMN recon.record_versions.record_id IS 'the record';
COMMENT ON COLUMN recon.record_versions.source_id IS 'its source';
COMMENT ON COLUMN recon.record_versions.ingestion_id IS 'the load that brought this version';
COMMENT ON COLUMN recon.record_versions.line_no IS 'physical line there';
COMMENT ON COLUMN recon.record_versions.external_id IS 'as in records';
COMMENT ON COLUMN recon.record_versions.transaction_date IS 'as in records';
COMMENT ON COLUMN recon.record_versions.value_date IS 'as in records';
COMMENT ON COLUMN recon.record_versions.amount IS 'as in records';
COMMENT ON COLUMN recon.record_versions.currency IS 'as in records';
COMMENT ON COLUMN recon.record_versions.reference IS 'as in records';
COMMENT ON COLUMN recon.record_versions.counterparty IS 'as in records';
COMMENT ON COLUMN recon.record_versions.description IS 'as in records';
COMMENT ON COLUMN recon.record_versions.attributes IS 'as in records';
COMMENT ON COLUMN recon.record_versions.replaced_by IS 'the load that changed the record';
COMMENT ON COLUMN recon.record_versions.replaced_at IS 'when';
COMMENT ON COLUMN recon.record_versions.update_no IS 'value of data_sources.updates at that load';
COMMENT ON COLUMN recon.missing_records.record_id IS 'the record';
COMMENT ON COLUMN recon.missing_records.project_id IS 'project';
COMMENT ON COLUMN recon.missing_records.source_id IS 'its source';
COMMENT ON COLUMN recon.missing_records.missing_since IS 'when a synchronisation first did not find its row';
COMMENT ON COLUMN recon.missing_records.ingestion_id IS 'the synchronisation that did not';
COMMENT ON COLUMN recon.open_ranges.first_id IS 'first record id';
COMMENT ON COLUMN recon.open_ranges.last_id IS 'last record id';
COMMENT ON COLUMN recon.open_ranges.project_id IS 'project';
COMMENT ON COLUMN recon.open_ranges.source_id IS 'the records'' source';
COMMENT ON COLUMN recon.open_singles.record_id IS 'the record';
COMMENT ON COLUMN recon.open_singles.project_id IS 'project';
COMMENT ON COLUMN recon.open_singles.source_id IS 'the record''s source';
COMMENT ON COLUMN recon.open_singles.reason IS 'why the last run left the record open; NULL before the first one';
COMMENT ON COLUMN recon.fingerprint_runs.source_id IS 'source';
COMMENT ON COLUMN recon.fingerprint_runs.run_no IS 'a higher one is newer';
COMMENT ON COLUMN recon.fingerprint_runs.project_id IS 'project';
COMMENT ON COLUMN recon.fingerprint_runs.entries IS 'entries in all its pages';
COMMENT ON COLUMN recon.fingerprint_runs.pages IS 'pages, numbered from 0';
COMMENT ON COLUMN recon.fingerprint_runs.directory IS 'the first 8 bytes of each page';
COMMENT ON COLUMN recon.fingerprints.source_id IS 'source';
COMMENT ON COLUMN recon.fingerprints.run_no IS 'run';
COMMENT ON COLUMN recon.fingerprints.page_no IS 'page, from 0';
COMMENT ON COLUMN recon.fingerprints.project_id IS 'project';
COMMENT ON COLUMN recon.fingerprints.entries IS
    'entries of 32 bytes in ascending order: key (XXH3, 128 bits), content (XXH3, 64 bits; 0 where the key is of the content), record id; big endian';

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
COMMENT ON COLUMN recon.jobs.status IS
    'pending before the first run; queued or running where start_job was called; then the outcome of the last run: completed, failed, cancelled or timed_out';
COMMENT ON COLUMN recon.jobs.runs IS 'runs that completed';
COMMENT ON COLUMN recon.jobs.matched_records IS 'records matched by the last run';
COMMENT ON COLUMN recon.jobs.unmatched_records IS 'records that the last run left open';
COMMENT ON COLUMN recon.jobs.matches IS 'matches made by the last run';
COMMENT ON COLUMN recon.jobs.proposed IS 'of these, proposed for review';
COMMENT ON COLUMN recon.jobs.approved IS 'of these, approved by their rule';
COMMENT ON COLUMN recon.jobs.processing_time_ms IS 'duration of the last run in milliseconds';
COMMENT ON COLUMN recon.jobs.assignment_gap IS
    'share of the highest possible total confidence that the last run may have missed; 0 where its assignments are proven best';
COMMENT ON COLUMN recon.jobs.created_by IS 'who created it';
COMMENT ON COLUMN recon.jobs.created_at IS 'when it was created';
COMMENT ON COLUMN recon.jobs.started_at IS 'when the last run began';
COMMENT ON COLUMN recon.jobs.finished_at IS 'when the last run ended';
COMMENT ON COLUMN recon.jobs.kept_at IS 'when the cleanup last found that the job is old, but its matches keep it';

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

COMMENT ON COLUMN recon.match_members.project_id IS 'project';
COMMENT ON COLUMN recon.match_members.match_id IS 'the match';
COMMENT ON COLUMN recon.match_members.record_id IS 'the member';
COMMENT ON COLUMN recon.match_members.side IS 'A or B';

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
COMMENT ON COLUMN recon.audit_log.action IS
    'create, alter, drop, add, remove, load, begin, finish, expire, run, approve, reject, unmatch, set, repair';
COMMENT ON COLUMN recon.audit_log.resource IS
    'kind of thing: project, member, source, upload, ingestion, rule, job, match, holidays, stats';
COMMENT ON COLUMN recon.audit_log.resource_id IS 'its id';
COMMENT ON COLUMN recon.audit_log.before IS 'as it was; NULL where there was nothing';
COMMENT ON COLUMN recon.audit_log.after IS 'as it is now; NULL where there is nothing';
COMMENT ON COLUMN recon.audit_log.chain_no IS 'chain of the batch';
COMMENT ON COLUMN recon.audit_log.batch_no IS 'batch: what the same call wrote';
COMMENT ON COLUMN recon.audit_log.hash IS 'SHA-256 of the columns before';

COMMENT ON COLUMN recon.audit_batches.project_id IS 'project; 0 for what belongs to none';
COMMENT ON COLUMN recon.audit_batches.chain_no IS 'chain of the project, from 0';
COMMENT ON COLUMN recon.audit_batches.batch_no IS 'number in the chain, from 1 without a gap';
COMMENT ON COLUMN recon.audit_batches.entries IS 'how many rows of audit_log';
COMMENT ON COLUMN recon.audit_batches.hash IS
    'SHA-256 of the hash of the batch before, the columns before, and the hashes of the entries in the order of their ids';

COMMENT ON COLUMN recon.audit_seals.project_id IS 'project; 0 for what belongs to none';
COMMENT ON COLUMN recon.audit_seals.seal_no IS 'number in the project, from 1 without a gap';
COMMENT ON COLUMN recon.audit_seals.at IS 'when';
COMMENT ON COLUMN recon.audit_seals.chain_no IS 'chain';
COMMENT ON COLUMN recon.audit_seals.batch_no IS 'its last batch';
COMMENT ON COLUMN recon.audit_seals.batch_hash IS 'hash of that';
COMMENT ON COLUMN recon.audit_seals.hash IS 'SHA-256 of the hash of the project''s seal before, and the columns before';

COMMENT ON COLUMN recon.stats_base.project_id IS 'project';
COMMENT ON COLUMN recon.stats_base.jobs IS 'jobs';
COMMENT ON COLUMN recon.stats_base.completed_jobs IS 'jobs whose status is completed';
COMMENT ON COLUMN recon.stats_base.failed_jobs IS 'jobs whose status is failed';
COMMENT ON COLUMN recon.stats_base.running_jobs IS 'jobs whose status is running';
COMMENT ON COLUMN recon.stats_base.records IS 'records';
COMMENT ON COLUMN recon.stats_base.matched_records IS 'records in live matches';
COMMENT ON COLUMN recon.stats_base.proposed_matches IS 'matches whose status is proposed';
COMMENT ON COLUMN recon.stats_base.approved_matches IS 'matches whose status is approved';
COMMENT ON COLUMN recon.stats_base.confidence IS 'sum of the confidences of live matches, in billionths';
COMMENT ON COLUMN recon.stats_base.files IS 'rows of files';
COMMENT ON COLUMN recon.stats_base.bytes IS 'sum of files.bytes';

COMMENT ON COLUMN recon.stats_deltas.delta_id IS 'id';
COMMENT ON COLUMN recon.stats_deltas.project_id IS 'project';
COMMENT ON COLUMN recon.stats_deltas.jobs IS 'more or fewer jobs';
COMMENT ON COLUMN recon.stats_deltas.completed_jobs IS 'more or fewer jobs whose status is completed';
COMMENT ON COLUMN recon.stats_deltas.failed_jobs IS 'more or fewer jobs whose status is failed';
COMMENT ON COLUMN recon.stats_deltas.running_jobs IS 'more or fewer jobs whose status is running';
COMMENT ON COLUMN recon.stats_deltas.records IS 'more or fewer records';
COMMENT ON COLUMN recon.stats_deltas.matched_records IS 'more or fewer records in live matches';
COMMENT ON COLUMN recon.stats_deltas.proposed_matches IS 'more or fewer matches whose status is proposed';
COMMENT ON COLUMN recon.stats_deltas.approved_matches IS 'more or fewer matches whose status is approved';
COMMENT ON COLUMN recon.stats_deltas.confidence IS 'more or less sum of the confidences of live matches, in billionths';
COMMENT ON COLUMN recon.stats_deltas.files IS 'more or fewer rows of files';
COMMENT ON COLUMN recon.stats_deltas.bytes IS 'more or less sum of files.bytes';
