# A run of a job can be seen, by those who may; however it ends, it leaves no row behind.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;

my $node = server('job_progress', 'restart_after_crash = on', 'autovacuum = off');
project($node);
for my $side (1, 2)
{
	my $file = write_file($node, "$side.csv", "external_id,amount,reference\n" . join('', map { sprintf "%s%05d,%d,ref %d\n", $side, $_, $_ % 50 + ($_ > 900 ? $side * 1000 : 0), $_ } 1 .. 1000));
	$node->safe_psql('postgres', "SELECT recon.ingest_file($side, '$file')");
}
$node->safe_psql('postgres', q{
	CREATE ROLE member; CREATE ROLE stranger; CREATE ROLE monitor IN ROLE pg_monitor; CREATE ROLE worker;
	SELECT recon.add_member(1, 'member', 'viewer'), recon.add_member(1, 'worker', 'operator');
	SELECT recon.create_rule(1, 'exact', '{"match": [{"field": "reference", "op": "equal"}, {"field": "amount", "op": "equal"}]}', 1),
		recon.create_rule(1, 'near', '{"match": [{"field": "amount", "op": "within", "abs": 5}, {"field": "reference", "op": "similar", "algorithm": "levenshtein", "min": 0.99}]}', 2),
		recon.create_job(1, 'j', 1, 2), recon.create_job(1, 'other', 2, 1);
	CREATE DATABASE other});
$node->safe_psql('other', 'CREATE EXTENSION recon');

my $columns = 'job_id, project_id, status, phase, progress, total_records, processed_records, matched_records, unmatched_records';
my $running = q{SELECT count(*) FROM recon.get_running_jobs()};

sub sees
{
	my ($role, $database) = @_;
	return $node->safe_psql($database // 'postgres', "SET ROLE $role; SELECT count(*), count(*) FILTER (WHERE status = 'running') FROM recon.job_progress");
}

# A session that holds the project as a run does that stores, so that another run stops before it.
my $holder = $node->background_psql('postgres');
sub hold { $holder->query_safe('BEGIN; SELECT 1 FROM recon.projects WHERE project_id = 1 FOR NO KEY UPDATE'); return }
sub release { $holder->query_safe('ROLLBACK'); return }

sub waiting_run
{
	my ($sql) = @_;
	hold();
	my @session = session($node, $sql);
	$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM recon.job_progress WHERE phase = 'storing'}) or die 'no run that waits';
	return @session;
}

sub gone
{
	my ($how) = @_;
	is($node->safe_psql('postgres', $running), '0', "no row after $how");
	return;
}

sub signal
{
	my ($function) = @_;
	return $node->safe_psql('postgres', "SELECT $function(pid) FROM recon.job_progress WHERE status = 'running'");
}

is($node->safe_psql('postgres', "SELECT $columns FROM recon.job_progress ORDER BY job_id"), "1|1|pending||0||||\n2|1|pending||0||||", 'no job runs');

my ($handle, $out, $err) = waiting_run('SET ROLE worker; SELECT matched_records FROM recon.run_job(1)');
is($node->safe_psql('postgres', "SELECT $columns FROM recon.job_progress ORDER BY job_id"), "1|1|running|storing|70|2000|2000|1800|200\n2|1|pending||0||||", 'a run that is about to store');
is($node->safe_psql('postgres', q{SELECT p.pid = a.pid, started_at <= heartbeat_at, started_at > a.backend_start, estimated_completion > started_at FROM recon.job_progress p, pg_stat_activity a WHERE application_name = 'session' AND job_id = 1}),
	't|t|t|t', 'its process and times');
is($node->safe_psql('postgres', "SET ROLE member; SELECT $columns FROM recon.get_job_progress(1)"), '1|1|running|storing|70|2000|2000|1800|200', 'by its function');
is(sqlstate($node, 'SET ROLE stranger; SELECT recon.get_job_progress(1)'), '42704', 'hidden from who is no member');
is(sqlstate($node, 'SELECT recon.get_job_progress(99)'), '42704', 'as one that is not there');
is(sqlstate($node, 'SELECT recon.get_job_progress(NULL)'), '22004', 'no job');
is(sees('member'), '2|1', 'a member sees it');
is(sees('stranger'), '0|0', 'who is no member does not');
is($node->safe_psql('postgres', "SET ROLE stranger; $running"), '0', 'in no way');
is(sees('monitor'), '0|0', 'nor does pg_monitor');
is($node->safe_psql('other', $running), '0', 'nor another database');
release();
$handle->finish;
is($$out, "1800\n", 'the run goes on');
gone('a run');
is($node->safe_psql('postgres', "SELECT $columns FROM recon.get_job_progress(1)"), '1|1|completed||100|2000|2000|1800|200', 'then it is what the job says');
is($node->safe_psql('postgres', 'SELECT p.started_at = j.started_at, p.heartbeat_at = j.finished_at, estimated_completion IS NULL, pid IS NULL FROM recon.job_progress p JOIN recon.jobs j USING (job_id) WHERE job_id = 1'), 't|t|t|t', 'with its times');

# Each way to end a run before its end.
($handle, $out, $err) = waiting_run("SELECT recon.run_job(2) IS NULL; $running; SELECT 'here'");
is(signal('pg_cancel_backend'), 't', 'cancelled');
$handle->finish;
release();
like($$err, qr/57014/, 'with its SQLSTATE');
is($$out, "0\nhere\n", 'the session goes on, without a row');
gone('a cancel');

($handle, $out, $err) = waiting_run('SELECT recon.run_job(2)');
is(signal('pg_terminate_backend'), 't', 'terminated');
$handle->finish;
release();
gone('a termination');

# An EXCEPTION block of PL/pgSQL is left by the end of a subtransaction only; the transaction goes on.
($handle, $out, $err) = waiting_run(qq{BEGIN; DO \$\$BEGIN PERFORM recon.run_job(2); EXCEPTION WHEN query_canceled THEN RAISE NOTICE 'caught'; END\$\$; $running; SELECT status FROM recon.job_progress WHERE job_id = 2; COMMIT});
signal('pg_cancel_backend');
$handle->finish;
release();
like($$err, qr/caught/, 'caught in a block');
is($$out, "0\npending\n", 'no row in the transaction that goes on');
gone('that transaction');

# What a preview finds is nobody else's business.
is($node->safe_psql('postgres', 'SELECT count(*) FROM recon.preview_job(2)'), '200', 'a preview');
gone('a preview');

# A backend that is killed.
($handle, $out, $err) = waiting_run('SELECT recon.run_job(2)');
my $pid = $node->safe_psql('postgres', q{SELECT pid FROM recon.job_progress WHERE status = 'running'});
$holder->quit;
kill 'KILL', $pid;
$handle->finish;
$node->poll_query_until('postgres', 'SELECT true') or die 'the server did not come back';
gone('a kill');
is($node->safe_psql('postgres', "SELECT status FROM recon.run_job(2)"), 'completed', 'and a job runs');

# Without the preload, what is committed.
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''");
$node->restart;
is($node->safe_psql('postgres', "SELECT $columns FROM recon.job_progress ORDER BY job_id"), "1|1|completed||100|2000|2000|1800|200\n2|1|completed||100|200|200|0|200", 'without the preload');
is($node->safe_psql('postgres', "SELECT status, progress FROM recon.get_job_progress(1)"), 'completed|100', 'by its function, too');
done_testing();
