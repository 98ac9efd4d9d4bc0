// explain_record: for an open record, what comes nearest to it, and what is missing.
#include <algorithm>

#include "access/membership.hpp"
#include "core/match/nearest.hpp"
#include "core/rule/condition.hpp"
#include "match/explained_groups.hpp"
#include "match/open_job.hpp"
#include "pg/owner.hpp"

using namespace recon;
using access::Level;
using match::OpenJob;

namespace {

constexpr std::size_t candidates_shown = 3;  // of each rule

// The record under one rule.
struct RecordExplainer {
    pg::ResultSet& rows;
    match::Explaining& context;
    const OpenJob& job;
    const match::Explained& own;
    const match::SourceFields& source;
    const match::Table& others;
    std::int64_t rule_id;

    const match::Table& a() const { return job.is_a ? own.table : others; }
    const match::Table& b() const { return job.is_a ? others : own.table; }

    void explain(const rule::Rule& rule);
    bool explain_sets(const rule::Rule& rule);
    void add_nearest(const rule::Rule& rule, const rule::Rule& shown);
    void add_sets(match::ExplainedGroups& groups, const match::GroupAnswers& answers,
                  const rule::Rule& rule);
    void add(const pg::Value& candidate, match::Billionths confidence,
             match::ConditionResult& condition, const std::string& shortfall, std::size_t rank,
             double threshold, bool of_member = false);
};

void RecordExplainer::add(const pg::Value& candidate, match::Billionths confidence,
                          match::ConditionResult& condition, const std::string& shortfall,
                          std::size_t rank, double threshold, bool of_member) {
    // No condition of the rule's own: said where it keeps them apart.
    if (condition.of_period && condition.passed) return;
    std::vector<pg::Value> line = {candidate, rule_id, static_cast<double>(confidence) / 1e9};
    match::append_condition(line, condition);
    if (of_member) match::clear_score(line);
    line.push_back(shortfall.empty() ? pg::Value() : pg::Value(shortfall));
    line.push_back(rank);
    line.push_back(threshold);
    rows.add(line);
}

// By `rule`; conditions are worded as those of `shown`.
void RecordExplainer::add_nearest(const rule::Rule& rule, const rule::Rule& shown) {
    std::vector<match::Neighbour> found =
        match::NearestRows(a(), b(), job.is_a ? match::Single::a : match::Single::b,
                           context.calendars, context.budget, context.interrupts)
            .under(rule, candidates_shown);
    for (std::size_t n = 0; n < found.size(); ++n) {
        std::size_t row_a = job.is_a ? 0 : found[n].row, row_b = job.is_a ? found[n].row : 0;
        match::PairResult pair = match::explain(a(), row_a, b(), row_b, rule, context.calendars);
        std::vector<std::string> missing =
            match::shortfalls(a(), row_a, b(), row_b, rule, context.calendars);
        for (std::size_t k = 0; k < pair.conditions.size(); ++k) {
            if (rule.match[k].summed)
                pair.conditions[k].op = rule::describe(shown.match[k]) + " of a sum";
            add(others.record_ids[found[n].row], pair.confidence, pair.conditions[k], missing[k],
                n + 1, rule.threshold);
        }
    }
}

// Two of the sets that fit, or the one whose sum comes nearest.
void RecordExplainer::add_sets(match::ExplainedGroups& groups, const match::GroupAnswers& answers,
                               const rule::Rule& rule) {
    std::vector<match::GroupAnswers::Set> sets = answers.first;
    if (answers.nearest) sets.push_back(*answers.nearest);
    for (std::size_t n = 0; n < sets.size(); ++n) {
        const std::vector<std::uint32_t>&rows_a = sets[n].rows_a, &rows_b = sets[n].rows_b;
        match::GroupResult group = groups.explain(rows_a, rows_b);
        for (std::size_t k = 0; k < group.conditions.size(); ++k) {
            match::ConditionResult& condition = group.conditions[k];
            std::string shortfall;
            if (k < rule.match.size() && rule::is_on_amount(rule.match[k])) {
                condition.op += groups.sum_text(rows_a, rows_b) + "; " + match::count_text(answers);
                if (answers.nearest)
                    shortfall = std::string(answers.nearest_proven ? "the nearest sum"
                                                                   : "the nearest sum found") +
                                " differs by " + field::to_text(group.difference);
            }
            add(pg::Value(), group.confidence, condition, shortfall, n + 1, rule.threshold);
        }
        groups.for_members(rows_a, rows_b, group, "member",
                           [&](std::int64_t record_id, match::ConditionResult& line) {
                               add(record_id, group.confidence, line, {}, n + 1, rule.threshold,
                                   true);
                           });
    }
}

// False where the record has no sets: it would be a member itself, or nothing can be its member, or
// under "N:M" no records with its key agree.
bool RecordExplainer::explain_sets(const rule::Rule& rule) {
    const match::Side side = job.is_a ? match::Side::a : match::Side::b;
    const bool many_to_many = rule.cardinality == rule::Cardinality::many_to_many;
    if (!many_to_many && match::group::many_on(side == match::Side::a, rule.cardinality))
        return false;
    std::optional<match::Table> beside;  // the record and those that may be in a group with it
    std::uint32_t row = 0;
    if (many_to_many) {
        beside = match::read_open_records(context.spi, own.source, own.fields, context.budget,
                                          context.texts, context.interrupts);
        const std::vector<std::int64_t>& ids = beside->record_ids;
        row = static_cast<std::uint32_t>(std::find(ids.begin(), ids.end(), own.record_id) -
                                         ids.begin());
    }
    const match::Table& mine = beside ? *beside : own.table;
    match::ExplainedGroups groups(context, job.is_a ? own.source : source, job.is_a ? mine : others,
                                  job.is_a ? source : own.source, job.is_a ? others : mine, rule);
    match::GroupAnswers answers = groups.answers(side, row);
    if (many_to_many ? answers.sets == 0 : answers.candidates == 0) return false;
    add_sets(groups, answers, rule);
    return true;
}

// Of a group rule: the record's sets, or the records that come nearest to being in a group with it.
void RecordExplainer::explain(const rule::Rule& rule) {
    if (rule.cardinality == rule::Cardinality::one_to_one) {
        add_nearest(rule, rule);
        return;
    }
    if (explain_sets(rule)) return;
    rule::Rule pairs = rule::pair_rule(rule);
    pairs.cardinality = rule::Cardinality::one_to_one;
    add_nearest(pairs, rule);
}

void explain_record(pg::ResultSet& rows, std::int64_t record_id, Oid user) {
    pg::OwnerScope owner;
    pg::Spi spi(pg::Spi::read_only);
    std::int64_t project_id =
        access::require_object(spi, access::Object::record, record_id, user, Level::viewer);
    std::optional<std::int64_t> source_id = match::source_of_open(spi, project_id, record_id);
    if (!source_id)
        throw Error("55000", "record " + std::to_string(record_id) + " is not open", {},
                    "See recon.results for its match, and recon.explain_match.");
    std::optional<OpenJob> found = match::find_open_job(spi, project_id, *source_id);
    if (!found)
        throw Error("55000", "the record's source has no job", {},
                    "Create one with recon.create_job.");
    const OpenJob& job = *found;
    match::JobRules rules =
        match::read_job_rules(spi, project_id, job.job_id, job.threshold, false);
    match::Explaining context(spi);
    match::SourceFields source = match::read_fields(spi, project_id, job.other_source);
    rules.rules = match::with_closed_period(std::move(rules.rules), source);
    match::Explained own = match::read_explained(
        context, project_id, record_id, job.is_a ? match::Side::a : match::Side::b, rules.rules);
    match::Table others = match::read_open_records(
        spi, source,
        match::fields_read(rules.rules, job.is_a ? match::Side::b : match::Side::a, source),
        context.budget, context.texts, context.interrupts);
    for (std::size_t i = 0; i < rules.rules.size(); ++i) {
        RecordExplainer explainer{rows, context, job, own, source, others, rules.ids[i].rule_id};
        explainer.explain(rules.rules[i]);
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
