# Every object of the extension, tried by every kind of role and by every way SQL has, against what docs/security.md says of it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Utils;
use Recon;
use Surface;
use Test::More;

my $node = server('surface', 'jit = off');
my %documented = documented();
my @calls = calls();
my @members = qw(viewer reviewer operator owner);
my %rank = (everyone => 0, map { $members[ $_ - 1 ] => $_ } 1 .. 4);
my @roles = ('stranger', 'other', 'monitor', @members);

sub query { return $node->safe_psql('postgres', @_) }
sub as { my ($role, $sql) = @_; return as_role($node, $role, $sql) }
sub lines { return split /\n/, query(@_) }

# Of one project all roles but three are members, the other one is of "other".
prepare($node, @roles);
my $other = make_project($node, 'other', 'open');
my $hidden = make_project($node, 'owner', 'secret');
as('owner', "SELECT recon.add_member($hidden->{project}, '$_', '$_')") for qw(viewer reviewer operator);
as('owner', "SELECT recon.set_user('secret name', 'secret\@address')");
my %none = (%$hidden, map { $_ => $hidden->{$_} + 900_000_000 } grep { $_ ne 'file' } keys %$hidden);

# ---- what there is, is written down, and what is written down is there ------------------------------------------------------------

my $member = q{EXISTS (SELECT FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'recon' WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND d.classid = '%s'::regclass AND d.objid = o.oid)};
sub of_extension { return sprintf $member, $_[0] }
sub is_list { my ($got, $expected, $name) = @_; is(join("\n", sort @$got), join("\n", sort @$expected), $name); return }

my @relations = lines(q{SELECT relname FROM pg_class o WHERE relkind <> 'S' AND } . of_extension('pg_class') . ' ORDER BY 1');
is_list(\@relations, [ keys %{ $documented{relations} } ], 'docs/security.md has every table and view, and no other');
my %names = map { $_ => 1 } map { s/,.*//r } keys %{ $documented{functions} };
# What takes an internal argument can be called by the server alone.
my $callable = q{NOT 'internal'::regtype = ANY (proargtypes) AND } . of_extension('pg_proc');
is_list([ lines(qq{SELECT DISTINCT proname FROM pg_proc o WHERE $callable}) ], [ keys %names ], 'every function');
is_list([ lines(q{SELECT typname FROM pg_type o WHERE typelem = 0 AND (typrelid = 0 OR EXISTS (SELECT FROM pg_class c WHERE c.oid = typrelid AND relkind = 'c')) AND } . of_extension('pg_type')) ],
	[ keys %{ $documented{types} } ], 'every type');
my %signatures = map { $_->{signature} => 1 } @calls;
is_list([ lines(qq{SELECT replace(oid::regprocedure::text, 'recon.', '') FROM pg_proc o WHERE $callable}) ], [ keys %signatures ], 'each signature is called below');
is_list([ map { $_->{name} } @calls ], [ keys %{ $documented{functions} } ], 'and each as the documentation names it');
is(query(q{SELECT string_agg(relname, ' ') FROM pg_class o WHERE relkind = 'S' AND } . of_extension('pg_class')
	. q{ AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = o.oid AND d.deptype = 'i' AND d.refclassid = 'pg_class'::regclass)}), '', 'each sequence belongs to a table');
is(query(q{SELECT string_agg(DISTINCT pg_describe_object(classid, objid, 0), ', ') FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'recon'
	WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND classid NOT IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass)}), '', 'there is no other kind of object');
my @triggers = grep { $documented{functions}{$_} =~ /trigger/ } keys %{ $documented{functions} };
is_list([ lines(q{SELECT DISTINCT p.proname FROM pg_trigger t JOIN pg_proc p ON p.oid = tgfoid JOIN pg_class c ON c.oid = tgrelid WHERE c.relnamespace = 'recon'::regnamespace AND NOT tgisinternal}) ],
	\@triggers, 'triggers run the functions that are documented as such');
is(query(q{SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid WHERE c.relnamespace = 'recon'::regnamespace AND NOT tgisinternal AND tgenabled = 'D'}), '0', 'all of them are enabled');

# ---- privileges as they stand in the catalog ----------------------------------------------------------------------------------------

my $nobody = q{grantee <> 'postgres'::regrole};
my %grants;
push @{ $grants{ (split /\|/)[0] } }, $_ for lines(qq{SELECT relname, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END, privilege_type, is_grantable FROM pg_class, aclexplode(relacl) WHERE relnamespace = 'recon'::regnamespace AND $nobody});
for my $relation (@relations)
{
	my $who = $documented{relations}{$relation}[0];
	my @expected = $who eq 'everyone' ? "$relation|PUBLIC|SELECT|f" : $who eq 'pg_monitor' ? "$relation|pg_monitor|SELECT|f" : ();
	push @expected, 'inbox|PUBLIC|INSERT|f' if $relation eq 'inbox';
	is_list($grants{$relation} // [], \@expected, "$relation: privileges");
}
is(query(qq{SELECT string_agg(attname || ' ' || privilege_type || ' ' || grantee, ', ') FROM pg_attribute, aclexplode(attacl) WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'recon'::regnamespace AND relname <> 'upload_pages')}), '', 'no column has privileges of its own');
is(query(q{SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute, aclexplode(attacl) WHERE attrelid = 'recon.upload_pages'::regclass}), 'upload_id chunk_no page_no project_id', 'but for upload_pages');
is(query(qq{SELECT count(*) FROM pg_class, aclexplode(relacl) WHERE relnamespace = 'recon'::regnamespace AND relkind = 'S' AND $nobody}), '0', 'nobody has a right on a sequence');
my %executes = map { split /\|/ } lines(q{SELECT p.proname, string_agg(DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END, ' ') FROM pg_proc p, aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE pronamespace = 'recon'::regnamespace AND grantee <> proowner GROUP BY 1});
for my $function (sort keys %names)
{
	my $who = $documented{functions}{$function};
	my $expected = $who =~ /trigger/ || $function eq 'set_holidays' ? '' : $who eq 'pg_monitor' && $function ne 'run_cleanup' ? 'pg_monitor' : 'PUBLIC';
	is($executes{$function} // '', $expected, "$function: who may execute it");
}
is(query(q{SELECT string_agg(proname, ' ') FROM pg_proc WHERE pronamespace = 'recon'::regnamespace AND (prosecdef OR proleakproof OR prolang <> (SELECT oid FROM pg_language WHERE lanname = 'c') AND prosqlbody IS NULL AND proconfig IS DISTINCT FROM '{"search_path=pg_catalog, pg_temp"}')}), '', 'all functions are C or have names of their own, none runs with its owner\'s rights, none claims to leak nothing');
is(join(' ', grep { $documented{functions}{$_} ne 'everyone' } lines(q{SELECT proname FROM pg_proc WHERE pronamespace = 'recon'::regnamespace AND provolatile = 'i'})), '', 'what is immutable asks for nothing that has rights');
is(query(q{SELECT string_agg(relname, ' ') FROM pg_class c WHERE relnamespace = 'recon'::regnamespace AND relkind IN ('r', 'p') AND NOT (relrowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid AND polcmd = 'r' AND polroles = '{0}' AND polpermissive))}), '', 'every table has row-level security with a policy to read');
is(query(q{SELECT string_agg(relname, ' ') FROM pg_class WHERE relnamespace = 'recon'::regnamespace AND relkind = 'v' AND NOT coalesce(reloptions @> '{security_invoker=true}', false)}), '', 'every view asks for its reader\'s rights');
is(query(q{SELECT string_agg(c.relname, ' ') FROM pg_class c JOIN pg_extension e ON e.extname = 'recon' WHERE c.relnamespace = 'recon'::regnamespace AND c.relowner <> e.extowner}), '', 'all belongs to the extension\'s owner');
my $control = slurp_file("$FindBin::Bin/../../recon.control");
like($control, qr/^$_$/m, "recon.control: $_") for 'schema = recon', 'relocatable = false', 'superuser = true', 'trusted = false';

# ---- relations: reading ---------------------------------------------------------------------------------------------------------------

my (%select, %expected);
for my $relation (@relations)
{
	my $columns = $documented{relations}{$relation}[0] =~ /but for `(\w+)`/ ? query("SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'recon.$relation'::regclass AND attnum > 0 AND NOT attisdropped AND attname <> '$1'") : '*';
	$select{$relation} = "SELECT $columns FROM recon.$relation";
	my $rows = $documented{relations}{$relation}[1];
	my $of = sub { query("SELECT count(*) FROM recon.$relation WHERE project_id = $_[0]{project}") };
	my $all = query("SELECT count(*) FROM recon.$relation");
	$expected{$relation} = { map { $_ => $all } @roles };
	if ($rows eq "of the reader's projects")
	{
		my ($others, $ours) = ($of->($other), $of->($hidden));
		cmp_ok($ours, '>', 0, "$relation has rows to hide") unless $relation =~ /^(ingestion_progress|closed_periods)$/; # a project with a closed period could not be dropped below
		$expected{$relation} = { stranger => 0, monitor => 0, other => $others, map { $_ => $ours } @members };
	}
	elsif ($relation eq 'users') { $expected{$relation} = { stranger => 0, monitor => 0, other => 1, map { $_ => 4 } @members } }
	else { like($rows, qr/^(all rows|nothing)$/, "$relation: what it shows is known") }
	$expected{$relation} = { map { $_ => $_ eq 'monitor' ? $all : 'denied' } @roles } if $documented{relations}{$relation}[0] eq 'pg_monitor';
}
for my $role (@roles)
{
	query("CREATE FUNCTION of_$role.read(query text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS \$\$DECLARE n bigint; BEGIN EXECUTE format('SELECT count(*) FROM (%s) q', query) INTO n; RETURN n; EXCEPTION WHEN insufficient_privilege THEN RETURN 'denied'; END\$\$;
		ALTER FUNCTION of_$role.read(text) OWNER TO $role; GRANT USAGE ON SCHEMA of_$role TO PUBLIC; GRANT EXECUTE ON FUNCTION of_$role.read(text) TO PUBLIC;
		CREATE FUNCTION of_$role.attempt(statement text) RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT attack.attempt(\$1)'; ALTER FUNCTION of_$role.attempt(text) OWNER TO $role");
}
sub counts { my ($role, $read) = @_; my @sql = map { "SELECT '$_', " . $read->($_) } @relations; return join("\n", map { "$_;" } @sql) }
for my $role (@roles)
{
	my %want = map { ("$_|$expected{$_}{$role}" => 1) } @relations;
	my @want = sort keys %want;
	my $may = sub { $expected{ $_[0] }{$role} ne 'denied' };
	my @may = grep { $may->($_) } @relations;
	is_list([ split /\n/, as($role, counts($role, sub { "of_$role.read(\$q\$$select{$_[0]}\$q\$)" })) ], \@want, "$role reads what is his");
	is_list([ lines(counts($role, sub { "of_$role.read(\$q\$$select{$_[0]}\$q\$)" })) ], \@want, "$role by a SECURITY DEFINER function that a superuser calls");
	is_list([ split /\n/, as($role, counts($role, sub { "of_stranger.read(\$q\$$select{$_[0]}\$q\$)" })) ], [ map { "$_|$expected{$_}{stranger}" } @relations ], "$role by such a function of a stranger: what is the stranger's");
	my $prepared = join('', map { "PREPARE p_$_ AS SELECT '$_', count(*) FROM ($select{$_}) q; EXECUTE p_$_;\n" } @may);
	my @out = lines("SET plan_cache_mode = force_generic_plan; $prepared SELECT '--'; SET ROLE $role; " . join('', map { "EXECUTE p_$_;" } @may));
	is_list([ splice(@out, @may + 1) ], [ map { "$_|$expected{$_}{$role}" } @may ], "$role by statements that a superuser has prepared and run");
	for my $relation (@may)
	{
		my $source = $select{$relation} =~ /\*/ && query("SELECT relkind FROM pg_class WHERE oid = 'recon.$relation'::regclass") eq 'r' ? "recon.$relation" : "($select{$relation})";
		is(scalar(split /\n/, as($role, "COPY $source TO STDOUT")), $expected{$relation}{$role}, "$role: COPY $source TO") if $role =~ /stranger|other|viewer|monitor/;
	}
	my ($rc, $out, $err) = $node->psql('postgres', join(';', map { "SELECT count(*) FROM ($select{$_}) q WHERE attack.leak(q::text)" } @may), extra_params => [ '-U', $role ]);
	$err =~ s/seen: \(recon_project_.*//g if $role eq 'monitor';    # who monitors the server is told ids and counts
	my $seen = () = $err =~ /secret|\b$hidden->{project}\b/g;
	cmp_ok($seen, exists $rank{$role} ? '>' : '==', 0, "$role: a function of his own in a condition sees what he may, and no more") or diag($err);
	unlike($err, qr/ERROR/, "$role: without an error");
	is(as($role, q{SELECT count(*) FROM pg_stats WHERE schemaname = 'recon'}), '0', "$role: no statistics of values");
}
# Policies ask for current_user: a view lends its reader nothing, whosever it is, nor does it take anything away.
my @readable = grep { $expected{$_}{stranger} ne 'denied' } @relations;
for my $pair ([ 'stranger', 'owner' ], [ 'owner', 'stranger' ], [ 'owner', 'other' ])
{
	my ($role, $reader) = @$pair;
	query("CREATE OR REPLACE VIEW of_$role.$_ AS SELECT count(*) FROM ($select{$_}) q; ALTER VIEW of_$role.$_ OWNER TO $role; GRANT SELECT ON of_$role.$_ TO PUBLIC") for @readable;
	is_list([ split /\n/, as($reader, join(';', map { "SELECT '$_', count FROM of_$role.$_" } @readable)) ], [ map { "$_|$expected{$_}{$reader}" } @readable ], "a view of $role shows $reader what $reader may see");
}

# ---- relations: all else ----------------------------------------------------------------------------------------------------------------

my (@denied, @sequences);
query('CREATE FUNCTION attack.trap() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$');
for my $relation (@relations)
{
	my $table = query("SELECT relkind FROM pg_class WHERE oid = 'recon.$relation'::regclass") eq 'r';
	my $column = query("SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = 'recon.$relation'::regclass AND attnum > 0 ORDER BY attgenerated, attnum LIMIT 1");
	my $columns = query("SELECT string_agg(quote_ident(attname), ', ') FROM (SELECT attname FROM pg_attribute WHERE attrelid = 'recon.$relation'::regclass AND attnum > 0 ORDER BY attnum LIMIT 2) a");
	my $r = "recon.$relation";
	push @denied, "UPDATE $r SET $column = $column", "DELETE FROM $r", "SELECT $column FROM $r FOR UPDATE", "SELECT $column FROM $r FOR KEY SHARE", "LOCK TABLE $r IN SHARE MODE",
		"CREATE OR REPLACE RULE x AS ON INSERT TO $r DO ALSO NOTHING", "COMMENT ON COLUMN $r.$column IS 'x'";
	push @denied, "INSERT INTO $r DEFAULT VALUES", "COPY $r FROM '/dev/null'" unless $relation eq 'inbox';
	push @denied, "DROP VIEW $r", "ALTER VIEW $r RESET (security_invoker)", "ALTER VIEW $r OWNER TO stranger", "CREATE TRIGGER x INSTEAD OF DELETE ON $r FOR EACH ROW EXECUTE FUNCTION attack.trap()" unless $table;
	push @denied, "TRUNCATE $r", "MERGE INTO $r USING (SELECT 1) s ON false WHEN NOT MATCHED THEN INSERT DEFAULT VALUES", "DROP TABLE $r", "ALTER TABLE $r DISABLE ROW LEVEL SECURITY", "ALTER TABLE $r DISABLE TRIGGER ALL",
		"ALTER TABLE $r ADD COLUMN x int", "ALTER TABLE $r SET SCHEMA public", "CREATE POLICY x ON $r USING (true)", "CREATE INDEX ON $r ($column)", "CREATE STATISTICS attack.x ON $columns FROM $r",
		"CREATE TRIGGER x BEFORE DELETE ON $r FOR EACH ROW EXECUTE FUNCTION attack.trap()", "CREATE TABLE attack.x () INHERITS ($r)" if $table;
}
push @denied, map { ("SELECT nextval('$_')", "SELECT setval('$_', 1)", "SELECT currval('$_')", "SELECT last_value FROM $_", "ALTER SEQUENCE $_ RESTART", "DROP SEQUENCE $_") } lines(q{SELECT oid::regclass FROM pg_class WHERE relnamespace = 'recon'::regnamespace AND relkind = 'S'});
push @denied, map { ("ALTER FUNCTION recon.$_ SET search_path = public", "ALTER FUNCTION recon.$_ SECURITY DEFINER", "DROP FUNCTION recon.$_") } sort keys %signatures;
push @denied, map { ("ALTER TYPE recon.$_ RENAME TO x", "DROP TYPE recon.$_") } sort keys %{ $documented{types} };
push @denied, 'CREATE TABLE recon.x ()', 'CREATE VIEW recon.x AS SELECT 1', 'CREATE FUNCTION recon.is_member(integer) RETURNS boolean LANGUAGE sql AS $$SELECT true$$', 'CREATE TYPE recon.x AS (a int)', 'CREATE SEQUENCE recon.x',
	'CREATE OPERATOR recon.= (FUNCTION = int4eq, LEFTARG = int, RIGHTARG = int)', 'DROP SCHEMA recon CASCADE', 'ALTER SCHEMA recon RENAME TO x', 'ALTER SCHEMA recon OWNER TO stranger',
	'DROP EXTENSION recon CASCADE', 'ALTER EXTENSION recon DROP TABLE recon.projects', q{ALTER EXTENSION recon UPDATE TO '9'}, 'CREATE TABLE attack.x (p bigint REFERENCES recon.projects)',
	map { "CREATE TRIGGER x AFTER INSERT ON of_owner.own FOR EACH STATEMENT EXECUTE FUNCTION recon.$_()" } @triggers;
query('CREATE TABLE of_owner.own (project_id bigint); ALTER TABLE of_owner.own OWNER TO owner; CREATE TABLE attack.denied (n serial, statement text); GRANT SELECT ON attack.denied TO PUBLIC');
query('INSERT INTO attack.denied (statement) VALUES ' . join(',', map { "(\$q\$$_\$q\$)" } @denied));
for my $role (@roles)
{
	my @passed = split /\n/, as($role, q{SELECT state, statement FROM (SELECT n, statement, attack.attempt(statement) AS state FROM attack.denied) s WHERE state !~ '^42501' ORDER BY n});
	# Of a view that cannot be written, PostgreSQL says that first.
	is(join("\n", grep { !/^55000 cannot (insert into|update|delete from) view/ } @passed), '', "$role changes nothing, by " . scalar(@denied) . ' statements');
	is(as($role, q{SET row_security = off; SELECT attack.attempt(format('SELECT count(*) FROM %s', oid::regclass)) !~ '^42501' FROM pg_class WHERE relnamespace = 'recon'::regnamespace AND relkind = 'r' GROUP BY 1}), 'f', "$role cannot do without row-level security");
}
for my $trigger (@triggers)
{
	query("CREATE TRIGGER x AFTER INSERT ON of_owner.own FOR EACH STATEMENT EXECUTE FUNCTION recon.$trigger()");
	is(sqlstate($node, 'INSERT INTO of_owner.own VALUES (1)'), '39P01', "$trigger refuses tables that are not recon's, also where a superuser puts it on them");
	query('DROP TRIGGER x ON of_owner.own');
}

# ---- functions ----------------------------------------------------------------------------------------------------------------------------

query('CREATE TABLE attack.calls (n int, what text, statement text); GRANT SELECT ON attack.calls TO PUBLIC');
sub call_sql
{
	my ($call, $ids) = @_;
	my $sql = "recon.$call->{function}(" . fill($call->{arguments}, $ids) . ')';
	return $documented{functions}{ $call->{name} } =~ /trigger/ ? "SELECT $sql" : "SELECT max(f::text) FROM $sql f";
}
my %mixed = (%$hidden, project => $other->{project});
my %mixed_none = (%none, project => $other->{project});
my %of = (hidden => $hidden, none => \%none, mixed => \%mixed, mixed_none => \%mixed_none);
for my $n (0 .. $#calls)
{
	for my $what (sort keys %of)
	{
		next if $what =~ /mixed/ && $calls[$n]{arguments} !~ /\{project\}.*\{[a-z]/;
		query("INSERT INTO attack.calls VALUES ($n, '$what', \$q\$" . call_sql($calls[$n], $of{$what}) . '$q$)');
	}
}
# The ids as what they are ids of, so that only they may differ.
sub without_ids
{
	my ($text) = @_;
	my %names = map { ($hidden->{$_} => $_, $none{$_} => $_) } grep { $_ ne 'file' } keys %$hidden;
	return $text =~ s/\b(\d{6,})\b/$names{$1} \/\/ $1/ger;
}
sub answers
{
	my ($sql, $role) = @_;
	my %answers;
	my $out = defined $role ? as($role, $sql) : query($sql);
	for (split /\n/, $out) { my ($n, $what, $answer) = split /\|/; $answers{$n}{$what} = pack('H*', $answer) }
	return \%answers;
}
sub all_calls { return "SELECT n, what, encode(convert_to($_[0], 'UTF8'), 'hex') FROM attack.calls ORDER BY n, what" }
sub level_state
{
	my ($level, $role) = @_;
	return $role eq 'postgres' ? '39P01' : '42501' if $level =~ /trigger/;
	return '00000' if $level eq 'everyone' || $role eq 'postgres' || $level eq $role || $level eq 'pg_monitor' && $role eq 'monitor';
	return '42501' if $level =~ /^(superuser|pg_monitor)$/;
	return '42704' unless exists $rank{$role};
	return $rank{$role} >= ($rank{$level} // die "$level is no level") ? '00000' : '42501';
}
sub check_calls
{
	my ($door, $role, $answers) = @_;
	my (@wrong, @told, @differ);
	for my $n (0 .. $#calls)
	{
		my ($name, $answer) = ($calls[$n]{name}, $answers->{$n});
		my $expected = level_state($documented{functions}{$name}, $role);
		push @wrong, "$name: $expected expected: $answer->{hidden}" unless $answer->{hidden} =~ /^$expected/;
		next if exists $rank{$role} || $role eq 'postgres';
		push @told, "$name: $answer->{hidden}" if $answer->{hidden} =~ /secret/;
		for ([ 'hidden', 'none' ], $role eq 'other' ? [ 'mixed', 'mixed_none' ] : ())
		{
			my ($a, $b) = map { without_ids($answer->{$_} // '') } @$_;
			push @differ, "$name:\n  $a\n  $b" if $a ne $b && $name ne 'create_project';
		}
	}
	is(join("\n", @wrong), '', "$door, $role: each function may be called by whom it should");
	is(join("\n", @differ), '', "$door, $role: what is hidden is as what is not there") unless exists $rank{$role};
	is(join("\n", @told), '', "$door, $role: no answer tells of what is hidden") unless exists $rank{$role};
	return;
}
check_calls('direct', 'postgres', answers(all_calls('attack.attempt(statement)')));
my $prepare = join('', map { "PREPARE c_$_ AS " . call_sql($calls[$_], $hidden) . ";\nSELECT left(attack.attempt('EXECUTE c_$_'), 0);\n" } 0 .. $#calls);
for my $role (@roles)
{
	my $direct = answers(all_calls('attack.attempt(statement)'), $role);
	check_calls('direct', $role, $direct);
	check_calls('SECURITY DEFINER', $role, answers(all_calls("of_$role.attempt(statement)")));
	my $out = query("\\o /dev/null\n$prepare\\o\nSET ROLE $role;\n" . join('', map { "SELECT left(attack.attempt('EXECUTE c_$_'), 5);\n" } 0 .. $#calls));
	is_list([ map { "$calls[$_]{name} " . (split /\n/, $out)[$_] } 0 .. $#calls ], [ map { "$_->{name} " . level_state($documented{functions}{ $_->{name} }, $role) } @calls ], "prepared by a superuser, SET ROLE $role");
}
check_calls('SECURITY DEFINER of a stranger', 'stranger', answers(all_calls('of_stranger.attempt(statement)'), 'owner'));

# The door that is no function.
for my $role (@roles)
{
	my @answers = map { my ($rc, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\n\\set SHOW_CONTEXT never\nCOPY recon.inbox FROM STDIN WITH (FORMAT csv, SOURCE_ID $_);\nexternal_id,amount\ni1,1\n\\.\n", extra_params => [ '-U', $role ]); $err =~ s/^LOCATION.*//mr =~ s/psql:<stdin>:\d+: //r } $hidden->{source}, $none{source};
	my $expected = level_state('operator', $role);
	like($answers[0], $expected eq '00000' ? qr/^(NOTICE.*)?$/s : qr/^ERROR:  $expected/, "COPY recon.inbox by $role");
	is(without_ids($answers[0]), without_ids($answers[1]), "COPY recon.inbox by $role: hidden or not there") unless exists $rank{$role};
}
is(query('SELECT pg_postmaster_start_time() < now() - interval \'1 second\''), 't', 'the server is the one that was started');
done_testing();
