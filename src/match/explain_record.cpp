// explain_record: for an open record, what comes nearest to it, and what is missing.
#include "access/membership.hpp"
#include "core/match/nearest.hpp"
#include "match/explained.hpp"
#include "match/job_rules.hpp"
#include "pg/owner.hpp"

using namespace recon;
using access::Level;

namespace {

constexpr std::size_t candidates_shown = 3;  // of each rule

struct OpenJob {
    std::int64_t job_id = 0, other_source = 0;
    bool is_a = false;
    std::optional<double> threshold;
};

// The job that ran last over the record's source, or else the one made last.
OpenJob find_job(pg::Spi& spi, std::int64_t project_id, std::int64_t source_id) {
    pg::Rows job = spi.query(
        "SELECT job_id, source_a, source_b, confidence_threshold FROM recon.jobs "
        "WHERE project_id = $1 AND $2 IN (source_a, source_b) "
        "ORDER BY finished_at DESC NULLS LAST, job_id DESC LIMIT 1",
        {pg::bigint(project_id), pg::bigint(source_id)});
    if (job.empty())
        throw Error("55000", "the record's source has no job", {},
                    "Create one with recon.create_job.");
    OpenJob found;
    found.job_id = job.bigint(0, 0);
    found.is_a = job.bigint(0, 1) == source_id;
    found.other_source = job.bigint(0, found.is_a ? 2 : 1);
    if (!job.is_null(0, 3)) found.threshold = job.real(0, 3);
    return found;
}

std::int64_t source_of_open(pg::Spi& spi, std::int64_t project_id, std::int64_t record_id) {
    pg::Rows row = spi.query(
        "SELECT source_id FROM recon.open_records WHERE project_id = $1 AND record_id = $2",
        {pg::bigint(project_id), pg::bigint(record_id)});
    if (row.empty())
        throw Error("55000", "record " + std::to_string(record_id) + " is not open", {},
                    "See recon.results for its match, and recon.explain_match.");
    return row.bigint(0, 0);
}

void explain_record(pg::ResultSet& rows, std::int64_t record_id, Oid user) {
    pg::OwnerScope owner;
    pg::Spi spi(pg::Spi::read_only);
    std::int64_t project_id =
        access::require_object(spi, access::Object::record, record_id, user, Level::viewer);
    OpenJob job = find_job(spi, project_id, source_of_open(spi, project_id, record_id));
    match::JobRules rules =
        match::read_job_rules(spi, project_id, job.job_id, job.threshold, false);
    match::Explaining context(spi);
    match::Explained own = match::read_explained(
        context, project_id, record_id, job.is_a ? match::Side::a : match::Side::b, rules.rules);
    match::SourceFields source = match::read_fields(spi, project_id, job.other_source);
    match::Table others = match::read_open_records(
        spi, source,
        match::fields_read(rules.rules, job.is_a ? match::Side::b : match::Side::a, source),
        context.budget, context.texts, context.interrupts);
    const match::Table& a = job.is_a ? own.table : others;
    const match::Table& b = job.is_a ? others : own.table;
    std::vector<pg::Value> line;
    for (std::size_t i = 0; i < rules.rules.size(); ++i) {
        const rule::Rule& rule = rules.rules[i];
        // A group has no pairs to be near.
        if (rule.cardinality != rule::Cardinality::one_to_one) continue;
        std::vector<match::Neighbour> found =
            match::nearest(a, b, job.is_a ? match::Single::a : match::Single::b, rule,
                           candidates_shown, context.calendars, context.budget, context.interrupts);
        for (std::size_t n = 0; n < found.size(); ++n) {
            std::size_t row_a = job.is_a ? 0 : found[n].row, row_b = job.is_a ? found[n].row : 0;
            match::PairResult pair = match::explain(a, row_a, b, row_b, rule, context.calendars);
            std::vector<std::string> missing =
                match::shortfalls(a, row_a, b, row_b, rule, context.calendars);
            for (std::size_t k = 0; k < pair.conditions.size(); ++k) {
                line = {others.record_ids[found[n].row], rules.ids[i].rule_id,
                        static_cast<double>(pair.confidence) / 1e9};
                match::append_condition(line, pair.conditions[k]);
                line.push_back(missing[k].empty() ? pg::Value() : pg::Value(missing[k]));
                line.push_back(n + 1);
                line.push_back(rule.threshold);
                rows.add(line);
            }
        }
    }
}

}  // namespace

RECON_FUNCTION(recon_explain_record) {
    pg::Arguments args(fcinfo);
    std::int64_t record_id = args.bigint(0, "record_id");
    pg::ResultSet rows(fcinfo);
    explain_record(rows, record_id, GetUserId());
    return 0;
}
