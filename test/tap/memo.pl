# The memo gives in every snapshot what the query would give there: each of these orders of events
# catches a design that does not.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Memo;
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;

my $node = server('memo', 'autovacuum = off', 'max_prepared_transactions = 10', 'recon.cleanup_interval = 0');
$node->safe_psql('postgres', q{
	CREATE ROLE ann LOGIN; CREATE ROLE eve LOGIN; CREATE ROLE team; GRANT team TO eve;
	SELECT recon.create_project('p' || i) FROM generate_series(1, 3) i;
	SELECT recon.create_source(p, s) FROM (SELECT p, s FROM generate_series(1, 3) p, unnest('{a,b}'::text[]) s ORDER BY 1, 2) q;
	SELECT recon.add_member(1, 'ann', 'operator')});

my $equal = equal_sql(1);

my %session = map { $_ => $node->background_psql('postgres', on_error_stop => 0) } qw(r w o);
sub query { my ($who, $sql) = @_; return $session{$who}->query_safe($sql) }
sub agrees
{
	my ($who, $what) = @_;
	is(query($who, $equal), 'true', $what);
	return;
}
sub hits { return $node->safe_psql('postgres', 'SELECT sum(hits) FROM recon.memo_stats') }
my $job = q{SELECT recon.create_job(1, 'j', 1, 2)};
my $n = 0;
sub write_all { $n++; return "SELECT recon.create_job(1, 'j$n', 1, 2); SELECT recon.alter_source(1, '{\"name\": \"a$n\"}'); SELECT recon.alter_project(1, '{\"name\": \"p1 $n\"}')" }

# t1: a commit is seen at once, and not before it.
agrees('r', 't1 first');
my $before = hits();
agrees('r', 't1 again');
is(hits() - $before, 6, 'each from the memo');
query('w', write_all());
agrees('r', 't1 after a commit');
agrees('r', 't1 again');

# t2: what a transaction did itself, it sees, and nobody else.
query('w', 'BEGIN; ' . write_all());
agrees('w', 't2 the writer');
agrees('r', 't2 another');
query('w', 'ROLLBACK');
agrees($_, "t2 $_ after a rollback") for qw(w r);

# t3: a snapshot that is older than a value.
query('o', 'BEGIN ISOLATION LEVEL REPEATABLE READ');
agrees('o', 't3 the older snapshot');
query('w', write_all());
agrees('r', 't3 a newer value');
agrees('o', 't3 the older snapshot again') for 1, 2;
query('o', 'COMMIT');

# t4: an old snapshot computes first, after a commit that it does not see.
query('o', 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
query('w', write_all());
agrees('o', 't4 computed with the older snapshot');
agrees('r', 't4 a newer snapshot');
query('o', 'COMMIT');

# t5: savepoints.
query('w', 'BEGIN; SAVEPOINT s; ' . write_all() . '; ROLLBACK TO s');
agrees('w', 't5 after a rollback to a savepoint');
query('w', q{SELECT recon.create_job(2, 'other', 3, 4); COMMIT});
agrees('r', 't5 after the commit');
is(query('r', equal_sql(2)), 'true', 't5 the other project');

# t6: a prepared transaction, ended by another session.
for my $how ('COMMIT', 'ROLLBACK')
{
	query('w', 'BEGIN; ' . write_all() . "; PREPARE TRANSACTION 't6'");
	agrees('r', "t6 while it is prepared") for 1, 2;
	query('o', "$how PREPARED 't6'");
	agrees($_, "t6 $_ after $how PREPARED") for qw(r w);
}

# t7: an unrelated transaction that stays open is no hindrance.
query('o', 'BEGIN; CREATE TEMP TABLE held (i int)');
query('w', write_all());
agrees('r', 't7 beside an open transaction');
$before = hits();
agrees('r', 't7 again');
is(hits() - $before, 6, 't7 from the memo');
query('o', 'ROLLBACK');

# t8: more writers than are kept one by one.
query('o', 'BEGIN ISOLATION LEVEL REPEATABLE READ');
agrees('o', 't8 before');
for (1 .. 12)
{
	query('w', write_all());
	agrees('r', "t8 writer $_");
}
agrees('o', 't8 the older snapshot');
query('o', 'COMMIT');

# t9: rows that move between projects, and go; by the owner's own SQL.
query('w', q{UPDATE recon.jobs SET name = name || ' moved' WHERE project_id = 1; UPDATE recon.data_sources SET updated_at = now() WHERE project_id IN (1, 2); DELETE FROM recon.jobs WHERE project_id = 1 AND job_id = (SELECT min(job_id) FROM recon.jobs WHERE project_id = 1)});
agrees('r', 't9 direct changes');
query('w', q{BEGIN; DELETE FROM recon.audit_log WHERE project_id = 1 AND at = (SELECT max(at) FROM recon.audit_log WHERE project_id = 1)});
agrees('w', 't9 of the audit trail');
query('w', 'COMMIT');
agrees('r', 't9 of the audit trail');

# t20: each way in which rows change.
for my $way (
	q{MERGE INTO recon.jobs j USING (SELECT max(job_id) AS id FROM recon.jobs WHERE project_id = 1) m ON j.job_id = m.id WHEN MATCHED THEN UPDATE SET name = name || ' merged'},
	q{INSERT INTO recon.users (role, role_name) VALUES ('team', 'team') ON CONFLICT (role) DO NOTHING},
	q{INSERT INTO recon.users (role, role_name) VALUES ('team', 'team') ON CONFLICT (role) DO UPDATE SET display_name = 'the team'},
	q{DELETE FROM recon.users WHERE role = 'team'::regrole},
	q{COPY recon.users (role, role_name) FROM PROGRAM 'echo "eve	eve"'},
	q{WITH d AS (DELETE FROM recon.users WHERE role = 'eve'::regrole RETURNING 1) UPDATE recon.projects SET description = 'one less' WHERE project_id = 1 AND EXISTS (SELECT FROM d)},
	q{INSERT INTO recon.projects (name, owner_id) SELECT 'direct', min(user_id) FROM recon.users},
	q{DELETE FROM recon.projects WHERE name = 'direct'},
	q{SET session_replication_role = replica; UPDATE recon.data_sources SET name = name || ' quietly' WHERE project_id = 1; RESET session_replication_role},
	q{CREATE TEMP TABLE kept AS SELECT * FROM recon.audit_log; TRUNCATE recon.audit_log; DROP TABLE kept},
  )
{
	query('r', $equal);
	query('w', $way);
	agrees('r', 't20 ' . substr($way, 0, 40)) for 1, 2;
}
# By a foreign key: a project takes its figures and members with it.
query('w', q{INSERT INTO recon.projects (project_id, name, owner_id) SELECT 77, 'cascade', min(user_id) FROM recon.users; INSERT INTO recon.project_members SELECT 77, 'ann', 'viewer', min(user_id), 'x' FROM recon.users});
is($node->safe_psql('postgres', 'SELECT count(*) FROM recon.get_projects() WHERE project_id = 77', extra_params => [ '-U', 'ann' ]), '1', 't20 a member sees it');
query('w', q{DELETE FROM recon.projects WHERE project_id = 77});
is($node->safe_psql('postgres', 'SELECT count(*) FROM recon.get_projects()', extra_params => [ '-U', 'ann' ]), '1', 't20 it is gone with its members');
isnt($node->psql('postgres', 'SELECT recon.get_project_stats(77)', extra_params => [ '-U', 'ann' ]), 0, 't20 and its figures');

# t10: more subtransactions than a snapshot holds.
query('w', 'BEGIN; ' . join('; ', map { "SAVEPOINT s$_; SELECT recon.create_job(1, 's$_', 1, 2)" } 1 .. 70));
agrees('r', 't10 while they are open');
agrees('w', 't10 the writer');
query('w', 'COMMIT');
agrees('r', 't10 after the commit');

# t11: a value that came while a statement ran.
$session{o}->query_until(qr/waits/, qq{\\echo waits\nSELECT pg_sleep(0.5) IS NOT NULL AND ($equal) = 'true';\n});
query('w', write_all());
agrees('r', 't11 stored meanwhile');
like($session{o}->query('SELECT 1'), qr/^t$/m, 't11 a statement that began before');

# t12: SERIALIZABLE does without.
$before = $node->safe_psql('postgres', 'SELECT sum(bypasses_serializable) FROM recon.memo_stats');
query('o', 'BEGIN ISOLATION LEVEL SERIALIZABLE');
agrees('o', 't12 SERIALIZABLE');
query('o', 'COMMIT');
is($node->safe_psql('postgres', 'SELECT sum(bypasses_serializable) FROM recon.memo_stats') - $before, 6, 't12 passes the memo by');
for my $who (qw(o w)) { query($who, 'BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT total_jobs FROM recon.get_project_stats(3)') }
for my $who (qw(o w)) { $session{$who}->query("SELECT recon.create_job(3, 'skew', 5, 6)") }
for my $who (qw(o w))
{
	$session{$who}->query('COMMIT');
	$session{$who}->quit;
	$session{$who} = $node->background_psql('postgres', on_error_stop => 0);
}
cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM recon.jobs WHERE project_id = 3'), '<=', 1, 't12 write skew through the memo is found');

# t14: between the commit and what follows it in the writer's process.
query('w', q{CREATE FUNCTION delay_after_commit(ms int) RETURNS void AS 'recon_test', 'recon_test_delay_after_commit' LANGUAGE c; SELECT delay_after_commit(0)});
query('r', $equal);
my $known = query('r', 'SELECT total_jobs FROM recon.get_project_stats(1)');
$session{w}->query_until(qr/waits/, qq{\\echo waits\nBEGIN; $job; SELECT delay_after_commit(2000); COMMIT;\n});
$node->poll_query_until('postgres', "SELECT count(*) = $known + 1 FROM recon.jobs WHERE project_id = 1") or die 'not visible';
agrees('r', 't14 while the commit has not returned') for 1, 2;
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%COMMIT%' AND pid <> pg_backend_pid()}), '1', 'it has not');
query('w', 'SELECT 1');
agrees('r', 't14 after it');

# t15: a prepared writer that is no more kept one by one.
query('w', "BEGIN; $job; PREPARE TRANSACTION 't15'");
query('o', $job) for 1 .. 9;
agrees('r', 't15 while it is prepared') for 1, 2;
query('o', q{COMMIT PREPARED 't15'});
agrees('r', 't15 after its commit');

# t18: within the statement that changes rows, by a trigger for each.
query('w', q{CREATE FUNCTION seen() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $$BEGIN
	IF (SELECT count(*) FROM recon.get_reconciliation_jobs(1)) <> (SELECT count(*) FROM recon.jobs WHERE project_id = 1) THEN RAISE 'differs'; END IF; RETURN NULL; END$$;
	CREATE TRIGGER seen AFTER INSERT ON recon.jobs FOR EACH ROW EXECUTE FUNCTION seen()});
agrees('w', 't18 before');
is(query('w', q{WITH i AS (INSERT INTO recon.jobs (project_id, name, source_a, source_b, created_by) SELECT 1, 'direct', 1, 2, 'x' FROM generate_series(1, 3) RETURNING 1) SELECT count(*) FROM i}), '3', 't18 each row is seen');
query('w', 'DROP TRIGGER seen ON recon.jobs; DROP FUNCTION seen');
agrees('r', 't18 after');

# Time and reset.
$before = hits();
query('r', 'SET recon.ttl_stats = 1; SELECT pg_sleep(1.2); SELECT total_jobs FROM recon.get_project_stats(1)');
is(hits(), $before, 'a value that is too old is not used');
query('r', 'RESET recon.ttl_stats');
agrees('r', 'another is computed');
is(sqlstate($node, 'SELECT recon.memo_reset()', extra_params => [ '-U', 'ann' ]), '42501', 'to reset it is for superusers');
$node->safe_psql('postgres', 'SELECT recon.memo_reset()');
is($node->safe_psql('postgres', 'SELECT sum(hits), sum(entries) FROM recon.memo_stats'), '0|0', 'a reset');
agrees('r', 'computed again');
cmp_ok($node->safe_psql('postgres', 'SELECT sum(entries) FROM recon.memo_stats'), '==', 6, 'and kept');

# t22: who may have what is asked at each call; what is kept is for all.
my $as_ann = q{SELECT string_agg(project_id::text, ' ') FROM recon.get_projects()};
is($node->safe_psql('postgres', $as_ann, extra_params => [ '-U', 'ann' ]), '1', 'a member sees his projects');
is($node->safe_psql('postgres', $as_ann, extra_params => [ '-U', 'eve' ]), '', 'a stranger none');
for my $function ('get_project', 'get_project_stats', 'get_reconciliation_jobs', 'get_project_data_sources')
{
	my ($rc, $out, $hidden) = $node->psql('postgres', "SELECT * FROM recon.$function(1)", extra_params => [ '-U', 'eve' ]);
	my ($rc2, $out2, $none) = $node->psql('postgres', "SELECT * FROM recon.$function(99)", extra_params => [ '-U', 'eve' ]);
	($hidden, $none) = map { s/project \d+/project N/r } $hidden, $none;
	is($hidden, $none, "$function: a hidden project is as none") or diag($hidden);
	like($hidden, qr/project N does not exist/, 'which does not exist');
}
is($node->safe_psql('postgres', q{SELECT count(*) FROM recon.get_users()}, extra_params => [ '-U', 'eve' ]), '0', 'nor users');
my $ann = $node->background_psql('postgres', on_error_stop => 0, extra_params => [ '-U', 'ann' ]);
my $may = q{SELECT count(*) FROM recon.get_project_stats(1)};
is($ann->query_safe($may), '1', 'a member') for 1, 2;
query('w', q{BEGIN; SELECT recon.remove_member(1, 'ann')});
is($ann->query_safe($may), '1', 'while he is being removed, by an open transaction') for 1, 2;
query('w', 'COMMIT');
my $gone = $ann->query($may);
isnt($gone, '1', 'no more once that is committed');
$ann->quit;
query('w', q{SELECT recon.add_member(1, 'team', 'viewer')});
is($node->safe_psql('postgres', $may, extra_params => [ '-U', 'eve' ]), '1', 'a member by a group');
query('w', 'REVOKE team FROM eve');
is(sqlstate($node, $may, extra_params => [ '-U', 'eve' ]), '42704', 'and not without it');
is(sqlstate($node, "SET ROLE eve; $may"), '42704', 'nor by SET ROLE');

# t21: another extension of the same name has other projects of the same ids.
$_->quit for values %session;
$node->safe_psql('postgres', q{BEGIN; DROP EXTENSION recon CASCADE; ROLLBACK; SELECT total_jobs FROM recon.get_project_stats(1)});
$node->safe_psql('postgres', q{DROP EXTENSION recon CASCADE; DROP SCHEMA IF EXISTS recon; CREATE EXTENSION recon; SELECT recon.create_project('new')});
is($node->safe_psql('postgres', q{SELECT name, total_jobs FROM recon.get_project(1), recon.get_project_stats(1)}), 'new|0', 't21 another extension');

# Without the memo.
$node->append_conf('postgresql.conf', 'recon.memo_size = 0');
$node->restart;
is($node->safe_psql('postgres', $equal), 'true', 'without the memo');
is($node->safe_psql('postgres', 'SELECT sum(hits), sum(entries) FROM recon.memo_stats'), '0|0', 'which counts nothing');
is(sqlstate($node, 'SELECT recon.memo_reset()'), '55000', 'nor is to be reset');
done_testing();
