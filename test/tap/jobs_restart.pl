# Workers and servers that end before their time: jobs go on, or are run again. A change of the configuration counts at once.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Jobs;
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;
use Time::HiRes qw(time usleep);

my $node = server('restart', 'restart_after_crash = on', 'autovacuum = off', 'recon.cleanup_interval = 3600', 'recon.max_concurrent_jobs = 3', 'recon.parallel_workers = 0');
add_jobs($node, 'postgres', 5);
my $log = log_size($node);

sub workers
{
	my ($worker) = @_;
	return $node->safe_psql('postgres', "SELECT pid FROM recon.worker_status WHERE worker = '$worker' AND pid IS NOT NULL ORDER BY job_id");
}

sub queue
{
	return $node->safe_psql('postgres', q{SELECT string_agg(job_id || ' ' || state, ', ' ORDER BY job_id) FROM recon.worker_status WHERE worker = 'job'});
}

sub terminate
{
	my ($pid) = @_;
	return $node->safe_psql('postgres', "SELECT pg_terminate_backend($pid)");
}

sub attempts
{
	return $node->safe_psql('postgres', q{SELECT string_agg(attempts::text, ' ' ORDER BY job_id) FROM recon.jobs});
}

sub empty
{
	return $node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM recon.worker_status WHERE worker = 'job'});
}

# The launcher: the jobs that run go on, and are counted, without it and with the next one.
my $holder = hold($node, 'postgres');
start_all($node, 'postgres');
running($node, 'postgres', 3);
is(queue(), '1 running, 2 running, 3 running, 4 waiting, 5 waiting', 'three jobs run, two wait');
my ($launcher) = workers('launcher');
my @pids = split /\n/, workers('job');
my $began = time;
is(terminate($launcher), 't', 'the launcher is terminated');
$node->poll_query_until('postgres', q{SELECT state = 'not running' FROM recon.worker_status WHERE worker = 'launcher'}) or die 'the launcher is still there';
is(workers('job'), join("\n", @pids), 'its jobs run on');
$node->poll_query_until('postgres', "SELECT state = 'running' AND pid <> $launcher FROM recon.worker_status WHERE worker = 'launcher'") or die 'the launcher does not come back';
cmp_ok(time - $began, '<', 30, 'it is back after ten seconds');
is(queue(), '1 running, 2 running, 3 running, 4 waiting, 5 waiting', 'and knows of what runs');
is(workers('job'), join("\n", @pids), 'which are the same workers');
$holder->query_safe('ROLLBACK');
wait_final($node, 'postgres');
is(statuses($node, 'postgres'), '5 completed', 'all jobs are completed');
is(attempts(), '1 1 1 1 1', 'by one worker each');
ok(empty(), 'the queue is empty');

# The worker of a job, which another one runs again.
$holder->query_safe('BEGIN; SELECT FROM recon.projects FOR NO KEY UPDATE');
$node->safe_psql('postgres', 'SELECT recon.start_job(1)');
running($node, 'postgres', 1);
my ($pid) = workers('job');
terminate($pid);
$node->poll_query_until('postgres', "SELECT count(*) = 1 FROM recon.worker_status WHERE job_id = 1 AND state = 'running' AND pid <> $pid") or die 'no other worker';
running($node, 'postgres', 1);
is($node->safe_psql('postgres', 'SELECT status, attempts FROM recon.get_job_progress(1)'), 'running|2', 'the second worker');
terminate(workers('job'));
$node->poll_query_until('postgres', q{SELECT attempts = 3 AND status = 'running' FROM recon.jobs WHERE job_id = 1}) or die 'no third worker';
running($node, 'postgres', 1);
terminate(workers('job'));
wait_final($node, 'postgres');
is($node->safe_psql('postgres', 'SELECT status, attempts, error_code, error_message FROM recon.jobs WHERE job_id = 1'),
	'failed|3|58000|the background worker of the job ended unexpectedly 3 times', 'the third is the last');
$holder->query_safe('ROLLBACK');
start_all($node, 'postgres');
wait_final($node, 'postgres');
is(statuses($node, 'postgres'), '5 completed', 'it can be started again');
is(attempts(), '1 1 1 1 1', 'and counts from the beginning');
like(slurp_file($node->logfile, $log), qr/LOG:  recon job 1 failed: its worker ended unexpectedly 3 times/, 'the log has it');

# The visit that was to see to a dead worker's job: the next one does.
ok(empty(), 'the queue is empty');
$holder->query_safe('BEGIN; SELECT FROM recon.projects FOR NO KEY UPDATE');
$node->safe_psql('postgres', 'SELECT recon.start_job(1)');
running($node, 'postgres', 1);
my $locker = $node->background_psql('postgres');
$locker->query_safe(q{BEGIN; SET LOCAL lock_timeout = 0});
my $stopper = $node->background_psql('postgres');
$stopper->query_until(qr/begun/, "\\echo begun\nBEGIN; LOCK TABLE recon.jobs; SELECT pg_sleep(0);\n");
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE query LIKE '%LOCK TABLE recon.jobs%' AND wait_event_type = 'Lock'}) or die 'no lock';
$locker->quit;
$pid = $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'recon job'});
$node->safe_psql('template1', "SELECT pg_terminate_backend($pid)");
$node->poll_query_until('template1', q{SELECT coalesce(bool_or(pg_terminate_backend(pid)), false) FROM pg_stat_activity WHERE backend_type = 'recon cleanup' AND wait_event_type = 'Lock'}) or die 'no visit that waits';
$began = time;
$stopper->quit;
$holder->query_safe('ROLLBACK');
wait_final($node, 'postgres');
is($node->safe_psql('postgres', 'SELECT status, attempts FROM recon.jobs WHERE job_id = 1'), 'completed|2', 'a visit that is terminated is made up for');
cmp_ok(time - $began, '<', 10, 'soon');

# The server, in each way, with jobs that run and jobs that wait.
for my $how (qw(fast immediate))
{
	$holder->quit;
	$holder = hold($node, 'postgres');
	start_all($node, 'postgres');
	running($node, 'postgres', 3);
	my $began_stop = time;
	$node->stop($how);
	cmp_ok(time - $began_stop, '<', 20, "$how: the server stops");
	eval { $holder->quit };
	$node->start;
	wait_final($node, 'postgres');
	is(statuses($node, 'postgres'), '5 completed', "$how: all jobs are completed after the start");
	is(attempts(), '2 2 2 1 1', "$how: those that ran by their second worker");
	ok(empty(), "$how: the queue is empty");
	$holder = hold($node, 'postgres');
}
# A postmaster that is killed: its workers do not outlive it, or no other could start.
srand(1);
my @files = map { write_file($node, "heavy$_.csv", join '', "external_id,reference\n", map { sprintf "%d,%s\n", $_, join '', map { chr(97 + rand 26) } 1 .. 30 } 1 .. 9000) } 0, 1;
$holder->quit;
$node->safe_psql('postgres', qq{
	SELECT recon.create_project('heavy') AS p \\gset
	SELECT recon.create_source(:p, 'a', '{"external_id": "external_id", "reference": "reference"}') AS a, recon.create_source(:p, 'b', '{"external_id": "external_id", "reference": "reference"}') AS b \\gset
	SELECT recon.ingest_file(:a, '$files[0]'), recon.ingest_file(:b, '$files[1]');
	SELECT recon.create_rule(:p, 'r' || i, '{"match": [{"field": "reference", "op": "similar", "algorithm": "jaro_winkler", "min": 0.9}]}', i) FROM generate_series(1, 24) i;
	SELECT recon.start_job(recon.create_job(:p, 'heavy', :a, :b))});
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM recon.job_progress WHERE status = 'running' AND phase LIKE '%candidates'}) or die 'no run';
$node->kill9;
$began = time;
while (time - $began < 60)
{
	$node->{_pid} = undef;
	last if $node->start(fail_ok => 1);
	usleep(200_000);
}
cmp_ok(time - $began, '<', 8, 'a server can start soon after it was killed in a run');
$node->safe_psql('postgres', q{SELECT recon.cancel_job(max(job_id)) FROM recon.jobs});
wait_final($node, 'postgres');
$node->safe_psql('postgres', q{SELECT recon.drop_project(max(project_id)) FROM recon.projects});
is($node->safe_psql('postgres', q{SELECT * FROM recon.projects, recon.stats_verify(project_id)}), '', 'the figures are right');
$holder = hold($node, 'postgres');

# recon.max_concurrent_jobs counts at once, up and down.
configure($node, 'recon.max_concurrent_jobs = 0');
start_all($node, 'postgres');
is(queue(), '1 waiting, 2 waiting, 3 waiting, 4 waiting, 5 waiting', 'none may run');
is($node->safe_psql('postgres', 'SELECT DISTINCT wait_reason FROM recon.job_progress'), 'no_job_slot', 'and they say why');
$began = time;
configure($node, 'recon.max_concurrent_jobs = 2');
running($node, 'postgres', 2);
cmp_ok(time - $began, '<', 3, 'two may run now');
configure($node, 'recon.max_concurrent_jobs = 4');
running($node, 'postgres', 4);
configure($node, 'recon.max_concurrent_jobs = 1');
is(queue(), '1 running, 2 running, 3 running, 4 running, 5 waiting', 'what runs is not ended by a lower limit');
$holder->query_safe('ROLLBACK');
$holder->quit;
wait_final($node, 'postgres');
is(statuses($node, 'postgres'), '5 completed', 'all are completed');
done_testing();
