# The background worker cleans up each database by itself, in short transactions, and says what it
# removed once.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;

my $node = server('cleanup_worker', 'autovacuum = off', 'recon.cleanup_interval = 1', 'recon.job_retention = 1');
project($node);
my $file = write_file($node, 'a.csv', "external_id,amount,reference\n" . join('', map { "a$_,$_,x\n" } 1 .. 100));
$node->safe_psql('postgres', qq{SELECT recon.ingest_file(1, '$file'), recon.ingest_file(2, '$file');
	SELECT recon.create_rule(1, 'all', '{"match": [{"field": "amount", "op": "equal"}]}');
	SELECT recon.create_job(1, 'with matches', 1, 2), recon.create_job(1, 'without', 2, 1), recon.create_job(1, 'never run', 1, 2);
	SELECT recon.run_job(1), recon.run_job(2)});
# Whatever the settings of the superuser.
$node->safe_psql('postgres', q{ALTER ROLE postgres SET default_transaction_isolation = serializable});
my $offset = -s $node->logfile;
$node->poll_query_until('postgres', q{SELECT string_agg(job_id::text, ' ' ORDER BY job_id) = '1 3' FROM recon.jobs}) or die 'not removed';
pass('a job that ended, without matches, goes; others stay');
is($node->safe_psql('postgres', 'SELECT total_jobs, completed_jobs FROM recon.get_project_stats(1)'), '2|1', 'the figures follow');
is($node->safe_psql('postgres', q{SELECT action, user_name, before ->> 'name' FROM recon.audit_log WHERE resource = 'job' AND resource_id = 2 ORDER BY audit_id DESC LIMIT 1}), 'delete|postgres|without', 'the audit trail has it');
$node->poll_query_until('postgres', q{SELECT result = 'nothing' AND removed = 0 AND last_cleanup > now() - interval '3 s' FROM recon.worker_status WHERE worker = 'cleanup' AND database = 'postgres'}) or die 'no later cleanup';
my $log = substr(slurp_file($node->logfile), $offset);
my @lines = $log =~ /LOG:  (recon cleanup.*)/g;
is(scalar(grep { /in database "postgres" removed old jobs: 1/ } @lines), 1, 'one line says what went') or diag("@lines");
cmp_ok(scalar @lines, '<=', 2, 'and no more of them');
is($node->safe_psql('postgres', q{SELECT count(*), count(backend_xmin), count(datname) FROM pg_stat_activity WHERE backend_type = 'recon launcher'}), '1|0|0', 'the launcher holds no snapshot, and is in no database');

# A database without the extension is not visited again.
$node->safe_psql('postgres', 'CREATE DATABASE plain');
is($node->safe_psql('postgres', q{SELECT string_agg(database, ' ') FROM recon.worker_status WHERE worker = 'cleanup'}), 'postgres', 'only databases that have it');
$node->append_conf('postgresql.conf', 'recon.cleanup_interval = 0');
$node->reload;
$node->safe_psql('postgres', q{SELECT pg_sleep(1.5)});
my $last = $node->safe_psql('postgres', q{SELECT last_cleanup FROM recon.worker_status WHERE database = 'postgres'});
$node->safe_psql('postgres', q{SELECT pg_sleep(2.5)});
is($node->safe_psql('postgres', q{SELECT last_cleanup FROM recon.worker_status WHERE database = 'postgres'}), $last, 'none where it is switched off');
done_testing();
