# Background workers are no hindrance to what is done with databases, the extension and roles, and say little in the log.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use IPC::Run;
use Jobs;
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;
use Time::HiRes qw(time sleep);

my $node = server('citizens', 'restart_after_crash = on', 'autovacuum = off', 'recon.cleanup_interval = 1', 'recon.max_concurrent_jobs = 0');
my $log = log_size($node);

# Cleanups say what they have removed and sealed.
my $cleaned = qr/LOG:  recon (cleanup in database "\w+" removed |audit trail of project \d+ in database "\w+" is sealed )/;

# What the log tells from one call to the next.
sub quiet
{
	my ($when, $but) = @_;
	is(join("\n", log_lines($node, $log, $but)), '', "nothing to be told of $when");
	$log = log_size($node);
	return;
}

# Waits until all databases have been visited some seconds from now.
sub visits_of_all
{
	my ($seconds) = @_;
	my $now = $node->safe_psql('postgres', 'SELECT clock_timestamp()');
	return $node->poll_query_until('postgres', "SELECT min(last_cleanup) > '$now'::timestamptz + interval '$seconds s' FROM recon.worker_status WHERE worker = 'cleanup' AND database IS DISTINCT FROM 'frozen'");
}

sub waits_for_lock
{
	my ($database, $what) = @_;
	return $node->poll_query_until('postgres', qq{SELECT count(*) = 1 FROM pg_stat_activity WHERE datname = '$database' AND query LIKE '$what%' AND wait_event_type = 'Lock'});
}

sub in_background
{
	my ($database, $sql) = @_;
	my ($out, $err) = ('', '');
	my $handle = IPC::Run::start([ 'psql', '-XAtq', '-v', 'VERBOSITY=verbose', '-d', $node->connstr($database), '-c', $sql ], '<', \undef, '>', \$out, '2>', \$err, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	return ($handle, \$out, \$err);
}

my $job_rows = "SELECT count(*) FROM recon.worker_status WHERE worker = 'job'";

# DROP EXTENSION with jobs that wait: it goes at once. What is left of them in the queue does no harm to the jobs of the next one, which
# have the same ids, and runs none of them as the role that started its namesake.
$node->safe_psql('postgres', 'CREATE ROLE operator LOGIN');
add_jobs($node, 'postgres', 3);
start_all($node, 'postgres');
is($node->safe_psql('postgres', $job_rows), '3', 'three jobs wait');
$node->safe_psql('postgres', 'DROP EXTENSION recon');
add_jobs($node, 'postgres', 3);
$node->safe_psql('postgres', q{SELECT recon.add_member(1, 'operator', 'operator')});
start_all($node, 'postgres', 'operator');
configure($node, 'recon.max_concurrent_jobs = 4');
wait_final($node, 'postgres');
is(statuses($node, 'postgres'), '3 completed', 'the jobs of the new extension run');
is($node->safe_psql('postgres', q{SELECT DISTINCT user_name FROM recon.audit_log WHERE action = 'run'}), 'operator', 'as the role that started them');
$node->poll_query_until('postgres', "SELECT ($job_rows) = 0") or die 'the queue does not empty';
quiet('DROP EXTENSION with jobs that wait', $cleaned);

# With one that runs it waits, as for any session.
my $holder = hold($node, 'postgres');
$node->safe_psql('postgres', 'SELECT recon.start_job(1)');
running($node, 'postgres', 1);
my ($drop, $out, $err) = in_background('postgres', 'DROP EXTENSION recon');
waits_for_lock('postgres', 'DROP') or die 'DROP EXTENSION does not wait';
$holder->query_safe('ROLLBACK');
$drop->finish;
is($$err, '', 'DROP EXTENSION comes to its end after the run');
$node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'recon job'}) or die 'the worker does not end';
# The run may have been the victim of a deadlock with DROP EXTENSION, which takes one table after the other.
quiet('DROP EXTENSION with a job that runs', $cleaned);
add_jobs($node, 'postgres', 1);
start_all($node, 'postgres');
wait_final($node, 'postgres');
is(statuses($node, 'postgres'), '1 completed', 'and jobs run in the next one');
$node->poll_query_until('postgres', q{SELECT last_cleanup IS NOT NULL FROM recon.worker_status WHERE worker = 'cleanup' AND database = 'postgres'}) or die 'it is not cleaned';
$holder->quit;

# DROP EXTENSION that is not committed for a while: a visit waits no longer than it must, and says nothing.
my $dropper = $node->background_psql('postgres');
$dropper->query_safe('BEGIN; DROP EXTENSION recon');
$node->poll_query_until('template1', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'recon cleanup' AND wait_event_type = 'Lock'}) or die 'no visit that waits';
$dropper->query_safe('COMMIT');
$dropper->quit;
$node->poll_query_until('template1', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'recon cleanup'}) or die 'the visit does not end';
quiet('DROP EXTENSION under a visit', $cleaned);
add_jobs($node, 'postgres', 1);

# ALTER EXTENSION UPDATE, with a script of the test's own, waits for a run too, and the jobs that were queued meanwhile run after it.
SKIP:
{
	my $version = $node->pg_version;
	my $place = $node->safe_psql('postgres', q{SELECT name || '|' || setting FROM pg_settings WHERE name IN ('extension_destdir', 'extension_control_path')});
	skip 'this server looks for extensions in one place only', 5 if $place eq '';
	my ($setting, $path) = split /\|/, $place;
	my $inst = (split /:/, $path)[0];
	my ($share, $lib) = split /\n/, $node->config_data('--sharedir') . "\n" . $node->config_data('--pkglibdir');
	my $from = $setting eq 'extension_destdir' ? "$inst$share" : $inst;
	my $own = $node->basedir . '/own';
	my $to = $setting eq 'extension_destdir' ? "$own$share" : $own;
	system_or_bail('mkdir', '-p', "$to/extension", "$own$lib");
	system_or_bail('cp', '-r', "$from/extension/.", "$to/extension");
	symlink(($setting eq 'extension_destdir' ? "$inst$lib" : $lib) . '/recon.so', "$own$lib/recon.so");
	append_to_file("$to/extension/recon--1.1--test.sql", "ALTER TABLE recon.jobs ADD COLUMN test integer DEFAULT 7;\n");
	configure($node, "$setting = '" . ($setting eq 'extension_destdir' ? $own : "$own:\$system") . "'");
	add_jobs($node, 'postgres', 2);
	$holder = hold($node, 'postgres');
	$node->safe_psql('postgres', 'SELECT recon.start_job(1)');
	running($node, 'postgres', 1);
	my ($update, $told, $error) = in_background('postgres', q{ALTER EXTENSION recon UPDATE TO 'test'});
	waits_for_lock('postgres', 'ALTER') or die 'ALTER EXTENSION does not wait';
	my ($start, $started) = in_background('postgres', 'SELECT recon.start_job(2), recon.start_job(3)');
	$holder->query_safe('ROLLBACK');
	$holder->quit;
	$update->finish;
	$start->finish;
	is($$error, '', 'ALTER EXTENSION UPDATE comes to its end after the run');
	is($$started, "queued|queued\n", 'jobs are started by then');
	wait_final($node, 'postgres');
	is(statuses($node, 'postgres'), '3 completed', 'all run');
	is($node->safe_psql('postgres', 'SELECT DISTINCT test FROM recon.jobs'), '7', 'in the new version');
	$node->safe_psql('postgres', 'DROP EXTENSION recon');
	configure($node, "$setting = '$path'");
	add_jobs($node, 'postgres', 1);
	quiet('ALTER EXTENSION UPDATE', $cleaned);
}

# DROP DATABASE of databases that are visited each second.
$node->safe_psql('postgres', 'CREATE DATABASE model');
add_jobs($node, 'model', 3);
sub visited
{
	my ($database) = @_;
	return $node->poll_query_until('postgres', "SELECT count(*) = 1 FROM recon.worker_status WHERE worker = 'cleanup' AND database = '$database' AND last_cleanup IS NOT NULL");
}
sub forgotten
{
	my ($database) = @_;
	return $node->poll_query_until('postgres', "SELECT count(*) = 0 FROM recon.worker_status WHERE database = '$database' OR database IS NULL AND worker <> 'launcher'");
}
ok(visited('model'), 'a database that gets the extension is visited');
my $dropped = 0;
for my $i (1 .. 8)
{
	$node->safe_psql('postgres', "CREATE DATABASE copy$i TEMPLATE model");
	$node->safe_psql("copy$i", 'SELECT recon.start_job(1)');
	$node->poll_query_until("copy$i", "SELECT status = 'completed' FROM recon.jobs WHERE job_id = 1") or die 'no job runs in a copy';
	next if $i == 1;
	$dropped++ if ($node->psql('postgres', "DROP DATABASE copy$i"))[0] == 0;
}
is($dropped, 7, 'CREATE DATABASE from one with the extension, jobs in the copies, and DROP DATABASE of them');
ok(visited('copy1'), 'the copy is visited too');
ok(forgotten('copy2'), 'one that is gone is forgotten');
quiet('CREATE DATABASE and DROP DATABASE', $cleaned);

# While a visit waits in one database it waits in no other.
my $locker = $node->background_psql('copy1');
$locker->query_safe('BEGIN; LOCK TABLE recon.jobs');
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'recon cleanup' AND wait_event_type = 'Lock' AND datname = 'copy1'}) or die 'no visit that waits';
my $last = $node->safe_psql('postgres', 'SELECT clock_timestamp()');
ok($node->poll_query_until('postgres', "SELECT count(*) = 2 FROM recon.worker_status WHERE worker = 'cleanup' AND database IN ('postgres', 'model') AND last_cleanup > '$last'"),
	'a lock in one database keeps no other from being visited');
$locker->query_safe('ROLLBACK');
$locker->quit;
is(scalar(grep { /lock timeout/ } log_lines($node, $log)) > 0, 1, 'the log says why');
$log = log_size($node);

# A job that runs is a session as any other for DROP DATABASE, and ended by FORCE.
$holder = hold($node, 'copy1');
$node->safe_psql('copy1', 'SELECT recon.start_job(2)');
running($node, 'copy1', 1);
is(sqlstate($node, 'DROP DATABASE copy1'), '55006', 'DROP DATABASE with a job that runs');
$node->safe_psql('copy1', 'SELECT recon.start_job(3)');
running($node, 'copy1', 2);
is(sqlstate($node, 'DROP DATABASE copy1 WITH (FORCE)'), '00000', 'WITH (FORCE)');
ok(forgotten('copy1'), 'nothing is left of it');
eval { $holder->quit };
quiet('DROP DATABASE WITH (FORCE) but the ends of the workers', qr/$cleaned|FATAL:  terminating background worker|CONTEXT:|LOG:  background worker "recon (job|cleanup)" \(PID \d+\) exited with exit code 1/);

# Jobs that wait when their database goes.
configure($node, 'recon.max_concurrent_jobs = 0', 'recon.cleanup_interval = 0');
$node->safe_psql('postgres', 'CREATE DATABASE copy1 TEMPLATE model');
start_all($node, 'copy1');
$node->safe_psql('postgres', 'DROP DATABASE copy1');
configure($node, 'recon.max_concurrent_jobs = 4');
ok(forgotten('copy1'), 'jobs that waited are forgotten with their database');
quiet('DROP DATABASE with jobs that wait', $cleaned);

# Roles that may no more connect when it comes to their jobs.
configure($node, 'recon.max_concurrent_jobs = 0');
my @roles = qw(dropped nologin noconnect readonly fine);
$node->safe_psql('postgres', 'CREATE DATABASE roles TEMPLATE model; REVOKE CONNECT ON DATABASE roles FROM PUBLIC');
$node->safe_psql('roles', "CREATE ROLE $_ LOGIN; GRANT CONNECT ON DATABASE roles TO $_; SELECT recon.add_member(1, '$_', 'operator')") for @roles;
$node->safe_psql('roles', q{SELECT recon.create_job(1, 'j4', 1, 2), recon.create_job(1, 'j5', 1, 2)});
$node->safe_psql('roles', "SET ROLE $roles[$_ - 1]; SELECT recon.start_job($_)") for 1 .. 5;
$node->safe_psql('roles', 'REVOKE CONNECT ON DATABASE roles FROM dropped, noconnect; DROP ROLE dropped; ALTER ROLE nologin NOLOGIN; ALTER ROLE readonly SET default_transaction_read_only = on');
configure($node, 'recon.max_concurrent_jobs = 4', 'recon.cleanup_interval = 1');
wait_final($node, 'roles');
is($node->safe_psql('roles', 'SELECT job_id, status, error_code, error_message FROM recon.jobs ORDER BY 1'), q{1|failed|42704|the role that started the job does not exist
2|failed|42501|role "nologin" is not permitted to log in
3|failed|42501|role "noconnect" has no privilege to connect to this database
4|failed|58000|the background worker of the job did not start
5|completed||}, 'roles that are gone, or may not connect or write: the jobs say so');
is(scalar(grep { /recon job 4 could not be started: cannot execute .* in a read-only transaction/ } log_lines($node, $log)), 3, 'the log says more where a worker could start');
quiet('such roles', qr/$cleaned|recon job 4 could not be started/);

# A database in which nothing is to be written is left alone; the jobs in it run once that is over.
configure($node, 'recon.max_concurrent_jobs = 0');
$node->safe_psql('postgres', 'CREATE DATABASE frozen TEMPLATE model');
start_all($node, 'frozen');
$node->safe_psql('postgres', 'ALTER DATABASE frozen SET default_transaction_read_only = on');
$node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'recon cleanup'});
$log = log_size($node);
$node->restart;
is(join("\n", grep { /FATAL/ } log_lines($node, $log, qr/recon cleanup/)), '', 'the end of the server is none that the launcher complains of');
$log = log_size($node);
visits_of_all(2) or die 'no visits';
quiet('a read-only database', qr/$cleaned|database system is ready/);
$node->safe_psql('postgres', 'ALTER DATABASE frozen RESET default_transaction_read_only');
configure($node, 'recon.max_concurrent_jobs = 4');
wait_final($node, 'frozen');
is(statuses($node, 'frozen'), '3 completed', 'jobs run where nothing was to be written for a while');
$log = log_size($node);

# A database without the extension: no worker goes there again and again.
$node->safe_psql('postgres', 'CREATE DATABASE bare');
my $commits = q{SELECT xact_commit FROM pg_stat_database WHERE datname = 'bare'};
$node->restart;
$log = log_size($node);
visits_of_all(0) or die 'no visits';
# All databases are looked at once after a start, which is counted when the worker has left.
$node->poll_query_until('postgres', qq{SELECT ($commits) > 0 AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = 'bare')}) or die 'no visit';
my $before = $node->safe_psql('postgres', $commits);
visits_of_all(4) or die 'no visits';
is($node->safe_psql('postgres', $commits), $before, 'a database without the extension is left alone');
is($node->safe_psql('postgres', "SELECT count(*) FROM recon.worker_status WHERE database = 'bare'"), '0', 'and is not in worker_status');
quiet('visits each second', $cleaned);

# Fifty databases, half of them with the extension.
$node->safe_psql('postgres', 'CREATE DATABASE "d$i" TEMPLATE ' =~ s/\$i/$_/r . ($_ % 2 ? 'model' : 'bare')) for 1 .. 50;
my @with = map { "d$_" } grep { $_ % 2 } 1 .. 50;
$node->restart;
my $began = time;
$node->poll_query_until('postgres', q{SELECT count(*) >= 25 AND bool_and(last_cleanup IS NOT NULL) FROM recon.worker_status WHERE worker = 'cleanup' AND database LIKE 'd%'}) or die 'not all are visited';
cmp_ok(time - $began, '<', 20, 'all databases are visited within seconds of the start');
is($node->safe_psql('postgres', q{SELECT string_agg(database, ' ' ORDER BY database) FILTER (WHERE NOT database ~ '^d\d'), count(*) FILTER (WHERE database ~ '^d\d') FROM recon.worker_status WHERE worker = 'cleanup'}), 'frozen model postgres roles|25', 'those with the extension stay known');
start_all($node, $_) for @with[0 .. 5];
wait_final($node, $_) for @with[0 .. 5];
is(join(' ', map { statuses($node, $_) } @with[0 .. 5]), join(' ', ('3 completed') x 6), 'jobs in several of them run');
$log = log_size($node);
$before = $node->safe_psql('postgres', $commits);
visits_of_all(3) or die 'no visits';
is($node->safe_psql('postgres', $commits), $before, 'the others are left alone');
quiet('fifty databases', $cleaned);
done_testing();
