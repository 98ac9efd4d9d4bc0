// explain_rule: how a rule would be answered over the records that are open now.
#include "access/membership.hpp"
#include "core/match/explain_plan.hpp"
#include "match/explained.hpp"
#include "match/limits.hpp"
#include "match/rule_spec.hpp"
#include "pg/owner.hpp"

using namespace recon;
using access::Level;

namespace {

struct Sources {
    std::int64_t a = 0, b = 0;
    std::optional<double> threshold;
};

// The job asked for, or else the one that can run the rule and ran last, or was made last.
constexpr char job_sql[] =
    "SELECT source_a, source_b, confidence_threshold, rules IS NULL OR $2 = ANY (rules) "
    "FROM recon.jobs WHERE project_id = $1 AND (job_id = $4 OR NOT $3 AND (rules IS NULL OR $2 = "
    "ANY (rules))) ORDER BY coalesce(finished_at, created_at) DESC, job_id DESC LIMIT 1";

// The first pair of the project's setting, or else its two active sources.
constexpr char sources_sql[] =
    "WITH named AS (SELECT settings -> 'pairs' -> 0 AS pair FROM recon.projects "
    "WHERE project_id = $1) "
    "SELECT s.source_id FROM recon.data_sources s, named WHERE s.project_id = $1 "
    "AND (named.pair IS NULL AND s.active OR named.pair ? s.name) "
    "ORDER BY s.name IS DISTINCT FROM named.pair ->> 0 AND named.pair IS NOT NULL, s.source_id";

std::optional<Sources> of_job(pg::Spi& spi, std::int64_t project_id, std::int64_t rule_id,
                              std::optional<std::int64_t> job_id) {
    pg::Rows job =
        spi.query(job_sql, {pg::bigint(project_id), pg::bigint(rule_id),
                            pg::boolean(job_id.has_value()), pg::bigint(job_id.value_or(0))});
    if (job.empty()) return std::nullopt;
    if (!job.boolean(0, 3))
        throw Error(
            sqlstate::invalid_parameter_value,
            "job " + std::to_string(*job_id) + " does not run rule " + std::to_string(rule_id));
    Sources sources{job.bigint(0, 0), job.bigint(0, 1), {}};
    if (!job.is_null(0, 2)) sources.threshold = job.real(0, 2);
    return sources;
}

Sources of_project(pg::Spi& spi, std::int64_t project_id) {
    pg::Rows rows = spi.query(sources_sql, {pg::bigint(project_id)});
    if (rows.size() != 2)
        throw Error(sqlstate::invalid_parameter_value, "which sources the rule is for is not known",
                    {}, "Name a job, or give the project the setting \"pairs\".");
    return {rows.bigint(0, 0), rows.bigint(1, 0), {}};
}

Sources find_sources(pg::Spi& spi, std::int64_t project_id, std::int64_t rule_id,
                     std::optional<std::int64_t> job_id, Oid user) {
    if (job_id && access::require_object(spi, access::Object::job, *job_id, user, Level::viewer) !=
                      project_id)
        throw Error(sqlstate::invalid_parameter_value, "job " + std::to_string(*job_id) +
                                                           " is of another project than rule " +
                                                           std::to_string(rule_id));
    std::optional<Sources> sources = of_job(spi, project_id, rule_id, job_id);
    return sources ? *sources : of_project(spi, project_id);
}

// explain_plan() asks for no order: it assigns nothing.
class NoOrder final : public match::RowOrder {
  public:
    void sort_a(std::vector<std::uint32_t>&) override {}
    void sort_b(std::vector<std::uint32_t>&) override {}
};

pg::Value count(const std::optional<std::uint64_t>& number) {
    return number ? pg::Value(static_cast<std::int64_t>(*number)) : pg::Value();
}

void explain_rule(pg::ResultSet& rows, std::int64_t rule_id, std::optional<std::int64_t> job_id,
                  Oid user) {
    pg::OwnerScope owner;
    pg::Spi spi(pg::Spi::read_only);
    std::int64_t project_id =
        access::require_object(spi, access::Object::rule, rule_id, user, Level::viewer);
    Sources sources = find_sources(spi, project_id, rule_id, job_id, user);
    std::vector<rule::Rule> rules = {match::read_rule(
        spi.query("SELECT spec FROM recon.rules WHERE project_id = $1 AND rule_id = $2",
                  {pg::bigint(project_id), pg::bigint(rule_id)})
            .datum(0, 0))};
    rules[0].threshold = std::max(rules[0].threshold, sources.threshold.value_or(0));

    match::Explaining shared(spi);
    auto read = [&](std::int64_t source_id, match::Side side) {
        match::SourceFields source = match::read_fields(spi, project_id, source_id);
        return match::read_open_records(spi, source, match::fields_read(rules, side, source),
                                        shared.budget, shared.texts, shared.interrupts);
    };
    match::Table a = read(sources.a, match::Side::a), b = read(sources.b, match::Side::b);
    NoOrder order;
    NoProgress progress;
    match::Limits limits = match::limits_set();
    match::Context context{shared.calendars,  order,    shared.budget,
                           shared.interrupts, progress, limits};
    std::int64_t number = 0;
    for (const match::PlanStep& step : match::explain_plan(a, b, rules[0], context))
        rows.add({++number, step.operation, step.detail, count(step.rows_a), count(step.rows_b),
                  count(step.estimated_pairs), count(step.pairs)});
}

}  // namespace

RECON_FUNCTION(recon_explain_rule) {
    pg::Arguments args(fcinfo);
    std::int64_t rule_id = args.bigint(0, "rule_id");
    std::optional<std::int64_t> job_id;
    if (!args.is_null(1)) job_id = args.bigint(1, "job_id");
    pg::ResultSet rows(fcinfo);
    explain_rule(rows, rule_id, job_id, GetUserId());
    return 0;
}
