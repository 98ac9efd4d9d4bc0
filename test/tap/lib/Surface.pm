# What docs/security.md says of every object of the extension, and how each function is called to see whether it holds.
package Surface;
use strict;
use warnings;
use Exporter 'import';
use FindBin;
use Recon;

our @EXPORT = qw(documented calls fill as_role prepare make_project);

# The rows of the tables below "Every object": {relations => {name => [read by, rows]}, functions => {function or variant => least role},
# types => {name => who}}.
sub documented
{
	my $path = "$FindBin::Bin/../../docs/security.md";
	open(my $file, '<', $path) or die "$path: $!";
	my (%objects, $kind);
	while (<$file>)
	{
		$kind = lc $1 if /^### (Relations|Functions|Types)$/;
		undef $kind if /^##? /;
		next unless defined $kind && /^\| `(\w+)`(.*?) \| (.+?) \|(?: (.+?) \|)?$/;
		my ($name, $variant, $who, $rows) = ("$1", "$2", $3, $4);
		die "$path: $name$variant is there twice" if exists $objects{$kind}{"$name$variant"};
		$objects{$kind}{"$name$variant"} = $kind eq 'relations' ? [ $who, $rows ] : $who;
	}
	return %objects;
}

# The arguments with which each function works for those who may call it, on objects of a project whose ids fill() puts in.
# Key: the function as docs/security.md names it. Value: signature, arguments.
my @calls = (
	[ 'add_member', 'add_member(bigint,name,text)', "{project}, 'stranger', 'viewer'" ],
	[ 'alter_project', 'alter_project(bigint,jsonb)', q({project}, '{"description": "x"}') ],
	[ 'alter_rule', 'alter_rule(bigint,jsonb)', q({rule}, '{"active": true}') ],
	[ 'alter_source', 'alter_source(bigint,jsonb)', q({source}, '{"options": {"trim": true}}') ],
	[ 'ageing_bucket', 'ageing_bucket(integer,jsonb)', '8' ],
	[ 'approve_matches', 'approve_matches(bigint[],text)', 'ARRAY[{match}]' ],
	[ 'assign_exception', 'assign_exception(bigint,name,text,date)', "{record}, 'reviewer'" ],
	[ 'assign_exceptions', 'assign_exceptions(bigint[],name,text,date)', "ARRAY[{record}], 'reviewer'" ],
	[ 'balance_proof', 'balance_proof(bigint,bigint,bigint,date)', '{project}, {source}, {source_b}' ],
	[ 'build_indexes', 'build_indexes(boolean)', 'false' ],
	[ 'cancel_job', 'cancel_job(bigint)', '{job}' ],
	[ 'close_period', 'close_period(bigint,date)', "{project}, '2024-01-31'" ],
	[ 'comment_exception', 'comment_exception(bigint,text)', "{record}, 'x'" ],
	[ 'comment_exceptions', 'comment_exceptions(bigint[],text)', "ARRAY[{record}], 'x'" ],
	[ 'count_changes', 'count_changes()', '' ],
	[ 'create_job', 'create_job(bigint,text,bigint,bigint,bigint[],double precision,jsonb)', "{project}, 'x', {source}, {source_b}, ARRAY[{rule}]" ],
	[ 'create_project', 'create_project(text,text,jsonb)', "'x'" ],
	[ 'create_rule', 'create_rule(bigint,text,jsonb,integer)', q({project}, 'x', '{"match": [{"field": "amount", "op": "equal"}]}') ],
	[ 'create_source', 'create_source(bigint,text,jsonb,jsonb,text)', "{project}, 'x'" ],
	[ 'create_source, with a relation', 'create_source(bigint,text,jsonb,jsonb,text)', "{project}, 'x', NULL, '{}', 'attack.rows'" ],
	[ 'drop_project', 'drop_project(bigint)', '{project}' ],
	[ 'evaluate', 'evaluate(bigint,regclass)', "{job}, 'attack.truth'" ],
	[ 'explain_match', 'explain_match(bigint)', '{match}' ],
	[ 'explain_record', 'explain_record(bigint)', '{record}' ],
	[ 'explain_rule', 'explain_rule(bigint,bigint)', '{rule}, {job}' ],
	[ 'find_user', 'find_user(text)', "'x'" ],
	[ 'get_index_builds', 'get_index_builds()', '' ],
	[ 'get_index_status', 'get_index_status()', '' ],
	[ 'get_ingestion_progress', 'get_ingestion_progress()', '' ],
	[ 'get_job_progress', 'get_job_progress(bigint)', '{job}' ],
	[ 'get_memo_stats', 'get_memo_stats()', '' ],
	[ 'get_metrics', 'get_metrics(text)', 'NULL' ],
	[ 'get_pool_status', 'get_pool_status()', '' ],
	[ 'health_check', 'health_check()', '' ],
	[ 'get_project', 'get_project(bigint)', '{project}' ],
	[ 'get_project_data_sources', 'get_project_data_sources(bigint)', '{project}' ],
	[ 'get_project_stats', 'get_project_stats(bigint)', '{project}' ],
	[ 'get_projects', 'get_projects()', '' ],
	[ 'get_reconciliation_jobs', 'get_reconciliation_jobs(bigint)', '{project}' ],
	[ 'get_running_jobs', 'get_running_jobs()', '' ],
	[ 'get_users', 'get_users()', '' ],
	[ 'get_waiting_jobs', 'get_waiting_jobs()', '' ],
	[ 'get_worker_status', 'get_worker_status()', '' ],
	[ 'inbox_insert', 'inbox_insert()', '' ],
	[ 'index_definitions', 'index_definitions()', '' ],
	[ 'ingest_file', 'ingest_file(bigint,text,jsonb)', "{source}, '{file}'" ],
	[ 'is_member', 'is_member(bigint)', '{project}' ],
	[ 'mark_changes', 'mark_changes()', '' ],
	[ 'match_manually', 'match_manually(bigint,bigint[],bigint[],text,boolean)', '{project}, ARRAY[{record}], ARRAY[{record_b}]' ],
	[ 'member_projects', 'member_projects()', '' ],
	[ 'memo_reset', 'memo_reset()', '' ],
	[ 'nearest_candidate', 'nearest_candidate(bigint)', '{record}' ],
	[ 'preview_job', 'preview_job(bigint)', '{job}' ],
	[ 'progress_bar', 'progress_bar(double precision,integer)', '50' ],
	[ 'reject_matches', 'reject_matches(bigint[],text)', 'ARRAY[{match}]' ],
	[ 'remove_member', 'remove_member(bigint,name)', "{project}, 'viewer'" ],
	[ 'reopen_period', 'reopen_period(bigint,date)', '{project}' ],
	[ 'report_html', 'report_html(bigint)', '{job}' ],
	[ 'retry_rejects', 'retry_rejects(bigint,jsonb)', '{ingestion}' ],
	[ 'run_cleanup', 'run_cleanup()', '' ],
	[ 'run_job', 'run_job(bigint)', '{job}' ],
	[ 'run_project', 'run_project(bigint)', '{project}' ],
	[ 'set_exception_status', 'set_exception_status(bigint,text,text)', "{record}, 'accepted'" ],
	[ 'set_exceptions_status', 'set_exceptions_status(bigint[],text,text)', "ARRAY[{record}], 'accepted'" ],
	[ 'set_holidays', 'set_holidays(text,date[])', "'x', '{2024-01-01}'" ],
	[ 'set_user', 'set_user(text,text)', "'x', 'y'" ],
	[ 'shares_project', 'shares_project(bigint)', '1' ],
	[ 'similarity', 'similarity(text,text,text)', "'a', 'b', 'jaro'" ],
	[ 'start_job', 'start_job(bigint)', '{job}' ],
	[ 'stats_verify', 'stats_verify(bigint)', '{project}' ],
	[ 'suggest_mapping', 'suggest_mapping(bytea)', q('id,amount') ],
	[ 'sync_source', 'sync_source(bigint)', '{relation}' ],
	[ 'unmatch', 'unmatch(bigint,text)', '{match}' ],
	[ 'unmatch_matches', 'unmatch_matches(bigint[],text)', 'ARRAY[{match}]' ],
	[ 'upload_begin', 'upload_begin(bigint,text,jsonb)', "{source}, 'x'" ],
	[ 'upload_chunk', 'upload_chunk(bigint,integer,bytea)', "{upload}, 2, 'x'" ],
	[ 'upload_finish', 'upload_finish(bigint)', '{upload}' ],
	[ 'upload_status', 'upload_status(bigint)', '{upload}' ],
	[ 'verify_audit', 'verify_audit(bigint)', '{project}' ],
);

sub calls { return map { { name => $_->[0], signature => $_->[1], arguments => $_->[2], function => $_->[0] =~ s/,.*//r } } @calls }

# Puts ids and the like into arguments: {project} becomes $ids->{project}.
sub fill
{
	my ($arguments, $ids) = @_;
	return $arguments =~ s/\{([a-z]\w*)\}/$ids->{$1} \/\/ die "nothing is called $1"/ger;
}

sub as_role { my ($node, $role, $sql) = @_; return $node->safe_psql('postgres', $sql, extra_params => [ '-U', $role ]) }

# Roles, each with a schema of its own, and what tells how a statement ends. Ids will be numbers that nothing else has.
sub prepare
{
	my ($node, @roles) = @_;
	$node->safe_psql('postgres', q{
	CREATE SCHEMA attack;
	GRANT USAGE, CREATE ON SCHEMA attack TO PUBLIC;
	DO $$
	DECLARE role text; sequence record;
	BEGIN
		FOREACH role IN ARRAY '{ROLES}'::text[] LOOP
			EXECUTE format('CREATE ROLE %I LOGIN IN ROLE pg_read_server_files', role);
			EXECUTE format('CREATE SCHEMA %I AUTHORIZATION %I', 'of_' || role, role);
		END LOOP;
		FOR sequence IN SELECT oid::regclass AS name, row_number() OVER (ORDER BY oid) AS n FROM pg_class WHERE relnamespace = 'recon'::regnamespace AND relkind = 'S' AND relname NOT LIKE 'users%' LOOP
			EXECUTE format('ALTER SEQUENCE %s RESTART %s', sequence.name, 61000001 + sequence.n * 100000);
		END LOOP;
	END
	$$;
	CREATE TABLE attack.rows (external_id text, amount numeric);
	CREATE TABLE attack.truth (external_id_a text, external_id_b text);
	GRANT SELECT ON attack.rows, attack.truth TO PUBLIC;

	-- A statement tried and undone: what it says, to the last byte.
	CREATE FUNCTION attack.attempt(statement text) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE d text; h text; c text; result text;
	BEGIN
		IF statement LIKE 'SELECT%' THEN EXECUTE statement INTO result; ELSE EXECUTE statement; END IF;
		RAISE EXCEPTION 'undo' USING ERRCODE = 'RE000';
	EXCEPTION
		WHEN SQLSTATE 'RE000' THEN RETURN '00000 ' || coalesce(result, '');
		WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS d = PG_EXCEPTION_DETAIL, h = PG_EXCEPTION_HINT, c = PG_EXCEPTION_CONTEXT;
			RETURN concat_ws(' | ', SQLSTATE || ' ' || SQLERRM, d, h, regexp_replace(c, E'SQL statement.*', ''));
	END
	$$;
	CREATE FUNCTION attack.leak(t text) RETURNS boolean LANGUAGE plpgsql COST 0.000001 AS $$BEGIN RAISE NOTICE 'seen: %', t; RETURN true; END$$;
	SELECT recon.set_holidays('x', '{2024-05-01}');
} =~ s/ROLES/join(',', @roles)/er);
	$node->safe_psql('postgres', 'GRANT pg_monitor TO monitor') if grep { $_ eq 'monitor' } @roles;
	return;
}

# A project with a row in every table; gives the ids by name, for fill().
sub make_project
{
	my ($node, $owner, $mark) = @_;
	my %ids;
	my $as = sub { return as_role($node, @_) };
	my $get = sub { my ($name, $sql) = @_; $ids{$name} = $as->($owner, fill($sql =~ s/secret/$mark/gr, \%ids)) };
	my $file_a = write_file($node, 'a.csv', "external_id,amount,currency\n${mark}1,1,EUR\n${mark}2,2,EUR\n${mark}3,x,EUR\n${mark}8,100,EUR\n${mark}20,20,EUR\n${mark}30,30,EUR\n");
	my $file_b = write_file($node, 'b.csv', "external_id,amount,currency\n${mark}1,1,EUR\n${mark}9,5,EUR\n${mark}6,60,EUR\n${mark}7,40,EUR\n${mark}20,21,EUR\n${mark}30,31,EUR\n");
	my $changed = write_file($node, 'changed.csv', "external_id,amount,currency\n${mark}9,6,EUR\n");
	$get->(project => q{SELECT recon.create_project('secret', 'secret')});
	$node->safe_psql('postgres', 'SELECT recon.run_cleanup()');
	$get->(source => q{SELECT recon.create_source({project}, 'secret a')});
	$get->(source_b => q{SELECT recon.create_source({project}, 'secret b')});
	$node->safe_psql('postgres', "TRUNCATE attack.rows; INSERT INTO attack.rows VALUES ('gone', 4), ('$mark', 5)");
	$get->(relation => q{SELECT recon.create_source({project}, 'secret relation', NULL, '{}', 'attack.rows')});
	$as->($owner, "SELECT recon.sync_source($ids{relation})");
	$node->safe_psql('postgres', q{DELETE FROM attack.rows WHERE external_id = 'gone'});
	$as->($owner, "SELECT recon.sync_source($ids{relation})");
	$get->(rule => q{SELECT recon.create_rule({project}, 'secret rule', '{"match": [{"field": "amount", "op": "equal"}]}', 1)});
	$get->(near => q{SELECT recon.create_rule({project}, 'secret near', '{"match": [{"field": "amount", "op": "within", "abs": 1}]}', 2)});
	$get->(groups => q{SELECT recon.create_rule({project}, 'secret groups', '{"cardinality": "1:N", "match": [{"field": "amount", "op": "equal"}], "group_by": ["currency"]}', 3)});
	$get->(job => q{SELECT recon.create_job({project}, 'secret job', {source}, {source_b})});
	$get->(ingestion => "SELECT ingestion_id FROM recon.ingest_file({source}, '$file_a')");
	$as->($owner, "SELECT recon.ingest_file($ids{source_b}, '$file_b'); SELECT recon.run_job($ids{job})");
	$as->($owner, qq{SELECT recon.ingest_file($ids{source_b}, '$changed', '{"on_duplicate": "update"}')});
	$as->($owner, "SELECT recon.alter_project($ids{project}, '" . qq({"settings": {"pairs": [["$mark a", "$mark b"]]}}') . ')');
	$as->($owner, "SELECT recon.reject_matches(ARRAY[(SELECT max(match_id) FROM recon.matches WHERE job_id = $ids{job} AND status = 'proposed')], '$mark')");
	$get->(match => "SELECT match_id FROM recon.matches WHERE job_id = {job} AND status = 'proposed'");
	$get->(record => 'SELECT min(record_id) FROM recon.open_records WHERE source_id = {source}');
	$get->(record_b => 'SELECT min(record_id) FROM recon.open_records WHERE source_id = {source_b}');
	$as->($owner, "SELECT recon.assign_exception($ids{record}, '$owner'); SELECT recon.comment_exception($ids{record}, '$mark')");
	$as->($owner, "SELECT recon.comment_exception($ids{record}, '$mark comment')");
	$node->safe_psql('postgres', "INSERT INTO recon.rejections SELECT min(match_id), $ids{project}, $ids{source}, $ids{source_b} FROM recon.matches WHERE job_id = $ids{job} AND match_id <> $ids{match}");
	$get->(upload => q{SELECT recon.upload_begin({source}, 'secret.csv')});
	$as->($owner, "SELECT recon.upload_chunk($ids{upload}, 1, 'external_id,amount\nu1,9\n')");
	$ids{file} = write_file($node, 'more.csv', "external_id,amount\nm1,1\n");
	return \%ids;
}

1;
