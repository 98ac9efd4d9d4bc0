# The oracle of the memo's tests: what a memoized read says, and what the tables say, in one snapshot.
package Memo;
use strict;
use warnings;
use Exporter 'import';
our @EXPORT = qw(equal_sql);

my %pair = (
	stats => q{SELECT (SELECT total_jobs || ',' || coalesce(last_activity::text, '') FROM recon.get_project_stats(%1$s)),
		(SELECT (SELECT count(*) FROM recon.jobs WHERE project_id = %1$s) || ',' || coalesce((SELECT max(at)::text FROM recon.audit_log WHERE project_id = %1$s), ''))},
	jobs => q{SELECT (SELECT string_agg(j::text, ';' ORDER BY job_id) FROM recon.get_reconciliation_jobs(%1$s) j), (SELECT string_agg(j::text, ';' ORDER BY job_id) FROM recon.jobs j WHERE project_id = %1$s)},
	sources => q{SELECT (SELECT string_agg(s::text, ';' ORDER BY source_id) FROM recon.get_project_data_sources(%1$s) s), (SELECT string_agg(s::text, ';' ORDER BY source_id) FROM recon.data_sources s WHERE project_id = %1$s)},
	project => q{SELECT (SELECT p::text FROM recon.get_project(%1$s) p), (SELECT p::text FROM recon.projects p WHERE project_id = %1$s)},
	projects => q{SELECT (SELECT string_agg(p::text, ';' ORDER BY project_id) FROM recon.get_projects() p), (SELECT string_agg(p::text, ';' ORDER BY project_id) FROM recon.projects p)},
	users => q{SELECT (SELECT string_agg(u::text, ';' ORDER BY user_id) FROM recon.get_users() u), (SELECT string_agg(u::text, ';' ORDER BY user_id) FROM recon.users u)},
);

# A query that gives 'true' where all six agree, for a project; for a superuser, who sees all rows.
sub equal_sql
{
	my ($project) = @_;
	return 'SELECT bool_and(memo IS NOT DISTINCT FROM live)::text FROM (' . join(' UNION ALL ', map { sprintf "SELECT * FROM (%s) q(memo, live)", sprintf($pair{$_}, $project) } sort keys %pair) . ') q';
}

1;
