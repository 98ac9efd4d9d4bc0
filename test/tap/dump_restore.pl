# pg_dump and psql, and pg_dump -Fc and pg_restore, carry everything over; DROP EXTENSION takes everything away.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;

my $node = server('dump');
project($node);
my $a = write_file($node, 'a.csv', "external_id,amount,reference\n1,10,x\n2,20,\"two\nlines\"\n3,30.50,z\nbad,x,\n");
my $b = write_file($node, 'b.csv', "external_id,amount,reference\n1,10.00,x\n3,30,z\n");
my $c = write_file($node, 'c.csv', "external_id,amount,reference\n3,30.25,z\n7,30,z\n");
my $d = write_file($node, 'd.csv', "external_id,amount,reference\n11,10,x\n7,30,z\n12,20,\"two\nlines\"\n13,30.50,z\nbad,x,\n");
$node->safe_psql('postgres', qq{
	CREATE ROLE dump_owner; CREATE ROLE dump_viewer; CREATE ROLE dump_stranger; CREATE ROLE "dump Group"; GRANT "dump Group" TO dump_stranger;
	SELECT recon.add_member(1, 'dump_owner', 'owner'), recon.add_member(1, 'dump_viewer', 'viewer'), recon.set_holidays('TARGET', '{2024-12-25}');
	SET ROLE dump_owner;
	SELECT recon.set_user('The Owner', NULL);
	SELECT recon.create_project('hidden', 'of the owner', '{"pairs": [["a", "b"]]}');
	RESET ROLE;
	SELECT recon.run_cleanup();
	SELECT recon.add_member(2, 'dump Group', 'viewer');
	SELECT recon.create_source(2, 'relation', '{"amount": {"expression": "reltuples::numeric"}}', '{}', 'pg_catalog.pg_class');
	SELECT recon.close_period(2, '1999-12-31');
	SELECT recon.ingest_file(1, '$a'), recon.ingest_file(2, '$b');
	SELECT recon.create_rule(1, 'exact', '{"match": [{"field": "reference", "op": "equal"}, {"field": "amount", "op": "equal"}]}');
	SELECT recon.create_rule(1, 'near', '{"match": [{"field": "reference", "op": "equal"}, {"field": "amount", "op": "within", "abs": 1}]}');
	SELECT recon.create_job(1, 'j', 1, 2, ARRAY[1::bigint], 0.5);
	SELECT recon.run_job(1);
	SELECT recon.ingest_file(2, '$c', '{"on_duplicate": "update"}');
	INSERT INTO recon.matches (project_id, job_id, cardinality, confidence, status, ambiguous, created_at) VALUES (1, 1, '1:N', 1, 'unmatched', false, now());
	INSERT INTO recon.match_members (project_id, match_id, record_id, side)
		SELECT 1, (SELECT match_id FROM recon.matches WHERE cardinality = '1:N'), record_id, CASE source_id WHEN 1 THEN 'A' ELSE 'B' END
		FROM recon.records WHERE line_no = 2 OR source_id = 2;
	INSERT INTO recon.matches (project_id, cardinality, confidence, status, ambiguous, created_at) VALUES (1, 'N:M', 0.5, 'proposed', false, now());
	INSERT INTO recon.match_members (project_id, match_id, record_id, side)
		SELECT 1, (SELECT match_id FROM recon.matches WHERE cardinality = 'N:M'), record_id, CASE source_id WHEN 1 THEN 'A' ELSE 'B' END FROM recon.records WHERE line_no = 3;
	SELECT recon.comment_exception(record_id, 'kept'), recon.set_exception_status(record_id, 'accepted') FROM recon.exceptions LIMIT 1;
	INSERT INTO recon.rejections SELECT match_id, 1, 1, 2 FROM recon.matches WHERE cardinality = 'N:M';
	SELECT recon.upload_begin(2, 'u.csv');
	SELECT recon.upload_chunk(1, 1, E'external_id,amount,reference\\n8,80,u\\n');
	SELECT recon.upload_finish(1);
});
# What is on its way is not dumped: its client has it still.
$node->safe_psql('postgres', q{SELECT recon.upload_begin(2, 'open.csv'); SELECT recon.upload_chunk(2, 1, 'x')});
my $figures = 'SELECT recon.get_project_stats(project_id) FROM recon.projects ORDER BY project_id';
my $figures_before = $node->safe_psql('postgres', $figures);
like($figures_before, qr/^\(1,1,1,0,0,7,4,3,2,1,1,0.75,4,198,/, 'figures of the project');
my $trail = 'SELECT project_id, a.* FROM (SELECT 0 UNION SELECT project_id FROM recon.projects) p(project_id), recon.verify_audit(project_id) a ORDER BY 1';
my $trail_before = $node->safe_psql('postgres', $trail);
is(join(' ', $trail_before =~ /^(\d\|t\|\d+\|)/mg), '0|t|1| 1|t|1| 2|t|1|', 'the audit trail is whole');
my $before = rows($node, 'postgres');
unlike($before =~ s/^missing_records.*\n//mr, qr/\|0\|/, 'every table has rows');
# Uploads that are open are not dumped; the figures are made anew.
$before =~ s/^(upload|stats_).*\n//gm;

my $file = $node->basedir . '/dump.sql';
command_ok([ 'pg_dump', '-f', $file, $node->connstr('postgres') ], 'pg_dump');
command_ok([ 'pg_dump', '-Fc', '-f', "$file.c", $node->connstr('postgres') ], 'pg_dump -Fc');
command_ok([ 'pg_dump', '--data-only', '-f', "$file.data", $node->connstr('postgres') ], 'pg_dump --data-only');
command_ok([ 'pg_dump', '--data-only', '--disable-triggers', '-f', "$file.silent", $node->connstr('postgres') ], 'pg_dump --data-only --disable-triggers');
command_ok([ 'pg_dump', '--data-only', '--rows-per-insert=2', '-f', "$file.inserts", $node->connstr('postgres') ], 'pg_dump --rows-per-insert');
unlike(slurp_file("$file.data"), qr/stats_/, 'what is kept of the figures is not dumped');
my %restored = (
	plain => [ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-f', $file ],
	custom => [ 'pg_restore', '-e', "$file.c" ],
	custom_data => [ 'pg_restore', '-e', '--data-only', "$file.c" ],
	custom_silent => [ 'pg_restore', '-e', '--data-only', '--disable-triggers', "$file.c" ],
	data => [ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-f', "$file.data" ],
	silent => [ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-f', "$file.silent" ],
	inserts => [ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-f', "$file.inserts" ]);
for my $database (sort keys %restored)
{
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	$node->safe_psql($database, 'CREATE EXTENSION recon') unless $database =~ /^(plain|custom)$/;
	command_ok([ @{ $restored{$database} }, '-d', $node->connstr($database) ], "$database: restored");
}

for my $database (sort keys %restored)
{
	is(rows($node, $database) =~ s/^(upload|stats_).*\n//gmr, $before, "$database: every row of every table is there");
	is($node->safe_psql($database, $trail), $trail_before, "$database: the audit trail is whole, and the same");
	is($node->safe_psql($database, 'SELECT status, records_loaded FROM recon.upload_finish(1)'), 'completed|1', "$database: the report of an upload");
	is(sqlstate($node, 'SELECT recon.upload_finish(2)', connstr => $node->connstr($database)), '42704', "$database: no upload under way");

	is($node->safe_psql($database, $figures), $figures_before, "$database: the figures");
	is($node->safe_psql($database, 'SELECT count(*) FROM recon.projects, recon.stats_verify(project_id)'), '0', "$database: nothing of them is to repair");
	is($node->safe_psql($database, $figures), $figures_before, "$database: nor was anything changed by that");

	# Sequences go on, and nothing meets what is there.
	is($node->safe_psql($database, "SELECT recon.create_project('new') > 2, recon.create_source(1, 'c') > 3, recon.create_rule(1, 'r', '{\"match\": [{\"field\": \"amount\", \"op\": \"equal\"}]}') > 2"),
		't|t|t', "$database: new ids");
	is($node->safe_psql($database, "SELECT records_loaded, records_rejected FROM recon.ingest_file(2, '$d')"), '3|1', "$database: a load");
	is($node->safe_psql($database, 'SELECT total_records, matches FROM recon.run_job(recon.create_job(1, \'k\', 1, 2))'), '7|2', "$database: a run over old and new records, but for the one that was accepted");

	is($node->safe_psql($database, 'SELECT count(*) FROM recon.projects, recon.stats_verify(project_id)'), '0', "$database: the figures are still right");

	is($node->safe_psql($database, "SELECT removed FROM recon.run_cleanup() WHERE task = 'audit chains sealed'"), '3', "$database: the audit trail goes on");
	is($node->safe_psql($database, 'SELECT count(*), sum(unsealed) FROM recon.projects, recon.verify_audit(project_id) WHERE valid'), '3|0', "$database: and is whole");

	# Memberships work, row-level security too.
	my $seen = sub { $node->safe_psql($database, "SET ROLE $_[0]; SELECT string_agg(name, ',' ORDER BY project_id) FROM recon.projects") };
	is($seen->('dump_owner'), 'p,hidden', "$database: an owner sees both");
	is($seen->('dump_viewer'), 'p', "$database: a viewer sees one");
	is($seen->('dump_stranger'), 'hidden', "$database: a member of a group sees the group's");
	is($node->safe_psql($database, q{SET ROLE dump_viewer; SELECT count(*) FROM recon.explain_match((SELECT min(match_id) FROM recon.matches))}), '2', "$database: an old match is explained");
}

# The extension goes with everything, and comes again in the same session.
is($node->safe_psql('plain', q{
	SELECT total_files FROM recon.get_project_stats(1);
	SELECT recon.upload_chunk(recon.upload_begin(1, 'x'), 1, 'x');
	DROP EXTENSION recon;
	SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('recon')), (SELECT count(*) FROM pg_proc WHERE probin LIKE '%recon%');
	CREATE EXTENSION recon;
	SELECT recon.create_project('again'), recon.create_source(1, 's'), count(*) FROM recon.projects;
	SELECT records_loaded FROM recon.ingest_file(1, '} . $a . q{');
	SELECT total_records, total_files FROM recon.get_project_stats(1);
	SELECT recon.upload_chunk(recon.upload_begin(1, 'x'), 1, 'xx');
	DROP EXTENSION recon CASCADE;
	CREATE EXTENSION recon;
	SELECT count(*) FROM recon.projects;
}), "5\n1\n0|0\n1|1|0\n3\n3|1\n2\n0", 'dropped and made again');
done_testing();
