# A short form of `make soak`.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Recon;

my $node = server('soak', 'log_statement = none', 'recon.cleanup_interval = 1');
local %ENV = (%ENV, PGHOST => $node->host, PGPORT => $node->port, SOAK_SECONDS => $ENV{SOAK_SECONDS} // 20, SOAK_RATE => $ENV{SOAK_RATE} // 5);
do "$FindBin::Bin/../soak/jobs.pl" or die $@ || $!;
