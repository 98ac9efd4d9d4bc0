# Parallel workers in a run: with and without the preload, with none to be had, and when it is ended
# before its end.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;
use Time::HiRes qw(time);

my $processors = `nproc 2>/dev/null` || 1;
plan skip_all => 'one processor: no workers are asked for' if $processors < 2;

my $node = server('parallel', 'autovacuum = off', 'log_min_messages = debug1');
project($node);
for my $side (1, 2)
{
	my $file = write_file($node, "$side.csv", "external_id,amount,reference\n" . join('', map { sprintf "%s%05d,%d,reference %d of side\n", $side, $_, 100 + $_ % 7, $_ * 7919 % 9973 } 1 .. 2000));
	$node->safe_psql('postgres', "SELECT recon.ingest_file($side, '$file')");
}
$node->safe_psql('postgres', q{
	SELECT recon.create_rule(1, 'text', '{"match": [{"field": "amount", "op": "within", "abs": 10}, {"field": "reference", "op": "similar", "algorithm": "token_set", "min": 0.95}], "ambiguous": "skip"}'),
		recon.create_job(1, 'j', 1, 2)});

my $sum = q{SELECT md5(string_agg(concat_ws('|', a.external_id, b.external_id, float8send(confidence_score)), ';' ORDER BY a.external_id, b.external_id))
	FROM recon.preview_job(1) LEFT JOIN recon.records a ON a.record_id = record_a_id LEFT JOIN recon.records b ON b.record_id = record_b_id};
my $workers = q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'parallel worker'};
# Whether a statement asked for workers: the server's log says so.
sub started
{
	my ($sql) = @_;
	my $before = -s $node->logfile;
	my $out = $node->safe_psql('postgres', $sql);
	return ($out, slurp_file($node->logfile, $before) =~ /registering background worker "parallel worker/ ? 1 : 0);
}

my ($alone, $none) = started("SET recon.parallel_workers = 0; $sum");
is($none, 0, 'no worker');
my ($shared, $some) = started($sum);
is($shared, $alone, 'the same with workers');
is($some, 1, 'which there were');
my ($refused) = started("SET max_parallel_workers = 0; $sum");
is($refused, $alone, 'the same where none is allowed');

# A cancel, a timeout and a termination end the workers at once; nothing is left in shared memory.
sub left
{
	my ($how) = @_;
	ok($node->poll_query_until('postgres', "SELECT ($workers) = 0"), "no worker is left after $how");
	is($node->safe_psql('postgres', $sum), $alone, "and a run works after $how");
	return;
}
my $slow = q{DO $$BEGIN FOR i IN 1 .. 1000 LOOP PERFORM count(*) FROM recon.preview_job(1); END LOOP; END$$};
for my $function ('pg_cancel_backend', 'pg_terminate_backend')
{
	my ($handle, $out, $err) = session($node, "SET application_name = 'session'; $slow");
	$node->poll_query_until('postgres', "SELECT ($workers) > 0") or die 'no workers';
	my $begin = time;
	$node->safe_psql('postgres', "SELECT $function(pid) FROM pg_stat_activity WHERE application_name = 'session' AND backend_type = 'client backend'");
	$handle->finish;
	cmp_ok(time - $begin, '<', 5, "$function acts at once");
	like($$err, $function eq 'pg_cancel_backend' ? qr/57014/ : qr/57P01|terminat/, 'with its reason');
	left($function);
}
my ($code, $out, $err) = $node->psql('postgres', "SET statement_timeout = '700ms'; $slow");
like($err, qr/statement timeout/, 'a timeout');
left('a timeout');

# None free, and without the preload.
for my $conf ('max_worker_processes = 0', "shared_preload_libraries = ''", 'dynamic_shared_memory_type = mmap')
{
	$node->append_conf('postgresql.conf', $conf);
	$node->restart;
	my ($found) = started($sum);
	is($found, $alone, "the same with $conf");
	$node->append_conf('postgresql.conf', 'max_worker_processes = 8');
}
my $segments = q{SELECT count(*) FROM pg_ls_dir('pg_dynshmem')};
my $before = $node->safe_psql('postgres', $segments);
$node->psql('postgres', "$sum; SET statement_timeout = '200ms'; $slow");
is($node->safe_psql('postgres', $segments), $before, 'segments are gone');
is($node->safe_psql('postgres', "SELECT status FROM recon.run_job(1)"), 'completed', 'a run');
done_testing();
