# The figures of a project are what its tables say in every snapshot: prepared transactions, many sessions at once, a standby.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;

my $node = server('stats', 'max_prepared_transactions = 20', 'wal_level = replica', 'max_wal_senders = 5', 'autovacuum_naptime = 1s', 'deadlock_timeout = 10ms');
project($node);
$node->safe_psql('postgres', slurp_file("$FindBin::Bin/../../sql/include/stats.sql"));
$node->safe_psql('postgres', q{SELECT recon.create_rule(1, 'r', '{"match": [{"field": "external_id", "op": "equal"}, {"field": "amount", "op": "within", "abs": 4}], "ambiguous": "take"}'), recon.create_job(1, 'j', 1, 2)});
my $shown = q{SELECT total_jobs, total_records, total_matches, total_files, difference(s, counted(1)) FROM recon.get_project_stats(1) s};
is($node->safe_psql('postgres', $shown), '1|0|0|0|{}', 'at the start');

# Prepared, then ended by another session; over a restart.
my $a = write_file($node, 'a.csv', "external_id,amount,reference\na,1,\nb,2,\n");
my $b = write_file($node, 'b.csv', "external_id,amount,reference\na,1,\nb,3,\n");
my $other = write_file($node, 'other.csv', "external_id,amount,reference\nc,1,\n");
$node->safe_psql('postgres', "BEGIN; SELECT recon.ingest_file(1, '$a'), recon.ingest_file(2, '$b'); SELECT recon.run_job(1); PREPARE TRANSACTION 'one'");
is($node->safe_psql('postgres', $shown), '1|0|0|0|{}', 'not there while prepared');
$node->restart;
is($node->safe_psql('postgres', $shown), '1|0|0|0|{}', 'nor after a restart');
$node->safe_psql('postgres', "COMMIT PREPARED 'one'");
is($node->safe_psql('postgres', $shown), '1|4|2|2|{}', 'there once committed');
$node->safe_psql('postgres', "BEGIN; SELECT recon.ingest_file(1, '$other'); PREPARE TRANSACTION 'two'");
$node->safe_psql('postgres', "ROLLBACK PREPARED 'two'");
is($node->safe_psql('postgres', $shown), '1|4|2|2|{}', 'gone once rolled back');

# A prepared transaction that adds deltas up does not keep others from working, nor lose what they do.
my $many = q{SELECT count(recon.create_job(1, 'many', 1, 2)) FROM generate_series(1, 70)};
$node->safe_psql('postgres', "BEGIN; $many; PREPARE TRANSACTION 'three'");
$node->safe_psql('postgres', $many);
is($node->safe_psql('postgres', $shown), '71|4|2|2|{}', 'while deltas are being added up');
$node->safe_psql('postgres', "COMMIT PREPARED 'three'");
is($node->safe_psql('postgres', $shown), '141|4|2|2|{}', 'and afterwards');

# Everything at once, at random: each reading compares the figures with the tables in one statement, and fails its session
# where they differ.
for my $i (1 .. 40)
{
	write_file($node, "random$i.csv", "external_id,amount,reference\n" . join('', map { int(rand(80)) . ',' . (rand() < 0.1 ? 'x' : int(rand(8))) . ",\n" } 1 .. 6));
}
my $dir = $node->basedir;
$node->safe_psql('postgres', qq{
	CREATE TABLE readings (n bigint);
	CREATE FUNCTION change() RETURNS void LANGUAGE plpgsql AS \$\$
	DECLARE
		dice double precision := random();
	BEGIN
		BEGIN
			IF dice < 0.5 THEN
				PERFORM recon.ingest_file(1 + (random() < 0.5)::int, '$dir/random' || 1 + floor(random() * 40) || '.csv',
					jsonb_build_object('force', random() < 0.7, 'on_duplicate', (ARRAY['skip', 'update', 'reject'])[1 + floor(random() * 3)::int], 'max_rejects', (ARRAY[0, 2, 10])[1 + floor(random() * 3)::int]));
			ELSIF dice < 0.7 THEN
				PERFORM recon.run_job(1);
			ELSIF dice < 0.8 THEN
				PERFORM recon.retry_rejects((SELECT ingestion_id FROM recon.ingest_errors WHERE resolved_by IS NULL ORDER BY random() LIMIT 1), '{"external_id": "external_id", "reference": "amount"}');
			ELSE
				PERFORM recon.create_job(1, 'random', 1, 2);
			END IF;
			IF random() < 0.2 THEN RAISE 'undo'; END IF;
		EXCEPTION WHEN raise_exception OR null_value_not_allowed THEN
			NULL;
		END;
	END
	\$\$;
	CREATE FUNCTION check_figures() RETURNS void LANGUAGE plpgsql AS \$\$
	DECLARE
		found jsonb := (SELECT difference(s, counted(1)) FROM recon.get_project_stats(1) s);
	BEGIN
		IF found <> '{}' THEN RAISE 'figures differ: %', found; END IF;
		INSERT INTO readings VALUES (1);
	END
	\$\$;
});
my %scripts = (
	writer => "SET client_min_messages = error;\nSELECT change();\n",
	transaction => "SET client_min_messages = error;\nBEGIN;\nSELECT change();\nSELECT check_figures();\nSAVEPOINT s;\nSELECT change();\nROLLBACK TO s;\nSELECT change();\nSELECT check_figures();\nCOMMIT;\n",
	old_writer => "SET client_min_messages = error;\nBEGIN ISOLATION LEVEL REPEATABLE READ;\nSELECT change();\nSELECT check_figures();\nCOMMIT;\n",
	prepared => "SET client_min_messages = error;\n\\set n random(1, 1000000000)\nBEGIN;\nSELECT change();\nSELECT check_figures();\nPREPARE TRANSACTION 'g:n';\n",
	reader => "SELECT check_figures();\n",
	old_reader => "BEGIN ISOLATION LEVEL REPEATABLE READ;\nSELECT check_figures();\n\\sleep 20 ms\nSELECT check_figures();\n\\sleep 50 ms\nSELECT check_figures();\nCOMMIT;\n");
my $seconds = $ENV{RECON_STATS_SECONDS} // 10;
my @files = map { ('-f', write_file($node, "$_.sql", $scripts{$_}) . ($_ eq 'reader' ? '@3' : '@1')) } sort keys %scripts;
my ($out, $err) = ('', '');
my $sessions = IPC::Run::start([ 'pgbench', '-n', '-c', 6, '-j', 2, '-T', $seconds, '--max-tries', 1000, @files, $node->connstr('postgres') ],
	'<', \undef, '>', \$out, '2>', \$err, IPC::Run::timeout($seconds + $PostgreSQL::Test::Utils::timeout_default));
# Others wait for prepared transactions. One that is still being prepared is an error, and comes again.
while ($sessions->pumpable)
{
	$sessions->pump_nb;
	$node->psql('postgres', q{SELECT CASE WHEN random() < 0.3 THEN 'ROLLBACK' ELSE 'COMMIT' END || format(' PREPARED %L', gid) FROM pg_prepared_xacts \gexec}, on_error_stop => 0);
}
ok($sessions->finish, 'no reading differs from the tables, whatever sessions do at once') or diag($err);
note($out);
$node->psql('postgres', q{SELECT format('COMMIT PREPARED %L', gid) FROM pg_prepared_xacts \gexec});
is($node->safe_psql('postgres', 'SELECT count(*) FROM pg_prepared_xacts'), '0', 'none is left');
is($node->safe_psql('postgres', 'SELECT count(*) > 100 FROM readings'), 't', 'there were many readings');
note($node->safe_psql('postgres', q{SELECT format('%s readings, %s', (SELECT count(*) FROM readings), recon.get_project_stats(1))}));
is($node->safe_psql('postgres', 'SELECT total_matches > 0 FROM recon.get_project_stats(1)'), 't', 'with matches');
is($node->safe_psql('postgres', 'SELECT count(*) FROM recon.stats_verify(1)'), '0', 'and nothing is to repair');

# A standby answers for its own snapshot.
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$node->safe_psql('postgres', 'SELECT change()');
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
is($standby->safe_psql('postgres', $shown), $node->safe_psql('postgres', $shown), 'a standby says the same');

# The comparison itself finds what is wrong.
$node->safe_psql('postgres', 'UPDATE recon.stats_base SET records = records + 1');
is(sqlstate($node, 'SELECT check_figures()'), 'P0001', 'a wrong figure is found');
is($node->safe_psql('postgres', 'SELECT figure, kept - counted FROM recon.stats_verify(1)'), 'records|1', 'and put right');
done_testing();
