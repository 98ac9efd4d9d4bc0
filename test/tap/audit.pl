# Whatever somebody with all rights does to the audit trail is found, and where; seals are made by the cleanup, and the log keeps
# their hashes; many writers at once, prepared transactions and a restart leave every chain whole.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;

my $node = server('audit', 'max_prepared_transactions = 5', 'autovacuum = off');
sub query { return $node->safe_psql('postgres', @_) }
project($node);
# Fifteen batches of project 1, one of them with three entries, the last one not sealed; one is in a chain of its own.
my $a = write_file($node, 'a.csv', join("\n", 'external_id,amount,reference', map { "$_,$_,r$_" } 1 .. 3) . "\n");
query(qq{SELECT recon.create_rule(1, 'r', '{"match": [{"field": "reference", "op": "equal"}, {"field": "amount", "op": "within", "abs": 1}]}', 1);
	SELECT recon.create_job(1, 'j', 1, 2);
	SELECT recon.ingest_file(1, '$a')});
my $b = write_file($node, 'b.csv', join("\n", 'external_id,amount,reference', map { "$_,$_.5,r$_" } 1 .. 3) . "\n");
query(qq{SELECT recon.ingest_file(2, '$b'); SELECT recon.run_job(1); SELECT recon.approve_matches(array_agg(match_id)) FROM recon.matches});
my $first = $node->background_psql('postgres', on_error_stop => 1);
$first->query_safe(q{BEGIN; SELECT recon.alter_project(1, '{"description": "first"}')});
# Of another chain: what waits for no lock of the project's.
query(qq{SELECT recon.create_rule(1, 'second', '{"match": [{"field": "amount", "op": "equal"}]}')}) ;
$first->query_safe('COMMIT');
query('SELECT recon.run_cleanup()');
query(qq{SELECT recon.alter_rule(1, '{"priority": $_}')}) for 2 .. 4;
query('SELECT recon.run_cleanup()');
query(q{SELECT recon.alter_rule(1, '{"priority": 5}')});
sub verify { return query('SELECT valid, problem FROM recon.verify_audit(' . ($_[0] // 1) . ')') }
is(verify(), 't|', 'whole');
is(query('SELECT chains, batches, entries, seals, unsealed, last_seal FROM recon.verify_audit(1)'), '2|15|17|3|1|3', 'what there is');
is(query('SELECT string_agg(chain_no || $$:$$ || batches, $$ $$) FROM (SELECT chain_no, count(*) AS batches FROM recon.audit_batches WHERE project_id = 1 GROUP BY 1 ORDER BY 1) c'), '0:14 1:1', 'in two chains');

# ---- tampering --------------------------------------------------------------------------------------------------------------------------

# Done, looked at, undone.
sub tampered
{
	my ($sql) = @_;
	return query(qq{BEGIN;
		$sql; SELECT concat_ws('|', valid, broken_chain, broken_batch, broken_audit_id, broken_seal, problem) FROM recon.verify_audit(1); ROLLBACK});
}
my $bulk = query(q{SELECT batch_no FROM recon.audit_batches WHERE project_id = 1 AND entries = 3});
my ($entry, $next) = split /\|/, query("SELECT min(audit_id), min(audit_id) + 1 FROM recon.audit_log WHERE project_id = 1 AND batch_no = $bulk AND chain_no = 0");
my @columns = split /\n/, query(q{SELECT attname FROM pg_attribute WHERE attrelid = 'recon.audit_log'::regclass AND attnum > 0 AND attname NOT IN ('project_id', 'audit_id', 'chain_no', 'batch_no')});
my %other = (at => q{at + interval '1 microsecond'}, session_user_name => q{'eve'}, user_name => q{'eve'}, action => q{'reject'}, resource => q{'matches'}, resource_id => 'resource_id + 1', before => q{before || '{"note": ""}'},
	after => q{after - 'note'}, hash => q{sha256('x')});
is(join(' ', sort @columns), join(' ', sort keys %other), 'each column of an entry is tried');
for my $column (@columns)
{
	is(tampered("UPDATE recon.audit_log SET $column = $other{$column} WHERE audit_id = $entry"), "f|0|$bulk|$entry|entry $entry is not as it was written: its hash differs", "an entry's $column");
}
is(tampered("UPDATE recon.audit_log SET before = 'null' WHERE before IS NULL AND audit_id = (SELECT min(audit_id) FROM recon.audit_log WHERE project_id = 1)") =~ /^f\|0\|1\|\d+\|entry/, 1, 'a JSON null for NULL');
like(tampered("UPDATE recon.audit_log SET audit_id = 1000000 WHERE audit_id = $entry"), qr/^f\|0\|$bulk\|1000000\|entry/, 'its id');
like(tampered("UPDATE recon.audit_log SET project_id = 9 WHERE audit_id = $entry"), qr/^f\|0\|$bulk\|batch $bulk of chain 0 has 2 of its 3 entries$/, 'its project');
like(tampered("UPDATE recon.audit_log SET batch_no = batch_no - 1 WHERE audit_id = $entry"), qr/^f\|0\|@{[ $bulk - 1 ]}\|batch \d+ of chain 0 has 2 of its 1 entries$/, 'its batch');
like(tampered("UPDATE recon.audit_log SET chain_no = 1, batch_no = 1 WHERE audit_id = $entry"), qr/^f\|0\|$bulk\|batch/, 'its chain');
like(tampered("DELETE FROM recon.audit_log WHERE audit_id = $entry"), qr/^f\|0\|$bulk\|batch $bulk of chain 0 has 2 of its 3 entries$/, 'an entry deleted');
like(tampered("DELETE FROM recon.audit_log WHERE audit_id = $entry; UPDATE recon.audit_batches SET entries = 2 WHERE project_id = 1 AND batch_no = $bulk AND chain_no = 0"), qr/^f\|0\|$bulk\|batch $bulk of chain 0 does not follow/, 'and its batch told so');
# The hash of an entry, as anybody can compute it.
my $hash = q{sha256(convert_to(json_build_array(audit_id, project_id, extract(epoch FROM at), session_user_name, user_name, action, resource, resource_id, before::text, after::text)::text, 'UTF8'))};
like(tampered("UPDATE recon.audit_log SET user_name = 'eve' WHERE audit_id = $entry; UPDATE recon.audit_log SET hash = $hash WHERE audit_id = $entry"), qr/^f\|0\|$bulk\|batch $bulk of chain 0 does not follow/, 'an entry changed together with its hash');
like(tampered("CREATE TEMP TABLE two AS SELECT * FROM recon.audit_log WHERE audit_id IN ($entry, $next); UPDATE recon.audit_log l SET resource_id = t.resource_id, at = t.at, before = t.before, after = t.after FROM two t WHERE l.audit_id IN ($entry, $next) AND t.audit_id IN ($entry, $next) AND t.audit_id <> l.audit_id; UPDATE recon.audit_log SET hash = $hash WHERE audit_id IN ($entry, $next)"),
	qr/^f\|0\|$bulk\|batch $bulk of chain 0 does not follow/, 'two entries that changed places');
sub insert { my ($chain, $batch) = @_; return "INSERT INTO recon.audit_log (project_id, at, session_user_name, user_name, action, resource, chain_no, batch_no, hash) VALUES (1, now(), 'eve', 'eve', 'approve', 'match', $chain, $batch, ''); UPDATE recon.audit_log SET hash = $hash WHERE user_name = 'eve'" }
like(tampered(insert(0, $bulk)), qr/^f\|0\|$bulk\|batch $bulk of chain 0 has 4 of its 3 entries$/, 'an entry added to a batch');
like(tampered(insert(0, 15)), qr/^f\|0\|15\|\d+\|entry \d+ is of batch 15 of chain 0, which is missing$/, 'an entry without a batch');
like(tampered(insert(7, 3)), qr/^f\|7\|3\|\d+\|entry \d+ is of batch 3 of chain 7, which is missing$/, 'nor a chain');
like(tampered('ALTER TABLE recon.audit_log ALTER chain_no DROP NOT NULL, ALTER batch_no DROP NOT NULL; ' . insert('NULL', 'NULL')), qr/^f\|-1\|-1\|\d+\|entry/, 'an entry that names none');
like(tampered("UPDATE recon.audit_batches SET hash = sha256('x') WHERE project_id = 1 AND chain_no = 0 AND batch_no = 3"), qr/^f\|0\|3\|batch 3 of chain 0 does not follow/, "a batch's hash");
like(tampered("UPDATE recon.audit_batches SET hash = 'x' WHERE project_id = 1 AND chain_no = 0 AND batch_no = 3"), qr/^f\|0\|3\|batch 3 of chain 0 does not follow/, "cut short");
like(tampered("UPDATE recon.audit_batches SET entries = 2 WHERE project_id = 1 AND chain_no = 0 AND batch_no = 3"), qr/^f\|0\|3\|batch 3 of chain 0 has 1 of its 2 entries/, "a batch's number of entries");
my $whole = sub { my ($chain, $batch) = @_; return "DELETE FROM recon.audit_log WHERE project_id = 1 AND chain_no = $chain AND batch_no = $batch; DELETE FROM recon.audit_batches WHERE project_id = 1 AND chain_no = $chain AND batch_no = $batch" };
like(tampered('DELETE FROM recon.audit_batches WHERE project_id = 1 AND chain_no = 0 AND batch_no = 3'), qr/^f\|0\|3\|\d+\|entry \d+ is of batch 3 of chain 0, which is missing/, 'a batch deleted');
like(tampered($whole->(0, 3)), qr/^f\|0\|3\|batch 3 of chain 0 is missing/, 'with its entries');
like(tampered($whole->(0, 3) . '; UPDATE recon.audit_batches SET batch_no = batch_no - 1 WHERE project_id = 1 AND chain_no = 0 AND batch_no = 4; UPDATE recon.audit_log SET batch_no = 3 WHERE project_id = 1 AND chain_no = 0 AND batch_no = 4'), qr/^f\|0\|3\|batch 3 of chain 0 does not follow/, 'and the next one in its place');
like(tampered("UPDATE recon.audit_batches SET batch_no = 100 WHERE project_id = 1 AND chain_no = 0 AND batch_no = 3"), qr/^f\|0\|3\|\d+\|entry/, "a batch's number");
# Rewriting a chain from one batch on, hash by hash, until it is whole again.
my $rewrite = q{DO $$ DECLARE b record; previous bytea := decode(repeat('00', 32), 'hex'); BEGIN
	UPDATE recon.audit_log SET hash = } . $hash . q{ WHERE project_id = 1;
	FOR b IN SELECT * FROM recon.audit_batches WHERE project_id = 1 AND chain_no = 0 ORDER BY batch_no LOOP
		UPDATE recon.audit_batches x SET hash = sha256(previous || convert_to(json_build_array(project_id, chain_no, batch_no, entries)::text, 'UTF8') || (SELECT string_agg(hash, '' ORDER BY audit_id) FROM recon.audit_log l WHERE l.project_id = x.project_id AND l.chain_no = x.chain_no AND l.batch_no = x.batch_no))
			WHERE x.project_id = 1 AND x.chain_no = 0 AND x.batch_no = b.batch_no RETURNING x.hash INTO previous;
	END LOOP; END $$};
is(tampered($rewrite), 't', 'rewritten as it is: whole');
my $sealed = query('SELECT batch_no FROM recon.audit_seals WHERE project_id = 1 AND chain_no = 0 ORDER BY seal_no LIMIT 1');
is(tampered("UPDATE recon.audit_log SET user_name = 'eve' WHERE audit_id = $entry; $rewrite"), "f|0|$sealed|1|batch $sealed of chain 0, which seal 1 is of, is another one now: its hash differs", 'a chain rewritten from one entry on');
is(tampered($whole->(0, 13)) =~ s/\|batch.*//r, 'f|0|13', 'a batch before the last one');
is(tampered($whole->(0, 14) . '; ' . $whole->(0, 13)), 'f|0|13|3|batch 13 of chain 0, which seal 3 is of, is missing', 'the tail of a chain, once it is sealed');
is(tampered($whole->(1, 1)), 'f|1|1|2|batch 1 of chain 1, which seal 2 is of, is missing', 'a whole chain');
is(tampered($whole->(0, 14)), 't', 'what is not sealed can still go');
is(tampered('DELETE FROM recon.audit_log WHERE project_id = 1; DELETE FROM recon.audit_batches WHERE project_id = 1'), "f|0|$sealed|1|batch $sealed of chain 0, which seal 1 is of, is missing", 'all entries and batches');
is(tampered('DELETE FROM recon.audit_log; DELETE FROM recon.audit_batches; DELETE FROM recon.audit_seals'), 'f|the project has no audit trail', 'everything');
is(tampered("UPDATE recon.audit_seals SET $_ WHERE project_id = 1 AND seal_no = 2") =~ s/: its.*//r, "f|2|seal 2 is not as it was written, or does not follow from the one before", "a seal: $_") for "at = at + interval '1 microsecond'", q{hash = sha256('x')}, q{batch_hash = sha256('x')}, 'batch_no = 2', 'chain_no = 5';
is(tampered('DELETE FROM recon.audit_seals WHERE project_id = 1 AND seal_no = 1'), 'f|1|seal 1 is missing', 'a seal deleted');
is(tampered('DELETE FROM recon.audit_seals WHERE project_id = 1 AND seal_no = 1; UPDATE recon.audit_seals SET seal_no = seal_no - 1 WHERE project_id = 1') =~ s/: its.*//r, 'f|1|seal 1 is not as it was written, or does not follow from the one before', 'and the others moved up');
is(verify(), 't|', 'all undone: whole');

# The tail with its seals: only what was kept elsewhere tells.
my $kept = query(q{SELECT last_seal || ' ' || encode(last_seal_hash, 'hex') FROM recon.verify_audit(1)});
my $log = slurp_file($node->logfile);
my @told = $log =~ /LOG:  (recon audit trail of project 1 in database "postgres" is sealed by seal \d+, hash [0-9a-f]{64})/g;
is(scalar @told, 2, 'the log has a line for each time that something was sealed');
my ($number, $digest) = split / /, $kept;
like($told[-1], qr/seal $number, hash $digest$/, 'with the hash of the newest seal');

# ---- seals ------------------------------------------------------------------------------------------------------------------------------

my $offset = -s $node->logfile;
query('BEGIN; SELECT recon.run_cleanup(); ROLLBACK');
query('BEGIN; SAVEPOINT s; SELECT recon.run_cleanup(); ROLLBACK TO s; COMMIT');
unlike(substr(slurp_file($node->logfile), $offset), qr/is sealed by/, 'no line of a seal that was rolled back');
is(query('SELECT unsealed FROM recon.verify_audit(1)'), '1', 'nor the seal');
$first->query_safe('BEGIN; SELECT recon.run_cleanup()');
is(query(q{SELECT removed FROM recon.run_cleanup() WHERE task = 'audit chains sealed'}), '0', 'nobody waits for another who seals');
$first->query_safe('COMMIT');
is(query('SELECT valid, unsealed FROM recon.verify_audit(1)'), 't|0', 'sealed');
$offset = -s $node->logfile;
query('SELECT recon.run_cleanup()') for 1 .. 3;
unlike(substr(slurp_file($node->logfile), $offset), qr/is sealed by/, 'no line where nothing is new');

# ---- many at once -----------------------------------------------------------------------------------------------------------------------

query(q{CREATE FUNCTION recon_rules(n int) RETURNS bigint LANGUAGE plpgsql AS $$BEGIN PERFORM recon.create_rule(1, 'c' || n || ' ' || gen_random_uuid(), '{"match": [{"field": "amount", "op": "equal"}]}');
	IF random() < 0.3 THEN BEGIN PERFORM recon.create_job(1, 'c' || gen_random_uuid(), 1, 2); RAISE EXCEPTION 'undo'; EXCEPTION WHEN raise_exception THEN NULL; END; END IF;
	RETURN recon.create_job(1, 'c' || gen_random_uuid(), 1, 2); END$$});
my $script = write_file($node, 'work.sql', "SELECT recon_rules(:client_id);\n");
my $before = query('SELECT entries FROM recon.verify_audit(1)');
for my $isolation ('read committed', 'repeatable read')
{
	local $ENV{PGOPTIONS} = "-c default_transaction_isolation='$isolation'" =~ s/'(\w+) (\w+)'/$1\\ $2/r;
	command_ok([ 'pgbench', '-n', '-c', '8', '-j', '2', '-t', '20', '-f', $script, $node->connstr('postgres') ], "eight at once, $isolation");
	is(verify(), 't|', 'whole');
}
is(query('SELECT entries FROM recon.verify_audit(1)') - $before, 2 * 8 * 20 * 2, 'with all entries');
cmp_ok(query('SELECT chains FROM recon.verify_audit(1)'), '>', 2, 'in several chains');
cmp_ok(query('SELECT chains FROM recon.verify_audit(1)'), '<=', 10, 'no more of them than writers');

# ---- prepared transactions, a restart ---------------------------------------------------------------------------------------------------

query(q{BEGIN; SELECT recon.alter_rule(1, '{"priority": 20}'); PREPARE TRANSACTION 'p'});
query(q{SELECT recon.alter_rule(2, '{"priority": 21}')});
$node->restart;
query(q{SELECT recon.alter_rule(2, '{"priority": 22}')});
query(q{SELECT recon.run_cleanup()});
is(verify(), 't|', 'whole beside a prepared transaction');
is(query(q{COMMIT PREPARED 'p'; SELECT count(DISTINCT chain_no) FROM (SELECT chain_no FROM recon.audit_log WHERE project_id = 1 ORDER BY audit_id DESC LIMIT 3) l}), '2', 'others took another chain');
query(q{SELECT recon.alter_rule(1, '{"priority": 23}')});
is(query('SELECT valid, unsealed FROM recon.verify_audit(1)'), 't|2', 'and after it');

# It can be stopped.
is(sqlstate($node, q{SET statement_timeout = 1; SELECT recon.verify_audit(1)}), '57014', 'a timeout stops it');

# ---- the worker seals by itself ---------------------------------------------------------------------------------------------------------

$offset = -s $node->logfile;
$node->append_conf('postgresql.conf', 'recon.cleanup_interval = 1');
$node->reload;
ok($node->poll_query_until('postgres', 'SELECT valid AND unsealed = 0 FROM recon.verify_audit(1)'), 'sealed by the worker');
query('SELECT pg_sleep(2.5)');
my $lines = () = substr(slurp_file($node->logfile), $offset) =~ /LOG:  recon audit trail of project 1 in database "postgres" is sealed/g;
is($lines, 1, 'once');
done_testing();
