// explain_match: the pair under its rule, condition by condition, and the best other partner.
#include "access/membership.hpp"
#include "match/runner_up.hpp"
#include "match/rule_spec.hpp"
#include "pg/owner.hpp"

using namespace recon;
using access::Level;

namespace {

double share(match::Billionths billionths) {
    return static_cast<double>(billionths) / 1e9;
}

// The better one of both sides; B's where they are equal.
std::optional<match::RunnerUp> best_of(const std::optional<match::RunnerUp>& b,
                                       const std::optional<match::RunnerUp>& a) {
    if (a && (!b || a->confidence > b->confidence)) return a;
    return b;
}

void explain_match(pg::ResultSet& rows, std::int64_t match_id, Oid user) {
    pg::OwnerScope owner;
    pg::Spi spi(pg::Spi::read_only);
    std::int64_t project_id =
        access::require_object(spi, access::Object::match, match_id, user, Level::viewer);
    // Not for those made by hand, which have no rule, nor for groups.
    pg::Rows row = spi.query(
        "SELECT v.spec, m.record_a_id, m.record_b_id, m.rule_id, "
        "m.status IN ('proposed', 'approved') FROM recon.matches m "
        "JOIN recon.rule_versions v ON v.project_id = m.project_id AND v.rule_id = m.rule_id "
        "AND v.version = m.rule_version "
        "WHERE m.project_id = $1 AND m.match_id = $2 AND m.cardinality = '1:1'",
        {pg::bigint(project_id), pg::bigint(match_id)});
    if (row.empty()) return;
    std::vector<rule::Rule> rules = {match::read_rule(row.datum(0, 0))};
    match::Explaining context(spi);
    match::Explained a =
        match::read_explained(context, project_id, row.bigint(0, 1), match::Side::a, rules);
    match::Explained b =
        match::read_explained(context, project_id, row.bigint(0, 2), match::Side::b, rules);
    match::PairResult pair = match::explain(a.table, 0, b.table, 0, rules[0], context.calendars);
    std::optional<match::RunnerUp> runner_up;
    if (row.boolean(0, 4)) {
        match::Made made{project_id, match_id, row.bigint(0, 3)};
        runner_up = best_of(match::find_runner_up(context, made, a, b, rules[0]),
                            match::find_runner_up(context, made, b, a, rules[0]));
    }
    std::vector<pg::Value> line;
    for (match::ConditionResult& condition : pair.conditions) {
        line.clear();
        match::append_condition(line, condition);
        line.resize(10);
        if (runner_up) {
            line[7] = runner_up->record_id;
            line[8] = share(runner_up->confidence);
            line[9] = share(pair.confidence - runner_up->confidence);
        }
        rows.add(line);
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
