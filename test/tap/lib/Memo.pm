# The oracle of the memo's tests: what a memoized read says, and what the tables say, in one snapshot.
package Memo;
use strict;
use warnings;
use Exporter 'import';
use IPC::Run;
use Recon;
use Time::HiRes qw(time usleep);
our @EXPORT = qw(equal_sql random_server run_for mismatches);

my %pair = (
	stats => q{SELECT (SELECT total_jobs || ',' || coalesce(last_activity::text, '') FROM recon.get_project_stats(%1$s)),
		(SELECT (SELECT count(*) FROM recon.jobs WHERE project_id = %1$s) || ',' || coalesce((SELECT max(at)::text FROM recon.audit_log WHERE project_id = %1$s), ''))},
	jobs => q{SELECT (SELECT string_agg(j::text, ';' ORDER BY job_id) FROM recon.get_reconciliation_jobs(%1$s) j), (SELECT string_agg(j::text, ';' ORDER BY job_id) FROM recon.jobs j WHERE project_id = %1$s)},
	sources => q{SELECT (SELECT string_agg(s::text, ';' ORDER BY source_id) FROM recon.get_project_data_sources(%1$s) s), (SELECT string_agg(s::text, ';' ORDER BY source_id) FROM recon.data_sources s WHERE project_id = %1$s)},
	project => q{SELECT (SELECT p::text FROM recon.get_project(%1$s) p), (SELECT p::text FROM recon.projects p WHERE project_id = %1$s)},
	projects => q{SELECT (SELECT string_agg(p::text, ';' ORDER BY project_id) FROM recon.get_projects() p), (SELECT string_agg(p::text, ';' ORDER BY project_id) FROM recon.projects p)},
	users => q{SELECT (SELECT string_agg(u::text, ';' ORDER BY user_id) FROM recon.get_users() u), (SELECT string_agg(u::text, ';' ORDER BY user_id) FROM recon.users u)},
);

# A query that gives 'true' where all six agree, for a project; for a superuser, who sees all rows.
sub equal_sql
{
	my ($project) = @_;
	return 'SELECT bool_and(memo IS NOT DISTINCT FROM live)::text FROM (' . join(' UNION ALL ', map { 'SELECT * FROM (' . ($pair{$_} =~ s/%1\$s/$project/gr) . ') q(memo, live)' } sort keys %pair) . ') q';
}

# A server where sessions read, write and compare at random: run_for seconds, mismatches counts.
sub random_server
{
	my ($name, @conf) = @_;
	my $node = server($name, 'autovacuum = off', 'max_prepared_transactions = 50', 'max_connections = 60', 'recon.cleanup_interval = 0', 'log_statement = none', 'log_min_messages = fatal', 'log_min_error_statement = panic', @conf);
	$node->safe_psql('postgres', q{
		SELECT recon.create_project('p' || i) FROM generate_series(1, 4) i;
		SELECT recon.create_source(p, s) FROM (SELECT p, s FROM generate_series(1, 4) p, unnest('{a,b}'::text[]) s ORDER BY 1, 2) q;
		CREATE TABLE mismatches (project int, at timestamptz DEFAULT clock_timestamp())});
	return $node;
}

sub mismatches { my ($node) = @_; return $node->safe_psql('postgres', 'SELECT count(*) FROM mismatches') }

# Each session runs such a script again and again.
my $pick = "\\set p random(1, 4)\n\\set a :p * 2 - 1\n\\set b :p * 2\n";
sub check_of { my $sql = equal_sql(':p') =~ s/\n\s*/ /gr; return "$sql \\gset\n\\if :bool_and\n\\else\nINSERT INTO mismatches VALUES (:p);\n\\endif\n" }
my %script = (
	reader => $pick . check_of() x 2,
	snapshot => $pick . "BEGIN ISOLATION LEVEL REPEATABLE READ;\n" . check_of() . "\\sleep 3 ms\n" . check_of() . "\\sleep 3 ms\n" . check_of() . "COMMIT;\n",
	writer => $pick . "SELECT recon.create_job(:p, 'w', :a, :b);\n",
	changer => $pick . "BEGIN;\nUPDATE recon.jobs SET name = 'x' || random() WHERE project_id = :p AND job_id = (SELECT max(job_id) FROM recon.jobs WHERE project_id = :p);\n" . check_of() . "\\sleep 1 ms\nCOMMIT;\n",
	savepoint => $pick . "BEGIN;\nSAVEPOINT s;\nSELECT recon.create_job(:p, 's', :a, :b);\nROLLBACK TO s;\n" . check_of() . "SELECT recon.alter_source(:b, '{\"options\": {}}');\nEND;\n",
	deleter => $pick . "DELETE FROM recon.jobs WHERE project_id = :p AND job_id IN (SELECT job_id FROM recon.jobs WHERE project_id = :p AND status = 'pending' ORDER BY job_id LIMIT 20);\n",
	preparer => $pick . "\\set n random(1, 1000000000)\nBEGIN;\nSELECT recon.create_job(:p, 'p', :a, :b);\nPREPARE TRANSACTION 'x:n';\n\\sleep 5 ms\n",
);
# Ends what others have prepared.
sub end_prepared
{
	my ($node, $min) = @_;
	$node->psql('postgres', qq{SELECT CASE WHEN random() < 0.7 THEN 'COMMIT' ELSE 'ROLLBACK' END || format(' PREPARED %L', gid) FROM pg_prepared_xacts ORDER BY prepared DESC OFFSET $min \\gexec});
	return;
}

sub run_for
{
	my ($node, $time) = @_;
	my %file = map { $_ => write_file($node, "$_.sql", $script{$_}) } keys %script;
	my @running = map {
		my ($out, $err) = ('', '');
		IPC::Run::start([ 'pgbench', '-n', '--max-tries=100', '-T', $time, '-c', $_->[1], '-f', $file{ $_->[0] }, $node->connstr('postgres') ], '<', \undef, '>', \$out, '2>', \$err)
	} ([ reader => 3 ], [ snapshot => 2 ], [ writer => 1 ], [ changer => 1 ], [ savepoint => 1 ], [ deleter => 1 ], [ preparer => 1 ]);
	my $end = time + $time;
	while (time < $end) { end_prepared($node, 2); usleep(20_000) }
	$_->finish for @running;
	end_prepared($node, 0);
	return;
}

1;
