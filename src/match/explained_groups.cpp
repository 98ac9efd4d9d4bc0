#include "match/explained_groups.hpp"

#include <numeric>

#include "core/match/group/group_plan.hpp"
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

bool ExplainedGroups::has_many(Side side) const {
    return side == Side::a ? group::many_on_a(rule_.cardinality)
                           : group::many_on_b(rule_.cardinality);
}

GroupAnswers ExplainedGroups::answers() {
    std::vector<std::uint32_t> many(table(has_many(Side::a) ? Side::a : Side::b).rows());
    std::iota(many.begin(), many.end(), 0u);
    NoProgress progress;
    Limits limits = limits_set();
    Context context{context_.calendars, order_, context_.budget, context_.interrupts,
                    progress,           limits, nullptr,         &files_};
    GroupAnswers found = explain_answers(a_, b_, 0, many, rule_, most_sets, context);
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

void clear_score(std::vector<pg::Value>& line) {
    for (std::size_t i = line.size() - 3; i < line.size(); ++i) line[i] = pg::Value();
}

std::string count_text(const GroupAnswers& answers) {
    return (answers.complete ? "" : "at least ") + std::to_string(answers.sets) +
           (answers.sets == 1 ? " set fits" : " sets fit");
}

}  // namespace recon::match
