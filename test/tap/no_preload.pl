# Without shared_preload_libraries everything gives the same answers; the settings are there from the first call on.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;

my $node = server('bare', "shared_preload_libraries = ''", "recon.ingest_directories = '/nowhere'");
is($node->safe_psql('postgres', 'SHOW shared_preload_libraries'), '', 'nothing is preloaded');
my $a = write_file($node, 'a.csv', "external_id,amount\n1,10\n2,20\nbad,x\n");
my $b = write_file($node, 'b.csv', "external_id,amount\n1,10.4\n9,90\n");

my $work = qq{
	SELECT recon.create_project('p');
	SELECT recon.create_source(1, 'a'), recon.create_source(1, 'b');
	SET recon.ingest_directories = '';
	SELECT status, records_read, records_loaded, records_rejected FROM recon.ingest_file(1, '$a');
	SELECT status, records_read, records_loaded, records_rejected FROM recon.ingest_file(2, '$b');
	SELECT recon.create_rule(1, 'r', '{"match": [{"field": "external_id", "op": "equal"}, {"field": "amount", "op": "within", "abs": 1}]}');
	SELECT recon.create_job(1, 'j', 1, 2);
	SELECT count(*) FROM recon.preview_job(1);
	SELECT status, total_records, matched_records, matches, proposed, approved FROM recon.run_job(1);
	SELECT match_type, confidence_score, status FROM recon.results ORDER BY 1, 2;
	SELECT reason, count(*) FROM recon.exceptions GROUP BY 1;
	SELECT field, score, passed FROM recon.matches, recon.explain_match(match_id);
	SELECT recon.drop_project(1);
};
my $bare = $node->safe_psql('postgres', $work);
my $loaded = server('loaded', "recon.ingest_directories = '/nowhere'");
is($loaded->safe_psql('postgres', 'SHOW shared_preload_libraries'), 'recon', 'the other server preloads it');
is($bare, $loaded->safe_psql('postgres', $work), 'the same answers with and without');
like($bare, qr/^completed\|4\|2\|1\|1\|0$/m, 'a run of which something came');

# What needs the preload says so.
my ($code, $nothing, $told) = $node->psql('postgres', 'SELECT * FROM recon.ingestion_progress');
is(sqlstate($node, 'SELECT * FROM recon.ingestion_progress'), '55000', 'the progress of loads needs it');
like($told, qr/must be loaded via "shared_preload_libraries".*HINT: .*shared_preload_libraries.*pg_stat_progress_copy/s, 'with a hint');
is($loaded->safe_psql('postgres', 'SELECT count(*) FROM recon.ingestion_progress'), '0', 'with it, it is there');

# A setting made before the library was there is checked once it is.
my ($rc, $out, $err) = $node->psql('postgres', q{SET recon.work_mem = 'lots'; SELECT recon.is_member(1); SHOW recon.work_mem});
like($out, qr/256MB/, 'a bad value gives way to the default');
like($err, qr/WARNING.*recon.work_mem/s, 'with a warning');
$node->safe_psql('postgres', qq{CREATE ROLE loader IN ROLE pg_read_server_files; SELECT recon.create_project('q'); SELECT recon.add_member(2, 'loader', 'operator'); SELECT recon.create_source(2, 's')});
my $source = $node->safe_psql('postgres', 'SELECT max(source_id) FROM recon.data_sources');
is(sqlstate($node, "SET ROLE loader; SET recon.ingest_directories = ''; SELECT recon.ingest_file($source, '$a')"), '42501', 'nobody lifts a limit of the configuration by being early');
is(sqlstate($node, "SET recon.ingest_directories = ''; SELECT recon.ingest_file($source, '$a')"), '00000', 'a superuser may');

# COPY needs the library in the session: who has it not loaded is told so, and has it from then on.
$node->safe_psql('postgres', "GRANT CREATE ON SCHEMA public TO loader");
for my $rows ("1\n", '')
{
	($rc, $out, $err) = $node->psql('postgres', "SET ROLE loader;\nCOPY recon.inbox FROM STDIN;\n$rows\\.\n");
	like($err, qr/ERROR:  COPY recon.inbox needs the library of recon in the session\nDETAIL:  .*\nHINT:  Set shared_preload_libraries or session_preload_libraries to 'recon'/, $rows eq '' ? 'an empty COPY is refused too' : 'a COPY in a session without the library');
}
is(sqlstate($node, "COPY recon.inbox FROM STDIN;\n\\.\n"), '55000', 'with its SQLSTATE');
is(sqlstate($node, "SET ROLE loader; INSERT INTO recon.inbox VALUES ('x')"), '0A000', 'an INSERT');
is(sqlstate($node, "SET ROLE loader; INSERT INTO recon.inbox SELECT 'x' WHERE false"), '0A000', 'an INSERT of nothing');
my $copy = "COPY recon.inbox FROM STDIN WITH (FORMAT csv, SOURCE_ID $source, FORCE);\nexternal_id\n77\n\\.\n";
($rc, $out, $err) = $node->psql('postgres', "SET ROLE loader;\n$copy");
like($err, qr/ERROR:  option "source_id" not recognized/, 'its own options are unknown to the server');
my $count = "SELECT count(*) FROM recon.records WHERE source_id = $source AND external_id = '77'";
is($node->safe_psql('postgres', "LOAD 'recon';\n$copy$count"), '1', 'after LOAD');
is($node->safe_psql('postgres', "SET ROLE loader;\nSELECT recon.is_member(2);\n${copy}$count"), "t\n1", 'after any function');
is($node->safe_psql('postgres', "SET ROLE loader;\n${copy}$count", extra_params => [ '-d', $node->connstr('postgres') . " options='-c session_preload_libraries=recon'" ]), '1', 'by session_preload_libraries');

# Jobs run in the session alone.
my $job = q{SELECT recon.create_project('j') AS p \gset
	SELECT recon.create_source(:p, 'a') AS a, recon.create_source(:p, 'b') AS b, recon.create_rule(:p, 'r', '{"match": [{"field": "amount", "op": "equal"}]}') \gset
	SELECT recon.create_job(:p, 'j', :a, :b) AS j \gset
	};
is(sqlstate($node, "${job}SELECT recon.start_job(:j)"), '55000', 'start_job needs the preload');
($code, $nothing, $told) = $node->psql('postgres', "${job}SELECT recon.start_job(:j)");
like($told, qr/must be loaded via "shared_preload_libraries".*HINT: .*run the job with recon.run_job/s, 'its hint says how to do without');
($code, $nothing, $told) = $node->psql('postgres', "${job}SELECT recon.cancel_job(:j)");
is($nothing, 'f', 'cancel_job has nothing to cancel');
like($told, qr/NOTICE: .*not known without the preload.*HINT: .*pg_cancel_backend/s, 'and says what it does not know');
is($node->safe_psql('postgres', 'SELECT status FROM recon.run_job((SELECT max(job_id) FROM recon.jobs))'), 'completed', 'run_job works');
is($node->safe_psql('postgres', q{SELECT status, wait_reason FROM recon.job_progress ORDER BY job_id DESC LIMIT 1}), 'completed|', 'job_progress, too');
is($node->safe_psql('postgres', 'SELECT count(*) FROM recon.worker_status'), '0', 'there is no worker');
is($node->safe_psql('postgres', 'SELECT count(*) > 0 FROM recon.run_cleanup()'), 't', 'run_cleanup works');
is($node->safe_psql('postgres', q{SELECT string_agg(pool, ' ' ORDER BY pool) FROM recon.pool_status}), 'connections job_slots memo_bytes worker_processes', 'and pool_status');

# A database without the extension says what to do, and a backend takes both to one another.
$node->safe_psql('postgres', 'CREATE DATABASE empty');
($rc, $out, $err) = $node->psql('empty', q{LOAD 'recon'; SELECT count(*) > 0 FROM pg_settings WHERE name LIKE 'recon.%'; CREATE EXTENSION recon; SELECT recon.create_project('x')});
is($out, "t\n1", 'loaded by hand, then created');
done_testing();
