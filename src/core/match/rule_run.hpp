// One rule over the open rows of two tables: rule -> plan -> blocks -> candidates -> assignment.
#pragma once

#include <span>
#include <vector>

#include "core/match/assign.hpp"
#include "core/match/edge_store.hpp"

namespace recon::match {

// What a rule did with the rows that it saw.
struct RuleResult {
    struct Left {
        std::uint32_t row;
        Reason reason;
    };
    // Its rows are those of A and B in group_rows; sums and fees at `scale`.
    struct Group {
        std::uint32_t first_a, last_a, first_b, last_b;
        field::int128 sum_a, sum_b, fees;
        Billionths confidence;
        bool ambiguous;
    };
    std::vector<Pair> pairs;    // in no particular order
    std::vector<Group> groups;  // likewise
    std::vector<std::uint32_t> group_rows;
    int scale = 0;                     // of groups
    std::vector<Left> left_a, left_b;  // rows that stay open with a candidate, or nearly one
    std::uint64_t uncompared = 0;      // rows of blocks that are too large to compare
    Gap gap;

    // Of the rows that are left as yet: those for the budget, each once.
    void count_uncompared();
};

// The texts that its conditions derive stay with the tables; `texts` holds their memory.
RuleResult run_rule(const Plan& plan, Rows open_a, Rows open_b, Reservation& texts,
                    Context& context);

// The candidates of a rule that compares values, whose rows come in parts: each pair in one part, a
// row of A in one, a row of B in one or more, and a class whole in each of its parts. Row numbers
// are those of all rows.
class PartedRule {
  public:
    PartedRule(std::uint32_t rows_a, std::uint32_t rows_b, Context& context);

    // The next part; `numbers`: those of its tables' rows.
    void add(const Plan& plan, std::span<const std::uint32_t> numbers_a,
             std::span<const std::uint32_t> numbers_b);
    RuleResult finish(rule::Ambiguous ambiguous);

  private:
    Context& context_;
    Reservation memory_;
    EdgeStore edges_;
    Side a_, b_;
    std::vector<std::uint32_t> class_of_b_;  // by the first row of a class of B
    RuleResult result_;
};

}  // namespace recon::match
