# On a standby no worker of recon is started and no job, and all that reads gives what the primary gives; once it is promoted, the
# jobs run that were queued.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Jobs;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;

my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 1);
$primary->append_conf('postgresql.conf', "autovacuum = off\nrecon.cleanup_interval = 1\nrecon.max_concurrent_jobs = 4\n");
$primary->start;
add_jobs($primary, 'postgres', 3);
$primary->safe_psql('postgres', 'SELECT recon.run_job(1)');
$primary->safe_psql('postgres', 'SELECT recon.unmatch(min(match_id)) FROM recon.matches');
$primary->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'copy', has_streaming => 1);
$standby->start;
my $log = log_size($standby);

# One job runs and two wait when the primary goes.
configure($primary, 'recon.max_concurrent_jobs = 1');
my $holder = hold($primary, 'postgres');
start_all($primary, 'postgres');
running($primary, 'postgres', 1);
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));

is(recon_backends($standby, $_), '0', "no $_ on a standby") for qw(launcher job cleanup);
is($standby->safe_psql('postgres', q{SELECT worker, state FROM recon.worker_status WHERE pid IS NOT NULL OR worker <> 'cleanup'}), 'launcher|not running', 'as worker_status says');
is($standby->safe_psql('postgres', 'SELECT string_agg(status, $$ $$ ORDER BY job_id) FROM recon.job_progress'), 'running queued queued', 'job_progress says what the primary does');
is($standby->safe_psql('postgres', q{SELECT status FROM recon.health_check() WHERE check_name = 'stuck_jobs'}), 'ok', 'and they are not taken for stuck');
is(sqlstate($standby, 'SELECT recon.start_job(1)'), '25006', 'start_job is refused');
is(sqlstate($standby, 'SELECT recon.cancel_job(2)'), '25006', 'cancel_job, too');
is(sqlstate($standby, 'SELECT recon.run_job(2)'), '25006', 'and run_job');
is(sqlstate($standby, 'SELECT * FROM recon.run_cleanup()'), '25006', 'and run_cleanup');
is($standby->safe_psql('postgres', 'SELECT count(*) FROM recon.pool_status'), '4', 'pool_status can be read');
# What pages and auditors read.
for my $read (
	'SELECT * FROM recon.results', 'SELECT * FROM recon.exceptions', 'SELECT * FROM recon.get_projects()', 'SELECT * FROM recon.get_project(1)',
	'SELECT * FROM recon.get_reconciliation_jobs(1)', 'SELECT * FROM recon.get_project_data_sources(1)', 'SELECT * FROM recon.get_project_stats(1)',
	'SELECT * FROM recon.get_users()', 'SELECT e.* FROM (SELECT min(match_id) AS id FROM recon.matches) m, recon.explain_match(m.id) e',
	'SELECT e.* FROM (SELECT min(record_id) AS id FROM recon.open_records) o, recon.explain_record(o.id) e', 'SELECT * FROM recon.verify_audit(1)',
	q{SELECT * FROM recon.balance_proof(1, 1, 2, '2100-01-01')}, q{SELECT regexp_replace(recon.report_html(1), '\d\d:\d\d:\d\d|running', '', 'g')})
{
	my $rows = "SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY to_jsonb(r)), '[]') FROM ($read) r";
	my $there = $primary->safe_psql('postgres', $rows);
	is($standby->safe_psql('postgres', $rows), $there, "the standby answers as the primary: $read");
	isnt($there, '[]', 'with rows');
}
is(join("\n", log_lines($standby, $log, qr/database system is ready|started streaming|redo starts|consistent recovery|restartpoint|recovery restart point/)), '', 'nothing to be told');

$primary->stop('immediate');
eval { $holder->quit };
$standby->promote;
wait_final($standby, 'postgres');
is(statuses($standby, 'postgres'), '3 completed', 'promoted, it runs the jobs that ran and waited');
is($standby->safe_psql('postgres', 'SELECT string_agg(attempts::text, $$ $$ ORDER BY job_id) FROM recon.jobs'), '2 1 1', 'that which ran once more');
is(recon_backends($standby, 'launcher'), '1', 'with a launcher of its own');
is($standby->safe_psql('postgres', 'SELECT recon.start_job(1)'), 'queued', 'and takes more of them');
wait_final($standby, 'postgres');
is(statuses($standby, 'postgres'), '3 completed', 'which run');
done_testing();
