# What operations.md says of pg_cron: its workers reconcile a project and clean up, by the lines that are shown there.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;

my $pg_config = $ENV{PG_CONFIG} // 'pg_config';
chomp(my $shared = qx($pg_config --sharedir));
plan skip_all => 'pg_cron is not installed' unless -e "$shared/extension/pg_cron.control";

my $node = PostgreSQL::Test::Cluster->new('pg_cron');
$node->init;
# As the tests' other servers, but for the libraries: the last line counts.
$node->append_conf('postgresql.conf', "$_\n")
	for ("shared_preload_libraries = 'recon,pg_cron'", "cron.database_name = 'postgres'", 'cron.use_background_workers = on', 'max_worker_processes = 20');
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION pg_cron; CREATE EXTENSION recon');

# A project of an operator who is no superuser; the schedule runs with his rights.
$node->safe_psql('postgres', q{
	CREATE ROLE clerk LOGIN;
	GRANT USAGE ON SCHEMA cron TO clerk;
	CREATE TABLE bank (id int, amount numeric);
	CREATE TABLE ledger (id int, amount numeric);
	INSERT INTO bank SELECT n, n FROM generate_series(1, 100) n;
	INSERT INTO ledger SELECT n, n FROM generate_series(1, 80) n;
	GRANT SELECT ON bank, ledger TO clerk;
	GRANT CREATE ON SCHEMA public TO clerk;
	SET ROLE clerk;
	SELECT recon.create_project('p');
	SELECT recon.create_source(1, name, '{"external_id": "id", "amount": "amount"}', '{}', 'public.' || name) FROM unnest('{bank,ledger}'::text[]) name;
	SELECT recon.create_rule(1, 'r', '{"match": [{"field": "external_id", "op": "equal"}, {"field": "amount", "op": "equal"}]}');
	SELECT cron.schedule('reconcile', '* * * * *', 'SELECT * FROM recon.run_project(1)');
	RESET ROLE;
	SELECT recon.create_job(1, 'old', 1, 2);
	UPDATE recon.jobs SET status = 'completed', finished_at = now() - interval '91 days';
	SELECT recon.stats_verify(1);
	SELECT cron.schedule('clean up', '* * * * *', 'SELECT recon.run_cleanup()');
});

# It fires on whole minutes.
my $ended = q{SELECT count(DISTINCT jobid) = 2 FROM cron.job_run_details WHERE status IN ('succeeded', 'failed')};
$node->poll_query_until('postgres', $ended) or die 'nothing ran';
is($node->safe_psql('postgres', q{SELECT DISTINCT jobname, d.status, d.username = CASE jobname WHEN 'reconcile' THEN 'clerk' ELSE current_user END
	FROM cron.job_run_details d JOIN cron.job USING (jobid) WHERE d.status <> 'running' AND d.status <> 'starting' ORDER BY 1}),
	"clean up|succeeded|t\nreconcile|succeeded|t", 'both ran, each with the rights of who scheduled it')
	or diag($node->safe_psql('postgres', 'SELECT * FROM cron.job_run_details'));
is($node->safe_psql('postgres', q{SELECT count(*), count(*) FILTER (WHERE status = 'approved') FROM recon.matches}), '80|80', 'what was to be matched is matched');
is($node->safe_psql('postgres', q{SELECT string_agg(name, ',' ORDER BY name) FROM recon.jobs}), 'bank / ledger', 'and what was old is gone');
is($node->safe_psql('postgres', 'SELECT count(*) FROM recon.stats_verify(1)'), '0', 'the figures are right');
$node->stop;
done_testing();
