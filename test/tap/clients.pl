# Every client loads the same file through its own driver: test/clients has a program for each, which prints a line for
# each check. A client whose driver is not to be had is skipped, and said so.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Copy qw(copy);
use IPC::Run;
use POSIX ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;

# JDBC knows TCP only.
my $node = server('clients', "listen_addresses = '127.0.0.1'");
my $programs = "$FindBin::Bin/../clients";
my %drivers = (
	psycopg2 => sub { return python('psycopg2') },
	psycopg => sub { return python('psycopg') },
	jdbc => sub {
		my ($jar) = grep { -e } map { "$_/postgresql.jar" } $ENV{RECON_JDBC} // '/usr/share/java';
		return 'no PostgreSQL driver for Java: install libpostgresql-jdbc-java' unless $jar;
		return needs([ 'javac', '-version' ], 'default-jdk-headless') // [ 'java', '-cp', $jar, "$programs/JdbcClient.java" ];
	},
	node => sub {
		my $missing = needs([ 'npm', '--version' ], 'nodejs and npm');
		return $missing if $missing;
		my $directory = $node->basedir . '/node';
		mkdir $directory;
		copy("$programs/node/$_", "$directory/$_") or die "$_: $!" for qw(package.json package-lock.json client.js);
		my ($said, $rc) = run([ 'npm', 'ci', '--prefix', $directory, '--cache', "$directory/cache", '--no-audit', '--no-fund', '--no-update-notifier', '--ignore-scripts', '--fetch-retries', '1' ]);
		return $rc == 0 ? [ 'node', "$directory/client.js" ] : "npm cannot install pg and pg-copy-streams: $said";
	});

# What a command says, and its exit status.
sub run
{
	my $command = shift;
	my $said = '';
	my $rc = eval { IPC::Run::run($command, '<', \undef, '>&', \$said); $? >> 8 } // 127;
	return ($said, $rc);
}

# What is missing, where the command does not run.
sub needs
{
	my ($command, $package) = @_;
	my ($said, $rc) = run($command);
	return $rc == 0 ? undef : "$command->[-1] does not run: install $package";
}

# Another Python may come first in the path; Debian's packages are for that of Debian.
sub python
{
	my $module = shift;
	my ($found) = grep { !needs([ $_, '-c', "import $module" ], '') } qw(python3 /usr/bin/python3);
	return $found ? [ $found, "$programs/${module}_client.py" ] : "no Python knows $module: install python3-$module";
}

my $records = 3000;
my $content = "external_id,amount,reference\r\n" . join '', map {
	$_ % 30 == 7 ? "$_,no number,\n" : sprintf "%d,%.2f,\"Gesch\xC3\xA4ft %d,\n\"\"\xE6\x97\xA5\xE6\x9C\xAC\"\" \xF0\x9F\x8F\xA6\"\n", $_, $_ / 4, $_ } 1 .. $records;
my $loaded = grep { $_ % 30 != 7 } 1 .. $records;
my $file = write_file($node, 'clients.csv', $content);
my $state = q{SELECT count(*), md5(string_agg((line_no, external_id, amount, reference)::text, ',' ORDER BY line_no)) FROM recon.records WHERE source_id = };
$node->safe_psql('postgres', qq{
	SELECT recon.create_project('clients');
	SELECT recon.create_source(1, 'file'), recon.create_source(1, 'mapped', '{"amount": "Betrag"}');
	SELECT recon.ingest_file(1, '$file');
});
my $expected = $node->safe_psql('postgres', $state . 1);
like($expected, qr/^$loaded\|/, 'what ingest_file loads');

@ENV{qw(PGHOST PGPORT PGDATABASE PGUSER)} = ('127.0.0.1', $node->port, 'postgres', scalar getpwuid($<));
@ENV{qw(RECON_FILE RECON_TAG RECON_BROKEN)} = ($file, "COPY $loaded", 'clients/mapped');
$ENV{PYTHONDONTWRITEBYTECODE} = 1;
for my $client (sort keys %drivers)
{
	my $program = $drivers{$client}->();
  SKIP:
	{
		skip "$client: $program", 1 unless ref $program;
		my $source = $node->safe_psql('postgres', "SELECT recon.create_source(1, '$client')");
		local $ENV{RECON_SOURCE} = "clients/$client";
		my ($said, $rc) = run($program);
		my @checks = $said =~ /^((?:not )?ok - .*)$/mg;
		cmp_ok(scalar @checks, '>=', 7, "$client: all checks are made") or diag $said;
		is($rc, 0, "$client: its program ends well") or diag $said;
		ok($_ =~ /^ok/, "$client: " . s/^.*?ok - //r) or diag $said for @checks;
		is($node->safe_psql('postgres', $state . $source), $expected, "$client: the records");
		is($node->safe_psql('postgres', "SELECT status, records_read, records_loaded, records_rejected FROM recon.ingestions WHERE source_id = $source ORDER BY ingestion_id LIMIT 1"), "completed|$records|$loaded|" . ($records - $loaded), "$client: the report");
		is($node->safe_psql('postgres', "SELECT count(*) FROM recon.ingestions WHERE source_id = $source AND status = 'completed'"), '1', "$client: nothing of the loads that ended early");
	}
}

# psql is there in any case. Ctrl-C in a \copy ends it as any client's.
my ($out, $err) = ('', '');
my $source = $node->safe_psql('postgres', q{SELECT recon.create_source(1, 'psql')});
my $pipe = $node->basedir . '/pipe';
POSIX::mkfifo($pipe, 0600) or die "$pipe: $!";
my $psql = IPC::Run::start([ 'psql', '-X', '-c', "\\copy recon.inbox from '$pipe' with (format csv, source 'clients/psql')", '-c', 'SELECT 42 AS next' ], '<', \undef, '>', \$out, '2>', \$err);
open(my $stalled, '>', $pipe) or die "$pipe: $!";
syswrite($stalled, $content);
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE query LIKE 'COPY%clients/psql%' AND wait_event = 'ClientRead'}) or die 'psql does not copy';
$psql->signal('INT');
$psql->finish;
like($err, qr/ERROR:  COPY from stdin failed: canceled by user/, 'psql: interrupted');
is($node->safe_psql('postgres', "SELECT count(*) FROM recon.ingestions WHERE source_id = $source"), '0', 'psql: nothing is left');
($out, my $rc) = run([ 'psql', '-X', '-c', "\\copy recon.inbox from '$file' with (format csv, source 'clients/psql')", '-c', "\\copy recon.inbox from '$file' with (format csv, source 'clients/psql')" ]);
like($out, qr/^COPY $loaded$/m, 'psql: the tag');
like($out, qr/^COPY 0$/m, 'psql: the same again');
is($node->safe_psql('postgres', $state . $source), $expected, 'psql: the records');
done_testing();
