# Debian's prometheus-postgres-exporter with docs/monitoring/queries.yaml, against a live server: what it serves is what
# the view recon.metrics says. The dashboard and the alerts ask for nothing else.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::INET;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;

my $docs = "$FindBin::Bin/../../docs/monitoring";
my $node = server('monitoring', 'autovacuum = off', 'recon.cleanup_interval = 1');
project($node);
my $file = write_file($node, 'a.csv', "external_id,amount,reference\n" . join('', map { "$_," . ($_ % 10 ? $_ : 'x') . ",x\n" } 1 .. 100));
$node->safe_psql('postgres', qq{SELECT recon.ingest_file(1, '$file'), recon.ingest_file(2, '$file');
	SELECT recon.create_rule(1, 'all', '{"match": [{"field": "external_id", "op": "equal"}]}');
	SELECT recon.create_job(1, 'job', 1, 2); SELECT recon.run_job(1); SELECT recon.get_project_stats(1);
	CREATE ROLE prometheus LOGIN; GRANT pg_monitor TO prometheus});
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM recon.metrics WHERE name = 'recon_cleanup_age_seconds'}) or die 'no cleanup';

# "name{labels}" => value, without the label of the server, in the order of names.
sub scraped
{
	my ($text) = @_;
	my %metrics;
	for my $line (split /\n/, $text)
	{
		next unless $line =~ /^(recon_\w+)(?:\{(.*)\})? (\S+)$/;
		my ($name, $labels, $value) = ($1, $2 // '', $3);
		my %labels = $labels =~ /(\w+)="([^"]*)"/g;
		delete $labels{server};
		$metrics{ $name . '{' . join(',', map { "$_=$labels{$_}" } sort keys %labels) . '}' } = $value;
	}
	return \%metrics;
}

# What changes from one moment to the next.
sub steady { return $_[0] !~ /cleanup|_seconds|relation_bytes|pool_used|pool_warning|health_status|memo_/; }

# Every metric that the dashboard and the alerts name is one of the view.
my %known = map { $_ => 1 } split /\n/, $node->safe_psql('postgres', 'SELECT DISTINCT name FROM recon.metrics');
my $dashboard = decode_json(slurp_file("$docs/dashboard.json"));
my @expressions = map { $_->{expr} } map { @{ $_->{targets} } } @{ $dashboard->{panels} };
cmp_ok(scalar @expressions, '>', 15, 'the dashboard asks for something');
my %used = map { $_ => 1 } map { /\b(recon_\w+)\b/g } @expressions, map { $_->{query}{query} // '' } grep { ref $_->{query} } @{ $dashboard->{templating}{list} };
is(join(' ', grep { !$known{$_} } sort keys %used), '', 'of metrics that there are');
my %ids = map { $_->{id} => 1 } @{ $dashboard->{panels} };
is(scalar keys %ids, scalar @{ $dashboard->{panels} }, 'no panel has the id of another');
my %alerted = map { $_ => 1 } map { /\b(recon_\w+)\b/g } grep { /^\s+expr:/ } split /\n/, slurp_file("$docs/alerts.yaml");
cmp_ok(scalar keys %alerted, '>', 3, 'the alerts ask for something');
is(join(' ', grep { !$known{$_} } sort keys %alerted), '', 'of metrics that there are');
if (my ($promtool) = grep { -x $_ } map { "$_/promtool" } split /:/, $ENV{PATH})
{
	command_ok([ $promtool, 'check', 'rules', "$docs/alerts.yaml" ], 'the alerts are rules for Prometheus');
}
# And so are those that the documentation lists.
my %listed;
for my $line (split /\n/, slurp_file("$docs/README.md"))
{
	my ($family, $names) = $line =~ /^\| `(\w+)` \|.*? \| (.*) \|$/ or next;
	$names =~ s/:.*// if $names =~ /: /;
	$listed{ $family eq 'server' ? "recon_$_" : "recon_${family}_$_" } = 1 for $names =~ /`(\w+)`/g;
}
is(join(' ', sort keys %listed), join(' ', sort keys %known), 'README.md lists each metric');

my ($exporter) = grep { -x $_ } map { "$_/prometheus-postgres-exporter" } split /:/, $ENV{PATH};
if (!$exporter)
{
	note 'prometheus-postgres-exporter is not there';
	done_testing();
	exit;
}

my ($running, $port);
my $log = $node->basedir . '/exporter.log';
END
{
	local $?;
	$running->kill_kill(grace => 5) if $running;
}

sub start_exporter
{
	my @arguments = @_;
	$running->kill_kill(grace => 5) if $running;
	# One that is free now.
	$port = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1')->sockport;
	local $ENV{DATA_SOURCE_NAME} = "host='" . $node->host . "' port=" . $node->port . ' dbname=postgres user=prometheus sslmode=disable';
	$running = IPC::Run::start([ $exporter, "--web.listen-address=127.0.0.1:$port", '--disable-default-metrics', '--disable-settings-metrics', "--extend.query-path=$docs/queries.yaml", @arguments ], '<', \undef, '>&', $log);
	return;
}

sub scrape
{
	for (1 .. 100)
	{
		my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port", Timeout => 10);
		if ($socket)
		{
			print $socket "GET /metrics HTTP/1.0\r\n\r\n";
			local $/ = undef;
			my $answer = <$socket>;
			return $answer if $answer =~ /^HTTP\/1\.\d 200/;
			diag(substr($answer, 0, 500));
		}
		select(undef, undef, undef, 0.1);
	}
	die 'the exporter does not answer: ' . slurp_file($log);
}
start_exporter();
my $text = scrape();
like($text, qr/^pg_exporter_last_scrape_error 0$/m, 'the exporter has no error') or diag(slurp_file($log));
my $served = scraped($text);
my $view = scraped($node->safe_psql('postgres', q{
	SELECT name || '{' || coalesce((SELECT string_agg(format('%s="%s"', key, value), ',') FROM jsonb_each_text(labels)), '') || '} ' || value FROM recon.metrics}));
is(join("\n", sort keys %$served), join("\n", sort keys %$view), 'it serves each metric of the view, under its name, with its labels, and no other');
cmp_ok(scalar keys %$served, '>', 100, 'which are many');
is_deeply({ map { $_ => $served->{$_} + 0 } grep { steady($_) } keys %$served }, { map { $_ => $view->{$_} + 0 } grep { steady($_) } keys %$view }, 'and its values');
is($served->{'recon_load_records_total{outcome=rejected}'} + 0, 20, 'rejects');
is($served->{'recon_database_open_records{datname=postgres}'} + 0, 0, 'open records');
is($served->{'recon_matches_current{datname=postgres,status=approved}'} + 0, 90, 'matches');
for my $type (qw(counter gauge))
{
	my @typed = $text =~ /^# TYPE (recon_\w+) $type$/mg;
	is(join(' ', sort @typed), $node->safe_psql('postgres', qq{SELECT string_agg(DISTINCT name, ' ' ORDER BY name) FROM recon.metrics WHERE type = '$type'}), "those of type $type");
}

# Of several databases: what is of the server comes once, what is of a database from each.
$node->safe_psql('postgres', 'CREATE DATABASE bank');
$node->safe_psql('bank', 'CREATE EXTENSION recon');
start_exporter('--auto-discover-databases', '--include-databases=postgres,bank');
$text = scrape();
like($text, qr/^pg_exporter_last_scrape_error 0$/m, 'the exporter has no error with two databases') or diag(slurp_file($log));
$served = scraped($text);
is(join(' ', sort grep { /^recon_database_records\{/ } keys %$served), 'recon_database_records{datname=bank} recon_database_records{datname=postgres}', 'both are there');
is(scalar(() = $text =~ /^recon_launcher_up\b/mg), 1, 'the launcher is there once');
done_testing();
