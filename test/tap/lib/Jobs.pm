# What the tests of background jobs share: databases with jobs, jobs that stand still while they run, the log.
package Jobs;
use strict;
use warnings;
use Exporter 'import';
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;

our @EXPORT = qw(add_jobs start_all wait_final statuses hold running configure recon_backends log_size log_lines);

# A project with that many jobs over the sources a and b, of which each has a few records; makes the extension where it is not there.
sub add_jobs
{
	my ($node, $database, $jobs) = @_;
	my $file = write_file($node, 'few.csv', "external_id,amount\n" . join('', map { "$_,$_\n" } 1 .. 20));
	return $node->safe_psql($database, qq{
		SET client_min_messages = warning; CREATE EXTENSION IF NOT EXISTS recon; RESET client_min_messages;
		SELECT recon.create_project('p') AS p \\gset
		SELECT recon.create_source(:p, 'a') AS a, recon.create_source(:p, 'b') AS b \\gset
		DO \$\$BEGIN PERFORM recon.ingest_file(source_id, '$file') FROM recon.data_sources; END\$\$;
		DO \$\$BEGIN PERFORM recon.create_rule(max(project_id), 'r', '{"match": [{"field": "external_id", "op": "equal"}]}') FROM recon.projects; END\$\$;
		SELECT string_agg(recon.create_job(:p, 'j' || i, :a, :b)::text, ' ') FROM generate_series(1, $jobs) i;
	});
}

sub start_all
{
	my ($node, $database, $role) = @_;
	$role //= 'CURRENT_USER';
	return $node->safe_psql($database, 'SET ROLE ' . ($role eq 'CURRENT_USER' ? 'NONE' : $role) . '; SELECT recon.start_job(job_id) FROM (SELECT job_id FROM recon.jobs ORDER BY 1) j');
}

sub wait_final
{
	my ($node, $database) = @_;
	$node->poll_query_until($database, q{SELECT NOT EXISTS (SELECT FROM recon.jobs WHERE status IN ('queued', 'running', 'pending'))})
		or die "jobs of $database that never end: " . $node->safe_psql($database, 'SELECT job_id, status, wait_reason FROM recon.job_progress');
	return;
}

# "3 completed, 1 failed"
sub statuses
{
	my ($node, $database) = @_;
	return $node->safe_psql($database, q{SELECT string_agg(n || ' ' || status, ', ' ORDER BY status) FROM (SELECT status, count(*) AS n FROM recon.jobs GROUP BY 1) s});
}

# A session in whose transaction the runs of a database's jobs come to a stand before they store.
sub hold
{
	my ($node, $database) = @_;
	my $holder = $node->background_psql($database);
	$holder->query_safe('BEGIN; SELECT FROM recon.projects FOR NO KEY UPDATE');
	return $holder;
}

# Waits until that many jobs stand so.
sub running
{
	my ($node, $database, $jobs) = @_;
	$node->poll_query_until($database, qq{SELECT count(*) = $jobs FROM recon.job_progress j WHERE phase = 'storing'})
		or die "$jobs jobs do not run in $database: " . $node->safe_psql($database, 'SELECT job_id, status, phase, wait_reason FROM recon.job_progress');
	return;
}

sub configure
{
	my ($node, @lines) = @_;
	$node->append_conf('postgresql.conf', "$_\n") for @lines;
	$node->reload;
	return;
}

# How many background workers there are of a kind: launcher, job, cleanup.
sub recon_backends
{
	my ($node, $kind) = @_;
	return $node->safe_psql('postgres', "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'recon $kind'");
}

sub log_size
{
	my ($node) = @_;
	return -s $node->logfile;
}

# The lines of the log behind a place of it that are not of a client, nor of the server's daily work; nor those that match `but`.
sub log_lines
{
	my ($node, $from, $but) = @_;
	my @lines = grep { /^\S+ \S+ \S+ \[\d+\] [A-Z]+:/ && !/received SIGHUP|parameter ".*" changed|checkpoint (starting|complete)/ } split /\n/, slurp_file($node->logfile, $from);
	@lines = grep { !/$but/ } @lines if defined $but;
	return @lines;
}

1;
