# The memo across a restart, a crash and a promotion, and while a commit waits for a standby.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Memo;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;
use Time::HiRes qw(usleep);

my $node = PostgreSQL::Test::Cluster->new('memo_restart');
$node->init(allows_streaming => 1);
$node->append_conf('postgresql.conf', "$_\n") for 'autovacuum = off', 'max_prepared_transactions = 10', 'recon.cleanup_interval = 0';
$node->start;
$node->safe_psql('postgres', q{CREATE EXTENSION recon; SELECT recon.create_project('p'); SELECT recon.create_source(1, s) FROM unnest('{a,b}'::text[]) s});
my $equal = equal_sql(1);
my $write = q{SELECT recon.create_job(1, 'j', 1, 2)};
sub agrees
{
	my ($what, $on) = @_;
	is(($on // $node)->safe_psql('postgres', $equal), 'true', $what);
	return;
}
sub hits { return $node->safe_psql('postgres', 'SELECT sum(hits) FROM recon.memo_stats') }

# t16: a transaction that was prepared in a former life of the server is known to nobody.
for my $how ('restart', 'kill')
{
	agrees('before');
	$node->safe_psql('postgres', "BEGIN; $write; PREPARE TRANSACTION 'former'");
	if ($how eq 'restart') { $node->restart }
	else
	{
		$node->kill9;
		# Not before the last of its processes has gone.
		for (1 .. 300)
		{
			$node->{_pid} = undef;
			last if $node->start(fail_ok => 1);
			usleep(200_000);
		}
	}
	agrees("t16 after a $how") for 1, 2;
	is(hits(), 0, 'nothing is served');
	$node->safe_psql('postgres', q{COMMIT PREPARED 'former'});
	agrees('t16 after its commit') for 1, 2;
	$node->safe_psql('postgres', 'SELECT pg_current_xact_id()');
	agrees('later') for 1, 2;
	cmp_ok(hits(), '>', 0, 'then it is used again');
}

# t13: between the arming and the commit: a commit that waits for a standby that is not there.
agrees('t13 before');
$node->append_conf('postgresql.conf', "synchronous_standby_names = 'nobody'");
$node->reload;
my ($handle, $out, $err) = session($node, $write);
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'}) or die 'does not wait';
agrees('t13 while a commit waits') for 1 .. 3;
$node->safe_psql('postgres', q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'});
$handle->finish;
agrees('t13 after it') for 1, 2;
is($node->safe_psql('postgres', 'SELECT total_jobs FROM recon.get_project_stats(1)'), '3', 'with what it did');
$node->append_conf('postgresql.conf', "synchronous_standby_names = ''");
$node->reload;

# t17: a standby does without, until it is promoted.
$node->backup('b');
my $standby = PostgreSQL::Test::Cluster->new('memo_standby');
$standby->init_from_backup($node, 'b', has_streaming => 1);
$standby->start;
for (1 .. 2)
{
	$node->safe_psql('postgres', $write);
	$node->wait_for_catchup($standby);
	agrees('t17 a standby', $standby);
}
is($standby->safe_psql('postgres', 'SELECT sum(hits), sum(stores), sum(bypasses_recovery) > 0 FROM recon.memo_stats'), '0|0|t', 'from the tables');
$node->stop;
$standby->promote;
agrees('t17 promoted', $standby) for 1, 2;
$standby->safe_psql('postgres', $write);
agrees('t17 after a write', $standby) for 1, 2;
cmp_ok($standby->safe_psql('postgres', 'SELECT sum(hits) FROM recon.memo_stats'), '>', 0, 'from the memo');
done_testing();
