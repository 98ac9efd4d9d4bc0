# Arguments of every function as an attacker would have them, objects of his in front of PostgreSQL's own, and values without end.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Utils;
use Recon;
use Surface;
use Test::More;
use Time::HiRes qw(time);

my $node = server('hostile', 'jit = off', 'max_stack_depth = 2MB', 'log_statement = none', 'log_min_error_statement = panic');
my %documented = documented();
my @calls = grep { $documented{functions}{ $_->{name} } !~ /trigger/ } calls();
prepare($node, qw(stranger owner viewer reviewer operator));
my $ids = make_project($node, 'owner', 'secret');
as_role($node, 'owner', "SELECT recon.add_member($ids->{project}, '$_', '$_')") for qw(viewer reviewer operator);
my $started = $node->safe_psql('postgres', 'SELECT pg_postmaster_start_time()');
sub same_server { my ($when) = @_; is($node->safe_psql('postgres', 'SELECT pg_postmaster_start_time()'), $started, "the server lives: $when"); return }

# ---- objects of the caller's in front of PostgreSQL's -----------------------------------------------------------------------------------

# A namesake of every function, operator, type and relation that SQL could find by name; each of them says so when it is used.
$node->safe_psql('postgres', q{
	CREATE SCHEMA trap;
	GRANT USAGE ON SCHEMA trap TO PUBLIC;
	DO $$
	DECLARE item record; n int := 0;
		body text := $b$BEGIN RAISE EXCEPTION 'trapped as %', current_user USING ERRCODE = 'TRAP1'; END$b$;
	BEGIN
		FOR item IN SELECT p.oid, proname, proretset, prorettype::regtype AS result, (SELECT string_agg(a::regtype::text, ', ' ORDER BY o) FROM unnest(proargtypes::oid[]) WITH ORDINALITY u(a, o)) AS arguments
			FROM pg_proc p JOIN pg_type t ON t.oid = prorettype WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f' AND (typtype <> 'p' OR typname IN ('void', 'record')) LOOP
			BEGIN
				EXECUTE format('CREATE FUNCTION trap.%I(%s) RETURNS %s %s LANGUAGE plpgsql AS %L', item.proname, item.arguments, CASE WHEN item.proretset THEN 'SETOF' END, item.result, body);
				n := n + 1;
			EXCEPTION WHEN OTHERS THEN NULL;
			END;
		END LOOP;
		FOR item IN SELECT o.oid, oprname, oprleft::regtype AS l, oprright::regtype AS r, oprresult::regtype AS result FROM pg_operator o WHERE oprnamespace = 'pg_catalog'::regnamespace AND oprkind = 'b' LOOP
			BEGIN
				EXECUTE format('CREATE FUNCTION trap.op_%s(%s, %s) RETURNS %s LANGUAGE plpgsql AS %L', item.oid, item.l, item.r, item.result, body);
				EXECUTE format('CREATE OPERATOR trap.%s (FUNCTION = trap.op_%s, LEFTARG = %s, RIGHTARG = %s)', item.oprname, item.oid, item.l, item.r);
				n := n + 1;
			EXCEPTION WHEN OTHERS THEN NULL;
			END;
		END LOOP;
		EXECUTE format('CREATE FUNCTION trap.spring() RETURNS boolean LANGUAGE plpgsql AS %L', body);
		FOR item IN SELECT typname FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace AND typtype = 'b' AND typelem = 0 LOOP
			BEGIN
				EXECUTE format('CREATE DOMAIN trap.%I AS pg_catalog.%I CHECK (trap.spring())', item.typname, item.typname);
				n := n + 1;
			EXCEPTION WHEN OTHERS THEN NULL;
			END;
		END LOOP;
		FOR item IN SELECT DISTINCT relname FROM pg_class WHERE relnamespace IN ('recon'::regnamespace, 'pg_catalog'::regnamespace) AND relkind IN ('r', 'v') AND relname NOT IN (SELECT typname FROM pg_type WHERE typnamespace = 'trap'::regnamespace) LOOP
			EXECUTE format('CREATE VIEW trap.%I AS SELECT trap.spring() AS project_id', item.relname);
			EXECUTE format('GRANT SELECT ON trap.%I TO PUBLIC', item.relname);
			n := n + 1;
		END LOOP;
		EXECUTE 'CREATE COLLATION trap."C" (provider = icu, locale = ''de-u-ks-level1'', deterministic = false)';
		RAISE NOTICE '% traps', n;
	END
	$$});
cmp_ok($node->safe_psql('postgres', q{SELECT count(*) FROM pg_depend WHERE refobjid = 'trap'::regnamespace}), '>', 3000, 'thousands of traps are set');

# Each statement in a transaction that is undone; what it ends with, by name.
sub under_traps
{
	my ($role, %statements) = @_;
	my $script = q{
		CREATE TEMP VIEW projects AS SELECT trap.spring(); CREATE TEMP VIEW records AS SELECT trap.spring(); CREATE TEMP VIEW pg_class AS SELECT trap.spring();
		CREATE FUNCTION pg_temp.lower(text) RETURNS text LANGUAGE plpgsql AS $f$BEGIN RAISE EXCEPTION 'trapped' USING ERRCODE = 'TRAP1'; END$f$;
		SET search_path = trap, pg_temp, pg_catalog;
	} . join('', map { "BEGIN;\n$statements{$_}\n\\echo $_ :SQLSTATE\nROLLBACK;\n" } sort keys %statements);
	my ($rc, $out, $err) = $node->psql('postgres', $script, on_error_stop => 0, extra_params => [ '-U', $role ]);
	my %ends = map { /^(\S+) (\w{5})$/ ? ($1 => $2) : () } split /\n/, $out;
	return (\%ends, $err);
}
my %statements = map { ("call_$_" => "SELECT f FROM recon.$calls[$_]{function}(" . fill($calls[$_]{arguments}, $ids) . ') f \\g /dev/null') } 0 .. $#calls;
$statements{"read_$_"} = "SELECT " . ($_ eq 'upload_pages' ? 'page_no' : '*') . " FROM recon.$_ \\g /dev/null" for keys %{ $documented{relations} };
$statements{inbox} = "COPY recon.inbox FROM STDIN WITH (FORMAT csv, SOURCE_ID $ids->{source});\nexternal_id,amount\ni1,1\n\\.\n";
my %names = map { ("call_$_" => $calls[$_]{name}) } 0 .. $#calls;
{
	my ($ends) = under_traps('postgres', upper => q{SELECT upper('x'::pg_catalog.text);}, plus => 'SELECT 1 + 1;', class => 'SELECT * FROM pg_class;', cast => q{SELECT 'x'::text;}, rule => 'SELECT * FROM rules;');
	is($ends->{$_}, 'TRAP1', "a trap works: $_") for sort keys %$ends;
	is(scalar(keys %$ends), 5, 'all of them');
}
for my $role (qw(postgres owner stranger))
{
	my ($ends, $err) = under_traps($role, %statements);
	is(scalar(keys %$ends), scalar(keys %statements), "$role: every statement was run");
	my @trapped = grep { $ends->{$_} eq 'TRAP1' } sort keys %$ends;
	is(join(' ', map { $names{$_} // $_ } @trapped), '', "$role: nothing of recon's falls into a trap");
	unlike($err, qr/trapped/, "$role: nor says it has");
	next if $role eq 'stranger';
	my @failed = grep { $ends->{$_} ne '00000' && !($role eq 'owner' && ($ends->{$_} eq '42501')) } sort keys %$ends;
	is(join(' ', map { ($names{$_} // $_) . ' ' . $ends->{$_} } @failed), '', "$role: all works as without them") or diag($err);
}
same_server('after the traps');

# ---- values -----------------------------------------------------------------------------------------------------------------------------------

my $long = q{repeat('x', 70000)};
my @texts = (q{''}, q{' '}, q{'a''b"c; DROP TABLE recon.projects; --'}, q{E'\x01\x1b[31m\x7f'}, $long, q{'%s%n%x%1000000d'}, q{U&'\202e\2066abc\200f\feff'}, q{'{"a": 1}'}, q{'../../etc/passwd'}, q{'/proc/self/mem'},
	q{'/dev/zero'}, q{E'a\nb\rc\t'}, q{repeat('é', 64)}, q{'$1'}, q{E'\\\\'}, q{'pg_catalog.pg_authid'}, q{'(SELECT 1)'}, q{'NaN'}, 'NULL');
my $nested = q{(repeat('[', 1500) || repeat(']', 1500))::jsonb};
my %values = (
	text => \@texts, name => [ map { "($_)::text::name" } @texts ],
	jsonb => [ 'NULL', map({ "'$_'::jsonb" } 'null', '[]', '{}', '"x"', '1', '[[]]', '{"": ""}', '{"match": {}}', '{"match": [1, null, {}]}', '{"match": [{"field": null, "op": []}]}', '{"match": [{"field": "amount", "op": "within", "abs": 1e99999}]}',
			'{"match": [{"field": "amount\u0022; DROP", "op": "equal"}]}', '{"match": [{"field": "amount", "op": "equal", "op": "within", "abs": -1}]}', '{"name": "", "settings": {"pairs": 7}}', '{"settings": {"pairs": [["a", "b", "c"], null]}}',
			'{"status": "x\u202e"}', '{"mapping": {"amount": {"column": -1, "scale": 99999999999}}}', '{"mapping": {"amount": {"column": {"column": {}}}}}', '{"options": {"delimiter": "", "quote": "\u0001\u0002", "skip_lines": 1e30}}',
			'{"delimiter": 7, "max_rejects": "NaN%"}', '{"batch_size": -1}', '{"encoding": "../UTF8"}', '{"amount": "a;b", "external_id": {"expression": "1; DROP TABLE x"}}', '{"four_eyes": "yes"}', '{"relation": "pg_authid; --"}', '{"spec": []}'),
		$nested, "jsonb_build_object('match', $nested)", "jsonb_build_object('settings', $nested)", "jsonb_build_object($long, $long)", q{(SELECT jsonb_object_agg('k' || i, i) FROM generate_series(1, 20000) i)},
		q{(SELECT jsonb_build_object('match', jsonb_agg('{"field": "amount", "op": "equal"}'::jsonb)) FROM generate_series(1, 20000))} ],
	bigint => [ qw(NULL 0 -1 9223372036854775807 -9223372036854775808) ], integer => [ qw(NULL 0 -1 2147483647 -2147483648) ],
	'double precision' => [ map { "'$_'::float8" } qw(NaN Infinity -Infinity -1 1e308 4.9e-324) ],
	'bigint[]' => [ map({ "'$_'::bigint[]" } '{}', '{NULL}', '{{1,2},{3,4}}', '[5:6]={1,2}', '{1,1}', '{9223372036854775807,-1,0}'), 'NULL', 'ARRAY(SELECT generate_series(1, 100000))::bigint[]' ],
	date => [ map { "'$_'::date" } 'infinity', '-infinity', '4713-01-01 BC', '5874897-12-31' ],
	'date[]' => [ map { "'$_'::date[]" } '{}', '{NULL}', '{{2024-01-01}}', '{infinity,-infinity}', '{4713-01-01 BC}' ],
	boolean => [ 'NULL', 'true' ], bytea => [ q{''}, q{'\x00'}, q{'\xfffe0000'}, q{'\xefbbbf'}, q{decode(repeat('22', 5000), 'hex')}, q{decode(repeat('00ff', 20000), 'hex')}, 'NULL' ],
	regclass => [ map { "$_\::regclass" } '0', q{'pg_class'}, q{'recon.audit_log'}, q{'recon.projects_project_id_seq'}, q{'recon.projects_pkey'}, 'NULL' ]);

# The arguments of a call, one by one.
sub arguments
{
	my ($text) = @_;
	my ($depth, $quoted, @list) = (0, 0);
	return () if $text eq '';
	push @list, '';
	for my $c (split //, $text)
	{
		$quoted = !$quoted if $c eq "'";
		$depth += $c =~ /[\[(]/ ? 1 : $c =~ /[\])]/ ? -1 : 0 unless $quoted;
		if ($c eq ',' && !$quoted && $depth == 0) { push @list, '' } else { $list[-1] .= $c }
	}
	return @list;
}

my (@tries, %unknown);
for my $call (@calls)
{
	my @types = split /,/, ($call->{signature} =~ /\((.*)\)/)[0];
	my @names = split /,/, $node->safe_psql('postgres', "SELECT array_to_string(proargnames[1:pronargs], ',') FROM pg_proc WHERE oid = 'recon.$call->{signature}'::regprocedure");
	my @given = arguments(fill($call->{arguments}, $ids));
	for my $i (0 .. $#types)
	{
		$unknown{ $types[$i] } = 1 unless $values{ $types[$i] };
		for my $value (@{ $values{ $types[$i] } // [] })
		{
			my @all = @given;
			if ($i < @all) { $all[$i] = $value } else { push @all, "$names[$i] => $value" }
			push @tries, "SELECT count(f::text) FROM recon.$call->{function}(" . join(', ', @all) . ') f';
		}
	}
}
is(join(' ', sort keys %unknown), '', 'there are values for every type');
$node->safe_psql('postgres', 'CREATE TABLE attack.tries (n serial, statement text); GRANT SELECT ON attack.tries TO PUBLIC');
$node->safe_psql('postgres', 'INSERT INTO attack.tries (statement) VALUES ' . join(',', map { "(\$q\$$_\$q\$)" } @tries));
my $before = $node->safe_psql('postgres', 'SELECT count(*), (SELECT count(*) FROM recon.audit_log), (SELECT count(*) FROM recon.records) FROM recon.projects');
for my $role (qw(owner postgres))
{
	my @answers = split /\x1e/, $node->safe_psql('postgres', q{SET statement_timeout = '170s'; SELECT string_agg(statement || chr(31) || answer, chr(30)) FROM (SELECT statement, attack.attempt(statement) AS answer FROM attack.tries ORDER BY n) a}, extra_params => [ '-U', $role ], timeout => 180);
	is(scalar(@answers), scalar(@tries), "$role: " . scalar(@tries) . ' calls came to an end');
	my (@bad, @wordy, %states);
	for (@answers)
	{
		my ($statement, $state, $message) = /^(.*)\x1f(\w{5}) ?(.*)$/s or die $_;
		$states{$state}++;
		# No file is a state of the system's, and the depth of what is nested in a value is bounded by the server.
		push @bad, "$statement: $state $message" if $state =~ /^(XX|57|58|53[0-3]|0A|34|24|25|26|38|39|RE|TR)/ && !($state eq '58P01' && $statement =~ /ingest_file/);
		push @bad, "$statement: $message" if $state ne '00000' && $message !~ /^(?:[^A-Z]|[A-Z]{2})/;
		push @wordy, substr($statement, 0, 200) . ': ' . length($message) if length($message) > 10_000;
	}
	is(join("\n", map { substr($_, 0, 400) } @bad), '', "$role: each with an answer, or an error that names what is wrong");
	is(join("\n", @wordy), '', "$role: no message repeats a text of any length");
	note(join(' ', map { "$_ $states{$_}" } sort keys %states));
}
is($node->safe_psql('postgres', 'SELECT count(*), (SELECT count(*) FROM recon.audit_log), (SELECT count(*) FROM recon.records) FROM recon.projects'), $before, 'nothing of them is left');
same_server('after the values');

# ---- values without end -----------------------------------------------------------------------------------------------------------------

my %large = (
	text => q{repeat('x', 100000000)}, jsonb => q{jsonb_build_object('match', repeat('x', 50000000))}, 'bigint[]' => 'ARRAY(SELECT generate_series(1, 1000000))::bigint[]',
	'date[]' => q{ARRAY(SELECT date '2000-01-01' + i FROM generate_series(1, 1000000) i)}, bytea => q{convert_to(repeat('x', 100000000), 'UTF8')});
for my $call (grep { $_->{arguments} ne '' } @calls)
{
	my @types = split /,/, ($call->{signature} =~ /\((.*)\)/)[0];
	my @given = arguments(fill($call->{arguments}, $ids));
	for my $i (grep { $large{ $types[$_] } && $_ < @given } 0 .. $#types)
	{
		my @all = @given;
		$all[$i] = $large{ $types[$i] };
		my $begin = time;
		my ($rc, $out, $err) = $node->psql('postgres', "SET statement_timeout = '60s'; SET work_mem = '64kB'; \\set VERBOSITY verbose\nBEGIN; SELECT count(f::text) FROM recon.$call->{function}(" . join(', ', @all) . ') f; ROLLBACK;', on_error_stop => 0, extra_params => [ '-U', 'owner' ], timeout => 120);
		my ($state) = $err =~ /ERROR:  (\w{5})/;
		$state //= $rc == 0 ? '00000' : 'none';
		like($state, qr/^(00000|22|42|54000)/, "$call->{name}: argument " . ($i + 1) . ' without end: ' . $state) or diag(substr($err, 0, 500));
		cmp_ok(length($err), '<', 20_000, "$call->{name}: and no message without end");
		note(sprintf('%s: %s, %.1f s: %s', $call->{name}, $state, time - $begin, substr($err, 0, 150)));
	}
}
same_server('at the end');
done_testing();
