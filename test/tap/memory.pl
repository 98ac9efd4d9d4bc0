# A file of 300 MB is loaded in the memory of one of 60 MB, rejects and all.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;
use Time::HiRes qw(usleep);

plan skip_all => 'no /proc' unless -r '/proc/self/status';
my $node = server('memory', 'autovacuum = off', 'max_wal_size = 4GB');
project($node);

# Most private memory of a backend, in kB, while it loads a file, by the door that is given as SQL.
sub peak_of_load
{
	my ($megabytes, $file, $load) = @_;
	my ($handle, $out, $err) = session($node, "SELECT FROM pg_sleep(0.5); SELECT records_read FROM $load; SELECT 'RSS ' || pg_read_file('/proc/self/status'); SELECT pg_sleep(0.2);");
	$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'session'});
	my $pid = $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE application_name = 'session'});
	my ($peak, $samples) = (0, 0);
	while ($handle->pumpable)
	{
		$handle->pump_nb;
		if (open(my $status, '<', "/proc/$pid/status"))
		{
			while (<$status>) { ($peak, $samples) = ($1 > $peak ? $1 : $peak, $samples + 1) if /^RssAnon:\s+(\d+)/; }
		}
		usleep(2_000);
	}
	$handle->finish;
	is((grep { /\S/ } split /\n/, $$out)[0], $megabytes * 1024, "$megabytes MB: every record was read") or diag($$err);
	my ($after) = $$out =~ /RssAnon:\s+(\d+)/;
	$peak = $after if $after > $peak;
	note("$megabytes MB: $peak kB, $samples samples");
	return $peak;
}

# Wide records too: a batch is bounded by its bytes. Half of them are rejects, which wait with their bytes.
{
	my $wide = write_file($node, 'wide.csv', "external_id,amount,reference\n" . join('', map { "$_," . ($_ % 2 ? 1 : 'x') . ',' . ('w' x 500_000) . "\n" } 1 .. 400));
	$node->safe_psql('postgres', q{SELECT recon.create_source(1, 'wide', '{"external_id": "external_id", "amount": "amount", "reference": "reference", "description": "reference", "copy": "reference"}')});
	my $result = $node->safe_psql('postgres', "SELECT records_loaded, records_rejected FROM recon.ingest_file(3, '$wide'); SELECT substring(pg_read_file('/proc/self/status') from 'VmHWM:\\s+(\\d+)');");
	my ($counts, $peak) = split /\n/, $result;
	is($counts, '200|200', 'wide records');
	cmp_ok($peak, '<', 250 * 1024, 'a batch of them stays small');
	note("wide: $peak kB");
}

my ($file_60, $file_300) = (big_file($node, '60.csv', 60), big_file($node, '300.csv', 300));
my $small = peak_of_load(60, $file_60, "recon.ingest_file(1, '$file_60')");
my $large = peak_of_load(300, $file_300, "recon.ingest_file(1, '$file_300')");
cmp_ok($large, '<=', 16 * 1024, 'not more than 16 MB');
cmp_ok($large, '<=', $small + 1024, 'a file five times as large takes no more than 1 MB more');

# The same of an upload in the largest chunks. Who sends one holds it whole, in the server's buffers, before recon does.
my ($upload_60, $upload_300) = split /\n/, $node->safe_psql('postgres', "SELECT recon.upload_begin(2, 'f') FROM generate_series(1, 2)");
upload($node, $upload_60, $file_60, 16 << 20);
upload($node, $upload_300, $file_300, 16 << 20);
$small = peak_of_load(60, $file_60, "recon.upload_finish($upload_60)");
$large = peak_of_load(300, $file_300, "recon.upload_finish($upload_300)");
cmp_ok($large, '<=', 16 * 1024, 'not more than 16 MB for an upload');
cmp_ok($large, '<=', $small + 1024, 'nor more than 1 MB more for one five times as large');
done_testing();
