#include "ops/old_jobs.hpp"

#include "access/audit.hpp"
#include "pg/plan_scope.hpp"
#include "pg/settings.hpp"
#include "stats/counters.hpp"

namespace recon::ops {

namespace {

using Ids = std::vector<std::int64_t>;

constexpr std::int64_t most_jobs = 1000, most_matches = 10000;  // a batch

// The condition of the index jobs_ended_idx.
#define ENDED "status IN ('completed', 'failed', 'cancelled', 'timed_out')"

// By age: those that ended no later than $1. By number ($3, 0: any): those beyond so many that are
// not kept, as the kept ones are older; whether a project has so many is known from its figures.
// What is due by age alone ends with the last job of that time, whatever its id. Those that were
// kept are looked at again where that was before $2.
constexpr char find_sql[] =
    "WITH many AS (SELECT b.project_id FROM recon.stats_base b WHERE $3 > 0 AND b.jobs + "
    "coalesce((SELECT sum(d.jobs) FROM recon.stats_deltas d WHERE d.project_id = b.project_id), 0) "
    "> $3), "
    "newest AS (SELECT m.project_id, n.* FROM many m, LATERAL (SELECT count(*) AS jobs, "
    "(array_agg(k.finished_at ORDER BY k.finished_at, k.job_id))[1] AS last_end, "
    "(array_agg(k.job_id ORDER BY k.finished_at, k.job_id))[1] AS last_job "
    "FROM (SELECT j.finished_at, j.job_id FROM recon.jobs j WHERE j.project_id = m.project_id AND "
    "j." ENDED
    " AND j.kept_at IS NULL AND j.finished_at IS NOT NULL ORDER BY j.project_id DESC, "
    "j.kept_at DESC, j.finished_at DESC, j.job_id DESC OFFSET $3 - 1 LIMIT 2) k) n), "
    "last AS (SELECT p.project_id, coalesce(n.jobs > 0, false) AS crowded, "
    "CASE WHEN n.jobs = 2 AND n.last_end > $1 THEN n.last_end ELSE $1 END AS last_end, "
    "CASE WHEN n.jobs = 2 AND n.last_end > $1 THEN n.last_job ELSE 9223372036854775807 END AS "
    "last_job FROM recon.projects p LEFT JOIN newest n ON n.project_id = p.project_id) "
    "SELECT l.project_id, l.last_end, l.last_job, l.crowded FROM last l WHERE "
    "EXISTS (SELECT FROM recon.jobs j WHERE j.project_id = l.project_id AND j." ENDED
    " AND j.kept_at IS NULL AND (j.finished_at, j.job_id) <= (l.last_end, l.last_job)) "
    "OR EXISTS (SELECT FROM recon.jobs j WHERE j.project_id = l.project_id AND j." ENDED
    " AND j.kept_at < $2 AND j.finished_at <= CASE WHEN l.crowded THEN greatest(j.kept_at, $1) "
    "ELSE $1 END) ORDER BY l.project_id";

// Whoever drops the project waits for nobody who works in it so, and is waited for by nobody.
pg::Prepared lock_project(
    "SELECT FROM recon.projects WHERE project_id = $1 FOR KEY SHARE SKIP LOCKED");

// A job that runs is locked. $4 to $6 are of those that were kept before.
constexpr char lock_jobs_sql[] =
    "SELECT j.job_id FROM recon.jobs j WHERE j.project_id = $1 AND j.job_id = ANY (ARRAY("
    "(SELECT k.job_id FROM recon.jobs k WHERE k.project_id = $1 AND k." ENDED
    " AND k.kept_at IS NULL AND (k.finished_at, k.job_id) <= ($2, $3) "
    "ORDER BY k.project_id, k.kept_at, k.finished_at, k.job_id LIMIT $7) UNION ALL "
    "(SELECT k.job_id FROM recon.jobs k WHERE k.project_id = $1 AND k." ENDED
    " AND k.kept_at < $6 AND k.finished_at <= CASE WHEN $5 THEN greatest(k.kept_at, $4) ELSE $4 "
    "END ORDER BY k.project_id, k.kept_at LIMIT $7) LIMIT $7)) AND j." ENDED
    " AND ((j.finished_at, j.job_id) <= ($2, $3) OR j.kept_at < $6 AND j.finished_at <= CASE WHEN "
    "$5 THEN greatest(j.kept_at, $4) ELSE $4 END) FOR UPDATE SKIP LOCKED";

constexpr char keep_sql[] =
    "UPDATE recon.jobs SET kept_at = clock_timestamp() WHERE project_id = $1 AND job_id = ANY ($2)";

constexpr char delete_sql[] =
    "gone AS (DELETE FROM recon.jobs j WHERE j.project_id = $1 AND j.job_id = ANY ($2) "
    "RETURNING j.*), "
    "entries AS (SELECT clock_timestamp() AS at, job_id AS resource_id, to_jsonb(g) AS before, "
    "NULL::jsonb AS after FROM gone g)";

Ids read_ids(pg::Spi& spi, const pg::Rows& rows) {
    Ids ids;
    for (std::uint64_t i = 0; i < rows.size(); ++i) ids.push_back(rows.bigint(i, 0));
    spi.free(rows);
    std::sort(ids.begin(), ids.end());
    return ids;
}

Ids without(const Ids& ids, const Ids& others) {
    Ids left;
    std::set_difference(ids.begin(), ids.end(), others.begin(), others.end(),
                        std::back_inserter(left));
    return left;
}

void keep(pg::Spi& spi, std::int64_t project_id, const Ids& jobs) {
    if (!jobs.empty()) spi.execute(keep_sql, {pg::bigint(project_id), pg::bigints(jobs)});
}

// Of some jobs, ascending.
struct WithMatches {
    Ids kept;  // those that have a live or rejected one
    Ids free;  // those that have others only
};

WithMatches find_matches(pg::Spi& spi, std::int64_t project_id, const Ids& jobs) {
    WithMatches found;
    if (jobs.empty()) return found;
    pg::Rows rows = spi.query(
        "SELECT job_id, bool_or(status <> 'unmatched') FROM recon.matches WHERE project_id = $1 "
        "AND job_id = ANY ($2) GROUP BY job_id ORDER BY job_id",
        {pg::bigint(project_id), pg::bigints(jobs)});
    for (std::uint64_t i = 0; i < rows.size(); ++i)
        (rows.boolean(i, 1) ? found.kept : found.free).push_back(rows.bigint(i, 0));
    spi.free(rows);
    return found;
}

// Of matches that were taken apart; returns how many.
std::int64_t delete_matches(pg::Spi& spi, std::int64_t project_id, const Ids& jobs) {
    if (jobs.empty()) return 0;
    Ids matches = read_ids(
        spi, spi.query("SELECT match_id FROM recon.matches WHERE project_id = $1 AND job_id = ANY "
                       "($2) AND status = 'unmatched' LIMIT $3 FOR UPDATE SKIP LOCKED",
                       {pg::bigint(project_id), pg::bigints(jobs), pg::bigint(most_matches)}));
    if (matches.empty()) return 0;
    for (const char* statement :
         {"DELETE FROM recon.rejections WHERE project_id = $1 AND match_id = ANY ($2)",
          "DELETE FROM recon.match_members WHERE project_id = $1 AND match_id = ANY ($2)",
          "DELETE FROM recon.matches WHERE project_id = $1 AND match_id = ANY ($2)"})
        spi.execute(statement, {pg::bigint(project_id), pg::bigints(matches)});
    return static_cast<std::int64_t>(matches.size());
}

std::uint64_t delete_jobs(pg::Spi& spi, std::int64_t project_id, const Ids& jobs, Oid user) {
    if (jobs.empty()) return 0;
    spi.execute("DELETE FROM recon.job_runs WHERE project_id = $1 AND job_id = ANY ($2)",
                {pg::bigint(project_id), pg::bigints(jobs)});
    pg::Rows rows = access::audit_all(spi, user, project_id, "delete", "job", delete_sql,
                                      "SELECT status, count(*) FROM gone GROUP BY status",
                                      {pg::bigint(project_id), pg::bigints(jobs)});
    stats::Delta change;
    for (std::uint64_t i = 0; i < rows.size(); ++i) {
        change.count_status(rows.text(i, 0), -rows.bigint(i, 1));
        change.jobs -= rows.bigint(i, 1);
    }
    stats::add(spi, project_id, change);
    return static_cast<std::uint64_t>(-change.jobs);
}

}  // namespace

void OldJobs::find(pg::Spi& spi) {
    found_ = true;
    const std::int64_t age = pg::settings::job_retention, count = pg::settings::job_retention_count;
    // With a snapshot that may be old it is not known what others still need.
    if ((age == 0 && count == 0) || pg::has_fixed_snapshot()) return;
    const TimestampTz now = GetCurrentTimestamp();
    aged_ = age == 0 ? DT_NOBEGIN : now - age * USECS_PER_SEC;
    looked_at_ = now - USECS_PER_DAY;
    pg::Rows rows =
        spi.query(find_sql, {pg::timestamp(aged_), pg::timestamp(looked_at_), pg::bigint(count)});
    for (std::uint64_t i = rows.size(); i-- > 0;)
        due_.push_back({rows.bigint(i, 0), DatumGetTimestampTz(rows.datum(i, 1)), rows.bigint(i, 2),
                        rows.boolean(i, 3)});
}

std::uint64_t OldJobs::step(pg::Spi& spi, Oid user, bool& more) {
    // No matter how many matches there are: the index on their jobs.
    pg::PlanScope by_index({"enable_seqscan"});
    if (!found_) find(spi);
    more = !due_.empty();
    if (due_.empty()) return 0;
    const Due due = due_.back();
    const std::int64_t project_id = due.project_id;
    Ids jobs;
    if (!spi.query(lock_project, {pg::bigint(project_id)}).empty())
        jobs = read_ids(
            spi, spi.query(lock_jobs_sql, {pg::bigint(project_id), pg::timestamp(due.last_end),
                                           pg::bigint(due.last_job), pg::timestamp(aged_),
                                           pg::boolean(due.crowded), pg::timestamp(looked_at_),
                                           pg::bigint(most_jobs)}));
    if (static_cast<std::int64_t>(jobs.size()) < most_jobs) due_.pop_back();

    WithMatches found = find_matches(spi, project_id, jobs);
    keep(spi, project_id, found.kept);
    bool all = delete_matches(spi, project_id, found.free) < most_matches;
    Ids left = found.free.empty() ? Ids() : find_matches(spi, project_id, found.free).free;
    if (all)
        keep(spi, project_id, left);  // somebody holds their matches
    else if (due_.empty() || due_.back().project_id != project_id)
        due_.push_back(due);
    more = !due_.empty();
    return delete_jobs(spi, project_id, without(without(jobs, found.kept), left), user);
}

}  // namespace recon::ops
