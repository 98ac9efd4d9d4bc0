# Libraries with wrong rules of the memo are found out by the comparison at random of memo_random.pl: what
# caches usually do (a version that must be equal), values without what the transaction did itself,
# writers that are forgotten once there are too many.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Memo;
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;

my $wrong = "$FindBin::Bin/../../build/wrong";
plan skip_all => 'needs make wrong-libraries' unless -e "$wrong/1/recon.so";
# Where the tests' installation is.
my $conf = slurp_file($ENV{TEMP_CONFIG});
my ($inst) = $conf =~ /^extension_(?:destdir|control_path) = '([^']*?\/inst)\b/m or die 'no installation';

for my $rule (1 .. 3)
{
	my $copy = PostgreSQL::Test::Utils::tempdir() . '/inst';
	system_or_bail('cp', '-r', $inst, $copy);
	chomp(my $library = `find $copy -name recon.so`);
	system_or_bail('cp', "$wrong/$rule/recon.so", $library);
	my @lines = grep { /^(extension_|dynamic_library_path)/ } split /\n/, $conf =~ s/\Q$inst\E/$copy/gr;
	my $node = random_server("memo_wrong_$rule", @lines);
	my $found = 0;
	for (1 .. 10)
	{
		run_for($node, 4);
		$found = mismatches($node);
		last if $found > 0;
	}
	cmp_ok($found, '>', 0, "wrong rule $rule");
	$node->stop('immediate');
}
done_testing();
