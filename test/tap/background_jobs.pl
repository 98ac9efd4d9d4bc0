# Jobs in background workers: their life, who may start and cancel them, what becomes of failures,
# and what they wait for.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;
use Time::HiRes qw(time);

my $node = server('background_jobs', 'autovacuum = off', 'max_prepared_transactions = 4', 'recon.max_concurrent_jobs = 2', 'max_worker_processes = 16');
project($node);
for my $side (1, 2)
{
	my $file = write_file($node, "$side.csv", "external_id,amount,reference\n" . join('', map { sprintf "%s%05d,%d,ref %d\n", $side, $_, $_ % 50, $_ } 1 .. 500));
	$node->safe_psql('postgres', "SELECT recon.ingest_file($side, '$file')");
}
$node->safe_psql('postgres', q{
	CREATE ROLE viewer LOGIN; CREATE ROLE stranger LOGIN; CREATE ROLE monitor LOGIN IN ROLE pg_monitor; CREATE ROLE operator LOGIN; CREATE ROLE team; GRANT team TO operator;
	SELECT recon.add_member(1, 'viewer', 'viewer'), recon.add_member(1, 'operator', 'operator'), recon.add_member(1, 'team', 'operator');
	SELECT recon.create_rule(1, 'exact', '{"match": [{"field": "reference", "op": "equal"}, {"field": "amount", "op": "equal"}]}', 1),
		recon.create_job(1, 'one', 1, 2), recon.create_job(1, 'two', 2, 1), recon.create_job(1, 'three', 1, 2)});

sub setting
{
	my ($name, $value) = @_;
	$node->safe_psql('postgres', defined $value ? "ALTER SYSTEM SET $name = '$value'" : "ALTER SYSTEM RESET $name");
	$node->reload;
	return;
}

sub status
{
	my ($job, $wanted, $name) = @_;
	$node->poll_query_until('postgres', "SELECT status = '$wanted' FROM recon.jobs WHERE job_id = $job");
	is($node->safe_psql('postgres', "SELECT status FROM recon.jobs WHERE job_id = $job"), $wanted, $name // "job $job is $wanted");
	return;
}

sub error_of { my ($job) = @_; return $node->safe_psql('postgres', "SELECT error_code, error_message FROM recon.jobs WHERE job_id = $job") }

# A session that holds the project as a run does that stores, so that another run stops before it.
my $holder = $node->background_psql('postgres');
sub hold { $holder->query_safe('BEGIN; SELECT 1 FROM recon.projects WHERE project_id = 1 FOR NO KEY UPDATE'); return }
sub release { $holder->query_safe('ROLLBACK'); return }

sub start_held
{
	my ($job) = @_;
	hold();
	$node->safe_psql('postgres', "SELECT recon.start_job($job)");
	$node->poll_query_until('postgres', "SELECT phase = 'storing' FROM recon.job_progress WHERE job_id = $job") or die "job $job does not wait";
	return;
}

# ---- life -------------------------------------------------------------------------------------

my $listener = $node->background_psql('postgres');
$listener->query_safe('LISTEN recon_job');
is($node->safe_psql('postgres', 'SELECT recon.start_job(1)', extra_params => [ '-U', 'operator' ]), 'queued', 'started by an operator');
status(1, 'completed');
is($node->safe_psql('postgres', q{SELECT queued_as, attempts, runs, matches, wait_reason IS NULL, error_code IS NULL, queued_at < started_at, started_at < finished_at FROM recon.jobs WHERE job_id = 1}),
	'operator|1|1|500|t|t|t|t', 'its row');
is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT record_id) FROM recon.match_records JOIN recon.matches USING (match_id) WHERE job_id = 1'), '1000|1000', 'its matches');
my $heard = $listener->query('SELECT 1');
my @states = $heard =~ /"recon_job" with payload "\{"job_id": 1, "status": "(\w+)"\}"/g;
is("@states", 'queued running completed', 'notifications of each state') or diag($heard);
is($node->safe_psql('postgres', q{SELECT string_agg(user_name || ' ' || action, ', ' ORDER BY audit_id) FROM recon.audit_log WHERE resource = 'job' AND resource_id = 1}), 'postgres create, operator start, operator run', 'the audit trail');
is($node->safe_psql('postgres', 'SELECT recon.stats_verify(1)'), '', 'the figures are right');
is($node->safe_psql('postgres', "SELECT progress, bar, attempts FROM recon.job_progress WHERE job_id = 1"), '100|[####################] 100 %|1', 'its progress');
is($node->safe_psql('postgres', q{SELECT recon.progress_bar(45), recon.progress_bar(0, 4), recon.progress_bar(99.9, 10)}), '[#########...........]  45 %|[....]   0 %|[#########.]  99 %', 'bars');
is(sqlstate($node, 'SELECT recon.progress_bar(101)'), '22023', 'no such percentage');

# What is not committed is not started.
$node->safe_psql('postgres', 'BEGIN; SELECT recon.start_job(2); ROLLBACK');
$node->safe_psql('postgres', 'BEGIN; SAVEPOINT a; SELECT recon.start_job(2); ROLLBACK TO a; SELECT recon.start_job(1); RELEASE a; COMMIT');
status(1, 'completed', 'a start within a savepoint');
is($node->safe_psql('postgres', 'SELECT status, attempts FROM recon.jobs WHERE job_id = 2'), 'pending|0', 'none that was rolled back');
$node->safe_psql('postgres', q{BEGIN; SELECT recon.start_job(2); PREPARE TRANSACTION 'p'});
is($node->safe_psql('postgres', 'SELECT status FROM recon.jobs WHERE job_id = 2'), 'pending', 'none that is prepared');
$node->safe_psql('postgres', q{COMMIT PREPARED 'p'});
is($node->safe_psql('postgres', 'SELECT status FROM recon.jobs WHERE job_id = 2'), 'queued', 'once it is committed it is queued');
setting('recon.cleanup_interval', '1s');
status(2, 'completed', 'and found by the next visit');
setting('recon.cleanup_interval');

# ---- rights -----------------------------------------------------------------------------------

is(sqlstate($node, 'SELECT recon.start_job(1)', extra_params => [ '-U', 'viewer' ]), '42501', 'a viewer may not start');
is(sqlstate($node, 'SELECT recon.cancel_job(1)', extra_params => [ '-U', 'viewer' ]), '42501', 'nor cancel');
is(sqlstate($node, 'SELECT recon.start_job(1)', extra_params => [ '-U', 'stranger' ]), '42704', 'a stranger does not know the job');
is(sqlstate($node, 'SELECT recon.cancel_job(1)', extra_params => [ '-U', 'stranger' ]), '42704', 'nor to cancel it');
my ($rc, $out, $err) = $node->psql('postgres', 'SET ROLE team; SELECT recon.start_job(1)', extra_params => [ '-U', 'operator' ]);
like($err, qr/role "team" is not permitted to log in.*DETAIL:.*HINT:/s, 'a role that may not log in is told so');
for my $view ('pool_status', 'worker_status')
{
	is(sqlstate($node, "SELECT * FROM recon.$view", extra_params => [ '-U', 'operator' ]), '42501', "$view is not for all");
	is(sqlstate($node, "SELECT * FROM recon.$view", extra_params => [ '-U', 'monitor' ]), '00000', 'but for pg_monitor');
}

# ---- cancel -----------------------------------------------------------------------------------

is($node->safe_psql('postgres', 'SELECT recon.cancel_job(1)'), 'f', 'nothing to cancel');
start_held(3);
is($node->safe_psql('postgres', q{SELECT j.status, p.status, w.state, p.pid = w.pid FROM recon.jobs j JOIN recon.job_progress p USING (job_id) JOIN recon.worker_status w USING (job_id) WHERE job_id = 3}),
	'running|running|running|t', 'a running job');
is($node->safe_psql('postgres', q{SELECT usename, backend_type FROM pg_stat_activity a JOIN recon.job_progress USING (pid) WHERE job_id = 3}), 'postgres|recon job', 'its worker');
is($node->safe_psql('postgres', 'SELECT recon.start_job(3)'), 'queued', 'to start it again does nothing');
is($node->safe_psql('postgres', 'SELECT running_jobs FROM recon.get_project_stats(1)'), '1', 'counted as running');
my $begin = time;
is($node->safe_psql('postgres', 'SELECT recon.cancel_job(3)', extra_params => [ '-U', 'operator' ]), 't', 'cancelled');
status(3, 'cancelled');
cmp_ok(time - $begin, '<', 2, 'at once');
release();
like(error_of(3), qr/^57014\|/, 'with its SQLSTATE');
is($node->safe_psql('postgres', 'SELECT recon.cancel_job(3)'), 'f', 'once');

setting('recon.max_concurrent_jobs', 0);
$node->safe_psql('postgres', 'SELECT recon.start_job(3)');
is($node->safe_psql('postgres', 'SELECT recon.cancel_job(3)'), 't', 'one that waits');
is($node->safe_psql('postgres', q{SELECT status, attempts, error_code, (SELECT count(*) FROM recon.worker_status WHERE worker = 'job') FROM recon.jobs WHERE job_id = 3}), 'cancelled|0|57014|0', 'is cancelled in its row');
setting('recon.max_concurrent_jobs');

hold();
my ($handle, $run_out, $run_err) = session($node, 'SELECT recon.run_job(3) IS NULL');
$node->poll_query_until('postgres', "SELECT phase = 'storing' FROM recon.job_progress WHERE job_id = 3");
is($node->safe_psql('postgres', 'SELECT recon.start_job(3)'), 'queued', 'one that runs elsewhere is not started');
is($node->safe_psql('postgres', 'SELECT recon.cancel_job(3)'), 't', 'run_job in another session');
$handle->finish;
release();
like($$run_err, qr/57014/, 'is cancelled');

# ---- time -------------------------------------------------------------------------------------

$node->safe_psql('postgres', q{ALTER ROLE operator SET recon.job_timeout = '1s'});
hold();
$node->safe_psql('postgres', 'SELECT recon.start_job(3)', extra_params => [ '-U', 'operator' ]);
status(3, 'timed_out');
release();
is(error_of(3), '57014|job took longer than "recon.job_timeout"', 'and says so');
$node->safe_psql('postgres', 'ALTER ROLE operator RESET ALL');

# ---- failures ---------------------------------------------------------------------------------

$node->safe_psql('postgres', q{SELECT recon.alter_rule(1, '{"active": false}'); SELECT recon.start_job(3)});
status(3, 'failed');
is($node->safe_psql('postgres', q{SELECT error_code, error_message, error_hint, attempts, (recon.get_project_stats(1)).failed_jobs FROM recon.jobs WHERE job_id = 3}),
	'22023|job 3 has no active rules|Create a rule with recon.create_rule, or make one active with recon.alter_rule.|1|1', 'the reason of a failure');
like($listener->query('SELECT 1'), qr/"status": "failed"/, 'is heard of');
$node->safe_psql('postgres', q{SELECT recon.alter_rule(1, '{"active": true}'); SELECT recon.start_job(3)});
status(3, 'completed', 'once it is mended it completes');
is($node->safe_psql('postgres', 'SELECT error_code IS NULL, error_message IS NULL FROM recon.jobs WHERE job_id = 3'), 't|t', 'without an error');
is($node->safe_psql('postgres', 'SELECT recon.stats_verify(1)'), '', 'the figures are right');

# A failure that may pass: it waits, and tries again.
$node->safe_psql('postgres', q{ALTER ROLE operator SET lock_timeout = '20ms'});
hold();
$node->safe_psql('postgres', 'SELECT recon.start_job(3)', extra_params => [ '-U', 'operator' ]);
$node->poll_query_until('postgres', q{SELECT next_try_at IS NOT NULL FROM recon.jobs WHERE job_id = 3}) or die 'no retry';
ok($node->poll_query_until('postgres', q{SELECT count(*) > 0 FROM recon.job_progress WHERE job_id = 3 AND wait_reason IN ('transient_failure', 'retry after SQLSTATE 55P03')}), 'a lock that it does not get in time');
release();
status(3, 'completed', 'and gets in the end');
is($node->safe_psql('postgres', 'SELECT attempts FROM recon.jobs WHERE job_id = 3'), '1', 'such tries are no attempts');
$node->safe_psql('postgres', 'ALTER ROLE operator RESET ALL');

# A worker that is terminated: the job runs again, as often as is allowed.
start_held(3);
$node->safe_psql('postgres', 'SELECT pg_terminate_backend(pid) FROM recon.job_progress WHERE job_id = 3');
$node->poll_query_until('postgres', 'SELECT attempts = 2 FROM recon.jobs WHERE job_id = 3') or die 'no second attempt';
release();
status(3, 'completed', 'a second worker completes it');
setting('recon.job_max_attempts', 1);
start_held(3);
$node->safe_psql('postgres', 'SELECT pg_terminate_backend(pid) FROM recon.job_progress WHERE job_id = 3');
status(3, 'failed', 'or it has failed');
release();
is(error_of(3), '58000|the background worker of the job ended unexpectedly 1 time', 'for the reason');
setting('recon.job_max_attempts');

# ---- slots ------------------------------------------------------------------------------------

setting('recon.max_concurrent_jobs', 1);
start_held(1);
is($node->safe_psql('postgres', 'SELECT recon.start_job(2)'), 'queued', 'no slot is free');
is($node->safe_psql('postgres', 'SELECT wait_reason FROM recon.jobs WHERE job_id = 2'), 'no_job_slot', 'as its row says');
$node->poll_query_until('postgres', q{SELECT wait_reason = 'no_job_slot' FROM recon.get_waiting_jobs() WHERE job_id = 2}) or die 'no reason';
is($node->safe_psql('postgres', 'SELECT count(*) FROM recon.get_waiting_jobs()', extra_params => [ '-U', 'stranger' ]), '0', 'which is not for a stranger');
is($node->safe_psql('postgres', q{SELECT used, capacity, utilization, warning FROM recon.pool_status WHERE pool = 'job_slots'}), '1|1|1|t', 'nor is one in the pool');
is(sqlstate($node, q{SET recon.on_no_worker = error; SELECT recon.start_job(3)}), '53000', 'an error, if so wanted');
is($node->safe_psql('postgres', 'SELECT status FROM recon.jobs WHERE job_id = 3'), 'failed', 'changes nothing');
($handle, $run_out, $run_err) = session($node, 'SET recon.on_no_worker = sync; SELECT recon.start_job(3)');
$node->poll_query_until('postgres', "SELECT phase = 'storing' FROM recon.job_progress WHERE job_id = 3") or die 'not run at once';
release();
$handle->finish;
is($$run_out, "completed\n", 'run at once, if so wanted');
status($_, 'completed') for 1, 2;
setting('recon.max_concurrent_jobs');

# One warning in the log, and one line when it is over.
my $lines = sub { my $log = slurp_file($node->logfile); my $n = () = $log =~ /recon pool.*job_slots/g; return $n };
for (1 .. 100) { last if $lines->() % 2 == 0; sleep 1 }  # what was before is over
my $before = $lines->();
setting('recon.max_concurrent_jobs', 1);
start_held(1);
sleep 11;
release();
status(1, 'completed');
for (1 .. 100) { last if $lines->() % 2 == 0; sleep 1 }
is($lines->() - $before, 2, 'a line when a pool is nearly full, and one when it no longer is');
setting('recon.max_concurrent_jobs');

# Jobs over the same records at once: each record is in one match, and nothing has failed.
$node->safe_psql('postgres', q{SELECT recon.alter_rule(1, '{"active": false}')});
$node->safe_psql('postgres', q{SELECT recon.create_rule(1, 'other', '{"match": [{"field": "reference", "op": "equal"}]}', 1)});
my $file = write_file($node, 'more.csv', "external_id,amount,reference\n" . join('', map { sprintf "n%05d,%d,more %d\n", $_, $_ % 50, $_ } 1 .. 3000));
$node->safe_psql('postgres', "SELECT recon.ingest_file(s, '$file') FROM generate_series(1, 2) s");
hold();
$node->safe_psql('postgres', "SELECT recon.start_job($_)") for 1, 2;
$node->poll_query_until('postgres', q{SELECT count(*) = 2 FROM recon.job_progress WHERE phase = 'storing'}) or die 'not both at once';
release();
status($_, 'completed') for 1, 2;
is($node->safe_psql('postgres', q{SELECT count(*), count(DISTINCT record_id) FROM recon.match_records JOIN recon.matches m USING (match_id) JOIN recon.records r USING (record_id) WHERE m.status IN ('proposed', 'approved') AND reference LIKE 'more%'}), '6000|6000', 'two jobs over the same records');
is($node->safe_psql('postgres', 'SELECT sum(matches) FROM recon.jobs WHERE job_id IN (1, 2)'), '3000', 'each match once');
is($node->safe_psql('postgres', 'SELECT recon.stats_verify(1)'), '', 'the figures are right');
$_->quit for $holder, $listener;
done_testing();
