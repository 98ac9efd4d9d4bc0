// Groups in explain_match and explain_record.
#pragma once

#include "core/match/group/group_plan.hpp"
#include "match/explained.hpp"
#include "match/row_order.hpp"
#include "match/spools.hpp"

namespace recon::match {

// Records of both sides, and a group rule between them. All that is given must outlive it.
class ExplainedGroups {
  public:
    ExplainedGroups(Explaining& context, const SourceFields& source_a, const Table& a,
                    const SourceFields& source_b, const Table& b, const rule::Rule& rule);

    GroupResult explain(std::span<const std::uint32_t> rows_a,
                        std::span<const std::uint32_t> rows_b) {
        return explain_group(a_, rows_a, b_, rows_b, rule_, context_.calendars);
    }
    // As explain_answers().
    GroupAnswers answers(Side side, std::uint32_t row);

    // Which side has more than one record: A's, B's or both.
    bool has_many(Side side) const { return group::many_on(side == Side::a, rule_.cardinality); }
    const Table& table(Side side) const { return side == Side::a ? a_ : b_; }

    // Calls each(record_id, line) for the members of the group on the sides that have many, where
    // `line` is a condition of its own: the amount, as `role` and with the fee that is taken off.
    template <class F>
    void for_members(std::span<const std::uint32_t> rows_a, std::span<const std::uint32_t> rows_b,
                     const GroupResult& group, const std::string& role, F&& each) const {
        for (Side side : {Side::a, Side::b}) {
            if (!has_many(side)) continue;
            std::span<const std::uint32_t> rows = side == Side::a ? rows_a : rows_b;
            for (std::size_t i = 0; i < rows.size(); ++i) {
                ConditionResult line = member(side, rows[i], role, fee(side, group, i));
                each(table(side).record_ids[rows[i]], line);
            }
        }
    }

    // " of the sum of 3 members"; where both sides have many, " of the sums of 2 and 3 members".
    std::string sum_text(std::span<const std::uint32_t> rows_a,
                         std::span<const std::uint32_t> rows_b) const;

  private:
    ConditionResult member(Side side, std::uint32_t row, const std::string& role,
                           const field::Decimal* fee) const;
    const field::Decimal* fee(Side side, const GroupResult& group, std::size_t i) const;

    Explaining& context_;
    const Table &a_, &b_;
    const rule::Rule& rule_;
    StoredOrder order_;
    Spools files_;
};

// Of a line that ends with the condition of a member: it has no score.
void clear_score(std::vector<pg::Value>& line);

// How many sets fit: "17 sets fit", or "at least 1000 sets fit".
std::string count_text(const GroupAnswers& answers);

}  // namespace recon::match
