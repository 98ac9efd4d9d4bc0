# The table of docs/settings.md is what the server says.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;

my $doc = "$FindBin::Bin/../../docs/settings.md";
my $text = slurp_file($doc);
my (@columns, @documented);
for my $line (split /\n/, $text)
{
	next unless $line =~ /^\|(.*)\|\s*$/;
	my @cells = map { s/^\s+|\s+$|`//gr } split /\|/, $1, -1;
	if (!@columns) { @columns = @cells; next; }
	my %row;
	@row{@columns} = @cells;
	next unless $row{name} =~ /^recon\./;
	$row{default} = '' if $row{default} eq '(empty)';
	push @documented, join('|', map { $row{$_} } qw(name default unit context));
}
cmp_ok(scalar @documented, '>', 0, 'settings are documented');
my $node = server('settings');
is(join("\n", @documented), $node->safe_psql('postgres', q{SELECT name, boot_val, unit, context FROM pg_settings WHERE name LIKE 'recon.%' ORDER BY name}), 'the table equals pg_settings, in the order of names');
done_testing();
