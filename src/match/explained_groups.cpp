#include "match/explained_groups.hpp"

#include <algorithm>

#include "core/match/value_text.hpp"
#include "match/limits.hpp"

namespace recon::match {

namespace {

constexpr std::uint64_t most_sets = 1000;  // counted

const rule::Condition& amount_condition(const rule::Rule& rule) {
    return *std::find_if(rule.match.begin(), rule.match.end(), rule::is_on_amount);
}

}  // namespace

ExplainedGroups::ExplainedGroups(Explaining& context, const SourceFields& source_a, const Table& a,
                                 const SourceFields& source_b, const Table& b,
                                 const rule::Rule& rule)
    : context_(context),
      a_(a),
      b_(b),
      rule_(rule),
      order_(
          context.spi, source_a, source_b,
          [this](Side side) -> const Table& { return table(side); }, context.budget) {}

GroupAnswers ExplainedGroups::answers(Side side, std::uint32_t row) {
    NoProgress progress;
    Limits limits = limits_set();
    Context context{context_.calendars, order_, context_.budget, context_.interrupts,
                    progress,           limits, nullptr,         &files_};
    GroupAnswers found = explain_answers(a_, b_, side == Side::a, row, rule_, most_sets, context);
    files_.close();
    return found;
}

const field::Decimal* ExplainedGroups::fee(Side side, const GroupResult& group,
                                           std::size_t i) const {
    bool bears = group::fees_on_a(rule_.cardinality) == (side == Side::a);
    return bears && i < group.fees.size() ? &group.fees[i] : nullptr;
}

ConditionResult ExplainedGroups::member(Side side, std::uint32_t row, const std::string& role,
                                        const field::Decimal* fee) const {
    const rule::Condition& amount = amount_condition(rule_);
    const std::string& name = side == Side::a ? amount.a : amount.b;
    const Column& column = table(side).columns[static_cast<std::size_t>(table(side).find(name))];
    ConditionResult line;
    line.field = name;
    line.op = role;
    if (fee != nullptr) line.op += " less a fee of " + field::to_text(*fee);
    (side == Side::a ? line.a_known : line.b_known) = column.is_known(row);
    (side == Side::a ? line.value_a : line.value_b) = value_text(column, row);
    return line;
}

std::string ExplainedGroups::sum_text(std::span<const std::uint32_t> rows_a,
                                      std::span<const std::uint32_t> rows_b) const {
    if (has_many(Side::a) && has_many(Side::b))
        return " of the sums of " + std::to_string(rows_a.size()) + " and " +
               std::to_string(rows_b.size()) + " members";
    std::size_t members = has_many(Side::a) ? rows_a.size() : rows_b.size();
    return " of the sum of " + std::to_string(members) + (members == 1 ? " member" : " members");
}

void clear_score(std::vector<pg::Value>& line) {
    for (std::size_t i = line.size() - 3; i < line.size(); ++i) line[i] = pg::Value();
}

std::string count_text(const GroupAnswers& answers) {
    return (answers.complete ? "" : "at least ") + std::to_string(answers.sets) +
           (answers.sets == 1 ? " set fits" : " sets fit");
}

}  // namespace recon::match
