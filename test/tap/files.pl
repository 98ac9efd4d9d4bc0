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

# The file is closed whatever came of it.
$node->safe_psql('postgres', "ALTER SYSTEM RESET recon.ingest_directories; SELECT pg_reload_conf()");
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
