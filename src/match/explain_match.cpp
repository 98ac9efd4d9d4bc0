// explain_match: the pair or group under its rule, condition by condition, and what could have been
// instead.
#include <algorithm>

#include "access/membership.hpp"
#include "core/match/value_text.hpp"
#include "match/explained_groups.hpp"
#include "match/rule_spec.hpp"
#include "match/runner_up.hpp"
#include "pg/owner.hpp"

using namespace recon;
using access::Level;

namespace {

double share(match::Billionths billionths) {
    return static_cast<double>(billionths) / 1e9;
}

constexpr std::size_t columns = 11;

// A match that a rule made.
struct Stored {
    std::vector<rule::Rule> rules;  // one
    match::Made made;
    bool live, ambiguous;
};

// What could have been instead: another partner, or of a group another set.
struct Rival {
    std::optional<std::int64_t> record_id;
    match::Billionths confidence, margin;
};

// The better one of both sides; B's where they are equal.
std::optional<match::RunnerUp> best_of(const std::optional<match::RunnerUp>& b,
                                       const std::optional<match::RunnerUp>& a) {
    if (a && (!b || a->confidence > b->confidence)) return a;
    return b;
}

void add(pg::ResultSet& rows, match::ConditionResult& condition, const std::optional<Rival>& rival,
         const pg::Value& member) {
    std::vector<pg::Value> line;
    match::append_condition(line, condition);
    if (member.kind != pg::Value::Kind::null) match::clear_score(line);
    line.resize(columns);
    if (rival) {
        line[7] = rival->record_id;
        line[8] = share(rival->confidence);
        line[9] = share(rival->margin);
    }
    line[10] = member;
    rows.add(line);
}

void explain_pair(pg::ResultSet& rows, match::Explaining& context, const Stored& stored,
                  std::int64_t record_a, std::int64_t record_b) {
    const rule::Rule& rule = stored.rules[0];
    match::Explained a = match::read_explained(context, stored.made.project_id, record_a,
                                               match::Side::a, stored.rules);
    match::Explained b = match::read_explained(context, stored.made.project_id, record_b,
                                               match::Side::b, stored.rules);
    match::PairResult pair = match::explain(a.table, 0, b.table, 0, rule, context.calendars);
    std::optional<Rival> rival;
    if (stored.live) {
        std::optional<match::RunnerUp> found =
            best_of(match::find_runner_up(context, stored.made, a, b, rule),
                    match::find_runner_up(context, stored.made, b, a, rule));
        if (found)
            rival = Rival{found->record_id, found->confidence, pair.confidence - found->confidence};
    }
    for (match::ConditionResult& condition : pair.conditions)
        add(rows, condition, rival, pg::Value());
}

constexpr char members_sql[] =
    "SELECT m.record_id, m.side = 'A', r.source_id FROM recon.match_members m "
    "JOIN recon.records r ON r.project_id = m.project_id AND r.record_id = m.record_id "
    "WHERE m.project_id = $1 AND m.match_id = $2 ORDER BY m.side, m.record_id";

// One side of a group, perhaps with the records that are open.
struct GroupSide {
    match::SourceFields source;
    match::Table table;
    std::vector<std::uint32_t> members;  // rows
};
GroupSide read_side(match::Explaining& context, const Stored& stored, match::Side side,
                    const pg::Rows& members, bool with_open) {
    std::vector<std::int64_t> ids;
    GroupSide records{{}, match::Table(context.texts), {}};
    for (std::uint64_t i = 0; i < members.size(); ++i) {
        if (members.boolean(i, 1) != (side == match::Side::a)) continue;
        if (ids.empty())
            records.source =
                match::read_fields(context.spi, stored.made.project_id, members.bigint(i, 2));
        ids.push_back(members.bigint(i, 0));
    }
    std::vector<std::string> fields = match::fields_read(stored.rules, side, records.source);
    records.table =
        with_open ? match::read_open_records(context.spi, records.source, fields, context.budget,
                                             context.texts, context.interrupts, ids)
                  : match::read_records(context.spi, records.source, ids, fields, context.budget,
                                        context.texts, context.interrupts);
    const std::vector<std::int64_t>& all = records.table.record_ids;
    for (std::int64_t id : ids)
        records.members.push_back(
            static_cast<std::uint32_t>(std::find(all.begin(), all.end(), id) - all.begin()));
    return records;
}

// What tells members apart: sets whose members agree in it are one.
std::vector<std::string> contents(const match::Table& table, std::span<const std::uint32_t> rows) {
    std::vector<std::string> texts;
    for (std::uint32_t row : rows) {
        std::string& text = texts.emplace_back();
        for (const match::Column& column : table.columns)
            text += match::value_text(column, row) + '\n';
    }
    std::sort(texts.begin(), texts.end());
    return texts;
}

// Where several sets fit its record, another one is searched for among what is open now.
void explain_group(pg::ResultSet& rows, match::Explaining& context, const Stored& stored) {
    const rule::Rule& rule = stored.rules[0];
    pg::Rows members = context.spi.query(
        members_sql, {pg::bigint(stored.made.project_id), pg::bigint(stored.made.match_id)});
    bool search = stored.live && stored.ambiguous;
    GroupSide a = read_side(context, stored, match::Side::a, members,
                            search && match::group::many_on(true, rule.cardinality));
    GroupSide b = read_side(context, stored, match::Side::b, members,
                            search && match::group::many_on(false, rule.cardinality));
    match::ExplainedGroups groups(context, a.source, a.table, b.source, b.table, rule);
    match::GroupResult group = groups.explain(a.members, b.members);

    match::GroupAnswers answers;
    std::optional<match::GroupAnswers::Set> other;
    if (search) {
        bool of_a = !groups.has_many(match::Side::a) || groups.has_many(match::Side::b);
        answers = of_a ? groups.answers(match::Side::a, a.members[0])
                       : groups.answers(match::Side::b, b.members[0]);
        for (const match::GroupAnswers::Set& set : answers.first)
            if (!other && (contents(a.table, set.rows_a) != contents(a.table, a.members) ||
                           contents(b.table, set.rows_b) != contents(b.table, b.members)))
                other = set;
    }
    std::optional<Rival> rival;
    if (other) rival = Rival{std::nullopt, other->confidence, group.confidence - other->confidence};
    for (match::ConditionResult& condition : group.conditions)
        add(rows, condition, rival, pg::Value());
    auto add_member = [&](std::int64_t record_id, match::ConditionResult& line) {
        add(rows, line, rival, record_id);
    };
    groups.for_members(a.members, b.members, group, "member", add_member);
    if (!other) return;
    groups.for_members(other->rows_a, other->rows_b, groups.explain(other->rows_a, other->rows_b),
                       "member of another set (" + match::count_text(answers) + ")", add_member);
}

void explain_match(pg::ResultSet& rows, std::int64_t match_id, Oid user) {
    pg::OwnerScope owner;
    pg::Spi spi(pg::Spi::read_only);
    std::int64_t project_id =
        access::require_object(spi, access::Object::match, match_id, user, Level::viewer);
    // Not for those made by hand, which have no rule.
    pg::Rows row = spi.query(
        "SELECT v.spec, m.record_a_id, m.record_b_id, m.rule_id, "
        "m.status IN ('proposed', 'approved'), m.ambiguous FROM recon.matches m "
        "JOIN recon.rule_versions v ON v.project_id = m.project_id AND v.rule_id = m.rule_id "
        "AND v.version = m.rule_version "
        "WHERE m.project_id = $1 AND m.match_id = $2",
        {pg::bigint(project_id), pg::bigint(match_id)});
    if (row.empty()) return;
    Stored stored{{match::read_rule(row.datum(0, 0))},
                  {project_id, match_id, row.bigint(0, 3)},
                  row.boolean(0, 4),
                  row.boolean(0, 5)};
    match::Explaining context(spi);
    if (stored.rules[0].cardinality == rule::Cardinality::one_to_one)
        explain_pair(rows, context, stored, row.bigint(0, 1), row.bigint(0, 2));
    else
        explain_group(rows, context, stored);
}

}  // namespace

RECON_FUNCTION(recon_explain_match) {
    pg::Arguments args(fcinfo);
    std::int64_t match_id = args.bigint(0, "match_id");
    pg::ResultSet rows(fcinfo);
    explain_match(rows, match_id, GetUserId());
    return 0;
}
