# The files of csv-spectrum, which are not part of this tree, load to exactly their JSON. RECON_DATA names the directory that
# holds csv_spectrum.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;

my $data = ($ENV{RECON_DATA} // '') . '/csv_spectrum';
plan skip_all => 'RECON_DATA names no directory with csv_spectrum in it' unless $ENV{RECON_DATA} && -d $data;

my $node = server('csv_spectrum');
$node->safe_psql('postgres', q{SELECT recon.create_project('p')});
for my $file (sort glob("$data/*.csv"))
{
	my ($name) = $file =~ m{([^/]+)\.csv$};
	# Degrees, minutes and seconds: a quote is text there. And its CSV has another telephone number than its JSON.
	my $coordinates = $name eq 'location_coordinates';
	my $options = $coordinates ? '{"null": [], "quote": ""}' : '{"null": []}';
	my $expected = slurp_file("$data/json/$name.json");
	$expected =~ s/"1234567890"/"2095257564"/ if $coordinates;
	my $copy = write_file($node, "$name.csv", slurp_file($file));
	my $wanted = write_file($node, "$name.json", $expected);
	is($node->safe_psql('postgres', qq{
		SELECT recon.create_source(1, '$name', NULL, '$options') AS s \\gset
		SELECT status, records_rejected FROM recon.ingest_file(:s, '$copy');
		SELECT jsonb_agg(attributes ORDER BY line_no) = (SELECT CASE jsonb_typeof(j) WHEN 'array' THEN j ELSE jsonb_build_array(j) END
			FROM CAST(pg_read_file('$wanted') AS jsonb) j) FROM recon.records WHERE source_id = :s;
	}), "completed|0\nt", $name);
}
done_testing();
