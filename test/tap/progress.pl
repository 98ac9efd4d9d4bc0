# A running load can be seen, by those who may; however it ends, it leaves no row behind.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;
use Time::HiRes qw(time);

my $node = server('progress', 'restart_after_crash = on', 'autovacuum = off');
project($node);
$node->safe_psql('postgres', q{
	CREATE ROLE member; CREATE ROLE stranger; CREATE ROLE monitor IN ROLE pg_monitor; CREATE ROLE loader IN ROLE pg_read_server_files;
	SELECT recon.add_member(1, 'member', 'viewer'), recon.add_member(1, 'loader', 'operator');
	CREATE DATABASE other});
$node->safe_psql('other', 'CREATE EXTENSION recon');

my $content = "external_id,amount,reference\n" . join('', map { "$_," . ($_ % 10 ? $_ : 'x') . ",ref $_\n" } 1 .. 3000);
my $file = write_file($node, 'file.csv', $content);
my $bytes = length $content;
my $select = 'SELECT ingestion_id, project_id, source_id, door, created_by, phase, bytes_read, bytes_total, records_read, records_loaded, records_rejected FROM recon.ingestion_progress';
my $counts = 'SELECT (SELECT count(*) FROM recon.ingestion_progress), (SELECT count(*) FROM pg_stat_progress_copy)';

sub sees
{
	my ($role, $database) = @_;
	return $node->safe_psql($database // 'postgres', "SET ROLE $role; SELECT count(*) FROM recon.ingestion_progress");
}

# A session that holds source a, so that a load into it stops at a known place.
my $holder = $node->background_psql('postgres');
sub hold { $holder->query_safe('BEGIN; UPDATE recon.data_sources SET loads = loads WHERE source_id = 1'); return }
sub release { $holder->query_safe('ROLLBACK'); return }

sub waiting_load
{
	my ($sql) = @_;
	hold();
	my @session = session($node, $sql);
	$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM recon.ingestion_progress WHERE phase = 'waiting'}) or die 'no load that waits';
	return @session;
}

sub gone
{
	my ($how) = @_;
	is($node->safe_psql('postgres', $counts), '0|0', "no row after $how");
	is($node->safe_psql('postgres', 'SELECT count(*) FROM pg_ls_tmpdir()'), '0', "no temporary file after $how");
	return;
}

sub signal
{
	my ($function) = @_;
	return $node->safe_psql('postgres', "SELECT $function(pid) FROM recon.ingestion_progress");
}

is($node->safe_psql('postgres', $counts), '0|0', 'no load runs');
my ($handle, $out, $err) = waiting_load("SET ROLE loader; SELECT records_loaded FROM recon.ingest_file(1, '$file')");
is($node->safe_psql('postgres', $select), "1|1|1|file|loader|waiting|$bytes|$bytes|3000|0|300", 'a load that waits for another one');
is($node->safe_psql('postgres', q{SELECT p.pid = a.pid, started_at <= updated_at, started_at > a.backend_start FROM recon.ingestion_progress p, pg_stat_activity a WHERE application_name = 'session'}), 't|t|t', 'its process and times');
is($node->safe_psql('postgres', 'SELECT relid::regclass, command, type, bytes_processed, bytes_total, tuples_processed FROM pg_stat_progress_copy'), "recon.records|COPY FROM|FILE|$bytes|$bytes|2700", 'as the server shows it');
my $rejects = $node->safe_psql('postgres', q{SELECT attname FROM pg_attribute WHERE attrelid = 'pg_stat_progress_copy'::regclass AND attname IN ('tuples_excluded', 'tuples_skipped') ORDER BY attname DESC LIMIT 1});
is($node->safe_psql('postgres', "SELECT $rejects FROM pg_stat_progress_copy"), '300', "with its rejects in $rejects");
is($node->safe_psql('postgres', 'SELECT count(*) FROM recon.ingestions'), '0', 'its row comes with its end');
is(sees('member'), '1', 'a member sees it');
is(sees('stranger'), '0', 'who is no member does not');
is(sees('monitor'), '0', 'nor does pg_monitor');
is(sees('postgres', 'other'), '0', 'nor another database');
release();
$handle->finish;
is($$out, "2700\n", 'the load goes on');
gone('a load');

# Each way to end a load before its end.
($handle, $out, $err) = waiting_load("SELECT recon.ingest_file(2, '$file') IS NULL; SELECT recon.ingest_file(1, '$file', '{\"force\": true}'); $counts; SELECT 'here'");
is(signal('pg_cancel_backend'), 't', 'cancelled');
$handle->finish;
release();
like($$err, qr/57014/, 'with its SQLSTATE');
is($$out, "f\n0|0\nhere\n", 'the session goes on, without a row');
gone('a cancel');

($handle, $out, $err) = waiting_load("SET statement_timeout = '1s'; SELECT recon.ingest_file(1, '$file', '{\"force\": true}')");
$handle->finish;
release();
like($$err, qr/57014: canceling statement due to statement timeout/, 'timed out');
gone('a timeout');

($handle, $out, $err) = waiting_load("SELECT recon.ingest_file(1, '$file', '{\"force\": true}')");
is(signal('pg_terminate_backend'), 't', 'terminated');
$handle->finish;
release();
gone('a termination');

# An EXCEPTION block of PL/pgSQL is left by the end of a subtransaction only; the transaction goes on.
($handle, $out, $err) = waiting_load(qq{BEGIN; DO \$\$BEGIN PERFORM recon.ingest_file(1, '$file', '{"force": true}'); EXCEPTION WHEN query_canceled THEN RAISE NOTICE 'caught'; END\$\$;
	$counts; SELECT status FROM recon.ingest_file(2, '$file', '{"force": true}'); SELECT pg_stat_clear_snapshot(); $counts; COMMIT});
signal('pg_cancel_backend');
$handle->finish;
release();
like($$err, qr/caught/, 'caught in a block');
is($$out, "0|0\ncompleted\n\n0|0\n", 'no row in the transaction that goes on');
gone('that transaction');

# A row that an outer command shows already stays as it is.
($handle, $out, $err) = waiting_load("COPY (SELECT records_read FROM recon.ingest_file(1, '$file', '{\"force\": true}')) TO STDOUT");
is($node->safe_psql('postgres', 'SELECT command FROM pg_stat_progress_copy'), 'COPY TO', 'a load within a COPY');
is($node->safe_psql('postgres', 'SELECT phase FROM recon.ingestion_progress'), 'waiting', 'has its own row here');
release();
$handle->finish;
is($$out, "3000\n", 'and ends');
gone('a COPY');

# Rejects tried again.
($handle, $out, $err) = waiting_load('SELECT records_rejected FROM recon.retry_rejects(1)');
is($node->safe_psql('postgres', "SELECT door, phase, bytes_total IS NULL, records_read FROM recon.ingestion_progress"), 'retry|waiting|t|0', 'a retry of rejects');
is($node->safe_psql('postgres', 'SELECT type FROM pg_stat_progress_copy'), 'CALLBACK', 'as the server shows it');
release();
$handle->finish;
is($$out, "300\n", 'and ends');
gone('a retry');

# While it reads, the figures grow; a cancel is answered at once in every phase.
my $big = big_file($node, 'big.csv', 200);
my $size = -s $big;
$node->safe_psql('postgres', q{ALTER SYSTEM SET max_wal_size = '4GB'; SELECT pg_reload_conf()});

sub in_phase
{
	my ($phase, $source, $options, $ready) = @_;
	my ($h, $o, $e) = session($node, "SELECT recon.ingest_file($source, '$big', '$options')");
	$node->poll_query_until('postgres', "SELECT count(*) = 1 FROM recon.ingestion_progress WHERE phase = '$phase' AND $ready") or die "the load is not $phase";
	my $figures = $node->safe_psql('postgres', 'SELECT bytes_read, bytes_total, records_read, records_loaded, records_rejected FROM recon.ingestion_progress');
	my $begin = time;
	is(signal('pg_cancel_backend'), 't', "cancelled while $phase");
	$h->finish;
	cmp_ok(time - $begin, '<', 5, 'at once');
	like($$e, qr/57014/, 'with its SQLSTATE');
	gone("a cancel while $phase");
	return split /\|/, $figures;
}

my ($read, $total, $records, $loaded, $rejected) = in_phase('reading', 2, '{}', 'bytes_read > 20000000');
ok($read < $size && $total == $size, 'a part of the file');
ok($records > 10000 && $loaded > 0 && $loaded <= $records && abs($rejected - $records / 100) < 2, 'records while it reads') or diag("$records $loaded $rejected");
$node->safe_psql('postgres', "SELECT recon.ingest_file(2, '$big')");
in_phase('storing', 2, '{"force": true, "on_duplicate": "reject"}', 'true');

# A backend that is killed, and a server that goes down.
for my $how ('kill', 'immediate stop')
{
	($handle, $out, $err) = session($node, "SELECT recon.ingest_file(1, '$big', '{\"force\": true}')");
	$node->poll_query_until('postgres', 'SELECT count(*) = 1 FROM recon.ingestion_progress WHERE bytes_read > 20000000') or die 'no load to kill';
	$holder->quit if $holder;
	$holder = undef;
	if ($how eq 'kill')
	{
		kill 'KILL', $node->safe_psql('postgres', 'SELECT pid FROM recon.ingestion_progress');
		$handle->finish;
		$node->poll_query_until('postgres', 'SELECT true') or die 'the server did not come back';
	}
	else
	{
		$node->stop('immediate');
		$handle->finish;
		$node->start;
	}
	gone("$how");
	is($node->safe_psql('postgres', "BEGIN; SELECT records_read FROM recon.ingest_file(1, '$file', '{\"force\": true}'); $counts; ROLLBACK"), "3000\n0|0", "a load works after $how");
}
done_testing();
