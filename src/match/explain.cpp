// explain_match and explain_record: one pair under one rule, condition by condition, by the
// engine's own scoring.
#include "access/membership.hpp"
#include "match/records.hpp"
#include "pg/jsonb.hpp"
#include "pg/owner.hpp"
#include "pg/settings.hpp"

using namespace recon;
using access::Level;

namespace {

// What explaining needs around the pair.
struct Context {
    explicit Context(pg::Spi& spi)
        : calendars(spi),
          budget(static_cast<std::size_t>(pg::settings::work_mem) * 1024, "recon.work_mem") {}
    match::HolidayCalendars calendars;
    MemoryBudget budget;
    pg::Interrupts interrupts;
    std::shared_ptr<match::Texts> texts = std::make_shared<match::Texts>();
};

pg::Value known(bool is_known, const std::string& value) {
    return is_known ? pg::Value(value) : pg::Value();
}

std::int64_t source_of(pg::Spi& spi, std::int64_t project_id, std::int64_t record_id) {
    return spi
        .query("SELECT source_id FROM recon.records WHERE project_id = $1 AND record_id = $2",
               {pg::bigint(project_id), pg::bigint(record_id)})
        .bigint(0, 0);
}

match::Table read_one(pg::Spi& spi, std::int64_t project_id, std::int64_t record_id,
                      match::Side side, const std::vector<rule::Rule>& rules, Context& context) {
    match::SourceFields source =
        match::read_fields(spi, project_id, source_of(spi, project_id, record_id));
    return match::read_record(spi, source, record_id, match::fields_read(rules, side, source),
                              context.budget, context.texts);
}

void explain_match(pg::ResultSet& rows, std::int64_t match_id, Oid user) {
    pg::OwnerScope owner;
    pg::Spi spi(pg::Spi::read_only);
    std::int64_t project_id =
        access::require_object(spi, access::Object::match, match_id, user, Level::viewer);
    pg::Rows row = spi.query(
        "SELECT v.spec, a.record_id, b.record_id FROM recon.matches m "
        "JOIN recon.rule_versions v ON v.project_id = m.project_id AND v.rule_id = m.rule_id "
        "AND v.version = m.rule_version "
        "JOIN recon.match_records a ON a.project_id = m.project_id AND a.match_id = m.match_id AND "
        "a.side = 'A' "
        "JOIN recon.match_records b ON b.project_id = m.project_id AND b.match_id = m.match_id AND "
        "b.side = 'B' "
        "WHERE m.project_id = $1 AND m.match_id = $2",
        {pg::bigint(project_id), pg::bigint(match_id)});
    if (row.empty()) return;  // matched by hand: no rule, no conditions
    std::vector<rule::Rule> rules = {rule::parse(pg::read_jsonb(row.datum(0, 0)))};
    Context context(spi);
    match::Table a = read_one(spi, project_id, row.bigint(0, 1), match::Side::a, rules, context);
    match::Table b = read_one(spi, project_id, row.bigint(0, 2), match::Side::b, rules, context);
    match::PairResult pair = match::explain(a, 0, b, 0, rules[0], context.calendars);
    for (const match::ConditionResult& condition : pair.conditions)
        rows.add({condition.field, known(condition.a_known, condition.value_a),
                  known(condition.b_known, condition.value_b), condition.op, condition.score,
                  condition.weight, condition.passed});
}

// Nearer: more required conditions hold, then a higher weighted score.
struct Nearness {
    std::size_t held = 0;
    double score = 0;
    bool operator<(const Nearness& other) const {
        return held != other.held ? held < other.held : score < other.score;
    }
};

Nearness nearness(const match::PairResult& pair) {
    Nearness result;
    double weight = 0;
    for (const match::ConditionResult& condition : pair.conditions) {
        result.held += condition.passed && !condition.optional;
        result.score += condition.score * condition.weight;
        weight += condition.weight;
    }
    if (weight > 0) result.score /= weight;
    return result;
}

struct OpenJob {
    std::int64_t job_id = 0, other_source = 0;
    bool is_a = false;
};

// The job that ran last over the record's source, or else the one made last.
OpenJob find_job(pg::Spi& spi, std::int64_t project_id, std::int64_t source_id) {
    pg::Rows job = spi.query(
        "SELECT job_id, source_a, source_b FROM recon.jobs WHERE project_id = $1 AND $2 IN "
        "(source_a, source_b) "
        "ORDER BY finished_at DESC NULLS LAST, job_id DESC LIMIT 1",
        {pg::bigint(project_id), pg::bigint(source_id)});
    if (job.empty())
        throw Error("55000", "the record's source has no job", {},
                    "Create one with recon.create_job.");
    bool is_a = job.bigint(0, 1) == source_id;
    return {job.bigint(0, 0), job.bigint(0, is_a ? 2 : 1), is_a};
}

void explain_record(pg::ResultSet& rows, std::int64_t record_id, Oid user) {
    pg::OwnerScope owner;
    pg::Spi spi(pg::Spi::read_only);
    std::int64_t project_id =
        access::require_object(spi, access::Object::record, record_id, user, Level::viewer);
    if (spi.query("SELECT 1 FROM recon.open_records WHERE project_id = $1 AND record_id = $2",
                  {pg::bigint(project_id), pg::bigint(record_id)})
            .empty())
        throw Error("55000", "record " + std::to_string(record_id) + " is not open", {},
                    "See recon.results for its match, and recon.explain_match.");
    OpenJob job = find_job(spi, project_id, source_of(spi, project_id, record_id));
    pg::Rows specs = spi.query(
        "SELECT r.rule_id, r.spec FROM recon.rules r JOIN recon.jobs j ON j.project_id = "
        "r.project_id "
        "WHERE j.project_id = $1 AND j.job_id = $2 AND r.active AND (j.rules IS NULL OR r.rule_id "
        "= ANY (j.rules)) "
        "ORDER BY r.priority, r.rule_id",
        {pg::bigint(project_id), pg::bigint(job.job_id)});
    std::vector<rule::Rule> rules;
    for (std::uint64_t i = 0; i < specs.size(); ++i)
        rules.push_back(rule::parse(pg::read_jsonb(specs.datum(i, 1))));

    Context context(spi);
    match::Side own_side = job.is_a ? match::Side::a : match::Side::b;
    match::Side other_side = job.is_a ? match::Side::b : match::Side::a;
    match::Table own = read_one(spi, project_id, record_id, own_side, rules, context);
    match::SourceFields other_source = match::read_fields(spi, project_id, job.other_source);
    match::Table others = match::read_open_records(
        spi, other_source, match::fields_read(rules, other_side, other_source), context.budget,
        context.texts);
    if (others.rows() == 0) return;
    StopCheck check_stop(context.interrupts, 256);
    for (std::size_t i = 0; i < rules.size(); ++i) {
        auto explain = [&](std::size_t row) {
            return job.is_a ? match::explain(own, 0, others, row, rules[i], context.calendars)
                            : match::explain(others, row, own, 0, rules[i], context.calendars);
        };
        std::size_t nearest_row = 0;
        Nearness nearest = nearness(explain(0));
        for (std::size_t row = 1; row < others.rows(); ++row) {
            check_stop();
            Nearness here = nearness(explain(row));
            if (nearest < here) {
                nearest = here;
                nearest_row = row;
            }
        }
        match::PairResult pair = explain(nearest_row);
        for (const match::ConditionResult& condition : pair.conditions)
            rows.add({others.record_ids[nearest_row], specs.bigint(i, 0),
                      static_cast<double>(pair.confidence) / 1e9, condition.field,
                      known(condition.a_known, condition.value_a),
                      known(condition.b_known, condition.value_b), condition.op, condition.score,
                      condition.weight, condition.passed});
    }
}

}  // namespace

RECON_FUNCTION(recon_explain_match) {
    pg::Arguments args(fcinfo);
    std::int64_t match_id = args.bigint(0, "match_id");
    pg::ResultSet rows(fcinfo);
    explain_match(rows, match_id, GetUserId());
    return 0;
}

RECON_FUNCTION(recon_explain_record) {
    pg::Arguments args(fcinfo);
    std::int64_t record_id = args.bigint(0, "record_id");
    pg::ResultSet rows(fcinfo);
    explain_record(rows, record_id, GetUserId());
    return 0;
}
