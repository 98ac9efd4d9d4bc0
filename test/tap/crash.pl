# A server that goes down, or a backend that is killed, in the middle of a load leaves nothing of it, and the next load works.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;

my $node = server('crash', 'restart_after_crash = on', 'autovacuum = off');
project($node);
my $big = big_file($node, 'big.csv', 60);
my $small = write_file($node, 'small.csv', "external_id,amount,reference\n1,1,\n2,x,\n");

# A load that has written records and has not come to its end.
sub load_under_way
{
	my $size = $node->safe_psql('postgres', q{SELECT pg_relation_size('recon.records')});
	my ($handle, $out, $err) = session($node, "BEGIN; SELECT recon.ingest_file(1, '$big'); SELECT pg_sleep(600);");
	$node->poll_query_until('postgres', "SELECT pg_relation_size('recon.records') > $size + 500000 AND state = 'active' FROM pg_stat_activity WHERE application_name = 'session'")
		or die 'the load did not begin';
	return ($handle, $out, $err);
}

# The same of an upload.
sub upload_under_way
{
	my $id = $node->safe_psql('postgres', "SELECT recon.upload_begin(1, 'big.csv')");
	upload($node, $id, $big, 8 << 20);
	my $size = $node->safe_psql('postgres', q{SELECT pg_relation_size('recon.records')});
	my ($handle, $out, $err) = session($node, "BEGIN; SELECT recon.upload_finish($id); SELECT pg_sleep(600);");
	$node->poll_query_until('postgres', "SELECT pg_relation_size('recon.records') > $size + 500000 AND state = 'active' FROM pg_stat_activity WHERE application_name = 'session'")
		or die 'the load did not begin';
	return ($id, $handle, $out, $err);
}

sub held
{
	my $id = shift;
	return $node->safe_psql('postgres', "SELECT status, chunks, bytes, missing_chunks FROM recon.upload_status($id)");
}

sub works_again
{
	my $how = shift;
	nothing_left($node, $how);
	is($node->safe_psql('postgres', 'SELECT attribute_keys FROM recon.data_sources WHERE source_id = 1'), '{}', 'the source is as it was');
	is($node->safe_psql('postgres', "SELECT count(*) FROM pg_ls_tmpdir()"), '0', 'no temporary file either');
	is($node->safe_psql('postgres', "BEGIN; SELECT status, records_loaded, records_rejected FROM recon.ingest_file(1, '$small'); ROLLBACK"), 'completed|1|1', "a load works after $how");
	return;
}

my ($handle, $out, $err) = load_under_way();
$node->stop('immediate');
$handle->finish;
$node->start;
works_again('an immediate stop');

($handle, $out, $err) = load_under_way();
my $pid = $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE application_name = 'session'});
kill 'KILL', $pid;
$handle->finish;
$node->poll_query_until('postgres', 'SELECT true') or die 'the server did not come back';
works_again('the kill of its backend');

($handle, $out, $err) = load_under_way();
is($node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'session'}), 't', 'terminated');
$handle->finish;
like($$err, qr/FATAL:  57P01/, 'with the reason');
$node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'session'});
works_again('the termination of its backend');

# A finish that does not come to its end leaves the upload as it was; but a crash takes the chunks, and the upload
# says so, so that they are sent again.
my $id;
($id, $handle, $out, $err) = upload_under_way();
my $whole = 'open|8|' . (-s $big) . '|{}';
is(held($id), $whole, 'all chunks are there');
is($node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'session'}), 't', 'terminated');
$handle->finish;
$node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'session'});
works_again('the termination of a finish');
is(held($id), $whole, 'and still');

($id, $handle, $out, $err) = upload_under_way();
$node->stop('immediate');
$handle->finish;
$node->start;
works_again('an immediate stop in a finish');
is(held($id), 'open|0|0|{}', 'the upload knows that nothing is held');
is(sqlstate($node, "SELECT recon.upload_finish($id)"), '55000', 'and is not finished so');

($id, $handle, $out, $err) = upload_under_way();
kill 'KILL', $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE application_name = 'session'});
$handle->finish;
$node->poll_query_until('postgres', 'SELECT true') or die 'the server did not come back';
works_again('the kill of a finish');
upload($node, $id, $big, 16 << 20);
is($node->safe_psql('postgres', "BEGIN; SELECT records_read, records_loaded, records_rejected FROM recon.upload_finish($id); ROLLBACK"), '61440|60826|614', 'sent again in other chunks, it loads');
nothing_left($node, 'a rollback');

# A clean stop keeps the chunks.
$node->restart;
is(held($id), 'open|4|' . (-s $big) . '|{}', 'they outlive a restart');

# The whole file loads then.
is($node->safe_psql('postgres', "SELECT records_read, records_loaded, records_rejected FROM recon.ingest_file(1, '$big')"), '61440|60826|614', 'the whole file');
done_testing();
