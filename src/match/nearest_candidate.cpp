// nearest_candidate: for an open record, the one of the other side that comes nearest.
#include "access/membership.hpp"
#include "core/match/nearest.hpp"
#include "match/explained.hpp"
#include "match/open_job.hpp"
#include "pg/encoding.hpp"
#include "pg/moment.hpp"
#include "pg/owner.hpp"

using namespace recon;
using access::Level;

namespace {

// What the open records of a source are compared with.
struct OtherSide {
    std::int64_t source_id = 0;
    match::SourceFields own_source;
    std::vector<std::string> own_fields;
    match::OpenJob job;
    std::vector<std::int64_t> rule_ids;
    std::vector<rule::Rule> rules;  // 1:1: those of groups as they hold for pairs
    std::shared_ptr<match::Texts> texts;
    std::optional<match::Table> table;  // none where the source has no job to ask
};

// Of one statement, whose rows may be of several sources in turn: those used last stay, as many as
// recon.work_mem has room for, and at least one.
class Sides {
  public:
    template <class Read>
    std::shared_ptr<const OtherSide> of(std::int64_t source_id, Read&& read) {
        auto known = std::find_if(kept_.begin(), kept_.end(),
                                  [&](const auto& side) { return side->source_id == source_id; });
        if (known != kept_.end()) {
            std::rotate(known, known + 1, kept_.end());
            return kept_.back();
        }
        kept_.push_back(read());
        const std::size_t room = static_cast<std::size_t>(pg::settings::work_mem) * 1024;
        while (kept_.size() > 1 && bytes() > room) kept_.erase(kept_.begin());
        return kept_.back();
    }

  private:
    std::size_t bytes() const {
        std::size_t all = 0;
        for (const auto& side : kept_)
            all += (side->table ? side->table->bytes() : 0) + side->texts->bytes();
        return all;
    }
    std::vector<std::shared_ptr<const OtherSide>> kept_;  // that used last at the end
};

std::shared_ptr<OtherSide> read_other_side(match::Explaining& context, std::int64_t project_id,
                                           std::int64_t source_id) {
    auto side = std::make_shared<OtherSide>();
    side->source_id = source_id;
    side->texts = context.texts;
    std::optional<match::OpenJob> job = match::find_open_job(context.spi, project_id, source_id);
    if (!job) return side;
    side->job = *job;
    match::JobRules rules =
        match::read_job_rules(context.spi, project_id, job->job_id, job->threshold, false);
    match::SourceFields source = match::read_fields(context.spi, project_id, job->other_source);
    rules.rules = match::with_closed_period(std::move(rules.rules), source);
    for (std::size_t i = 0; i < rules.rules.size(); ++i) {
        side->rule_ids.push_back(rules.ids[i].rule_id);
        bool is_pair = rules.rules[i].cardinality == rule::Cardinality::one_to_one;
        side->rules.push_back(is_pair ? rules.rules[i] : rule::pair_rule(rules.rules[i]));
        side->rules.back().cardinality = rule::Cardinality::one_to_one;
    }
    side->own_source = match::read_fields(context.spi, project_id, source_id);
    side->own_fields = match::fields_read(side->rules, job->is_a ? match::Side::a : match::Side::b,
                                          side->own_source);
    side->table = match::read_open_records(
        context.spi, source,
        match::fields_read(rules.rules, job->is_a ? match::Side::b : match::Side::a, source),
        context.budget, context.texts, context.interrupts);
    return side;
}

struct Found {
    std::size_t rule = 0, missing = 0;
    match::Neighbour neighbour;
};

// Of all rules the one under which fewest required conditions miss, then the nearest, then the
// first.
std::optional<Found> find(match::Explaining& context, const OtherSide& side,
                          const match::Table& own) {
    std::optional<Found> best;
    const match::Table &a = side.job.is_a ? own : *side.table,
                       &b = side.job.is_a ? *side.table : own;
    match::NearestRows rows(a, b, side.job.is_a ? match::Single::a : match::Single::b,
                            context.calendars, context.budget, context.interrupts);
    for (std::size_t i = 0; i < side.rules.size(); ++i) {
        const rule::Rule& rule = side.rules[i];
        auto required = static_cast<std::size_t>(
            std::count_if(rule.match.begin(), rule.match.end(),
                          [](const rule::Condition& condition) { return !condition.optional; }));
        std::vector<match::Neighbour> nearest =
            rows.under(rule, 1, best && best->missing < required ? required - best->missing : 0);
        if (nearest.empty()) continue;
        Found found{i, required - nearest[0].held, nearest[0]};
        if (!best || found.missing < best->missing ||
            (found.missing == best->missing && found.neighbour.score > best->neighbour.score))
            best = found;
    }
    return best;
}

std::string join(const std::vector<std::string>& shortfalls) {
    std::string all;
    for (const std::string& one : shortfalls)
        if (!one.empty()) all += (all.empty() ? "" : "; ") + one;
    return all;
}

// False where there is none.
bool find_nearest(FunctionCallInfo fcinfo, std::int64_t record_id, Datum& result) {
    Oid user = GetUserId();
    Sides& sides = pg::kept_in_statement<Sides>(fcinfo);
    pg::OwnerScope owner;
    pg::Spi spi(pg::Spi::read_only);
    std::int64_t project_id =
        access::require_object(spi, access::Object::record, record_id, user, Level::viewer);
    std::optional<std::int64_t> source_id = match::source_of_open(spi, project_id, record_id);
    if (!source_id) return false;
    match::Explaining context(spi);
    std::shared_ptr<const OtherSide> held =
        sides.of(*source_id, [&] { return read_other_side(context, project_id, *source_id); });
    const OtherSide& side = *held;
    context.texts = side.texts;
    if (!side.table) return false;
    match::Table own =
        match::read_records(spi, side.own_source, std::span(&record_id, 1), side.own_fields,
                            context.budget, context.texts, context.interrupts);
    std::optional<Found> found = find(context, side, own);
    if (!found) return false;
    std::size_t row = found->neighbour.row;
    std::vector<std::string> shortfalls =
        match::shortfalls(side.job.is_a ? own : *side.table, side.job.is_a ? 0 : row,
                          side.job.is_a ? *side.table : own, side.job.is_a ? row : 0,
                          side.rules[found->rule], context.calendars);
    std::string missing = pg::from_utf8(join(shortfalls));
    result = pg::make_row(fcinfo, {side.table->record_ids[row], side.rule_ids[found->rule],
                                   static_cast<double>(found->neighbour.score) / 1e9,
                                   missing.empty() ? pg::Value() : pg::Value(missing)});
    return true;
}

}  // namespace

RECON_FUNCTION(recon_nearest_candidate) {
    pg::Arguments args(fcinfo);
    Datum result = 0;
    if (!find_nearest(fcinfo, args.bigint(0, "record_id"), result)) fcinfo->isnull = true;
    return result;
}
