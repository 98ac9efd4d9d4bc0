# Readers at both isolation levels beside writers, savepoints, transactions prepared by one session and
# ended by another, deletes, a kill: whatever a memoized read gives, the tables give in that snapshot.
# MEMO_SECONDS of it (60).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Memo;
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;
use Time::HiRes qw(usleep);

my $seconds = $ENV{MEMO_SECONDS} // 60;
my $node = random_server('memo_random');

sub agree
{
	my ($what) = @_;
	is($node->safe_psql('postgres', equal_sql($_)), 'true', "$what: project $_") for 1 .. 4;
	return;
}

run_for($node, int($seconds / 2));
my $calls = $node->safe_psql('postgres', 'SELECT sum(hits), sum(misses), sum(stores) FROM recon.memo_stats');
diag("hits|misses|stores: $calls");
my ($hits, $misses) = split /\|/, $calls;
agree('at rest');
# With a prepared transaction on the way.
$node->safe_psql('postgres', q{BEGIN; SELECT recon.create_job(1, 'k', 1, 2); PREPARE TRANSACTION 'k'});
$node->kill9;
for (1 .. 300)
{
	$node->{_pid} = undef;
	last if $node->start(fail_ok => 1);
	usleep(200_000);
}
agree('after a kill');
run_for($node, $seconds - int($seconds / 2));
agree('in the end');
cmp_ok($hits, '>', 1000, 'the memo was used');
cmp_ok($misses, '>', 100, 'and changed');
is(mismatches($node), '0', 'no mismatch');
done_testing();
