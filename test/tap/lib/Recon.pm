# What the TAP tests share: a server with recon in it, files, sessions in the background.
package Recon;
use strict;
use warnings;
use Exporter 'import';
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(server write_file big_file upload project rows nothing_left session sqlstate);

# A running server with the extension; the lines are added to its configuration.
sub server
{
	my ($name, @conf) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init;
	$node->append_conf('postgresql.conf', "$_\n") for @conf;
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION recon');
	return $node;
}

sub write_file
{
	my ($node, $name, $content) = @_;
	my $path = $node->basedir . "/$name";
	open(my $file, '>', $path) or die "$path: $!";
	print $file $content;
	close($file) or die "$path: $!";
	return $path;
}

# A file of about that many megabytes, with lines of 1 kB of which every hundredth is rejected.
sub big_file
{
	my ($node, $name, $megabytes) = @_;
	my $path = $node->basedir . "/$name";
	open(my $file, '>', $path) or die "$path: $!";
	print $file "external_id,amount,reference,padding\n";
	my $padding = 'p' x 950;
	for my $i (1 .. $megabytes * 1024)
	{
		printf $file "%d,%s,ref %d,%s\n", $i, $i % 100 ? $i / 4 : 'x', $i, $padding;
	}
	close($file) or die "$path: $!";
	return $path;
}

# Sends a file of the server as chunks of that many bytes, each in a transaction of its own.
sub upload
{
	my ($node, $id, $path, $size) = @_;
	my $chunks = int((-s $path) / $size) + 1;
	$node->safe_psql('postgres', join('', map { "SELECT recon.upload_chunk($id, $_, pg_read_binary_file('$path', ($_ - 1)::bigint * $size, $size));" } 1 .. $chunks));
	return;
}

# A project with the sources a and b (ids 1 and 2), which do not load the padding.
sub project
{
	my ($node) = @_;
	$node->safe_psql('postgres', q{
		SELECT recon.create_project('p');
		SELECT recon.create_source(1, s, '{"external_id": "external_id", "amount": "amount", "reference": "reference"}') FROM unnest('{a,b}'::text[]) s;
	});
	return;
}

# Rows of each table of recon, and a checksum of them: one line a table.
sub rows
{
	my ($node, $database) = @_;
	my $queries = $node->safe_psql($database, q{
		SELECT string_agg(format('SELECT %L, count(*), md5(string_agg(t::text, %L ORDER BY t::text)) FROM recon.%I t', relname, ';', relname), ' UNION ALL ' ORDER BY relname)
		FROM pg_class WHERE relnamespace = 'recon'::regnamespace AND relkind = 'r'});
	return $node->safe_psql($database, "SELECT * FROM ($queries) q ORDER BY 1");
}

# No trace of a load or a run.
sub nothing_left
{
	my ($node, $when) = @_;
	is($node->safe_psql('postgres', q{SELECT (SELECT count(*) FROM recon.records), (SELECT count(*) FROM recon.open_records), (SELECT count(*) FROM recon.ingestions),
		(SELECT count(*) FROM recon.ingest_errors), (SELECT count(*) FROM recon.files), (SELECT count(*) FROM recon.matches)}),
		'0|0|0|0|0|0', "nothing is left of it after $when");
	return;
}

# psql in the background, running one string of SQL; returns its handle, and where its output goes.
sub session
{
	my ($node, $sql) = @_;
	my ($out, $err) = ('', '');
	my $handle = IPC::Run::start(
		[ 'psql', '-XAtq', '-v', 'VERBOSITY=verbose', '-d', $node->connstr('postgres') . ' application_name=session', '-f', write_file($node, 'session.sql', $sql) ],
		'<', \undef, '>', \$out, '2>', \$err);
	return ($handle, \$out, \$err);
}

# The SQLSTATE with which a statement fails, or 00000.
sub sqlstate
{
	my ($node, $sql, %params) = @_;
	my ($rc, $out, $err) = $node->psql('postgres', "\\set VERBOSITY sqlstate\n$sql", %params);
	return $err =~ /ERROR:  (\w{5})/ ? $1 : '00000';
}

1;
