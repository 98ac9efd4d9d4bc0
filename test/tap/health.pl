# health_check in states that take a server of their own, its documentation, and its cost.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Jobs;
use Recon;
use Test::More;

# "status|detail|hint" of a check.
sub check
{
	my ($node, $name) = @_;
	return $node->safe_psql('postgres', "SELECT status, detail, hint FROM recon.health_check() WHERE check_name = '$name'");
}

my $node = PostgreSQL::Test::Cluster->new('health');
$node->init(allows_streaming => 1);
$node->append_conf('postgresql.conf', "autovacuum = off\nmax_prepared_transactions = 5\nmax_worker_processes = 4\nrecon.cleanup_interval = 1\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION recon');

# The table of the documentation.
my (@documented, $inside);
for my $line (split /\n/, slurp_file("$FindBin::Bin/../../docs/operations.md"))
{
	$inside = 1 if $line =~ /^\| `check_name`/;
	next unless $inside;
	last if $line eq '';
	my ($names) = $line =~ /^\| (.*?) \|/;
	push @documented, $names =~ /`(\w+)`/g;
}
shift @documented;
is("@documented", $node->safe_psql('postgres', q{SELECT string_agg(check_name, ' ') FROM recon.health_check()}), 'docs/operations.md has each check, in order');

# The worker that cleans up.
$node->poll_query_until('postgres', q{SELECT status = 'ok' AND detail LIKE 'the last one ended %' FROM recon.health_check() WHERE check_name = 'cleanup'}) or die 'no cleanup';
pass('a cleanup is seen');
like(check($node, 'settings_retention'), qr/^ok/, 'retention with a cleanup');
configure($node, 'recon.cleanup_interval = 0');
$node->poll_query_until('postgres', q{SELECT status = 'warning' FROM recon.health_check() WHERE check_name = 'settings_retention'}) or die 'no warning';
pass('retention without one');
$node->safe_psql('postgres', 'BEGIN; SELECT recon.run_cleanup(); ROLLBACK');
like(check($node, 'settings_retention'), qr/^warning/, 'a cleanup that was rolled back is none');
$node->safe_psql('postgres', 'SELECT recon.run_cleanup()');
like(check($node, 'settings_retention'), qr/^ok\|recon.run_cleanup\(\) was called \d+ s ago/, 'but for somebody who calls it');
configure($node, map { "recon.$_ = 0" } qw(job_retention job_retention_count reject_retention upload_expiry));
$node->restart;
like(check($node, 'settings_retention'), qr/^ok\|there is no cleanup, and nothing that it should remove/, 'nothing to be removed, and no cleanup');
like(check($node, 'cleanup'), qr/^ok\|switched off/, 'switched off');
configure($node, 'recon.cleanup_interval = 86400');
$node->poll_query_until('postgres', q{SELECT detail LIKE 'the last one ended %' FROM recon.health_check() WHERE check_name = 'cleanup'}) or die;
like(check($node, 'cleanup'), qr/^ok/, 'the next one is not due yet');

# Settings.
like(check($node, 'settings_workers'), qr/^warning.*Set "max_worker_processes" to 6 or more/, 'more jobs than worker processes');
configure($node, 'recon.max_concurrent_jobs = 2');
$node->poll_query_until('postgres', q{SELECT status = 'ok' FROM recon.health_check() WHERE check_name = 'settings_workers'}) or die;
configure($node, 'max_parallel_workers = 0');
$node->poll_query_until('postgres', q{SELECT status = 'warning' FROM recon.health_check() WHERE check_name = 'settings_workers'}) or die;
like(check($node, 'settings_workers'), qr/max_parallel_workers/, 'no parallel workers');
configure($node, 'recon.max_concurrent_jobs = 0');
$node->poll_query_until('postgres', q{SELECT detail LIKE '%wait for ever' FROM recon.health_check() WHERE check_name = 'settings_workers'}) or die;
pass('no job slots');
configure($node, 'recon.max_concurrent_jobs = 2', 'recon.work_mem = 1TB');
$node->poll_query_until('postgres', q{SELECT status = 'warning' FROM recon.health_check() WHERE check_name = 'settings_memory'}) or die;
pass('more memory than there is');
configure($node, 'recon.work_mem = 64MB', 'temp_file_limit = 32MB');
$node->poll_query_until('postgres', q{SELECT status = 'warning' FROM recon.health_check() WHERE check_name = 'settings_temporary_files'}) or die;
pass('too small a limit for temporary files');
like(check($node, 'settings_memory'), qr/^ok/, 'enough memory');
configure($node, 'temp_file_limit = -1', 'statement_timeout = 1h');
$node->poll_query_until('postgres', q{SELECT status = 'warning' FROM recon.health_check() WHERE check_name = 'settings_timeouts'}) or die;
pass('a shorter statement_timeout');
$node->safe_psql('postgres', 'ALTER ROLE postgres SET statement_timeout = 0');
like(check($node, 'settings_timeouts'), qr/^ok/, 'not where it is the own role that has one');
$node->safe_psql('postgres', 'ALTER ROLE postgres RESET statement_timeout');
configure($node, 'statement_timeout = 0');
like(check($node, 'settings_statistics'), qr/^warning\|"autovacuum" is off/, 'autovacuum');
like(check($node, 'settings_durability'), qr/^warning\|"fsync" is off/, 'fsync');
like(check($node, 'settings_prepared_transactions'), qr/^warning/, 'fewer prepared transactions than connections');

# Prepared transactions.
like(check($node, 'prepared_transactions'), qr/^ok\|0 of 5/, 'none');
$node->safe_psql('postgres', "BEGIN; CREATE TABLE prepared$_ (); PREPARE TRANSACTION 'health$_'") for 1 .. 4;
like(check($node, 'prepared_transactions'), qr/^ok\|4 of 5 in use, the oldest for \d+ s/, 'four');
$node->safe_psql('postgres', "BEGIN; CREATE TABLE prepared5 (); PREPARE TRANSACTION 'health5'");
like(check($node, 'prepared_transactions'), qr/^warning\|5 of 5/, 'no room for more');
$node->safe_psql('postgres', "ROLLBACK PREPARED 'health$_'") for 1 .. 5;

# A session that keeps an old snapshot, and one that holds a table locked: neither is waited for.
my $holder = $node->background_psql('postgres');
$holder->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT txid_current()');
like(check($node, 'oldest_snapshot'), qr/^ok\|of process \d+/, 'a snapshot is named');
$holder->query_safe('LOCK TABLE recon.ingestions, recon.uploads IN ACCESS EXCLUSIVE MODE');
like(check($node, 'rejects'), qr/^failed\|the check itself failed: canceling statement due to lock timeout \(SQLSTATE 55P03\)\|Another session holds a lock/, 'a lock is not waited for');
like(check($node, 'figures'), qr/^ok/, 'the other checks go on');
my (undef, $left, $warning) = $node->psql('postgres', q{SELECT count(*) FILTER (WHERE name LIKE 'recon\_database\_%'), count(*) FILTER (WHERE name = 'recon_jobs_current') FROM recon.metrics});
is($left, '0|5', 'and so do the metrics of other tables');
like($warning, qr/^[^\n]*WARNING:  could not read the metrics of the family "database": canceling statement due to lock timeout\n.*HINT:  Another session holds a lock/s, 'and a warning says which there are not');
is(sqlstate($node, q{SELECT * FROM recon.get_metrics('database')}), '55P03', 'who asks for these alone is told so');
$holder->query_safe('ROLLBACK');
$holder->quit;
# A cancel is not taken for the failure of a check.
is(sqlstate($node, q{BEGIN; LOCK TABLE recon.ingestions; SET LOCAL statement_timeout = 1; SELECT recon.health_check()}), '57014', 'a timeout of the caller ends the statement');

# Connections.
my @sessions = map { $node->background_psql('postgres') } 1 .. 3;
configure($node, 'max_connections = 8', 'max_wal_senders = 3');
$_->quit for @sessions;
$node->restart;
@sessions = map { $node->background_psql('postgres') } 1 .. 4;
like(check($node, 'connections'), qr/^warning\|5 of 5 in use\|Raise "max_connections"/, 'no connection left');
$_->quit for @sessions;

# A job whose worker was killed: the launcher puts it right.
add_jobs($node, 'postgres', 1);
my $hold = hold($node, 'postgres');
$node->safe_psql('postgres', 'SELECT recon.start_job(max(job_id)) FROM recon.jobs');
running($node, 'postgres', 1);
like(check($node, 'stuck_jobs'), qr/^ok\|1 background jobs are running/, 'a job that runs');
is($node->safe_psql('postgres', q{SELECT value FROM recon.metrics WHERE name = 'recon_queue_jobs' AND labels ->> 'state' = 'working'}), '1', 'and is counted');
$node->safe_psql('postgres', q{SELECT recon.cancel_job(max(job_id)) FROM recon.jobs});
$hold->quit;

# The launcher, until it is back.
$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM recon.worker_status WHERE worker = 'launcher'});
$node->poll_query_until('postgres', q{SELECT status = 'failed' AND hint IS NOT NULL FROM recon.health_check() WHERE check_name = 'launcher'}) or die 'not missed';
is($node->safe_psql('postgres', q{SELECT value FROM recon.metrics WHERE name = 'recon_launcher_up'}), '0', 'no launcher');
$node->poll_query_until('postgres', q{SELECT status = 'ok' FROM recon.health_check() WHERE check_name = 'launcher'}) or die 'not back';

# A standby answers, too.
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('health_standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$standby->poll_query_until('postgres', q{SELECT status = 'ok' FROM recon.health_check() WHERE check_name = 'launcher'}) or die;
is($standby->safe_psql('postgres', q{SELECT count(*) FROM recon.health_check() WHERE detail LIKE 'the check itself%'}), '0', 'on a standby every check answers');
cmp_ok($standby->safe_psql('postgres', q{SELECT count(*) FROM recon.metrics}), '>', 50, 'and so do the metrics');
$standby->stop;

# Without the preload.
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''\n");
$node->restart;
like(check($node, 'preload'), qr/^warning.*Add it to shared_preload_libraries/, 'no preload');
is($node->safe_psql('postgres', q{SELECT count(*) FROM recon.health_check() WHERE detail LIKE 'the check itself%'}), '0', 'every check answers');
$node->safe_psql('postgres', q{UPDATE recon.jobs SET status = 'running', started_at = now()});
like(check($node, 'stuck_jobs'), qr/^failed.*recon.cancel_job/, 'nobody can run a job');
is($node->safe_psql('postgres', q{SELECT count(*) FROM recon.metrics WHERE name IN ('recon_launcher_up', 'recon_queue_jobs')}), '0', 'no metrics of what is not there');
done_testing();
