# Too few workers, more jobs than the queue holds, and jobs of which the launcher was not told: all come to their turn, and the log
# is not filled.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Jobs;
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;

# The launcher and one more.
my $node = server('limits', 'autovacuum = off', 'max_worker_processes = 2', 'max_logical_replication_workers = 0', 'max_parallel_workers = 0',
	'max_prepared_transactions = 2', 'recon.max_concurrent_jobs = 4', 'recon.cleanup_interval = 0');
my $log = log_size($node);
like(slurp_file($node->logfile), qr/LOG:  "max_worker_processes" leaves too few background workers for "recon.max_concurrent_jobs"\n.*HINT:  Set it to 6 or more/, 'the log says so at the start');
add_jobs($node, 'postgres', 4);

# A worker is told of a job when its transaction commits, but not when that was prepared: a visit finds it, at the end of this test.
$node->safe_psql('postgres', q{BEGIN; SELECT recon.start_job(4); PREPARE TRANSACTION 'start'});
$node->safe_psql('postgres', q{COMMIT PREPARED 'start'});

sub told
{
	my ($what) = @_;
	return scalar(grep { /$what/ } log_lines($node, $log));
}

for my $time (1 .. 3)
{
	my $holder = hold($node, 'postgres');
	$node->safe_psql('postgres', "SELECT recon.start_job($_)") for 1 .. 3;
	running($node, 'postgres', 1);
	$node->poll_query_until('postgres', q{SELECT count(*) = 2 FROM recon.job_progress WHERE status = 'queued' AND wait_reason = 'no_worker_slot'}) or die 'jobs do not wait';
	is(told('no background worker is free for recon'), 1, 'one line when they wait');
	is(told('free for recon again'), $time == 1 ? 0 : 1, 'none while they do');
	$holder->query_safe('ROLLBACK');
	$holder->quit;
	$node->poll_query_until('postgres', q{SELECT count(*) = 3 FROM recon.jobs WHERE status = 'completed'}) or die 'jobs do not end';
	is($node->safe_psql('postgres', 'SELECT string_agg(attempts::text, $$ $$ ORDER BY job_id) FROM recon.jobs WHERE job_id < 4'), '1 1 1', 'all run, one after the other');
	$node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM recon.worker_status WHERE worker = 'job'}) or die 'the queue is not empty';
}
is(told('no background worker is free for recon'), 1, 'and no more where it happens again at once');
is(told('free for recon again'), 1, 'one line for the end');

# More jobs than the queue has room for.
configure($node, 'recon.max_concurrent_jobs = 0');
$node->safe_psql('postgres', q{
	SELECT count(recon.create_job(1, 'more ' || i, 1, 2)) FROM generate_series(1, 1100) i;
	SELECT count(recon.start_job(job_id)) FROM (SELECT job_id FROM recon.jobs WHERE job_id > 4 ORDER BY 1) j});
is($node->safe_psql('postgres', q{SELECT count(*) FROM recon.worker_status WHERE worker = 'job'}), '1024', 'the queue is full');
is($node->safe_psql('postgres', q{SELECT count(*) FROM recon.jobs WHERE status = 'queued'}), '1101', 'more jobs wait');
is($node->safe_psql('postgres', 'SELECT count(*) FILTER (WHERE recon.cancel_job(job_id)) FROM recon.jobs WHERE job_id BETWEEN 5 AND 1084'), '1080', 'most are cancelled');
configure($node, 'recon.max_concurrent_jobs = 4');
wait_final($node, 'postgres');
is(statuses($node, 'postgres'), '1080 cancelled, 24 completed', 'the others run, and the one that was prepared');

# Jobs that keep the one worker busy leave some of it for cleanups.
$node->safe_psql('postgres', 'SELECT count(recon.start_job(job_id)) FROM recon.jobs WHERE job_id BETWEEN 5 AND 504');
configure($node, 'recon.cleanup_interval = 1');
ok($node->poll_query_until('postgres', q{SELECT last_cleanup IS NOT NULL FROM recon.worker_status WHERE worker = 'cleanup'}), 'a cleanup comes to its turn');
cmp_ok($node->safe_psql('postgres', q{SELECT count(*) FROM recon.jobs WHERE status = 'queued'}), '>', 0, 'before the jobs are at their end');
$node->safe_psql('postgres', q{SELECT count(recon.cancel_job(job_id)) FROM recon.jobs WHERE status = 'queued'});
wait_final($node, 'postgres');
is(told('no background worker is free for recon') <= 3, 1, 'the log is not filled');
is($node->safe_psql('postgres', 'SELECT * FROM recon.stats_verify(1)'), '', 'the figures are right');
done_testing();
