#include "jobs/create_job.hpp"

#include "access/audit.hpp"
#include "access/membership.hpp"
#include "core/json.hpp"
#include "pg/jsonb.hpp"
#include "pg/owner.hpp"
#include "stats/counters.hpp"

namespace recon::jobs {

namespace {

using access::Level;

std::optional<std::vector<std::int64_t>> read_rule_ids(const pg::Arguments& args, int i) {
    if (args.is_null(i)) return std::nullopt;
    std::vector<std::int64_t> ids = args.bigints(i, "rules");
    if (ids.empty())
        throw Error(sqlstate::invalid_parameter_value, "rules must not be empty", {},
                    "Use NULL for the project's active rules.");
    return ids;
}

NewJob read_job(const pg::Arguments& args) {
    NewJob job;
    job.project_id = args.bigint(0, "project_id");
    job.name = args.text(1, "name");
    if (job.name.empty())
        throw Error(sqlstate::invalid_parameter_value, "job name must not be empty");
    job.source_a = args.bigint(2, "source_a");
    job.source_b = args.bigint(3, "source_b");
    if (job.source_a == job.source_b)
        throw Error(sqlstate::invalid_parameter_value, "the two sources of a job must differ");
    job.rules = read_rule_ids(args, 4);
    if (!args.is_null(5)) {
        job.threshold = DatumGetFloat8(args.datum(5));
        if (!(*job.threshold >= 0 && *job.threshold <= 1))
            throw Error(sqlstate::invalid_parameter_value,
                        "confidence_threshold must be between 0 and 1");
    }
    if (!args.is_null(6)) {
        json::ObjectReader(pg::read_jsonb(args.datum(6)), "$", "job settings");
        job.settings = pg::jsonb_text(args.datum(6));
    }
    return job;
}

// A source of another project is not there for this one: whether it exists elsewhere is nobody's
// business.
void check_source(pg::Spi& spi, std::int64_t project_id, std::int64_t source_id) {
    pg::Rows found = spi.query(
        "SELECT 1 FROM recon.data_sources WHERE project_id = $1 AND source_id = $2 FOR KEY SHARE",
        {pg::bigint(project_id), pg::bigint(source_id)});
    if (found.empty())
        throw Error("42704", "source " + std::to_string(source_id) + " does not exist in project " +
                                 std::to_string(project_id));
}

void check_rules(pg::Spi& spi, std::int64_t project_id, const std::vector<std::int64_t>& ids) {
    pg::Rows missing = spi.query(
        "SELECT u.id FROM unnest($2) u(id) WHERE NOT EXISTS "
        "(SELECT 1 FROM recon.rules r WHERE r.project_id = $1 AND r.rule_id = u.id) LIMIT 1",
        {pg::bigint(project_id), pg::bigints(ids)});
    if (!missing.empty())
        throw Error("42704", "rule " + std::to_string(missing.bigint(0, 0)) +
                                 " does not exist in project " + std::to_string(project_id));
}

}  // namespace

std::int64_t create_job(pg::Spi& spi, const NewJob& job, Oid user) {
    access::require(spi, job.project_id, user, Level::worker);
    access::lock_active(spi, job.project_id, user, Level::worker);
    check_source(spi, job.project_id, job.source_a);
    check_source(spi, job.project_id, job.source_b);
    if (job.rules) check_rules(spi, job.project_id, *job.rules);
    std::string user_name = pg::role_name(user);
    std::vector<std::int64_t> none;
    pg::Param rule_ids = pg::bigints(job.rules ? *job.rules : none);
    rule_ids.null = !job.rules;
    pg::Rows made = spi.query(
        "INSERT INTO recon.jobs AS j (project_id, name, source_a, source_b, rules, "
        "confidence_threshold, settings, "
        "created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8::name) RETURNING job_id, "
        "to_jsonb(j)::text",
        {pg::bigint(job.project_id), pg::text(job.name), pg::bigint(job.source_a),
         pg::bigint(job.source_b), rule_ids, pg::real(job.threshold), pg::jsonb(job.settings),
         pg::text(user_name)});
    std::int64_t job_id = made.bigint(0, 0);
    stats::Delta change;
    change.jobs = 1;
    stats::add(spi, job.project_id, change);
    access::audit(spi, user, job.project_id, "create", "job", job_id, std::nullopt,
                  made.text(0, 1));
    return job_id;
}

}  // namespace recon::jobs

RECON_FUNCTION(recon_create_job) {
    namespace jobs = recon::jobs;
    jobs::NewJob job = jobs::read_job(recon::pg::Arguments(fcinfo));
    Oid user = GetUserId();
    recon::pg::OwnerScope owner;
    recon::pg::Spi spi;
    return Int64GetDatum(jobs::create_job(spi, job, user));
}
