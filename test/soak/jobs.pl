# Jobs at a steady rate, SOAK_RATE a second for SOAK_SECONDS: what the server holds for them must not grow. Works on the server that
# psql connects to, which must preload recon and be on this machine, in a database of its own.
use strict;
use warnings;
use File::Temp qw(tempfile);
use Test::More;
use Time::HiRes qw(time sleep);

my $seconds = $ENV{SOAK_SECONDS} // 3600;
my $rate = $ENV{SOAK_RATE} // 1;
my $database = 'soak';

# Statements run one after the other in one session; what they print.
sub sql
{
	my ($statements, $in) = @_;
	my ($file, $name) = tempfile(UNLINK => 1);
	print $file "SET client_min_messages = warning;\n$statements\n";
	close $file;
	my $out = qx(psql -XAtq -v ON_ERROR_STOP=1 -d '@{[$in // $database]}' -f '$name');
	die "failed: $statements" if $?;
	chomp $out;
	return $out;
}

# kB of memory that is a process's own.
sub memory
{
	my ($pid) = @_;
	open(my $file, '<', "/proc/$pid/status") or die "/proc/$pid/status: $!";
	my ($kb) = map { /^RssAnon:\s+(\d+) kB/ } <$file>;
	return $kb;
}

sub launcher { return sql(q{SELECT pid FROM recon.worker_status WHERE worker = 'launcher'}) }
sub postmaster { my ($pid) = map { (split ' ', $_)[3] } do { open my $file, '<', "/proc/$_[0]/stat" or die $!; <$file> }; return $pid }

sub wait_until
{
	my ($what, $query) = @_;
	for (1 .. 1200)
	{
		return 1 if sql($query) eq 't';
		sleep 0.1;
	}
	die "waited in vain for $what";
}

my $idle = q{SELECT NOT EXISTS (SELECT FROM recon.jobs WHERE status IN ('queued', 'running')) AND NOT EXISTS (SELECT FROM recon.worker_status WHERE worker = 'job' OR worker = 'cleanup' AND pid IS NOT NULL)};

# What must not grow, by how much it may.
my %tolerance = (
	'kB of the launcher' => 512,
	'kB of the postmaster' => 512,
	'entries in the queue' => 0,
	'databases known' => 0,
	'background workers' => 1, # a visit may be at work
	'temporary files' => 0,
	'kB of the catalog' => 1024,
	'jobs behind' => 6 * $rate,
);

sub figures
{
	my ($behind) = @_;
	my $launcher = launcher();
	wait_until('the end of the jobs', $idle);
	my ($queue, $databases, $workers, $files, $catalog) = split /\|/, sql(q{
		SELECT (SELECT count(*) FROM recon.worker_status WHERE worker = 'job'),
			(SELECT count(*) FROM recon.worker_status WHERE worker = 'cleanup'),
			(SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'recon %'),
			(SELECT count(*) FROM pg_ls_tmpdir()),
			(SELECT sum(pg_total_relation_size(oid)) / 1024 FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r')::bigint});
	return {
		'kB of the launcher' => memory($launcher),
		'kB of the postmaster' => memory(postmaster($launcher)),
		'entries in the queue' => $queue,
		'databases known' => $databases,
		'background workers' => $workers,
		'temporary files' => $files,
		'kB of the catalog' => $catalog,
		'jobs behind' => $behind,
	};
}

sql("CREATE DATABASE $database", 'postgres');
sql(q{CREATE EXTENSION recon; SELECT recon.create_project('p'), recon.create_source(1, 'a'), recon.create_source(1, 'b'), recon.create_source(1, 'empty a'), recon.create_source(1, 'empty b');
	SELECT recon.create_rule(1, 'r', '{"match": [{"field": "external_id", "op": "equal"}, {"field": "amount", "op": "within", "abs": 1}]}');
	SELECT recon.create_job(1, 'first', 1, 2)});
# Jobs without matches are deleted but the last ones.
my $kept = 50;
sql("ALTER SYSTEM SET recon.job_retention_count = $kept; SELECT pg_reload_conf()");

# A few records for both sides, the job that matches them, and a new one that finds none; returns how many jobs are not
# done.
my $jobs = 0;
sub tick
{
	my $name = ++$jobs;
	my @rows = map { "$name-$_,$_.5" } 1 .. 10;
	my $copy = join '', map { "COPY recon.inbox FROM STDIN WITH (FORMAT csv, SOURCE_ID $_);\n" . join("\n", 'external_id,amount', @rows, '\\.') . "\n" } 1, 2;
	return sql($copy . "SELECT recon.start_job(1), recon.start_job(recon.create_job(1, 'j$name', 3, 4)) \\g /dev/null\nSELECT count(*) FROM recon.jobs WHERE status IN ('queued', 'running');");
}

sub load_for
{
	my ($time) = @_;
	my ($began, $done, $most) = (time, 0, 0);
	while ((my $now = time - $began) < $time)
	{
		if ($done > $now * $rate)
		{
			sleep 0.02;
			next;
		}
		my $behind = tick();
		$most = $behind if $behind > $most;
		$done++;
	}
	return ($done, $most);
}

my $warm = $seconds / 4 > 120 ? 120 : $seconds / 4;
my ($done, $behind) = load_for($warm);
sql('ANALYZE');
my $before = figures($behind);
my $begin = sql('SELECT clock_timestamp()');
($done, $behind) = load_for($seconds - $warm);
cmp_ok($done, '>=', ($seconds - $warm) * $rate * 0.9, "$done jobs in " . ($seconds - $warm) . ' s');
my $after = figures($behind);
for my $what (sort keys %tolerance)
{
	cmp_ok($after->{$what}, '<=', $before->{$what} + $tolerance{$what}, "$what: $before->{$what}, then $after->{$what}");
}
is(sql(q{SELECT string_agg(DISTINCT status, ' ') FROM recon.jobs WHERE job_id > 1 OR runs > 0}), 'completed', 'all jobs are completed');
sql('SELECT recon.run_job(1)');
is(sql('SELECT count(*) FROM recon.open_records'), '0', 'all records are matched');
is(sql('SELECT * FROM recon.stats_verify(1)'), '', 'the figures are right');
ok(wait_until('the deletion of old jobs', "SELECT count(*) <= $kept + 1 FROM recon.jobs"), "old jobs are deleted but $kept");
done_testing();
