# COPY recon.inbox as psql sends it: the line "\.", encodings, transactions, functions, names, and what else is called inbox.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;

# A library that is named behind recon sees its statements.
my $node = server('copy', "shared_preload_libraries = 'recon, pg_stat_statements'");
project($node);
$node->safe_psql('postgres', q{SELECT recon.create_source(1, 'c', '{"reference": 1}', '{"header": false}'), recon.create_source(1, 'latin', NULL, '{"encoding": "LATIN1"}'), recon.create_source(1, 'd'), recon.create_source(1, 'e')});

# Runs a script and gives what it says, errors included, as one text.
sub psql
{
	my ($script, %params) = @_;
	my ($rc, $out, $err) = $node->psql('postgres', $script, on_error_stop => 0, %params);
	return join("\n", grep { $_ ne '' } $out, $err =~ s/^psql:<stdin>:\d+: //mgr);
}

sub references { my $source = shift; return $node->safe_psql('postgres', "SELECT string_agg(reference, '|' ORDER BY ingestion_id, line_no) FROM recon.records WHERE source_id = $source") }
sub newest { my ($source, $what) = @_; return $node->safe_psql('postgres', "SELECT $what FROM recon.ingestions WHERE source_id = $source ORDER BY ingestion_id DESC LIMIT 1") }

# Data in the script: the line that ends it is no data.
psql("COPY recon.inbox FROM STDIN WITH (FORMAT csv, SOURCE_ID 3);\none\ntwo\n\\.\nSELECT 1;\n");
is(references(3), 'one|two', 'data in a script');
is(newest(3, 'records_read, records_loaded, bytes_read'), '2|2|8', 'the end marker is no part of it');

# A file, by \copy and by -c.
my $file = write_file($node, 'file.csv', "three\n\"fo\nur\"\nZ\xC3\xBCrich\n");
is(psql("\\copy recon.inbox from '$file' with (format csv, source 'p/c')"), '', '\copy');
is(references(3), "one|two|three|fo\nur|Z\xC3\xBCrich", '\copy: records');
my ($out, $err);
IPC::Run::run([ 'psql', '-X', '-d', $node->connstr('postgres'), '-c', 'COPY recon.inbox FROM STDIN (FORMAT csv, SOURCE_ID 3, FORCE)' ], '<', $file, '>', \$out, '2>', \$err);
is($out . $err, "COPY 0\n", 'psql -c reads a file; records that are known already');
IPC::Run::run([ 'psql', '-X', '-d', $node->connstr('postgres'), '-c', "\\copy recon.inbox from '$file' csv header" ], '<', \undef, '>', \$out, '2>', \$err);
like($err, qr/^ERROR:  COPY recon.inbox needs the source to load into\nHINT:  .*SOURCE_ID 7.*SOURCE 'project\/source'/, 'the old syntax cannot name a source');

# Encodings: of the client, unless the source or the statement says another one.
my $latin = write_file($node, 'latin.csv', "reference\nZ\xFCrich\n");
my $utf8 = write_file($node, 'utf8.csv', "reference\nGen\xC3\xA8ve\n");
psql("SET client_encoding = 'LATIN1';\n\\copy recon.inbox from '$latin' with (format csv, source 'p/d')");
is(references(5), "Z\xC3\xBCrich", 'client_encoding');
is(newest(5, q{options ->> 'encoding'}), 'LATIN1', 'client_encoding: kept with the load');
psql("\\copy recon.inbox from '$latin' with (format csv, source 'p/latin')");
is(references(4), "Z\xC3\xBCrich", 'the encoding of the source is before that of the client');
psql("\\copy recon.inbox from '$utf8' with (format csv, source 'p/latin', encoding 'UTF8')");
is(references(4), "Z\xC3\xBCrich|Gen\xC3\xA8ve", 'the encoding of the statement is before both');
psql("SET client_encoding = 'SQL_ASCII';\n\\copy recon.inbox from '$utf8' with (format csv, source 'p/d')");
is(references(5), "Z\xC3\xBCrich|Gen\xC3\xA8ve", 'a client without an encoding sends that of the server');
like(psql("\\copy recon.inbox from '$utf8' with (format csv, source 'p/d', encoding 'klingon')"), qr/^ERROR:  unrecognized encoding "klingon"/, 'no encoding');

# In Shift JIS the second byte of a character may be that of a delimiter: refused or right, never split in the middle.
my $sjis = write_file($node, 'sjis.csv', "external_id|reference\nj1|\x83\x7C\n");
my $said = psql("SET client_encoding = 'SJIS';\n\\copy recon.inbox from '$sjis' with (format csv, source 'p/d', delimiter '|')");
my $sent = $node->safe_psql('postgres', q{SELECT reference FROM recon.records WHERE external_id = 'j1'});
ok($said eq '' && $sent eq "\xE3\x83\x9D" || $said =~ /^ERROR:.*SJIS/ && $sent eq '', 'Shift JIS') or diag "$said, $sent";

# Transactions, functions, other statements.
is(psql("BEGIN; SAVEPOINT s;\n\\copy recon.inbox from '$file' with (format csv, source_id 6, header false)\nROLLBACK TO s;\n\\copy recon.inbox from '$utf8' with (format csv, source_id 6)\nCOMMIT;"),
	"ERROR:  a file without a header needs a mapping\nHINT:  Name columns by number, such as {\"amount\": {\"column\": 3}}.\nCONTEXT:  COPY inbox, source \"e\"", 'an error, undone to a savepoint');
is(references(6), "Gen\xC3\xA8ve", 'and the load after it');
is(sqlstate($node, "BEGIN READ ONLY;\n\\copy recon.inbox from '$utf8' with (format csv, source_id 6)"), '25006', 'a read-only transaction');
is(sqlstate($node, q{DO $$BEGIN COPY recon.inbox FROM STDIN (FORMAT csv); END$$}), '0A000', 'in PL/pgSQL');
like(psql(q{CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'COPY recon.inbox FROM STDIN (FORMAT csv, SOURCE_ID 1)'; SELECT f()}), qr/cannot COPY to\/from client in an SQL function/, 'in an SQL function');
like(psql(q{DO $$BEGIN COPY recon.inbox FROM '/etc/passwd' (SOURCE_ID 1); END$$}), qr/^ERROR:  COPY recon.inbox reads from STDIN only\nHINT:  .*recon.ingest_file/, 'a file of the server');
like($node->safe_psql('postgres', qq{COPY recon.inbox FROM STDIN (SOURCE_ID 6, FORCE);\nreference\nBern\n\\.\nCOPY recon.inbox FROM STDIN (SOURCE_ID 6, FORCE);\nreference\nChur\n\\.\nSELECT string_agg(reference, '|' ORDER BY 1) FROM recon.records WHERE source_id = 6}), qr/Bern\|Chur/, 'twice in a session');

# Only recon's inbox is taken over, however it is named.
is(psql("SET search_path = recon, public;\nCOPY inbox FROM STDIN (SOURCE_ID 6);\nreference\nGlarus\n\\.\nSELECT count(*) FROM records WHERE reference = 'Glarus'"), '1', 'found by search_path');
my $other = q{CREATE SCHEMA other; CREATE TABLE other.inbox (a int, b text); };
is(psql("${other}SET search_path = other, recon;\nCOPY inbox FROM STDIN (FORMAT csv);\n1,x\n\\.\nCOPY other.inbox (a) FROM STDIN;\n2\n\\.\nCOPY inbox (b, a) TO STDOUT WITH (FORMAT csv, NULL '-')"), "x,1\n-,2", 'a table of that name');
is(psql("CREATE TEMP TABLE inbox (a int);\nSET search_path = recon;\nCOPY inbox FROM STDIN;\n7\n\\.\nSELECT * FROM inbox"), '7', 'a temporary table before it');
is(psql("CREATE TABLE t (a int);\nCOPY t FROM STDIN;\n7\n\\.\nCOPY t TO STDOUT;\nCOPY (SELECT 8) TO STDOUT"), "7\n8", 'any other table and a query');

$node->safe_psql('postgres', 'CREATE EXTENSION pg_stat_statements');
$node->safe_psql('postgres', "COPY recon.inbox FROM STDIN (FORMAT csv, SOURCE_ID 6, FORCE);\nreference\nUri\nZug\n\\.\n");
is($node->safe_psql('postgres', q{SELECT calls, rows FROM pg_stat_statements WHERE query LIKE 'COPY recon.inbox FROM STDIN (FORMAT csv, SOURCE_ID 6, FORCE)%'}), '1|2', 'a statement and its rows in pg_stat_statements');

# Without the extension nothing is left of it; the library is still loaded.
is(psql("DROP EXTENSION recon;\nCREATE TABLE public.inbox (a int);\nCOPY inbox FROM STDIN;\n1\n\\.\nSELECT * FROM inbox;\n\\copy recon.inbox from '$utf8' csv"), "1\nERROR:  relation \"recon.inbox\" does not exist", 'DROP EXTENSION');
is(psql("CREATE TABLE recon.inbox (a int);\nCOPY recon.inbox FROM STDIN;\n1\n\\.\nSELECT * FROM recon.inbox"), '1', 'a schema of that name that is not the extension');
done_testing();
