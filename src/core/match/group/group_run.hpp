// One group rule over open rows: pairs of records and members that the rule allows, connected
// components of them, the groups of each, and the rows of these.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/match/edge_store.hpp"
#include "core/match/group/group_side.hpp"
#include "core/match/group/row_sets.hpp"
#include "core/match/group/solver.hpp"
#include "core/match/rule_run.hpp"

namespace recon::match::group {

class GroupRun {
  public:
    // `rows`: of all parts together.
    GroupRun(std::uint32_t rows_a, std::uint32_t rows_b, const rule::Rule& rule, Context& context);

    // The candidates among these rows of a part; every pair of rows is in one part, a row of A in
    // one, a row of B in one or more, and a class whole in each of its parts. `numbers`: those of
    // the part's rows, empty where they are the rows themselves. `texts` holds the memory of the
    // texts that conditions derive.
    void add(const Plan& plan, Rows open_a, Rows open_b, std::span<const std::uint32_t> numbers_a,
             std::span<const std::uint32_t> numbers_b, Reservation& texts);
    RuleResult finish();
    // Instead: what there is for a row of A or of B; but under "N:M" it is the only one of its
    // side.
    GroupAnswers answers(bool of_a, std::uint32_t row, std::uint64_t most);

  private:
    class Sink;
    // Where there are several answers, and one is made: what is left of a component, and its
    // classes.
    struct Undecided {
        Problem problem;
        std::vector<std::uint32_t> singles, members;  // classes
        std::vector<std::uint32_t> singles_left, members_left;
        std::vector<std::uint32_t> open;  // singles with a set, or more
    };

    void leave(const Side& part, std::span<const std::uint32_t> numbers, std::uint32_t c,
               Reason reason, std::vector<RuleResult::Left>& left);
    void solve_all();
    void make_problem(const Component& component, Problem& problem);
    void keep(const Problem& problem, const Ordering& ordering, const Component& component,
              const Solution& solution);
    void decide(Undecided& undecided, ClassRows& singles, ClassRows& members);
    void leave_class(bool of_a, std::uint32_t c, Reason reason);

    bool one_is_a() const { return rule_.cardinality != rule::Cardinality::many_to_one; }
    GroupSide& singles() { return one_is_a() ? a_ : b_; }
    GroupSide& members() { return one_is_a() ? b_ : a_; }
    std::uint64_t steps_a_group() const;

    const rule::Rule& rule_;
    Context& context_;
    Reservation memory_;
    EdgeStore edges_;
    GroupSide a_, b_;
    ValueNumbers same_, currencies_;
    std::vector<GroupSide::Range> of_b_;  // by first row of a class of B
    std::optional<Weighing> weighing_;
    std::optional<ScoreTable> scores_;
    int scale_ = 0;

    std::unique_ptr<Solver> solver_;
    ClassGroups groups_;
    std::vector<Undecided> undecided_;
    RuleResult result_;
};

// All in memory: one part.
RuleResult run_group_rule(const Plan& plan, Rows open_a, Rows open_b, Reservation& texts,
                          Context& context);

}  // namespace recon::match::group
