#include "jobs/job.hpp"

#include <cmath>
#include <cstdio>

#include "access/membership.hpp"
#include "access/project_settings.hpp"
#include "jobs/rejections.hpp"
#include "match/limits.hpp"
#include "match/parallel_search.hpp"
#include "match/row_order.hpp"
#include "match/spools.hpp"
#include "pg/report.hpp"

namespace recon::jobs {

namespace {

// FOR UPDATE: a job runs once at a time. Its own row is the guard, so that runs of other jobs go
// on.
constexpr char lock_job_sql[] =
    "SELECT source_a, source_b, confidence_threshold FROM recon.jobs WHERE project_id = $1 AND "
    "job_id = $2 FOR UPDATE";
constexpr char read_job_sql[] =
    "SELECT source_a, source_b, confidence_threshold FROM recon.jobs WHERE project_id = $1 AND "
    "job_id = $2";

void check_sources(pg::Spi& spi, const Job& job) {
    pg::Rows disabled = spi.query(
        "SELECT name FROM recon.data_sources WHERE project_id = $1 AND source_id IN ($2, $3) AND "
        "NOT active",
        {pg::bigint(job.project_id), pg::bigint(job.source_a), pg::bigint(job.source_b)});
    if (!disabled.empty())
        throw Error("55000", "source \"" + disabled.text(0, 0) + "\" is disabled", {},
                    "Set its status to \"active\" with recon.alter_source.");
}

// Where an assignment is not proven best: the rule that made it, and how good it is at least.
void warn_of_gap(const Job& job, const match::Result& result) {
    for (std::size_t i = 0; i < result.gaps.size(); ++i) {
        const match::Gap& gap = result.gaps[i];
        if (gap.value == gap.bound) continue;
        char share[32];
        std::snprintf(
            share, sizeof share, "%.2f",
            std::floor(10000.0 * static_cast<double>(gap.value) / static_cast<double>(gap.bound)) /
                100);
        pg::warning(
            "the assignment by rule " + std::to_string(job.rule_ids[i].rule_id) +
                " may not be the best",
            std::to_string(gap.candidates) + " candidates are in " +
                std::to_string(gap.components) + " connected " +
                (gap.components == 1 ? "component" : "components") +
                " too large for an exact assignment; it has at least " + share +
                " % of the highest total confidence there.",
            "Raise \"recon.max_exact_candidates\", or give the rule more selective conditions.");
    }
}

}  // namespace

double assignment_gap(const match::Result& result) {
    match::Billionths value = 0, bound = 0;
    for (const match::Gap& gap : result.gaps) {
        value += gap.value;
        bound += gap.bound;
    }
    return bound == value ? 0 : 1 - static_cast<double>(value) / static_cast<double>(bound);
}

Job open_job(pg::Spi& spi, std::int64_t job_id, Oid user, Purpose purpose) {
    bool run = purpose == Purpose::run;
    Job job;
    job.job_id = job_id;
    job.project_id = access::require_object(spi, access::Object::job, job_id, user,
                                            run ? access::Level::worker : access::Level::viewer);
    if (run) access::lock_active(spi, job.project_id, user, access::Level::worker);
    pg::Rows row = spi.query(run ? lock_job_sql : read_job_sql,
                             {pg::bigint(job.project_id), pg::bigint(job_id)});
    if (row.empty()) throw Error("42704", "job " + std::to_string(job_id) + " does not exist");
    job.user = user;
    job.four_eyes = access::has_four_eyes(spi, job.project_id);
    job.source_a = row.bigint(0, 0);
    job.source_b = row.bigint(0, 1);
    std::optional<double> threshold;
    if (!row.is_null(0, 2)) threshold = row.real(0, 2);
    check_sources(spi, job);
    match::JobRules rules = match::read_job_rules(spi, job.project_id, job_id, threshold, run);
    if (rules.ids.empty())
        throw Error(
            sqlstate::invalid_parameter_value,
            "job " + std::to_string(job_id) + " has no active rules", {},
            "Create a rule with recon.create_rule, or make one active with recon.alter_rule.");
    job.rule_ids = std::move(rules.ids);
    job.rules = std::move(rules.rules);
    return job;
}

Matched match_job(pg::Spi& spi, const Job& job, StopToken& stop, Progress& progress) {
    MemoryBudget budget(static_cast<std::size_t>(pg::settings::work_mem) * 1024, "recon.work_mem");
    match::HolidayCalendars calendars(spi);
    match::SourceFields source_a = match::read_fields(spi, job.project_id, job.source_a);
    match::SourceFields source_b = match::read_fields(spi, job.project_id, job.source_b);
    match::Rejected rejected = read_rejections(spi, job);
    source_a.rejected = rejected.records(true);
    source_b.rejected = rejected.records(false);
    std::vector<rule::Rule> rules = match::with_closed_period(job.rules, source_a);
    if (!rejected.empty())
        for (rule::Rule& rule : rules) match::tell_rejected_apart(rule);
    std::vector<std::string> fields_a = match::fields_read(rules, match::Side::a, source_a);
    std::vector<std::string> fields_b = match::fields_read(rules, match::Side::b, source_b);
    Matched matched;
    matched.updates_a = source_a.updates;
    matched.updates_b = source_b.updates;
    progress.begin("reading", 2);
    match::Spools files;
    std::optional<match::WorkingSet> held(std::in_place, budget, files);
    match::WorkingSet& set = *held;
    match::read_open_records(spi, source_a, fields_a, budget, set, set.a, stop);
    progress.advance(1);
    match::read_open_records(spi, source_b, fields_b, budget, set, set.b, stop);
    set.finish(stop);
    progress.read(set.a.size() + set.b.size());
    match::StoredOrder order(
        spi, source_a, source_b,
        [&](match::Side side) -> const match::Table& {
            return (side == match::Side::a ? set.a : set.b).records();
        },
        budget);
    std::vector<std::string> specs;
    for (const JobRule& rule : job.rule_ids) specs.push_back(rule.spec);
    match::ParallelSearch search(rules, std::move(specs), budget, progress);
    match::Limits limits = match::limits_set();
    match::Context context{calendars, order,   budget, stop,     progress,
                           limits,    &search, &files, &rejected};
    matched.result = match::run(set, rules, context);
    matched.a = set.take_records(set.a, stop);
    matched.b = set.take_records(set.b, stop);
    held.reset();
    files.close();
    for (const match::Uncompared& left : matched.result.uncompared)
        pg::warning("rule \"" + job.rule_ids[left.rule].name + "\" left " +
                        std::to_string(left.records) + " records uncompared",
                    "A block of them would take more than " +
                        std::to_string(limits.max_comparisons) + " comparisons.",
                    "Give the rule conditions that select more, or raise "
                    "\"recon.max_comparisons\".");
    warn_of_gap(job, matched.result);
    return matched;
}

const char* match_type(const rule::Rule& rule, match::Billionths confidence) {
    if (rule.cardinality != rule::Cardinality::one_to_one) return "group";
    return confidence == match::one ? "exact" : "fuzzy";
}

}  // namespace recon::jobs
