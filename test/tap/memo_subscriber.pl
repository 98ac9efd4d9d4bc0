# t19: the memo where logical replication changes the tables: it fires other triggers than statements do.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Memo;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;

my ($publisher, $subscriber) = map { PostgreSQL::Test::Cluster->new($_) } 'memo_publisher', 'memo_subscriber';
$publisher->init(allows_streaming => 'logical');
$subscriber->init;
for my $node ($publisher, $subscriber)
{
	$node->append_conf('postgresql.conf', "$_\n") for 'autovacuum = off', 'recon.cleanup_interval = 0', 'max_logical_replication_workers = 20', 'max_worker_processes = 40', 'max_sync_workers_per_subscription = 4';
	$node->start;
	$node->safe_psql('postgres', 'CREATE ROLE ann LOGIN; CREATE EXTENSION recon');
}
$publisher->safe_psql('postgres', q{
	SELECT recon.create_project('p1'); SELECT recon.create_source(1, s) FROM unnest('{a,b}'::text[]) s; SELECT recon.create_job(1, 'first', 1, 2);
	CREATE PUBLICATION p FOR TABLES IN SCHEMA recon});
my $equal = equal_sql(1);
sub agrees
{
	my ($what) = @_;
	is($subscriber->safe_psql('postgres', $equal), 'true', $what) for 1, 2;
	return;
}
sub hits { return $subscriber->safe_psql('postgres', 'SELECT sum(hits) FROM recon.memo_stats') }

my $connection = $publisher->connstr . ' dbname=postgres';
$subscriber->safe_psql('postgres', "CREATE SUBSCRIPTION s CONNECTION '$connection' PUBLICATION p");
$subscriber->poll_query_until('postgres', q{SELECT count(*) > 0 AND bool_and(srsubstate = 'r') FROM pg_subscription_rel}) or die 'no synchronization';
agrees('after the first copy');
my $before = hits();
agrees('again');
cmp_ok(hits(), '>', $before, 'from the memo');

for my $change (
	q{SELECT recon.create_job(1, 'second', 1, 2)},
	q{SELECT recon.alter_source(1, '{"name": "other"}')},
	q{SELECT recon.alter_project(1, '{"name": "other"}')},
	q{SELECT recon.add_member(1, 'ann', 'viewer')},
	q{UPDATE recon.jobs SET name = 'changed' WHERE job_id = 1},
	q{DELETE FROM recon.jobs WHERE job_id = 2},
	q{BEGIN; SELECT recon.create_job(1, 'third', 1, 2); SAVEPOINT s; SELECT recon.create_job(1, 'no', 1, 2); ROLLBACK TO s; COMMIT},
	q{SELECT recon.create_project('p2')},
	q{SELECT removed FROM recon.run_cleanup()},
  )
{
	$publisher->safe_psql('postgres', $change);
	$publisher->wait_for_catchup('s');
	agrees($change);
}
is($subscriber->safe_psql('postgres', 'SELECT total_jobs FROM recon.get_project_stats(1)'), '2', 'the figures came with the rows');
is($subscriber->safe_psql('postgres', 'SELECT string_agg(name, \',\' ORDER BY name) FROM recon.get_reconciliation_jobs(1)'), 'changed,third', 'so did the jobs');
is($subscriber->safe_psql('postgres', 'SELECT name FROM recon.get_project(1)', extra_params => [ '-U', 'ann' ]), 'other', 'and the members');
$publisher->safe_psql('postgres', q{SELECT recon.remove_member(1, 'ann')});
$publisher->wait_for_catchup('s');
isnt($subscriber->psql('postgres', 'SELECT name FROM recon.get_project(1)', extra_params => [ '-U', 'ann' ]), 0, 'who are members no more');
$publisher->safe_psql('postgres', 'TRUNCATE recon.jobs, recon.job_runs, recon.matches, recon.match_members, recon.rejections');
$publisher->wait_for_catchup('s');
agrees('a TRUNCATE');
is($subscriber->safe_psql('postgres', 'SELECT total_jobs FROM recon.get_project_stats(1)'), '0', 'no jobs are left');
$subscriber->stop;
$publisher->stop;
done_testing();
