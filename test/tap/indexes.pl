# build_indexes(concurrently => true): a background worker builds the performance indexes while others write; it can be
# cancelled, terminated and killed, and the next call goes on. index_status shows how they stand.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('indexes');
$node->init;
$node->append_conf('postgresql.conf', 'restart_after_crash = on');
$node->start;
# A database and a superuser with settings that would be in the way.
$node->safe_psql('postgres', q{CREATE DATABASE work; ALTER DATABASE work SET search_path = nowhere; ALTER DATABASE work SET default_transaction_read_only = on;
	ALTER ROLE postgres SET default_transaction_isolation = serializable; CREATE ROLE watcher LOGIN IN ROLE pg_monitor; CREATE ROLE other LOGIN});
$ENV{PGOPTIONS} = '-c default_transaction_read_only=off';
$node->safe_psql('work', q{CREATE EXTENSION recon VERSION '1.0'; SELECT recon.create_project('p')});

sub work { return $node->safe_psql('work', $_[0]) }
sub states { return work(q{SELECT string_agg(n || ' ' || state, ', ' ORDER BY state) FROM (SELECT state, count(*) AS n FROM recon.index_status GROUP BY 1) s}) }
sub wait_for
{
	my ($sql) = @_;
	$node->poll_query_until('work', $sql) or die "never: $sql\n" . work('SELECT * FROM recon.index_status');
	return;
}
my $all_valid = 'SELECT bool_and(valid) FROM recon.index_status';
my $no_worker = q{SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'recon index')};

# Before, and who may see it.
is(states(), '23 missing', 'all are missing in 1.0');
is(work('SELECT count(*) FROM recon.index_status WHERE present OR valid OR size IS NOT NULL OR advice IS NULL OR pid IS NOT NULL'), '0', 'and say so');
is(sqlstate($node, 'SELECT recon.build_indexes()', connstr => $node->connstr('work') . ' user=other'), '42501', 'building is for superusers');
is(sqlstate($node, 'SELECT recon.build_indexes(true)', connstr => $node->connstr('work') . ' user=watcher'), '42501', 'also for who monitors');
is(sqlstate($node, 'SELECT * FROM recon.index_status', connstr => $node->connstr('work') . ' user=other'), '42501', 'the view is not for everybody');
is($node->safe_psql('work', 'SELECT count(*) FROM recon.index_status', extra_params => [ '-U', 'watcher' ]), '23', 'but for who monitors');
is(sqlstate($node, 'SELECT recon.build_indexes(NULL)', connstr => $node->connstr('work')), '22004', 'no NULL');
is(sqlstate($node, 'BEGIN READ ONLY; SELECT recon.build_indexes(true)', connstr => $node->connstr('work')), '25006', 'nor in a read-only transaction');

# In the caller's transaction.
is(work('BEGIN; SELECT recon.build_indexes(); SELECT count(*) FROM recon.index_status WHERE valid; ROLLBACK; SELECT count(*) FROM recon.index_status WHERE valid'), "23\n23\n0", 'rolled back with the transaction');

# By the worker, while somebody else's transaction writes.
my $writer = $node->background_psql('work');
$writer->query_safe(q{BEGIN ISOLATION LEVEL READ COMMITTED; INSERT INTO recon.audit_log (project_id, at, session_user_name, user_name, action, resource, chain_no, batch_no, hash) VALUES (1, now(), 'x', 'x', 'x', 'x', 0, 0, '')});
is(work('SELECT recon.build_indexes(concurrently => true)'), '23', 'to be built');
wait_for(q{SELECT state = 'building' AND phase LIKE 'waiting for writers%' AND pid IS NOT NULL AND advice LIKE 'Blocked by %' FROM recon.index_status WHERE name = 'idx_audit_log_user_name_at'});
like(states(), qr/^1 building, \d+ valid(, 1 waiting)?$/, 'it waits for the writer');
is(work(q{SET statement_timeout = '2s'; SELECT recon.create_project('q') IS NOT NULL}), 't', 'and nobody waits for it');
is(work('SELECT recon.build_indexes(true) > 0'), 't', 'called again');
is(work(q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'recon index'}), '1', 'there is one worker');
is(sqlstate($node, 'SELECT recon.build_indexes()', connstr => $node->connstr('work')), '55006', 'which nobody runs into');
is($node->safe_psql('postgres', 'CREATE EXTENSION recon; SELECT count(*) FILTER (WHERE valid), count(error) FROM recon.index_status'), '23|0', 'another database has nothing to do with it');

# Cancelled: what it was at is left invalid, and stays until the next call.
work(q{SELECT pg_cancel_backend(pid) FROM recon.index_status WHERE state = 'building'});
wait_for($no_worker);
is(work(q{SELECT state, error, advice LIKE 'Build it anew %' FROM recon.index_status WHERE name = 'idx_audit_log_user_name_at'}), 'invalid|57014: canceling statement due to user request|t', 'cancelled');
is(work('SELECT recon.build_indexes(true) BETWEEN 1 AND 2'), 't', 'the rest is built');
wait_for(q{SELECT pid IS NOT NULL FROM recon.index_status WHERE name = 'idx_audit_log_user_name_at'});

# Terminated likewise; while it waits, the index that it had is gone or the new one is invalid.
work(q{SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE backend_type = 'recon index'});
wait_for($no_worker);
isnt(states(), '23 valid', 'terminated');
$writer->query_safe('COMMIT');
is(work('SELECT recon.build_indexes(true) > 0'), 't', 'and again');
wait_for($all_valid);
wait_for($no_worker);
is(states(), '23 valid', 'all are there');
is(work('SELECT recon.build_indexes(true), recon.build_indexes(false)'), '0|0', 'nothing is left to do');
is(work('SELECT count(*) FROM recon.index_status WHERE advice IS NOT NULL OR error IS NOT NULL OR size IS NULL OR scans IS NULL'), '0', 'nor to say');
is(work(q{SELECT count(*) FROM recon.index_status s JOIN recon.index_definitions() d USING (name) WHERE s.definition <> d.definition}), '0', 'the definitions are as the server writes them');
like(slurp_file($node->logfile), qr/recon built \d+ of \d+ indexes in database "work"/, 'the log has it');

# It may wait for longer than the transactions of others may last.
SKIP:
{
	skip 'transaction_timeout came with PostgreSQL 17', 1 if $node->pg_version < 17;
	work('DROP INDEX recon.idx_audit_log_user_name_at');
	$writer->query_safe('BEGIN ISOLATION LEVEL READ COMMITTED; UPDATE recon.audit_log SET action = action');
	work(q{ALTER DATABASE work SET transaction_timeout = '300ms'});
	work('SELECT recon.build_indexes(true)');
	wait_for(q{SELECT phase LIKE 'waiting for writers%' FROM recon.index_status WHERE name = 'idx_audit_log_user_name_at'});
	sleep 1;
	$writer->query_safe('COMMIT');
	wait_for($no_worker);
	is(states(), '23 valid', 'transaction_timeout does not end it');
	work('ALTER DATABASE work RESET transaction_timeout');
}

# Killed, so that the server restarts.
work('DROP INDEX recon.idx_audit_log_user_name_at');
$writer->query_safe('BEGIN ISOLATION LEVEL READ COMMITTED; UPDATE recon.audit_log SET action = action');
work('SELECT recon.build_indexes(true)');
wait_for(q{SELECT state = 'building' AND phase LIKE 'waiting for writers%' FROM recon.index_status WHERE name = 'idx_audit_log_user_name_at'});
my $pid = work(q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'recon index'});
kill 'KILL', $pid;
eval { $writer->query('SELECT 1') };
$node->poll_query_until('work', "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $pid") or die 'no restart';
wait_for(q{SELECT state = 'invalid' AND pid IS NULL FROM recon.index_status WHERE name = 'idx_audit_log_user_name_at'});
is(work('SELECT recon.build_indexes(true)'), '1', 'the left-over is built anew');
wait_for($all_valid);
wait_for($no_worker);

# One that somebody builds by hand is left to him, and he is not in the worker's way, nor it in his.
work('DROP INDEX recon.idx_audit_log_user_name_at');
eval { $writer->quit };
$writer = $node->background_psql('work');
$writer->query_safe('BEGIN ISOLATION LEVEL READ COMMITTED; UPDATE recon.audit_log SET action = action');
my $by_hand = $node->background_psql('work', on_error_stop => 0);
$by_hand->query_until(qr/begun/, "\\echo begun\nCREATE INDEX CONCURRENTLY idx_audit_log_user_name_at ON recon.audit_log (user_name, at);\n\\echo :SQLSTATE\n");
wait_for(q{SELECT state = 'building' FROM recon.index_status WHERE name = 'idx_audit_log_user_name_at'});
is(sqlstate($node, 'SELECT recon.build_indexes()', connstr => $node->connstr('work')), '55006', 'an index that is being built by hand');
like(work(q{SELECT status || detail FROM recon.health_check() WHERE check_name = 'indexes'}), qr/^ok.* being built/, 'which is in good health');
is(work('SELECT recon.build_indexes(true)'), '1', 'the worker is asked for it');
wait_for(q{SELECT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'recon index')});
sleep 1;
$writer->query_safe('COMMIT');
wait_for($all_valid);
wait_for($no_worker);
is(work(q{SELECT indisvalid FROM pg_index WHERE indexrelid = 'recon.idx_audit_log_user_name_at'::regclass}), 't', 'both are done');
like($by_hand->query('SELECT 1'), qr/1/, 'he still has his session');
unlike(slurp_file($node->logfile), qr/deadlock detected/, 'nobody was in a deadlock');
$by_hand->quit;

# What a REINDEX CONCURRENTLY that was stopped left is told of.
work('CREATE INDEX idx_audit_log_user_name_at_ccnew ON recon.audit_log (user_name, at)');
work(q{SET allow_system_table_mods = on; UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'recon.idx_audit_log_user_name_at_ccnew'::regclass});
like(work(q{SELECT status || detail FROM recon.health_check() WHERE check_name = 'indexes'}), qr/^failed.*idx_audit_log_user_name_at_ccnew/, 'the left-over of a REINDEX');
work('DROP INDEX recon.idx_audit_log_user_name_at_ccnew');

# Another index of the name is nobody's to drop.
work('DROP INDEX recon.idx_jobs_created_by; CREATE INDEX idx_jobs_created_by ON recon.jobs (name)');
my ($rc, $out, $err) = $node->psql('work', 'SELECT recon.build_indexes(true)');
like($err, qr/ERROR:  relation "recon.idx_jobs_created_by" is not the index that recon needs\nDETAIL:  recon needs: CREATE INDEX idx_jobs_created_by ON recon.jobs USING btree \(created_by, created_at\)\nHINT:  Drop or rename it\./, 'one that differs');
is(work(q{SELECT state, valid, definition, advice LIKE 'Not the index that recon needs: CREATE INDEX %' FROM recon.index_status WHERE name = 'idx_jobs_created_by'}), 'different|t|CREATE INDEX idx_jobs_created_by ON recon.jobs USING btree (name)|t', 'is shown');
work('DROP INDEX recon.idx_jobs_created_by; SELECT recon.build_indexes()');
is(states(), '23 valid', 'dropped and built');
# An invalid one, without a worker.
work(q{SET allow_system_table_mods = on; UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'recon.idx_jobs_created_by'::regclass});
is(work('SELECT recon.build_indexes()'), '1', 'an invalid one is built anew in the transaction');
is(states(), '23 valid', 'and valid');

# While a load goes on, an index that is being built takes no rows before it is ready, and has them all in the end.
my $file = write_file($node, 'many.csv', "external_id,amount,transaction_date\n" . join('', map { "$_,$_,2026-01-01\n" } 1 .. 20000));
work("SELECT recon.create_source(1, s) FROM unnest('{a,b}'::text[]) s; SELECT recon.create_rule(1, 'r', '{\"match\": [{\"field\": \"external_id\", \"op\": \"equal\"}], \"approve_at\": 1}')");
work("SELECT recon.ingest_file(source_id, '$file') FROM recon.data_sources");
work('DROP INDEX recon.idx_matches_job_id_confidence, recon.idx_open_singles_project_id_source_id');
$writer = $node->background_psql('work');
$writer->query_safe(q{BEGIN ISOLATION LEVEL READ COMMITTED; SELECT recon.run_job(recon.create_job(1, 'j', (SELECT min(source_id) FROM recon.data_sources), (SELECT max(source_id) FROM recon.data_sources)))});
work('SELECT recon.build_indexes(true)');
wait_for(q{SELECT phase LIKE 'waiting for writers%' FROM recon.index_status WHERE name = 'idx_matches_job_id_confidence'});
$writer->query_safe('SELECT count(recon.unmatch(match_id)) FROM (SELECT match_id FROM recon.matches LIMIT 1000) m; COMMIT');
wait_for($all_valid);
my $count = q{SET enable_seqscan = off; SET enable_bitmapscan = off; SELECT count(*) FROM recon.matches WHERE job_id > 0 AND confidence >= 0};
is(work($count), '20000', 'every match is in the index');
$writer->quit;

# Without a worker process to be had, and without the preload.
$node->append_conf('postgresql.conf', 'max_worker_processes = 2');
$node->restart;
work('DROP INDEX recon.idx_jobs_created_by');
is(sqlstate($node, 'SELECT recon.build_indexes(true)', connstr => $node->connstr('work')), '53000', 'no background worker is free');
is(states(), '1 missing, 22 valid', 'nothing is under way');
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''\nmax_worker_processes = 8");
$node->restart;
($rc, $out, $err) = $node->psql('work', 'SELECT recon.build_indexes(true)');
like($err, qr/recon must be loaded via "shared_preload_libraries".*HINT: .*recon\.build_indexes\(\)/s, 'it needs the preload');
is(work('SELECT count(*), count(pid) FROM recon.index_status'), '23|0', 'the view does not');
is(work('SELECT recon.build_indexes()'), '1', 'nor does building while nobody writes');
is(states(), '23 valid', 'all are there');
done_testing();
