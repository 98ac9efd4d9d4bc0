// A group rule bound to two tables: what a record's amount counts for in a sum, which sums fit an
// amount, and what a group's confidence is.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/match/plan.hpp"
#include "core/match/reservation.hpp"
#include "core/match/row_scorer.hpp"

namespace recon::match::group {

// Refuses (42703, 42804) amounts and "same" fields that the tables do not have, or not as such.
void check_fields(const Table& a, const Table& b, const rule::Rule& rule, Calendars& calendars);

// Whether a side holds members whose amounts are added up. Of "N:M" both do.
bool many_on(bool of_a, rule::Cardinality cardinality);
// Fees are taken off the members; of "N:M", off those of B.
inline bool fees_on_a(rule::Cardinality cardinality) {
    return cardinality == rule::Cardinality::many_to_one;
}

// The bounds belong to it.
struct Interval {
    field::int128 low, high;
};

// Sums that fit an amount, and how well.
class SumChecks {
  public:
    // Of the conditions on the amount; bounds at the scale, which is large enough for them.
    SumChecks(std::vector<Check> checks, int scale);

    // Of the sums for which every such condition holds that must. Exact: nothing else holds.
    Interval interval(field::int128 amount) const;
    // Of the n-th of the rule's conditions on an amount; not_held where it does not hold.
    double score(std::size_t n, field::int128 amount, field::int128 sum) const;
    bool hold(field::int128 amount, field::int128 sum) const;
    // Amounts of at most this magnitude are no farther apart where it holds.
    field::int128 slack(field::int128 greatest) const;

  private:
    std::vector<Check> checks_;
};

// Scores of a pair in the conditions that differ from pair to pair; equal ones are kept once.
class ScoreTable {
  public:
    ScoreTable(std::size_t width, MemoryBudget& budget) : width_(width), memory_(budget) {}

    std::uint32_t add(std::span<const double> scores);  // its number
    std::span<const double> of(std::uint32_t number) const {
        return std::span(scores_).subspan(number * width_, width_);
    }
    std::size_t width() const { return width_; }

  private:
    std::size_t width_;
    Reservation memory_;
    std::vector<double> scores_;
    std::unordered_multimap<std::uint64_t, std::uint32_t> numbers_;  // by hash
};

// What it takes to weigh groups, once their members are known; needs no table.
struct Weighing {
    // Conditions in the rule's order: a sum's (n-th), a pair's (n-th of a ScoreTable), or one that
    // holds for every pair that is compared.
    enum class Source : std::uint8_t { sum, pair, implied };
    struct Condition {
        Source source;
        std::size_t n;
        double weight;
    };
    std::vector<Condition> conditions;
    SumChecks sums;
    double weights = 0;
    Billionths threshold = 0;

    // `least` of the scores of all pairs, 0 where a condition does not hold.
    Billionths confidence(field::int128 amount, field::int128 sum,
                          std::span<const double> least) const;
};

class GroupPlan {
  public:
    // Both must outlive it.
    GroupPlan(const Plan& pairs, Calendars& calendars);

    const Weighing& weighing() const { return weighing_; }
    int scale() const { return scale_; }  // decimals of all amounts here

    // What the record counts for in a sum, or is to be added up to: its amount, less the fee where
    // its side bears fees. None where it is NULL, or too large to be counted (most_magnitude).
    std::optional<field::int128> amount(bool of_a, std::uint32_t row) const;
    field::int128 gross(bool of_a, std::uint32_t row) const;  // a known amount before fees
    // Of a member of this amount before fees; none where its digits have no place.
    std::optional<field::int128> fee(field::int128 amount) const;
    bool has_fees() const { return plan_.rule->fees.has_value(); }

    // The scores that differ from pair to pair.
    void score(RowScorer& scorer, std::uint32_t row_a, std::uint32_t row_b,
               std::vector<double>& scores) const;
    std::size_t scored() const { return scored_.size(); }

    // Columns of "same" on a side that has many, else none.
    const std::vector<std::size_t>& same(bool of_a) const { return of_a ? same_a_ : same_b_; }

  private:
    const Column& column(bool of_a) const;
    static SumChecks sum_checks(const Plan& pairs, Calendars& calendars, int& scale);

    const Plan& plan_;
    int scale_ = 0;
    Weighing weighing_;
    std::size_t column_a_ = 0, column_b_ = 0;
    std::vector<std::size_t> scored_, same_a_, same_b_;
};

}  // namespace recon::match::group
