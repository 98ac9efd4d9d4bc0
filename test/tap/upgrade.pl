# From 1.0 to 1.1: an updated database, a new one, one from a dump and one from pg_upgrade have the same objects. The update takes
# indexes that were built before, and refuses what is not what it should be.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('upgrade');
$node->init;
$node->append_conf('postgresql.conf', 'lock_timeout = 0');
$node->start;

# Everything of the extension, without the numbers that the server gives: one line an object.
my $objects = q{
	SET search_path = pg_catalog;
	SELECT 'version', extversion, n.nspname, extrelocatable::text FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname = 'recon'
	UNION ALL SELECT 'member', pg_describe_object(classid, objid, objsubid), '', '' FROM pg_depend WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
		AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'recon')
	UNION ALL SELECT 'dumped', c::regclass::text, w, '' FROM pg_extension, unnest(extconfig, extcondition) u(c, w) WHERE extname = 'recon'
	UNION ALL SELECT 'relation', c.oid::regclass::text, concat_ws(' ', relkind, relpersistence, relrowsecurity, relforcerowsecurity, relowner::regrole, reloptions, relreplident, am.amname),
		(SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))) a) FROM pg_class c LEFT JOIN pg_am am ON am.oid = c.relam WHERE relnamespace = 'recon'::regnamespace
	UNION ALL SELECT 'column', attrelid::regclass || '.' || attname, concat_ws(' ', attnum, format_type(atttypid, atttypmod), attnotnull, attstorage, attidentity, attgenerated, attstattarget, attacl),
		pg_get_expr(adbin, adrelid) FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid LEFT JOIN pg_attrdef d ON d.adrelid = attrelid AND d.adnum = attnum
		WHERE relnamespace = 'recon'::regnamespace AND attnum > 0
	UNION ALL SELECT 'constraint', conrelid::regclass || ' ' || conname, pg_get_constraintdef(oid), convalidated::text FROM pg_constraint WHERE connamespace = 'recon'::regnamespace
	UNION ALL SELECT 'index', i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), concat_ws(' ', indisvalid, indisready, indislive, indisprimary, indisreplident, indisclustered)
		FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE relnamespace = 'recon'::regnamespace
	UNION ALL SELECT 'view', c.oid::regclass::text, pg_get_viewdef(c.oid), '' FROM pg_class c WHERE relnamespace = 'recon'::regnamespace AND relkind = 'v'
	UNION ALL SELECT 'trigger', tgrelid::regclass || ' ' || tgname, pg_get_triggerdef(t.oid), tgenabled::text FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
		WHERE relnamespace = 'recon'::regnamespace AND NOT tgisinternal
	UNION ALL SELECT 'policy', polrelid::regclass || ' ' || polname, pg_get_expr(polqual, polrelid), polcmd::text FROM pg_policy
	UNION ALL SELECT 'function', p.oid::regprocedure::text, pg_get_functiondef(p.oid), (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(coalesce(proacl, acldefault('f', proowner))) a) FROM pg_proc p WHERE pronamespace = 'recon'::regnamespace
	UNION ALL SELECT 'type', t.oid::regtype::text, concat_ws(' ', typtype, typowner::regrole), '' FROM pg_type t WHERE typnamespace = 'recon'::regnamespace
	UNION ALL SELECT 'sequence', s.seqrelid::regclass::text, concat_ws(' ', seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle), '' FROM pg_sequence s JOIN pg_class c ON c.oid = seqrelid WHERE relnamespace = 'recon'::regnamespace
	UNION ALL SELECT 'comment', pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description, '' FROM pg_description d
		WHERE d.objoid >= 16384 AND pg_describe_object(d.classoid, d.objoid, d.objsubid) ~ '\mrecon\M'
	ORDER BY 1, 2, 3, 4};
# Only what differs is worth a line.
sub same
{
	my ($got, $expected, $name) = @_;
	my %expected = map { $_ => 1 } split /\n/, $expected;
	my %got = map { $_ => 1 } split /\n/, $got;
	is(join("\n", (map { "+ $_" } grep { !$expected{$_} } sort keys %got), (map { "- $_" } grep { !$got{$_} } sort keys %expected)), '', $name);
	return;
}
sub objects { return $_[0]->safe_psql($_[1], $objects) }
sub version { return $node->safe_psql($_[0], q{SELECT extversion FROM pg_extension WHERE extname = 'recon'}) }
sub invalid { return $node->safe_psql($_[0], q{SELECT count(*) FROM recon.index_status WHERE state <> 'valid'}) }

my $a = write_file($node, 'a.csv', "external_id,amount,reference\n1,10,x\n2,20,y\n3,30.50,z\n");
my $b = write_file($node, 'b.csv', "external_id,amount,reference\n1,10.00,x\n3,30,z\n");
# A database at 1.0, with data; the functions of the new library work with the old objects.
sub old
{
	my ($database) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	is($node->safe_psql($database, qq{
		CREATE EXTENSION recon VERSION '1.0';
		SELECT recon.create_project('p');
		SELECT recon.create_source(1, s) FROM unnest('{a,b}'::text[]) s;
		SELECT records_loaded FROM recon.ingest_file(1, '$a');
		SELECT records_loaded FROM recon.ingest_file(2, '$b');
		SELECT recon.create_rule(1, 'r', '{"match": [{"field": "reference", "op": "equal"}]}');
		SELECT matches FROM recon.run_job(recon.create_job(1, 'j', 1, 2));
		SELECT count(*) FROM recon.index_status WHERE state = 'missing';
		SELECT count(*) FROM pg_class WHERE relname LIKE 'idx\\_%'}), "1\n1\n2\n3\n2\n1\n2\n23\n0", "$database: 1.0 works, without the indexes");
	return;
}

old($_) for qw(updated prebuilt refused);
$node->safe_psql('postgres', 'CREATE DATABASE fresh');
$node->safe_psql('fresh', 'CREATE EXTENSION recon');
is(version('fresh'), '1.1', 'a new database has 1.1');
is(invalid('fresh'), '0', 'with all indexes');
my $fresh = objects($node, 'fresh');
is(scalar(() = $fresh =~ /^index\|recon\.idx_.*\|t t t f f f$/mg), 23, 'there are 23');

$node->safe_psql('updated', q{ALTER EXTENSION recon UPDATE TO '1.1'});
same(objects($node, 'updated'), $fresh, 'updated: every object as in a new database');
is(invalid('updated'), '0', 'updated: all indexes are valid');

# Built before, by hand and by recon: they stay what they are.
$node->safe_psql('prebuilt', $_) for split /\n/, $node->safe_psql('prebuilt', q{SELECT replace(definition, 'CREATE INDEX', 'CREATE INDEX CONCURRENTLY') FROM recon.index_definitions() WHERE table_name <> 'jobs'});
is($node->safe_psql('prebuilt', 'SELECT recon.build_indexes(true)'), '4', 'prebuilt: some are left to the worker');
$node->poll_query_until('prebuilt', 'SELECT bool_and(valid) FROM recon.index_status') or die 'not built';
my $oids = q{SELECT string_agg(oid::text, ' ' ORDER BY relname) FROM pg_class WHERE relname LIKE 'idx\_%'};
my $before = $node->safe_psql('prebuilt', $oids);
$node->safe_psql('prebuilt', q{ALTER EXTENSION recon UPDATE});
is($node->safe_psql('prebuilt', $oids), $before, 'prebuilt: taken as they are');
same(objects($node, 'prebuilt'), $fresh, 'prebuilt: every object as in a new database');

# Refused, with a hint, and nothing is changed.
sub refused
{
	my ($what, $expected) = @_;
	my ($rc, $out, $err) = $node->psql('refused', q{\set VERBOSITY verbose
		ALTER EXTENSION recon UPDATE});
	like($err, $expected, "refused: $what");
	is(version('refused'), '1.0', "refused: $what: nothing is changed");
	return;
}
$node->safe_psql('refused', 'CREATE INDEX idx_jobs_created_by ON recon.jobs (created_by)');
refused('another definition', qr/ERROR:  55000: relation "recon.idx_jobs_created_by" is not the index that recon needs\nDETAIL:  recon needs: CREATE INDEX idx_jobs_created_by ON .*\nHINT:  Drop or rename it, then update again\./);
$node->safe_psql('refused', 'DROP INDEX recon.idx_jobs_created_by; CREATE TABLE recon.idx_jobs_created_by ()');
refused('another kind of relation', qr/ERROR:  55000: relation "recon.idx_jobs_created_by" is not the index/);
$node->safe_psql('refused', 'DROP TABLE recon.idx_jobs_created_by');
my $writer = $node->background_psql('refused');
$writer->query_safe('BEGIN; UPDATE recon.jobs SET name = name');
my $build = $node->safe_psql('refused', q{SELECT replace(definition, 'CREATE INDEX', 'CREATE INDEX CONCURRENTLY') FROM recon.index_definitions() WHERE name = 'idx_jobs_created_by'});
like(($node->psql('refused', "SET statement_timeout = '500ms';\n$build"))[2], qr/statement timeout/, 'a build by hand that is stopped');
refused('an invalid one', qr/ERROR:  55000: index "recon.idx_jobs_created_by" is invalid\nDETAIL: .*\nHINT:  Build it anew with SELECT recon\.build_indexes\(concurrently => true\), or drop it with DROP INDEX CONCURRENTLY recon\.idx_jobs_created_by; then update again\./);
$writer->query_safe('COMMIT');
$node->safe_psql('refused', 'DROP INDEX recon.idx_jobs_created_by');
$writer->query_safe('BEGIN; UPDATE recon.jobs SET name = name');
{
	local $ENV{PGOPTIONS} = "-c lock_timeout=300ms";
	refused('while somebody writes', qr/ERROR:  55P03: could not lock table "recon.jobs" within 300 ms\nDETAIL: .*\nHINT:  Try again at a quieter time/);
}
# Meanwhile nobody waits behind the update.
{
	my $update = $node->background_psql('refused', on_error_stop => 0);
	$update->query_until(qr/begun/, "\\echo begun\nALTER EXTENSION recon UPDATE;\n");
	my $slowest = 0;
	for (1 .. 20)
	{
		my $began = time;
		$node->safe_psql('refused', 'BEGIN; UPDATE recon.data_sources SET name = name; ROLLBACK');
		$slowest = time - $began if time - $began > $slowest;
	}
	cmp_ok($slowest, '<', 3, 'refused: others write while the update tries to');
	eval { $update->quit };
}
refused('while somebody writes, without a lock_timeout', qr/ERROR:  55P03: could not lock table "recon.jobs" within 5000 ms\n/);
$writer->query_safe('COMMIT');
$writer->quit;
is($node->safe_psql('refused', q{SET lock_timeout = '7s'; ALTER EXTENSION recon UPDATE; SHOW lock_timeout; SHOW search_path}), qq{7s\n"\$user", public}, 'the settings are the session\'s own again');
same(objects($node, 'refused'), $fresh, 'refused: in the end it is updated');

# A dump of either version makes the new one.
old('dumped');
for my $database (qw(dumped updated))
{
	my $file = $node->basedir . "/$database.sql";
	command_ok([ 'pg_dump', '-f', $file, $node->connstr($database) ], "$database: pg_dump");
	$node->safe_psql('postgres', "CREATE DATABASE ${database}_restored");
	command_ok([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-f', $file, '-d', $node->connstr("${database}_restored") ], "$database: restored");
	same(objects($node, "${database}_restored"), $fresh, "$database: every object as in a new database");
	is($node->safe_psql("${database}_restored", 'SELECT total_records, total_matches FROM recon.get_project_stats(1)'), '5|2', "$database: with its rows");
}
# With the indexes at the end, as docs/upgrading.md has it.
my $dump = $node->basedir . '/late.dump';
command_ok([ 'pg_dump', '-Fc', '-f', $dump, $node->connstr('updated') ], 'a dump to be restored without the indexes');
$node->safe_psql('postgres', 'CREATE DATABASE late');
$node->safe_psql('late', q{CREATE EXTENSION recon VERSION '1.0'});
my ($list) = run_command([ 'pg_restore', '--list', $dump ]);
append_to_file("$dump.list", join("\n", grep { !/ SCHEMA - recon / } split /\n/, $list) . "\n");
command_ok([ 'pg_restore', '--exit-on-error', '--use-list', "$dump.list", '-d', $node->connstr('late'), $dump ], 'restored into 1.0');
is(version('late'), '1.0', 'which has none of them yet');
$node->safe_psql('late', q{ALTER EXTENSION recon UPDATE TO '1.1'});
same(objects($node, 'late'), $fresh, 'updated then: every object as in a new database');
is($node->safe_psql('late', 'SELECT total_records, total_matches FROM recon.get_project_stats(1)'), '5|2', 'with its rows');

# pg_upgrade keeps the version; here into a server of the same one.
my %before = map { $_ => objects($node, $_) } qw(dumped updated);
my %stats = map { $_ => rows($node, $_) } qw(dumped updated);
# From version 18 on pg_upgrade loads what is in $libdir from there alone, and here the library is elsewhere.
my $elsewhere = $node->pg_version >= 18;
sub move_library
{
	my ($server, $from, $to) = @_;
	$server->safe_psql($_, qq{UPDATE pg_proc SET probin = '$to' WHERE probin = '$from'})
		for split /\n/, $server->safe_psql('postgres', 'SELECT datname FROM pg_database WHERE datallowconn');
}
move_library($node, '$libdir/recon', 'recon') if $elsewhere;
$node->stop;
my $new = PostgreSQL::Test::Cluster->new('upgraded');
$new->init;
$new->append_conf('postgresql.conf', 'lock_timeout = 0');
my $bindir = $node->config_data('--bindir');
my $config = slurp_file($node->data_dir . '/postgresql.conf');
chdir $PostgreSQL::Test::Utils::tmp_check or die;
command_ok([ 'pg_upgrade', '--no-sync', '-d', $node->data_dir, '-D', $new->data_dir, '-b', $bindir, '-B', $bindir, '-s', $new->host, '-p', $node->port, '-P', $new->port ], 'pg_upgrade');
$new->start;
move_library($new, 'recon', '$libdir/recon') if $elsewhere;
for my $database (qw(dumped updated))
{
	same(objects($new, $database), $before{$database}, "$database: every object is there after pg_upgrade");
	is(rows($new, $database), $stats{$database}, "$database: and every row");
	is($new->safe_psql($database, 'SELECT total_records, total_matches FROM recon.get_project_stats(1)'), '5|2', "$database: it works");
}
$new->safe_psql('dumped', q{ALTER EXTENSION recon UPDATE});
same(objects($new, 'dumped'), $fresh, 'a 1.0 that came by pg_upgrade is updated as any other');
done_testing();
