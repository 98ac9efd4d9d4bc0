# Libraries with wrong rules of the memo are found out by the comparison at random of memo_random.pl: what
# caches usually do (a version that must be equal), values without what the transaction did itself,
# marks that come with the commit instead of before it.
use strict;
use warnings;
use Cwd qw(abs_path);
use FindBin;
use lib "$FindBin::Bin/lib";
use Memo;
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;

my $wrong = "$FindBin::Bin/../../build/wrong";
plan skip_all => 'needs make wrong-libraries' unless -e "$wrong/1/recon.so";

for my $rule (1 .. 3)
{
	my $node = random_server("memo_wrong_$rule", "dynamic_library_path = '" . abs_path("$wrong/$rule") . ":\\$libdir'");
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
