# A cancel and a timeout end a load and a run at once, with their SQLSTATE; nothing is stored and the session goes on.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;
use Time::HiRes qw(time);

my $node = server('cancel', 'autovacuum = off');
project($node);
my $big = big_file($node, 'big.csv', 300);

# Runs a statement in a session of its own with a timeout, and again without one until it is cancelled. The second bears a
# mark: where the machine is slow to end the first, the cancel must not be spent on it.
sub stopped
{
	my ($what, $statement) = @_;
	my ($handle, $out, $err) = session($node, "SET statement_timeout = '300ms'; $statement; SET statement_timeout = 0; SELECT 'still', count(*) FROM recon.projects; $statement /* until cancelled */; SELECT 'here', count(*) FROM recon.projects;");
	$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'session' AND backend_type = 'client backend' AND state = 'active' AND query LIKE '%until cancelled%' AND query_start < clock_timestamp() - interval '400 ms'})
		or die "no $what to cancel";
	my $begin = time;
	is($node->safe_psql('postgres', q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'session' AND backend_type = 'client backend'}), 't', "$what: cancelled");
	$handle->finish;
	cmp_ok(time - $begin, '<', 5, "$what: at once");
	like($$err, qr/57014: canceling statement due to statement timeout.*57014: canceling statement due to user request/s, "$what: SQLSTATE and reason");
	is($$out, "still|1\nhere|1\n", "$what: the session goes on");
	return;
}

stopped('load', "SELECT recon.ingest_file(1, '$big')");
nothing_left($node, 'loads that were stopped');

# Forty thousand on each side, all of one amount and all texts different: the pairs take minutes to compare.
my $lines = "external_id,amount,reference\n" . join('', map { sprintf "%d,1,%s\n", $_, join(' ', map { ($_ * 2654435761) % 1000003 } $_, $_ * 7, $_ * 13) } 1 .. 40000);
my $same = write_file($node, 'same.csv', $lines);
$node->safe_psql('postgres', qq{
	SELECT recon.ingest_file(1, '$same'), recon.ingest_file(2, '$same');
	SELECT recon.create_rule(1, 'slow', '{"match": [{"field": "amount", "op": "equal"}, {"field": "reference", "op": "similar", "algorithm": "token_set", "min": 0.9}]}');
	SELECT recon.create_job(1, 'slow', 1, 2);
});
my $state = q{SELECT (SELECT count(*) FROM recon.matches), (SELECT count(*) FROM recon.open_records), (SELECT row(status, runs, started_at) FROM recon.jobs)};
my $before = $node->safe_psql('postgres', $state);
my $all = 'SET recon.max_comparisons = 2147483647';
stopped('run', "$all; SELECT recon.run_job(1)");
stopped('preview', "$all; SELECT count(*) FROM recon.preview_job(1)");
is($node->safe_psql('postgres', $state), $before, 'nothing of the runs that were stopped');

# One record, and sixty-four of which no thirty-two add up to it: each ends in 001, the record in 500. Their sums are too
# many to look at.
my @members = map { 1000 * (10000 + ($_ * 7368787) % 89989) + 1 } 1 .. 64;
my $many = write_file($node, 'many.csv', "external_id,amount\n" . join('', map { "m$_,$members[$_ - 1]\n" } 1 .. 64));
my $single = write_file($node, 'single.csv', "external_id,amount\ns,1600000500\n");
$node->safe_psql('postgres', qq{
	SELECT recon.create_source(1, 'single'), recon.create_source(1, 'many');
	SELECT recon.ingest_file(3, '$single'), recon.ingest_file(4, '$many');
	SELECT recon.create_rule(1, 'sum', '{"cardinality": "1:N", "max_group": 32, "match": [{"field": "amount", "op": "equal"}]}');
	SELECT recon.create_job(1, 'sum', 3, 4, ARRAY[2::bigint]);
});
$before = $node->safe_psql('postgres', $state =~ s/FROM recon.jobs/FROM recon.jobs WHERE job_id = 2/r);
my $long = 'SET recon.group_budget = 2147483647; SET recon.job_group_budget = 2147483647';
stopped('group run', "$long; SELECT recon.run_job(2)");
is($node->safe_psql('postgres', $state =~ s/FROM recon.jobs/FROM recon.jobs WHERE job_id = 2/r), $before, 'nothing of the group run that was stopped');
stopped('explanation of a group', "$long; SELECT count(*) FROM recon.explain_record((SELECT record_id FROM recon.records WHERE external_id = 's'))");
is($node->safe_psql('postgres', q{SELECT matches FROM recon.run_job(2); SELECT reason FROM recon.exceptions WHERE external_id = 's'}), "0\nbudget", 'a search gives up where its budget is spent');
done_testing();
