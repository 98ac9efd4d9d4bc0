#include "core/match/engine.hpp"

#include <algorithm>
#include <numeric>

#include "core/match/assign.hpp"
#include "core/match/candidates.hpp"
#include "core/match/operands.hpp"
#include "core/match/plan.hpp"
#include "core/match/reservation.hpp"

namespace recon::match {

namespace {

using Rows = std::vector<std::uint32_t>;

void raise(Reason& reason, Reason to) {
    reason = std::max(reason, to);
}

// Why the rows of one side that a rule left open are open; by class, then spread over its rows.
class Reasons {
  public:
    Reasons(const Side& side, const std::vector<std::uint8_t>& below)
        : side_(side), of_class_(side.classes()) {
        for (std::size_t c = 0; c < of_class_.size(); ++c)
            if (below[c] != 0) of_class_[c] = Reason::below_threshold;
    }
    // A candidate whose partner was taken, or set aside.
    void note(std::uint32_t c, bool partner_aside) {
        raise(of_class_[c], partner_aside ? Reason::ambiguous : Reason::taken_by_better);
    }
    void store(const std::vector<std::uint32_t>& used, const std::vector<std::uint8_t>& aside,
               std::vector<Reason>& reasons) const {
        for (std::size_t c = 0; c < of_class_.size(); ++c) {
            Reason reason = aside[c] != 0 ? Reason::ambiguous : of_class_[c];
            for (std::uint32_t k = side_.begins[c] + used[c]; k < side_.begins[c + 1]; ++k)
                raise(reasons[side_.rows[k]], reason);
        }
    }

  private:
    const Side& side_;
    std::vector<Reason> of_class_;
};

void remove_matched(Rows& open, const std::vector<std::uint8_t>& matched) {
    open.erase(std::remove_if(open.begin(), open.end(),
                              [&](std::uint32_t row) { return matched[row] != 0; }),
               open.end());
}

class Run {
  public:
    Run(const Table& a, const Table& b, Context& context)
        : a_(a),
          b_(b),
          context_(context),
          open_a_(a.rows()),
          open_b_(b.rows()),
          matched_a_(a.rows()),
          matched_b_(b.rows()) {
        std::iota(open_a_.begin(), open_a_.end(), 0u);
        std::iota(open_b_.begin(), open_b_.end(), 0u);
        result_.reasons_a.assign(a.rows(), Reason::no_candidate);
        result_.reasons_b.assign(b.rows(), Reason::no_candidate);
    }

    void apply(const Plan& plan, std::uint32_t number);
    Result take_result() { return std::move(result_); }

  private:
    const Table& a_;
    const Table& b_;
    Context& context_;
    Rows open_a_, open_b_;
    std::vector<std::uint8_t> matched_a_, matched_b_;
    Result result_;
};

void Run::apply(const Plan& plan, std::uint32_t number) {
    if (open_a_.empty() || open_b_.empty()) return;
    Reservation memory(context_.budget);
    Operands operands = prepare(plan, a_, open_a_, b_, open_b_, memory, context_.stop);
    Candidates candidates = find_candidates(plan, operands, memory, context_.stop);
    Assignment assignment = assign(operands.a, operands.b, candidates.list, plan.rule->ambiguous,
                                   memory, context_.stop);

    Reasons reasons_a(operands.a, candidates.below_a), reasons_b(operands.b, candidates.below_b);
    for (const Candidate& candidate : candidates.list) {
        reasons_a.note(candidate.a, assignment.aside_b[candidate.b] != 0);
        reasons_b.note(candidate.b, assignment.aside_a[candidate.a] != 0);
    }
    reasons_a.store(assignment.used_a, assignment.aside_a, result_.reasons_a);
    reasons_b.store(assignment.used_b, assignment.aside_b, result_.reasons_b);

    std::sort(assignment.pairs.begin(), assignment.pairs.end(),
              [](const Pair& x, const Pair& y) { return x.a < y.a; });
    bool never_approve = plan.rule->ambiguous == rule::Ambiguous::propose;
    for (const Pair& pair : assignment.pairs) {
        bool approved = pair.confidence >= plan.approve_at && !(pair.ambiguous && never_approve);
        result_.matches.push_back(
            {number, pair.a, pair.b, pair.confidence, pair.ambiguous, approved});
        matched_a_[pair.a] = matched_b_[pair.b] = 1;
    }
    remove_matched(open_a_, matched_a_);
    remove_matched(open_b_, matched_b_);
}

}  // namespace

const char* reason_text(Reason reason) {
    switch (reason) {
        case Reason::no_candidate:
            return "no candidate";
        case Reason::below_threshold:
            return "below threshold";
        case Reason::ambiguous:
            return "ambiguous";
        case Reason::taken_by_better:
            return "taken by a better match";
    }
    return "";
}

Result run(const Table& a, const Table& b, const std::vector<rule::Rule>& rules, Context& context) {
    // All rules are bound before any runs, so that a fault in the last costs no work.
    std::vector<Plan> plans;
    for (const rule::Rule& rule : rules) {
        plans.push_back(make_plan(a, b, rule, context.calendars));
        check_selective(plans.back());
    }
    Run state(a, b, context);
    for (std::uint32_t i = 0; i < plans.size(); ++i) {
        check_stop(context.stop);
        state.apply(plans[i], i);
    }
    return state.take_result();
}

}  // namespace recon::match
