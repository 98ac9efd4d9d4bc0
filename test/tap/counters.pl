# Whoever changes recon's tables directly, and however: the figures of a project are what the tables say, in every snapshot.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;

my $node = server('counters', 'max_prepared_transactions = 20', 'wal_level = replica', 'max_wal_senders = 5', 'deadlock_timeout = 10ms');
my $include = "$FindBin::Bin/../../sql/include";
$node->safe_psql('postgres', slurp_file("$include/$_.sql")) foreach qw(stats direct);
$node->safe_psql('postgres', q{SELECT direct_project('one'), direct_project('two')});
my $sql = sub { $node->safe_psql('postgres', $_[0]) };
# The figures of a project by name, or of all: what differs from the tables comes first, and is nothing.
my $figures = q{SELECT wrong_figures(), total_jobs, total_records, matched_records, total_matches, total_files FROM recon.projects p, recon.get_project_stats(p.project_id) WHERE p.name = 'one'};
my $right = sub {
	my ($expected, $what, $on) = @_;
	is(($on // $node)->safe_psql('postgres', $figures), "|$expected", $what);
};

# At random, one statement a transaction; the seed is told where a test fails.
my $seed = $ENV{RECON_STATS_SEED} || int(rand(1e6));
note("RECON_STATS_SEED=$seed");
$sql->(q{
	CREATE PROCEDURE directly(seed float, statements int) LANGUAGE plpgsql AS $$
	DECLARE
		did text;
		found jsonb;
		undone int := 0;
		seen boolean := false;
	BEGIN
		PERFORM setseed(seed);
		COMMIT;
		FOR i IN 1 .. statements LOOP
			did := direct((SELECT array_agg(project_id) FROM recon.projects WHERE random() < 0.7));
			undone := undone + (did LIKE '%:%')::int;
			found := wrong_figures();
			IF found IS NOT NULL THEN RAISE 'after statement %, %: %', i, did, found; END IF;
			seen := seen OR (SELECT bool_or(total_jobs * total_records * matched_records * total_matches * total_files > 0) FROM recon.projects p, recon.get_project_stats(p.project_id));
			COMMIT;
		END LOOP;
		IF statements < 400 THEN RETURN; END IF; -- too few to have met everything
		IF NOT seen THEN RAISE 'a figure was always 0'; END IF;
		IF undone = 0 OR undone > statements / 2 THEN RAISE '% statements undone', undone; END IF;
	END
	$$});
is($node->psql('postgres', "CALL directly($seed / 1e6, 400)"), 0, "figures after 400 statements of the owner, seed $seed");
is($sql->('SELECT count(*) FROM recon.projects, recon.stats_verify(project_id)'), '0', 'nothing is to repair');
is($node->psql('postgres', "BEGIN; SELECT setseed($seed / 1e6), count(direct(ARRAY[1, 2])) FROM generate_series(1, 100); SELECT 1 / (wrong_figures() IS NULL)::int; COMMIT"), 0, 'nor after 100 in one transaction');
is($sql->('SELECT wrong_figures()'), '', 'nor once it has committed');

# From here on, known figures.
my $load = write_file($node, 'load.csv', "external_id\n" . join('', map { "$_\n" } 1 .. 4));
my $reset = sub {
	$sql->(qq{TRUNCATE recon.projects CASCADE; TRUNCATE recon.users CASCADE; SELECT direct_project('one'), direct_project('two')});
	$sql->(q{INSERT INTO recon.records (project_id, source_id, ingestion_id, line_no, external_id) SELECT project_id, source_id, ingestion_id, g, 'd' FROM recon.ingestions, generate_series(1, 4) g;
		INSERT INTO recon.matches (project_id, created_at, confidence, cardinality, status, ambiguous) SELECT project_id, now(), 0.5, 'N:M', 'approved', false FROM recon.projects, generate_series(1, 2);
		INSERT INTO recon.match_members SELECT project_id, match_id, record_id, 'A' FROM recon.matches JOIN recon.records USING (project_id)});
};
$reset->();
$right->('0|4|8|2|0', 'all tables emptied, and filled again');
is($sql->(q{BEGIN; INSERT INTO recon.projects (name, owner_id) SELECT 'inserted', min(user_id) FROM recon.users; SELECT count(*) FROM recon.projects JOIN recon.stats_base USING (project_id); ROLLBACK}), '3', 'a project that was inserted has a base');

# TRUNCATE takes what came after the snapshot, too.
is($node->psql('postgres', 'BEGIN; TRUNCATE recon.match_members; SELECT 1 / (wrong_figures() IS NULL)::int; ROLLBACK'), 0, 'TRUNCATE is counted');
$right->('0|4|8|2|0', 'and undone');
$sql->(qq{BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM recon.match_members;
	\\! psql -Xqd '@{[$node->connstr('postgres')]}' -c "INSERT INTO recon.matches (project_id, record_a_id, record_b_id, created_at, confidence, cardinality, status, ambiguous) SELECT project_id, min(record_id), max(record_id), now(), 0.5, '1:1', 'approved', false FROM recon.records GROUP BY 1"
	TRUNCATE recon.matches, recon.match_members, recon.rejections; COMMIT});
$right->('0|4|0|0|0', 'rows that came after the snapshot of who truncates');

# COPY; a foreign key that deletes.
$reset->();
my $members = $node->basedir . '/members';
$sql->("COPY recon.match_members TO '$members'; DELETE FROM recon.match_members");
$right->('0|4|0|2|0', 'members deleted');
$sql->("COPY recon.match_members FROM '$members'");
$right->('0|4|8|2|0', 'members copied');
$sql->(q{ALTER TABLE recon.match_members ADD CONSTRAINT cascade FOREIGN KEY (match_id, project_id) REFERENCES recon.matches ON DELETE CASCADE, DROP CONSTRAINT match_members_match_id_project_id_fkey;
	DELETE FROM recon.matches WHERE match_id IN (SELECT min(match_id) FROM recon.matches GROUP BY project_id)});
$right->('0|4|4|1|0', 'members that go with their match');
$sql->('DELETE FROM recon.match_members; DELETE FROM recon.matches; DELETE FROM recon.records; DELETE FROM recon.ingestions; DELETE FROM recon.data_sources; DELETE FROM recon.projects');
is($sql->('SELECT (SELECT count(*) FROM recon.stats_base), (SELECT count(*) FROM recon.stats_deltas)'), '0|0', 'figures go with their project');
$reset->();
$sql->('WITH a AS (DELETE FROM recon.match_members), b AS (DELETE FROM recon.matches), c AS (DELETE FROM recon.records), d AS (DELETE FROM recon.ingestions), e AS (DELETE FROM recon.data_sources) DELETE FROM recon.projects');
is($sql->('SELECT (SELECT count(*) FROM recon.stats_base), (SELECT count(*) FROM recon.stats_deltas)'), '0|0', 'also in one statement');

# A trigger of the user's own that changes recon's tables while recon changes them.
$reset->();
$sql->(q{CREATE FUNCTION add_file() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
		INSERT INTO recon.files (project_id, source_id, name, bytes, fingerprint, status, uploaded_by) VALUES (NEW.project_id, NEW.source_a, 'of a job', 7, decode(repeat('00', 16), 'hex'), 'loaded', current_user);
		PERFORM recon.create_source(NEW.project_id, 'of job ' || NEW.job_id);
		INSERT INTO recon.jobs (project_id, name, source_a, source_b, created_by) SELECT NEW.project_id, 'second', NEW.source_a, NEW.source_b, current_user WHERE NEW.name = 'first';
		RETURN NULL; END$$;
	CREATE TRIGGER add_file AFTER INSERT ON recon.jobs FOR EACH ROW EXECUTE FUNCTION add_file();
	SELECT recon.create_job(p.project_id, 'first', min(s.source_id), max(s.source_id)) FROM recon.projects p JOIN recon.data_sources s USING (project_id) WHERE p.name = 'one' GROUP BY p.project_id;
	DROP TRIGGER add_file ON recon.jobs});
$right->('2|4|8|2|2', 'a trigger of the user within a statement of recon');

# Rollback, savepoints, prepared transactions.
my $insert = q{INSERT INTO recon.matches (project_id, record_a_id, record_b_id, created_at, confidence, cardinality, status, ambiguous) SELECT project_id, min(record_id), max(record_id), now(), 0.5, '1:1', 'approved', false FROM recon.records GROUP BY 1};
$reset->();
is($sql->("BEGIN; $insert; $figures; ROLLBACK; $figures"), "|0|4|10|3|0\n|0|4|8|2|0", 'own changes are seen, and rolled back');
is($sql->("BEGIN; $insert; SAVEPOINT a; DELETE FROM recon.match_members; SAVEPOINT b; $insert; $figures; ROLLBACK TO b; $figures; ROLLBACK TO a; $figures; RELEASE a; $insert; COMMIT; $figures"),
	"|0|4|4|4|0\n|0|4|2|3|0\n|0|4|10|3|0\n|0|4|12|4|0", 'savepoints');
foreach my $end (qw(ROLLBACK COMMIT))
{
	$sql->("BEGIN; $insert; DELETE FROM recon.match_members; PREPARE TRANSACTION 'p'");
	$right->('0|4|12|4|0', 'not there while prepared');
	$node->restart;
	$right->('0|4|12|4|0', 'nor after a restart');
	$sql->("$end PREPARED 'p'");
	$right->($end eq 'COMMIT' ? '0|4|6|5|0' : '0|4|12|4|0', "after $end PREPARED");
}

# A snapshot keeps its figures, and a statement that began earlier, too.
my $deletion = qq{\\! psql -Xqd '@{[$node->connstr('postgres')]}' -c "DELETE FROM recon.matches WHERE cardinality = '1:1'" -c "CREATE TABLE made AS SELECT recon.create_job(project_id, 'j', min(source_id), max(source_id)) FROM recon.data_sources GROUP BY project_id"\n};
is($sql->("BEGIN ISOLATION LEVEL REPEATABLE READ; $figures;\n$deletion$figures; COMMIT; $figures"), "|0|4|6|5|0\n|0|4|6|5|0\n|1|4|0|2|0", 'REPEATABLE READ');

# What was not seen when the snapshot was taken cannot be counted.
$reset->();
my $members_come = qq{\\! psql -Xqd '@{[$node->connstr('postgres')]}' -c "INSERT INTO recon.match_members SELECT m.project_id, x.match_id, min(m.record_id), 'B' FROM recon.records m, (SELECT max(match_id) AS match_id FROM recon.matches) x WHERE m.project_id = (SELECT max(project_id) FROM recon.matches) GROUP BY 1, 2"\n};
$sql->('DELETE FROM recon.match_members');
is(sqlstate($node, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM recon.matches;\n${members_come}UPDATE recon.matches SET status = 'rejected'"), '40001', 'a match whose members came after the snapshot');
is($sql->('SELECT count(*), wrong_figures() FROM recon.match_members'), '1|', 'nothing is counted twice');

# Recon's functions decide on what a match is once they have waited for it.
my ($holder) = session($node, q{BEGIN; UPDATE recon.matches SET status = 'proposed'; UPDATE recon.matches SET status = 'rejected'; SELECT pg_sleep(2); COMMIT});
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'session' AND wait_event = 'PgSleep'}) or die;
is(sqlstate($node, 'SELECT recon.unmatch(max(match_id)) FROM recon.matches'), '55000', 'a match that was rejected meanwhile');
$holder->finish;
is($sql->('SELECT total_matches, wrong_figures() FROM recon.projects p, recon.get_project_stats(p.project_id) LIMIT 1'), '0|', 'and is not taken off twice');

# A standby has the figures of its own snapshot; so has what it becomes.
$reset->();
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
my $reader = IPC::Run::start([ 'psql', '-XAtq', '-d', $standby->connstr('postgres') ], '<', \my $in, '>', \my $out, '2>', \my $err, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
$in = "BEGIN ISOLATION LEVEL REPEATABLE READ;\n$figures;\n";
$reader->pump until $out =~ /\n/ || !$reader->pumpable;
$sql->("$insert; DELETE FROM recon.match_members");
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
$right->('0|4|2|3|0', 'a standby after direct changes', $standby);
$in = "$figures;\nCOMMIT;\n";
$reader->finish;
is($out, "|0|4|8|2|0\n|0|4|8|2|0\n", 'a snapshot of the standby');
is($node->psql('postgres', "CALL directly($seed / 1e6, 100)"), 0, 'more changes');
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
is($standby->safe_psql('postgres', $figures), $sql->($figures), 'the same on both');
is($standby->safe_psql('postgres', 'SELECT wrong_figures()'), '', 'and right');
$sql->("BEGIN; $insert; PREPARE TRANSACTION 'over'");
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
$standby->promote;
is($standby->safe_psql('postgres', 'SELECT wrong_figures()'), '', 'once promoted');
my $matches = $standby->safe_psql('postgres', q{SELECT total_matches FROM recon.projects p, recon.get_project_stats(p.project_id) WHERE name = 'one'});
is($standby->safe_psql('postgres', q{COMMIT PREPARED 'over'; SELECT wrong_figures(); SELECT total_matches FROM recon.projects p, recon.get_project_stats(p.project_id) WHERE name = 'one'}), "\n" . ($matches + 1), 'a prepared transaction outlives the primary');
is($standby->psql('postgres', "CALL directly($seed / 1e6, 50)"), 0, 'the new primary goes on');
is($standby->safe_psql('postgres', 'SELECT count(*) FROM recon.projects, recon.stats_verify(project_id)'), '0', 'nothing is to repair there');
$standby->stop;
$sql->("ROLLBACK PREPARED 'over'");

# Recon's functions, the owner's own statements and readers at once.
$reset->();
for my $i (1 .. 20)
{
	write_file($node, "random$i.csv", "external_id,amount\n" . join('', map { int(rand(60)) . ',' . int(rand(8)) . "\n" } 1 .. 6));
}
my $dir = $node->basedir;
$sql->(qq{
	CREATE TABLE readings (n bigint);
	SELECT recon.create_rule(project_id, 'r', '{"match": [{"field": "external_id", "op": "equal"}, {"field": "amount", "op": "within", "abs": 4}], "ambiguous": "take"}') FROM recon.projects;
	SELECT recon.create_job(project_id, 'j', min(source_id), max(source_id)) FROM recon.data_sources GROUP BY project_id;
	CREATE FUNCTION change() RETURNS void LANGUAGE plpgsql AS \$\$
	DECLARE
		dice float := random();
		id bigint;
	BEGIN
		IF dice < 0.4 THEN
			SELECT source_id FROM recon.data_sources ORDER BY random() LIMIT 1 INTO id;
			PERFORM recon.ingest_file(id, '$dir/random' || 1 + floor(random() * 20) || '.csv', jsonb_build_object('force', true, 'on_duplicate', (ARRAY['skip', 'update'])[1 + floor(random() * 2)::int]));
		ELSIF dice < 0.7 THEN
			PERFORM recon.run_job(job_id) FROM (SELECT job_id FROM recon.jobs WHERE name = 'j' ORDER BY random() LIMIT 1) j;
		ELSIF dice < 0.9 THEN
			SELECT match_id FROM recon.matches WHERE job_id IS NOT NULL AND status = 'proposed' ORDER BY random() LIMIT 1 INTO id;
			IF dice < 0.8 THEN PERFORM recon.approve_matches(ARRAY[id]); ELSE PERFORM recon.unmatch(id); END IF;
		ELSE
			PERFORM recon.run_cleanup();
		END IF;
	EXCEPTION WHEN object_not_in_prerequisite_state OR integrity_constraint_violation OR null_value_not_allowed THEN
		NULL;
	END
	\$\$;
	CREATE FUNCTION check_figures() RETURNS void LANGUAGE plpgsql AS \$\$
	DECLARE
		found jsonb := wrong_figures();
	BEGIN
		IF found IS NOT NULL THEN RAISE 'figures differ: %', found; END IF;
		INSERT INTO readings VALUES (1);
	END
	\$\$;
});
my $all = q{(SELECT array_agg(project_id) FROM recon.projects)};
my %scripts = (
	recon => 'SELECT change();',
	owner => "SELECT direct($all);",
	both => "BEGIN;\nSELECT direct($all);\nSELECT check_figures();\nSAVEPOINT s;\nSELECT change();\nROLLBACK TO s;\nSELECT change();\nSELECT check_figures();\nCOMMIT;",
	old_owner => "BEGIN ISOLATION LEVEL REPEATABLE READ;\nSELECT direct($all);\nSELECT check_figures();\nCOMMIT;",
	reader => 'SELECT check_figures();',
	old_reader => "BEGIN ISOLATION LEVEL REPEATABLE READ;\nSELECT check_figures();\n\\sleep 50 ms\nSELECT check_figures();\nCOMMIT;");
my $seconds = $ENV{RECON_STATS_SECONDS} // 8;
my @files = map { ('-f', write_file($node, "$_.sql", "SET client_min_messages = error;\n$scripts{$_}\n")) } sort keys %scripts;
my ($result, $diagnostics) = run_command([ 'pgbench', '-n', '-c', 6, '-j', 2, '-T', $seconds, '--max-tries', 1000, "--random-seed=$seed", @files, $node->connstr('postgres') ]);
unlike($diagnostics, qr/ERROR|aborted/, 'no reading differs from the tables, whatever sessions do at once') or diag($diagnostics);
note($result);
is($sql->('SELECT count(*) > 50 FROM readings'), 't', 'there were many readings');
is($sql->('SELECT wrong_figures()'), '', 'right in the end');
is($sql->('SELECT count(*) FROM recon.projects, recon.stats_verify(project_id)'), '0', 'nothing is to repair');

# What no trigger sees is found and put right.
$reset->();
$sql->('SET session_replication_role = replica; DELETE FROM recon.match_members');
isnt($sql->('SELECT wrong_figures()'), '', 'the comparison finds what is wrong');
is($sql->(q{SELECT string_agg(DISTINCT figure, ',') FROM recon.projects, recon.stats_verify(project_id)}), 'matched_records', 'stats_verify puts it right');
is($sql->('SELECT wrong_figures()'), '', 'right again');
# Nothing is kept of a project before its base is there: it is counted, until the cleanup makes the base.
$sql->('SET session_replication_role = replica; DELETE FROM recon.stats_base; DELETE FROM recon.stats_deltas');
is($sql->('SELECT wrong_figures()'), '', 'figures of which nothing is kept');
$sql->('SELECT recon.run_cleanup()');
is($sql->('SELECT (SELECT count(*) FROM recon.stats_base), wrong_figures()'), '2|', 'kept again');

# Nobody else's table.
$sql->('CREATE TABLE records (project_id bigint); CREATE TRIGGER t AFTER INSERT ON records FOR EACH STATEMENT EXECUTE FUNCTION recon.count_changes(); CREATE ROLE stranger; GRANT CREATE ON SCHEMA public TO stranger');
is(sqlstate($node, 'INSERT INTO records VALUES (1)'), '39P01', 'a table of others');
is(sqlstate($node, 'SET ROLE stranger; CREATE TABLE theirs (project_id bigint); CREATE TRIGGER t AFTER INSERT ON theirs FOR EACH STATEMENT EXECUTE FUNCTION recon.count_changes()'), '42501', 'and who may not');
done_testing();
