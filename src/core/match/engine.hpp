// Rules in order over the open records of two sides: rule -> plan -> candidates -> scores ->
// assignment.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/limits.hpp"
#include "core/match/candidate_finder.hpp"
#include "core/match/row_order.hpp"
#include "core/match/table.hpp"
#include "core/progress.hpp"
#include "core/rule/rule.hpp"

namespace recon::match {

// Confidences and scores in whole billionths (nine decimals), so that sums are exact.
using Billionths = std::int64_t;
inline constexpr Billionths one = 1'000'000'000;

// Why a record is still open; the order is the order of precedence, the last that applies is kept.
enum class Reason : std::uint8_t {
    no_candidate,
    rejected,
    below_threshold,
    budget,
    ambiguous,
    taken_by_better
};
const char* reason_text(Reason reason);  // "no candidate", "match rejected", "below threshold",
                                         // "budget", "ambiguous", "taken by a better match"

struct Match {
    std::uint32_t rule = 0;        // index into the rules given
    std::uint32_t a = 0, b = 0;    // rows
    std::uint32_t confidence = 0;  // billionths
    bool ambiguous = false;
    bool approved = false;  // confidence >= approve_at, and not an ambiguous one under "propose"
};

// A match of a group rule. Which side has one record, if any, follows from the rule.
struct GroupMatch {
    std::uint32_t rule = 0;                 // index into the rules given
    std::uint32_t first_a = 0, last_a = 0;  // rows of A: Result::group_rows[first_a .. last_a)
    std::uint32_t first_b = 0, last_b = 0;  // likewise of B
    field::Decimal sum_a, sum_b;            // of the amounts compared, those of members less fees
    field::Decimal fees;                    // of all members
    std::uint32_t confidence = 0;           // billionths
    bool ambiguous = false;
    bool approved = false;  // as that of Match
};

// Of the components of candidates that were too large for an exact assignment: how good theirs is.
// Both sums are 0 where there were none.
struct Gap {
    std::uint64_t components = 0, candidates = 0;
    Billionths value = 0;  // total confidence of their matches
    Billionths bound = 0;  // which no assignment exceeds

    void add(const Gap& other);
};

// Records that a rule did not compare, as that would have taken more than limits.max_comparisons.
struct Uncompared {
    std::uint32_t rule = 0;  // index into the rules given
    std::uint64_t records = 0;
};

struct Result {
    std::vector<Match> matches;                      // in order of rule, then row of A
    std::vector<GroupMatch> groups;                  // in order of rule, then first row of A
    std::vector<std::uint32_t> group_rows;           // of the groups, of each side ascending
    std::vector<std::uint8_t> matched_a, matched_b;  // 1 for each row that has a match, else 0
    std::vector<Reason> reasons_a, reasons_b;        // of each row; meaningless for matched rows
    std::vector<Gap> gaps;                           // of each rule
    std::vector<Uncompared> uncompared;              // of the rules that left records out

    static std::span<const std::uint32_t> rows_a(const Match& match) { return {&match.a, 1}; }
    static std::span<const std::uint32_t> rows_b(const Match& match) { return {&match.b, 1}; }
    std::span<const std::uint32_t> rows_a(const GroupMatch& group) const {
        return {group_rows.data() + group.first_a, group.last_a - group.first_a};
    }
    std::span<const std::uint32_t> rows_b(const GroupMatch& group) const {
        return {group_rows.data() + group.first_b, group.last_b - group.first_b};
    }
};

// A row set of recon.holidays by calendar name; days ascending.
class Calendars {
  public:
    virtual ~Calendars() = default;
    virtual const std::vector<field::Day>& holidays(
        const std::string& calendar) = 0;  // throws where unknown
};

// What the user can bound.
struct Limits {
    // Pairs that a rule may compare in a block: of what agrees in all that must be equal, and in
    // the day of A where the rule has a window of days; or of all records, where none of its
    // conditions selects among them.
    std::uint64_t max_comparisons = 100'000'000;
    // Pairs of a block from which on a join of its texts is tried; at 0 it is taken wherever it can
    // be. The matches are the same either way.
    std::uint64_t join_texts_from = 65'536;
    // Candidates of a connected component up to which its assignment is exact.
    std::uint64_t max_exact_candidates = 4'000'000;
    // Steps that a group rule may take to find the members of one record, and those of all records;
    // each has an equal share of the latter. A step takes some nanoseconds.
    std::uint64_t group_budget = 2'000'000;
    std::uint64_t all_groups_budget = 20'000'000'000;
};

class Rejected;
class ScratchFiles;
class WorkingSet;

// What a run needs from outside.
struct Context {
    Calendars& calendars;
    RowOrder& order;
    MemoryBudget& budget;
    StopToken& stop;
    Progress& progress;
    Limits limits;
    CandidateFinder* finder = nullptr;   // without one, this process finds the candidates alone
    ScratchFiles* files = nullptr;       // for a WorkingSet
    const Rejected* rejected = nullptr;  // matches that are not to be made; see rejected.hpp
};

// Throws Error 0A000 naming op and JSON path for what the engine does not run yet, 42804 for a
// condition whose column types do not fit its op, 42703 for a field that neither table has.
Result run(const Table& a, const Table& b, const std::vector<rule::Rule>& rules, Context& context);

// The same over records that may be in files; moves them there where memory turns out too small,
// and matches them part by part.
Result run(WorkingSet& set, const std::vector<rule::Rule>& rules, Context& context);

// One condition of a rule on one pair: what explain_match and explain_record show.
struct ConditionResult {
    std::string field;  // "amount", or "description = reference" where the sides differ
    std::string op;     // as in the rule, with its parameters, e.g. "within 0.01"
    std::string value_a, value_b;
    bool a_known = false, b_known = false;
    double score = 0;
    double weight = 1;
    bool passed = false;
    bool optional = false;
    bool of_period = false;  // of rule::keep_period_closed(): values are "closed" and "open"
};
struct PairResult {
    std::vector<ConditionResult> conditions;
    bool holds = false;  // every required condition holds
    Billionths confidence = 0;
};
PairResult explain(const Table& a, std::size_t row_a, const Table& b, std::size_t row_b,
                   const rule::Rule& rule, Calendars& calendars);

// A group under its rule. Of a condition on the amount the values are the sums, those of members
// less their fees; of any other those of the pair with the least score.
struct GroupResult {
    std::vector<ConditionResult> conditions;
    field::Decimal sum_a, sum_b, difference;  // A less B
    std::vector<field::Decimal> fees;  // of each row of the side that bears them, in their order
    bool holds = false;                // every condition that must, and the bounds on members
    Billionths confidence = 0;
};
GroupResult explain_group(const Table& a, std::span<const std::uint32_t> rows_a, const Table& b,
                          std::span<const std::uint32_t> rows_b, const rule::Rule& rule,
                          Calendars& calendars);

// What the search for the members of one record finds; under a rule "N:M", for the largest groups
// that the records with its key have.
struct GroupAnswers {
    std::uint64_t sets = 0;  // that fit
    bool complete = false;   // there are no others; else the budget was spent, or `most` reached
    struct Set {
        std::vector<std::uint32_t> rows_a, rows_b;  // ascending
        field::Decimal sum;                         // of the members less fees; of "N:M", of B
        Billionths confidence = 0;
    };
    std::vector<Set>
        first;  // two of them: the best confidence first, then whose members come first
    std::optional<Set> nearest;  // where none fits: the sum nearest to those that would
    bool nearest_proven = false;
    std::uint64_t candidates = 0;  // members that can go with the record
};
// Of the `row` of A or of B: of the side that has one record, where there is one. Its members are
// among all rows of the other table, and under "N:M" of both. Counts up to `most` sets.
GroupAnswers explain_answers(const Table& a, const Table& b, bool of_a, std::uint32_t row,
                             const rule::Rule& rule, std::uint64_t most, Context& context);

}  // namespace recon::match
