# Forty jobs on four workers, some of them after the same records, while workers and the server are killed at random: in the end each
# job has an end, and the matches are those of runs that nobody disturbed. CHAOS_SECONDS and CHAOS_SEED are taken from the environment.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Jobs;
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;
use Time::HiRes qw(time usleep);

my $seconds = $ENV{CHAOS_SECONDS} // 60;
my $seed = $ENV{CHAOS_SEED} // 20240229;
my ($groups, $records, $projects) = (10, 400, int($seconds / 8) + 1);
note("seed $seed");

my $node = server('chaos', 'restart_after_crash = on', 'autovacuum = off', 'log_statement = none', 'recon.max_concurrent_jobs = 4', 'recon.parallel_workers = 0');

# A group has three sources: a and c have each half of their records in b, under references with a misprint, and a few that are the sums
# of three of b. Four jobs: twice a and b, twice c and b.
sub source_file
{
	my ($name, $of) = @_;
	my @lines = 'external_id,amount,reference,counterparty';
	for my $i (1 .. $records)
	{
		my $owner = $i % 2 ? 'a' : 'c';
		next unless $of eq 'b' || $of eq $owner;
		my $reference = join ' ', map { sprintf '%06d', ($i * 7919 + $_ * 104729) % 1000003 } 1 .. 6;
		substr($reference, $i % 40, 1) = 'x' if $of eq 'b';
		push @lines, "$of$i,$i,$reference,";
	}
	for my $i (1 .. 20)
	{
		for my $owner ($of eq 'b' ? qw(a c) : $of)
		{
			push @lines, map { sprintf '%s-%s%d-%d,%d,,%s%d', $of, $owner, $i, $_, 10**$_ * $i, $owner, $i } 1 .. 3 if $of eq 'b';
			push @lines, sprintf '%s-%d,%d,,%s%d', $of, $i, 1110 * $i, $owner, $i if $of ne 'b';
		}
	}
	return write_file($node, $name, join("\n", @lines) . "\n");
}
my %file = map { $_ => source_file("$_.csv", $_) } qw(a b c);

sub fill
{
	my ($database) = @_;
	$node->safe_psql($database, qq{
		DO \$\$
		DECLARE p bigint; a bigint; b bigint; c bigint; mapping jsonb := '{"external_id": "external_id", "amount": "amount", "reference": "reference", "counterparty": "counterparty"}';
		BEGIN
			p := recon.create_project('p' || (SELECT count(*) FROM recon.projects));
			PERFORM recon.create_rule(p, 'similar', '{"match": [{"field": "reference", "op": "similar", "algorithm": "jaro_winkler", "min": 0.9}]}', 1),
				recon.create_rule(p, 'sum', '{"cardinality": "1:N", "group_by": ["counterparty"], "match": [{"field": "amount", "op": "equal"}]}', 2);
			FOR i IN 1 .. $groups LOOP
				a := recon.create_source(p, 'a' || i, mapping);
				b := recon.create_source(p, 'b' || i, mapping);
				c := recon.create_source(p, 'c' || i, mapping);
				PERFORM recon.ingest_file(a, '$file{a}'), recon.ingest_file(b, '$file{b}'), recon.ingest_file(c, '$file{c}');
				PERFORM recon.create_job(p, 'ab' || i || n, a, b), recon.create_job(p, 'cb' || i || n, c, b) FROM generate_series(1, 2) n;
			END LOOP;
		END\$\$});
	return;
}

# The matches of a project, by what does not depend on the order of things: sources, rules and the ids of the records.
sub matches
{
	my ($database, $project) = @_;
	return $node->safe_psql($database, qq{
		ANALYZE;
		SELECT r.name, m.cardinality, m.status, round(m.confidence::numeric, 9), m.amount_difference, string_agg(s.name || ' ' || e.external_id, ', ' ORDER BY s.name, e.external_id) AS members
		FROM recon.matches m JOIN recon.rules r USING (project_id, rule_id) JOIN recon.match_records USING (project_id, match_id)
			JOIN recon.records e USING (project_id, record_id) JOIN recon.data_sources s USING (project_id, source_id)
		WHERE m.project_id = $project GROUP BY m.match_id, r.name, m.cardinality, m.status, m.confidence, m.amount_difference ORDER BY members});
}

$node->safe_psql('postgres', 'CREATE DATABASE calm');
$node->safe_psql('calm', 'CREATE EXTENSION recon');
fill('calm');
my $began = time;
$node->safe_psql('calm', q{SELECT recon.run_job(job_id) FROM (SELECT job_id FROM recon.jobs WHERE name LIKE '%1' ORDER BY 1) j});
note(sprintf 'undisturbed: %.1f s', time - $began);
my $expected = matches('calm', 1);
cmp_ok(scalar(split /\n/, $expected), '>', $groups * $records * 0.9, 'what an undisturbed run matches');
fill('postgres') for 1 .. $projects;
# The run of a job takes a while, of which most is its end: all is stored, and nothing is committed.
$node->safe_psql('postgres', q{
	CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(random() * 0.4); RETURN NULL; END';
	CREATE TRIGGER dawdle AFTER UPDATE ON recon.jobs FOR EACH ROW WHEN (NEW.status = 'completed') EXECUTE FUNCTION dawdle()});

# As no server may be there, a query may fail: then there is no answer.
sub ask
{
	my ($sql) = @_;
	my ($rc, $out) = eval { $node->psql('postgres', $sql, timeout => 60) };
	return defined $rc && $rc == 0 ? $out : undef;
}

sub victim
{
	my ($kind) = @_;
	my @pids = split /\n/, ask("SELECT pid FROM pg_stat_activity WHERE backend_type = 'recon $kind' ORDER BY random()") // '';
	return $pids[0];
}

# The pid file is there still, and names a process that is about to go.
sub start_again
{
	$node->{_pid} = undef;
	return $node->start(fail_ok => 1);
}

my %done;
sub disturb
{
	my $dice = rand;
	my $kind = rand() < 0.8 ? 'job' : rand() < 0.5 ? 'cleanup' : 'launcher';
	if ($dice < 0.3)
	{
		my $pid = victim($kind) or return;
		$done{"kill of $kind"} += kill 'KILL', $pid;
	}
	elsif ($dice < 0.75)
	{
		my $pid = victim($kind) or return;
		$done{"termination of $kind"}++ if defined ask("SELECT pg_terminate_backend($pid)");
	}
	elsif ($dice < 0.87)
	{
		$done{'kill of the server'}++;
		$node->kill9;
		# Not before the last of its processes has gone.
		my $end = time + 60;
		usleep(200_000) while time < $end && !start_again();
	}
	else
	{
		$done{'immediate stop'}++;
		$node->stop('immediate');
		$node->start;
	}
	return;
}

srand($seed);
my ($started, $end) = (0, time + $seconds);
while (time < $end)
{
	my $active = ask(q{SELECT count(*) FROM recon.jobs WHERE status IN ('queued', 'running')});
	if (defined $active && $active < 4 && $started < $projects)
	{
		$started++ if defined ask('SELECT count(recon.start_job(job_id)) FROM recon.jobs WHERE project_id = ' . ($started + 1));
	}
	usleep(int(1_000_000 * (0.1 + rand 1)));
	disturb();
}
note(join ', ', map { "$done{$_} x $_" } sort keys %done);

sub statuses_of_started
{
	return $node->safe_psql('postgres', "SELECT string_agg(n || ' ' || status, ', ' ORDER BY status) FROM (SELECT status, count(*) AS n FROM recon.jobs WHERE project_id <= $started GROUP BY 1) s");
}

# Whatever is done by now: every job comes to an end, and those that failed succeed.
my $none_active = q{SELECT NOT EXISTS (SELECT FROM recon.jobs WHERE status IN ('queued', 'running'))};
$node->poll_query_until('postgres', 'SELECT true') or die 'the server did not come back';
$node->safe_psql('postgres', 'DROP TRIGGER dawdle ON recon.jobs');
ok($node->poll_query_until('postgres', $none_active), 'no job is left that waits or runs');
note('at the end of it: ' . statuses_of_started());
like(statuses_of_started(), qr/^\d+ completed(, \d+ failed)?$/, 'every job has an end');
is($node->safe_psql('postgres', q{SELECT DISTINCT error_code FROM recon.jobs WHERE status = 'failed' AND error_code <> '58000'}), '', 'those that failed did so because their workers died');
$node->safe_psql('postgres', q{SELECT count(recon.start_job(job_id)) FROM recon.jobs WHERE status = 'failed'});
ok($node->poll_query_until('postgres', $none_active), 'they are started again');
is(statuses_of_started(), 40 * $started . ' completed', 'and completed');

my $live = q{recon.matches WHERE status IN ('proposed', 'approved')};
is($node->safe_psql('postgres', "SELECT count(*) FROM (SELECT 1 FROM recon.match_records WHERE match_id IN (SELECT match_id FROM $live) GROUP BY record_id HAVING count(*) > 1) t"), '0', 'no record is in two matches');
is($node->safe_psql('postgres', q{SELECT count(*) FROM recon.matches m WHERE (SELECT count(DISTINCT side) FROM recon.match_records r WHERE r.match_id = m.match_id) <> 2}), '0', 'every match has both sides');
is($node->safe_psql('postgres', q{SELECT count(*) FROM recon.match_records m WHERE NOT EXISTS (SELECT FROM recon.records r WHERE r.record_id = m.record_id AND r.project_id = m.project_id)}), '0', 'and its records');
is($node->safe_psql('postgres', q{SELECT count(*) FROM recon.records r WHERE EXISTS (SELECT FROM recon.open_records o WHERE o.record_id = r.record_id) = EXISTS (SELECT FROM recon.match_records m WHERE m.record_id = r.record_id)}), '0', 'every record is matched or open');
is($node->safe_psql('postgres', 'SELECT * FROM recon.projects, recon.stats_verify(project_id)'), '', 'the figures are right');
is(matches('postgres', $_), $expected, "project $_: the matches are those of an undisturbed run") for 1 .. $started;
$node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM recon.worker_status WHERE worker = 'job'});
is($node->safe_psql('postgres', q{SELECT count(*) FROM recon.worker_status WHERE worker = 'job'}), '0', 'nothing is left in the queue');
is($node->safe_psql('postgres', 'SELECT count(*) FROM pg_ls_tmpdir()'), '0', 'nor of temporary files');
done_testing();
