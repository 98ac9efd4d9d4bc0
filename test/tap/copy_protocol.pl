# COPY recon.inbox: every rule of the protocol, with messages made by hand.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;
use Time::HiRes qw(time);
use Wire;

my $node = server('protocol', 'autovacuum = off');
project($node);
$node->safe_psql('postgres', q{SELECT recon.create_source(1, 's' || i) FROM generate_series(3, 20) i});

# Quotes, line ends of both kinds and characters of several bytes, to be split anywhere; two rejects.
my $content = join '', "external_id,amount,reference\r\n", map {
	("$_,1.5,\"line 1\nline \"\"2\"\"\"\n", "a$_,2,Z\xC3\xBCrich \xE2\x82\xAC \xF0\x9F\x8F\xA6\r\n", "b$_,3,\"\r\n\"\r\n")
} 1 .. 20;
$content .= "c,x,no number\nd,4,stray \" quote\ne,5,last";
my $records = q{SELECT count(*), md5(string_agg((line_no, external_id, amount, reference)::text, ',' ORDER BY line_no)) FROM recon.records WHERE source_id = };
my $rejects = q{SELECT string_agg(concat_ws(' ', line_no, byte_offset, error_code, encode(raw_record, 'escape')), '; ' ORDER BY line_no) FROM recon.ingest_errors WHERE ingestion_id = (SELECT max(ingestion_id) FROM recon.ingestions WHERE source_id = %d)};
my $file = write_file($node, 'content.csv', $content);
$node->safe_psql('postgres', "SELECT recon.ingest_file(3, '$file')");
my ($expected, $expected_rejects) = ($node->safe_psql('postgres', $records . 3), $node->safe_psql('postgres', sprintf $rejects, 3));
like($expected, qr/^61\|/, 'the file as ingest_file loads it');

my $wire = Wire->new($node);
my $source = 4;
for my $size (1, 2, 3, 7, 64, 100000)
{
	my @chunks = unpack("(a$size)*", $content);
	is($wire->copy("COPY recon.inbox FROM STDIN WITH (FORMAT csv, SOURCE_ID $source)", @chunks), '00000 2 of 63 records were rejected; COPY 61', "in chunks of $size: the tag");
	is($node->safe_psql('postgres', $records . $source), $expected, "in chunks of $size: the records");
	is($node->safe_psql('postgres', sprintf $rejects, $source), $expected_rejects, "in chunks of $size: the rejects");
	++$source;
}
my $into = "COPY recon.inbox FROM STDIN WITH (FORMAT csv, SOURCE_ID $source, FORCE)";
my $header = "external_id,amount,reference\n";

# A source that is hidden and one that is not there: the same answer, before anything is sent.
$node->safe_psql('postgres', 'CREATE ROLE stranger LOGIN');
my $stranger = Wire->new($node, user => 'stranger');
is($stranger->copy("COPY recon.inbox FROM STDIN WITH (SOURCE_ID $_)"), "42704 source $_ does not exist", "no source $_") for 1, 999;
$stranger->close;

# Messages without data, and messages between them that mean nothing.
$wire->query($into);
is($wire->until('G'), 0, 'copy begins');
$wire->write(Wire::message('d', '') . Wire::message('H', '') . Wire::message('d', $header) . Wire::message('S', '') . Wire::message('d', "1,1,\n") . Wire::message('H', '') . Wire::message('c', ''));
is_deeply([ $wire->until('Z') ], ['COPY 1'], 'Flush and Sync in the middle are ignored');
is($wire->copy($into), 'COPY 0', 'an empty stream');
is($wire->copy($into, $header), 'COPY 0', 'a header alone');

# The extended protocol, and several statements at once.
$wire->execute($into);
is($wire->until('G'), 0, 'copy begins by the extended protocol');
$wire->write(Wire::message('d', $header . "2,1,\n") . Wire::message('c', '') . Wire::message('S', ''));
is_deeply([ $wire->until('Z') ], ['COPY 1'], 'by the extended protocol; the Sync of the statement came in the middle');
$wire->query("SELECT 'before'; $into; SELECT 'after'");
is_deeply([ $wire->until('G') ], [ 'before', 'SELECT 1' ], 'within several statements: before');
$wire->write(Wire::message('d', $header . "3,1,\n") . Wire::message('c', ''));
is_deeply([ $wire->until('Z') ], [ 'COPY 1', 'after', 'SELECT 1' ], 'within several statements: after');
$wire->query('BEGIN');
$wire->until('Z');
is($wire->copy($into, $header . "4,1,\n"), 'COPY 1', 'in a transaction');
$wire->query('ROLLBACK');
$wire->until('Z');
is($node->safe_psql('postgres', "SELECT string_agg(external_id, ',' ORDER BY external_id) FROM recon.records WHERE source_id = $source"), '1,2,3', 'what was rolled back is not there');

# An error in the middle: what still comes is dropped, and the session goes on. Also where the client is slow to notice.
my $mapped = $node->safe_psql('postgres', q{SELECT recon.create_source(1, 'mapped', '{"amount": "Betrag"}')});
for my $send ('query', 'execute')
{
	$wire->$send("COPY recon.inbox FROM STDIN WITH (SOURCE_ID $mapped)");
	$wire->until('G');
	$wire->data("a,b\n1,2\n");
	$wire->data("3,4\n") for 1 .. 5000;
	$wire->data('x' x 1000000) for 1 .. 3;
	$wire->done;
	$wire->send('S') if $send eq 'execute';
	is_deeply([ grep { $_ ne 'closed' } $wire->until('Z') ], ['42703 column "Betrag" is not in the header'], "an error in mid-stream ($send)") or note $wire->{context};
	like($wire->{context}, qr/^COPY inbox, source "mapped", line 1$/, 'with its place');
	$wire->query('SELECT 1');
	is_deeply([ $wire->until('Z') ], [ '1', 'SELECT 1' ], "and the session goes on ($send)");
}

# A limit of rejects: the rest is read for nothing.
is($wire->copy("COPY recon.inbox FROM STDIN WITH (SOURCE_ID $source, MAX_REJECTS 2)", $header, map { "$_,x,\n" } 1 .. 200000),
	'01000 load has more rejected records than "max_rejects" allows; nothing was loaded; COPY 0', 'over its limit of rejects');
is($wire->copy($into, $header, "5,1,\n"), 'COPY 1', 'and the next one');

# The client gives up.
$wire->query($into);
$wire->until('G');
$wire->data("${header}6,1,\n7,");
$wire->send('f', "changed my mind\0");
is_deeply([ $wire->until('Z') ], ['57014 COPY from stdin failed: changed my mind'], 'CopyFail');
is($wire->copy($into, $header, "8,1,\n"), 'COPY 1', 'and the next one');

# A cancel and a timeout while nothing comes, at once.
for my $how ('cancel', 'timeout')
{
	$wire->query($how eq 'timeout' ? "SET statement_timeout = '1s'; $into" : $into);
	$wire->until('G');
	$wire->data("${header}9,1,\n");
	my $begin = time;
	if ($how eq 'cancel')
	{
		$node->poll_query_until('postgres', "SELECT wait_event = 'ClientRead' AND state = 'active' FROM pg_stat_activity WHERE pid = " . $wire->pid) or die 'it does not wait';
		$node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . $wire->pid . ')');
	}
	my ($state) = $wire->until('Z');
	cmp_ok(time - $begin, '<', 20, "$how of a client that stalls: at once");
	like($state, $how eq 'cancel' ? qr/^57014 canceling statement due to user request/ : qr/^57014 canceling statement due to statement timeout/, "$how: with its reason");
	$wire->data("10,1,\n");
	$wire->done;
	$wire->query('SET statement_timeout = 0');
	$wire->until('Z');
	is($wire->copy($into, $header, "11$how,1,\n"), 'COPY 1', "$how: the session goes on");
}

# One message of any size: whole in a temporary file, not in memory.
my $big = $header . join('', map { "big$_,1," . 'r' x 900 . "\n" } 1 .. 60000);
my $memory = sub { my ($kb) = $node->safe_psql('postgres', "SELECT pg_read_file('/proc/" . $wire->pid . "/status')") =~ /RssAnon:\s+(\d+)/; return $kb };
is($wire->copy($into, $header . join('', map { "w$_,1," . 'r' x 900 . "\n" } 1 .. 6000)), 'COPY 6000', 'a first message of megabytes');
my $before = $memory->();
is($wire->copy($into, $big), 'COPY 60000', 'a message of 55 MB');
cmp_ok($memory->() - $before, '<', 12 * 1024, 'memory does not grow with it');
$wire->query("SET temp_file_limit = '1MB'; $into");
$wire->until('G');
$wire->write(Wire::message('d', $big) . Wire::message('c', ''));
is_deeply([ map { s/"//gr } $wire->until('Z') ], ['53400 temporary file size exceeds temp_file_limit (1024kB)'], 'no room for it');  # 18 quotes the setting
$wire->query('RESET temp_file_limit');
$wire->until('Z');
is($wire->copy($into, "$header\"", ('x' x 100000) x 300, "\n12,1,\n"), '00000 1 of 2 records were rejected; COPY 1', 'a quoted field without an end');
cmp_ok($memory->() - $before, '<', 12 * 1024, 'memory does not grow with that either');

# What does not belong there, a client that goes away, and one that is sent away.
$node->safe_psql('postgres', "SELECT recon.create_project('q'), recon.create_source(2, 'q')");
my $q = $node->safe_psql('postgres', "SELECT max(source_id) FROM recon.data_sources");
my $state = "SELECT (SELECT count(*) FROM recon.records WHERE source_id = $q), (SELECT count(*) FROM recon.ingestions WHERE source_id = $q)";
my $lost = sub {
	my ($what, $reason, $act) = @_;
	my $client = Wire->new($node);
	my $log = -s $node->logfile;
	$client->query("COPY recon.inbox FROM STDIN WITH (SOURCE_ID $q)");
	$client->until('G');
	$client->data($header . join('', map { "$_,1,\n" } 1 .. 20000));
	$act->($client);
	$node->poll_query_until('postgres', 'SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = ' . $client->pid) or die 'it stays';
	is($node->safe_psql('postgres', $state), '0|0', "$what: nothing is left");
	like(slurp_file($node->logfile, $log), $reason, "$what: said in the log");
};
$lost->('another message', qr/unexpected message type 0x51 during COPY from stdin/, sub { $_[0]->query('SELECT 1'); like(join(' ', $_[0]->until('Z')), qr/^08P01 /, 'another message: SQLSTATE') });
$lost->('a client that goes', qr/unexpected EOF on client connection with an open transaction/, sub { $_[0]->close });
$lost->('a client that goes in mid-message', qr/unexpected EOF on client connection with an open transaction/, sub { $_[0]->write('d' . pack('N', 1000) . "20001,1"); $_[0]->close });
$lost->('a client that goes in a large one', qr/unexpected EOF on client connection with an open transaction/, sub { $_[0]->write('d' . pack('N', 10000000) . "20001,1" x 100000); $_[0]->close });
$lost->('an impossible length', qr/invalid message length/, sub { $_[0]->write('d' . pack('N', 2)); $_[0]->until('Z') });
$lost->('termination', qr/terminating connection due to administrator command/, sub {
	$node->safe_psql('postgres', 'SELECT pg_terminate_backend(' . $_[0]->pid . ')');
	like(join(' ', $_[0]->until('Z')), qr/^57P01 /, 'termination: SQLSTATE');
});

# A backend that dies takes all of it along.
$node->append_conf('postgresql.conf', 'restart_after_crash = on');
$node->reload;
my $victim = Wire->new($node);
$victim->query("COPY recon.inbox FROM STDIN WITH (SOURCE_ID $q)");
$victim->until('G');
my $size = $node->safe_psql('postgres', q{SELECT pg_relation_size('recon.records')});
$victim->data($header);
for my $part (0 .. 29) { $victim->data(join '', map { "$part/$_,1," . 'r' x 100 . "\n" } 1 .. 1000) }
$node->poll_query_until('postgres', "SELECT pg_relation_size('recon.records') > $size + 500000") or die 'nothing was written';
kill 'KILL', $victim->pid;
$node->poll_query_until('postgres', 'SELECT true') or die 'the server did not come back';
is($node->safe_psql('postgres', $state), '0|0', 'a backend that dies: nothing is left');
my $again = Wire->new($node);
is($again->copy("COPY recon.inbox FROM STDIN WITH (SOURCE_ID $q)", $header, "1,1,\n"), 'COPY 1', 'and a load works');
done_testing();
