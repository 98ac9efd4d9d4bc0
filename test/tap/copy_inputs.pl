# Each kind of bad input by COPY recon.inbox, cut into pieces of seven bytes: what ingest_file makes of the same bytes.
# sql/ingest_doors.sql compares the doors that SQL alone can walk through.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;
use Wire;

my $node = server('copy_inputs', 'autovacuum = off');
$node->safe_psql('postgres', q{SELECT recon.create_project('p')});
my $wire = Wire->new($node);

my $header = "id,amount,date,ref\n";
my @lines = (
	[ 'nothing bad', qq{2,2,2024-01-01,"a ""b"", c"} ], [ 'too few columns', '2,2' ], [ 'too many columns', '2,2,2024-01-01,x,y' ],
	[ 'bad number', '2,1O0,2024-01-01,x' ], [ 'scientific notation', '2,1e5,2024-01-01,x' ], [ 'number out of range', '2,123456789012345678901234567890,2024-01-01,x' ],
	[ 'bad date', '2,2,01/02/2024,x' ], [ 'impossible date', '2,2,2023-02-29,x' ], [ 'stray quote', '2,2,2024-01-01,x "y' ],
	[ 'stray quote behind a quoted field', '2,2,2024-01-01,"x"y' ], [ 'unterminated quote', qq{2,2,2024-01-01,"x\n2b,2,2024-01-01,y} ],
	[ 'line break in quotes', qq{2,2,2024-01-01,"x\r\ny"} ], [ 'missing value', ',2,2024-01-01,x' ], [ 'empty line', '' ],
	[ 'over-long field', '2,2,2024-01-01,' . 'x' x 2000 ], [ 'over-long quoted field', '2,2,2024-01-01,"' . ('x' x 80 . "\n") x 30 . '"' ],
	[ 'invalid bytes', "2,2,2024-01-01,a\xFF\xFE" ], [ 'cut character', "2,2,2024-01-01,\xC3" ], [ 'NUL', "2,2,2024-01-01,a\0b" ]);
my @inputs = map { [ $_->[0], "${header}1,1.50,2024-01-31,first\n$_->[1]\n3,3.50,2024-02-29,last\n", '{"max_field_bytes": 1000}' ] } @lines;
push @inputs,
	[ 'unterminated quote to the end', qq{${header}1,1,,"a\n2,2,,b\n3,3,,c\n} ], [ 'equal records', "${header}1,1,,a\n1,1,,a\n1,2,,a\n" ],
	[ 'CR alone, no line end at the end', "id,amount,date,ref\r1,x,2024-01-01,a\r2,2,,b" ], [ 'byte order mark', "\xEF\xBB\xBF${header}1,x,,a\n2,2,,b\n" ],
	[ 'LATIN1', "id;amount;date;ref\n1;1,5;2024-01-01;caf\xE9\n2;2;;caf\xE9\n", '{"encoding": "LATIN1", "delimiter": ";"}' ],
	[ 'UTF-16', join('', map { "$_\0" } split //, "${header}1,x,,a\n2,2,,b\n"), '{"encoding": "UTF16LE"}' ],
	[ 'over the limit of rejects', "${header}1,x,,\n2,2,,\n3,y,,\n4,4,,\n", '{"max_rejects": 1}' ], [ 'over the percentage', "${header}1,x,,\n2,2,,\n", '{"max_rejects": "49%"}' ];

# Report, rejects and records of a source's newest load, without ids.
my $outcome = q{SELECT concat_ws(' ', status, records_read, records_loaded, records_rejected, records_duplicate, bytes_read,
	(SELECT string_agg(concat_ws(' ', line_no, byte_offset, column_name, error_code, regexp_replace(message, 'record \d+', 'record #'), raw_record), '; ' ORDER BY line_no) FROM recon.ingest_errors e WHERE e.ingestion_id = i.ingestion_id),
	(SELECT string_agg(concat_ws(' ', line_no, external_id, amount, transaction_date, reference), '; ' ORDER BY line_no) FROM recon.records r WHERE r.ingestion_id = i.ingestion_id))
	FROM recon.ingestions i WHERE source_id = %d ORDER BY ingestion_id DESC LIMIT 1};
my $rejected = 0;
for my $input (@inputs)
{
	my ($kind, $content, $options) = (@$input, '{}');
	my ($by_file, $by_copy) = split /\n/, $node->safe_psql('postgres', qq{SELECT recon.create_source(1, d || ' $kind',
		'{"external_id": {"column": "id", "required": true}, "amount": "amount", "transaction_date": "date", "reference": "ref"}', '$options') FROM unnest('{file,copy}'::text[]) d});
	my $path = write_file($node, 'input.csv', $content);
	$node->safe_psql('postgres', "SELECT recon.ingest_file($by_file, '$path')");
	my $expected = $node->safe_psql('postgres', sprintf $outcome, $by_file);
	my ($loaded) = $expected =~ /^\w+ \d+ (\d+)/;
	like($wire->copy("COPY recon.inbox FROM STDIN WITH (FORMAT csv, SOURCE_ID $by_copy)", unpack('(a7)*', $content)), qr/\bCOPY $loaded$/, "$kind: the tag counts what is loaded");
	is($node->safe_psql('postgres', sprintf $outcome, $by_copy), $expected, "$kind: report, rejects and records");
	++$rejected if $expected =~ /^\w+ \d+ \d+ [1-9]/;
}
is($rejected, scalar(grep { $_->[0] !~ /^(nothing bad|line break in quotes|empty line)$/ } @inputs), 'every bad input costs a record');
done_testing();
