# Files that need an operating system around them: FIFOs, links, files without permission, limits of directories.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX ();
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;

my $node = server('files');
project($node);
my $base = $node->basedir;
mkdir "$base/$_" for qw(allowed outside allowed/deeper);
my $good = "external_id,amount,reference\n1,1,\n";
write_file($node, $_, $good) for qw(allowed/good.csv allowed/deeper/good.csv outside/good.csv outside/secret.csv), 'allowed/a "name", with spaces.csv';

sub load { return sqlstate($node, "SELECT recon.ingest_file(1, \$\$$_[0]\$\$)", timeout => 20) }
sub message { my ($rc, $out, $err) = $node->psql('postgres', "SELECT recon.ingest_file(1, \$\$$_[0]\$\$)"); return $err }

# A FIFO is refused at once, whether somebody writes to it or not.
POSIX::mkfifo("$base/fifo", 0600) or die "mkfifo: $!";
is(load("$base/fifo"), '42809', 'a FIFO without a writer');
my $writer = IPC::Run::start([ 'sh', '-c', "exec sleep 20 > '$base/fifo'" ]);
is(load("$base/fifo"), '42809', 'a FIFO with a writer');
like(message("$base/fifo"), qr/is not a regular file/, 'it says so');
$writer->kill_kill;

is(load("$base/allowed/a \"name\", with spaces.csv"), '00000', 'a name with spaces and quotes');
SKIP:
{
	skip 'root reads everything', 2 if $> == 0;
	chmod 0000, "$base/outside/secret.csv";
	is(load("$base/outside/secret.csv"), '42501', 'a file that the server may not read');
	like(message("$base/outside/secret.csv"), qr/could not open file ".*secret.csv" for reading: Permission denied/, 'it says so');
}

# Links: the last step is never followed, earlier ones count as where they lead.
symlink("$base/outside/good.csv", "$base/allowed/link.csv") or die;
symlink("$base/outside", "$base/allowed/out") or die;
symlink("$base/allowed", "$base/alias") or die;
is(load("$base/allowed/link.csv"), '42809', 'a symbolic link');
is(load("$base/allowed/out/good.csv"), '00000', 'below a linked directory, without a limit');
is(load("$base/allowed/../outside/good.csv"), '42602', 'a path with ..');

$node->safe_psql('postgres', "ALTER SYSTEM SET recon.ingest_directories = '$base/allowed, /nowhere'; SELECT pg_reload_conf()");
$node->poll_query_until('postgres', "SELECT current_setting('recon.ingest_directories') LIKE '%allowed%'");
is(load("$base/allowed/good.csv"), '00000', 'in the directory');
is(load("$base/allowed/deeper/good.csv"), '00000', 'below it');
is(load("$base/alias/good.csv"), '00000', 'in it, by another name');
is(load("$base/outside/good.csv"), '42501', 'outside it');
is(load("$base/allowed/out/good.csv"), '42501', 'outside it by a link within');
is(load("$base/allowed/missing.csv"), '58P01', 'missing');
is(load("$base/outside/missing.csv"), '58P01', 'missing outside');
$node->safe_psql('postgres', "ALTER SYSTEM SET recon.ingest_directories = '$base/alias'; SELECT pg_reload_conf()");
$node->poll_query_until('postgres', "SELECT current_setting('recon.ingest_directories') LIKE '%alias'");
is(load("$base/allowed/good.csv"), '00000', 'the directory itself may be named by a link');

# What the kernel makes up is no file.
$node->safe_psql('postgres', "ALTER SYSTEM RESET recon.ingest_directories; SELECT pg_reload_conf()");
$node->poll_query_until('postgres', "SELECT current_setting('recon.ingest_directories') = ''");
is(load($_), '42809', $_) for qw(/proc/self/environ /proc/self/mem);

# A file that is written to while it is loaded: the load, which waits for the source's lock on its way, ends in an error.
sub changed
{
	my ($what, $change) = @_;
	my $path = write_file($node, 'changing.csv', "external_id,amount,reference\n" . join('', map { "$what$_,1,$_\n" } 1 .. 150_000));
	my $blocker = $node->background_psql('postgres');
	$blocker->query_safe('BEGIN; UPDATE recon.data_sources SET loads = loads WHERE source_id = 2');
	my ($handle, $out, $err) = session($node, "SELECT records_loaded FROM recon.ingest_file(2, '$path')");
	$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'session' AND wait_event_type = 'Lock'}) or die 'the load does not wait';
	$change->($path);
	$blocker->query_safe('COMMIT');
	$blocker->quit;
	$handle->finish;
	return $$err =~ /ERROR:  (\w{5}): file ".*" was written to while it was loaded/ ? $1 : "$$out$$err";
}
is(changed('same', sub { }), "150000\n", 'a file that stays as it is');
is(changed('grown', sub { open(my $file, '>>', $_[0]) or die; print $file "half a li"; close($file) }), '55000', 'a file that grows');
is(changed('cut', sub { truncate($_[0], 1_000_000) or die }), '55000', 'a file that shrinks');
is($node->safe_psql('postgres', 'SELECT count(*) FROM recon.records WHERE source_id = 2'), '150000', 'nothing of them is loaded');

# A packed file unpacks to a gigabyte: it is read bit by bit, and a cancel arrives.
{
	my $bomb = "$base/bomb.gz";
	my $line = 'external_id,amount,reference' . "\n";
	system("(printf 'external_id,amount,reference\n'; head -c 1G /dev/zero) | gzip -1 > '$bomb'") == 0 or die;
	my ($handle, $out, $err) = session($node, "SET statement_timeout = '100ms'; SELECT recon.ingest_file(1, '$bomb');");
	$handle->finish;
	like($$err, qr/57014/, 'a bomb: cancelled');
	unlink($bomb);
	system("(printf 'external_id,amount,reference\n'; head -c 300M /dev/zero; printf '\n1,1,after\n') | gzip -1 > '$bomb'") == 0 or die;
	($handle, $out, $err) = session($node, "SELECT records_loaded, records_rejected, bytes_read = " . (-s $bomb) . " FROM recon.ingest_file(1, '$bomb'); SELECT substring(pg_read_file('/proc/self/status') from 'RssAnon:\\s+(\\d+)')::int < 16 * 1024");
	$handle->finish;
	is($$out, "0|2|t\nt\n", 'one line of 300 MB costs one record and no memory') or diag($$err);
	unlink($bomb);
}

# In a database of another encoding, text of any file becomes that of the database, or is a reject.
$node->safe_psql('postgres', q{CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'});
$node->safe_psql('latin', q{CREATE EXTENSION recon; SELECT recon.create_project('p'); SELECT recon.create_source(1, 'a', '{"external_id": "id", "reference": "text"}')});
my $wide = write_file($node, 'wide.csv', "\xFF\xFE" . join('', map { pack('v', $_) } unpack('U*', "id,text\n1,caf\x{e9}\n2,\x{4e00}\n3,x\n")));
my $utf8 = write_file($node, 'utf8.csv', "id,text\n4,caf\xc3\xa9\n5,\xe4\xb8\x80\n6,\xe9\n");
is($node->safe_psql('latin', qq{
	SELECT records_loaded, records_rejected FROM recon.ingest_file(1, '$wide');
	SELECT records_loaded, records_rejected FROM recon.ingest_file(1, '$utf8');
	SELECT string_agg(external_id || encode(convert_to(reference, 'LATIN1'), 'escape'), ' ' ORDER BY external_id) FROM recon.records;
	SELECT string_agg(line_no || ' ' || error_code, ', ' ORDER BY ingestion_id, line_no) FROM recon.ingest_errors}),
	"2|1\n1|2\n1caf\\351 3x 4caf\\351\n3 22021, 3 22021, 4 22021", 'a LATIN1 database');

# Matching sees its texts as Unicode there, too, and shows them as they are.
my $bank = write_file($node, 'bank.csv', "external_id,amount,counterparty\n1,10,M\xc3\xbcller\n2,20,Stra\xc3\x9fe\n3,30,\xc3\x9cber x\n");
my $book = write_file($node, 'book.csv', "external_id,amount,counterparty\n1,10,m\xc3\x9cLLER\n2,20,strasse\n3,30,X\n");
is($node->safe_psql('latin', qq{
	SET client_encoding = 'UTF8';
	SELECT count(*) FROM recon.ingest_file(recon.create_source(1, 'bank'), '$bank');
	SELECT count(*) FROM recon.ingest_file(recon.create_source(1, 'book'), '$book');
	SELECT count(recon.create_rule(1, 'names', '{"match": [{"field": "amount", "op": "equal"},
		{"field": "counterparty", "op": "equal", "normalize": ["upper", "strip_prefixes", "trim", "unaccent"], "prefixes": ["\xc3\x9cBER"]}]}'));
	SELECT matches FROM recon.run_job(recon.create_job(1, 'j', 2, 3));
	SELECT e.value_a, e.value_b FROM recon.matches m, recon.explain_match(m.match_id) e WHERE e.field = 'counterparty' ORDER BY 1}),
	"1\n1\n1\n3\nM\xc3\xbcller|m\xc3\x9cLLER\nStra\xc3\x9fe|strasse\n\xc3\x9cber x|X", 'matching in a LATIN1 database');

# The file is closed whatever came of it.
is($node->safe_psql('postgres', qq{
	DO \$\$
	BEGIN
		FOR i IN 1 .. 2000 LOOP
			BEGIN
				PERFORM recon.ingest_file(1, CASE i % 2 WHEN 0 THEN '$base/fifo' ELSE '$base/allowed' END);
			EXCEPTION WHEN wrong_object_type THEN NULL;
			END;
		END LOOP;
	END
	\$\$;
	SELECT status FROM recon.ingest_file(1, '$base/allowed/good.csv');
	SELECT count(*) < 100 FROM pg_ls_dir('/proc/self/fd');
}), "duplicate\nt", 'no file stays open');
done_testing();
