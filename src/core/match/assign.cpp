#include "core/match/assign.hpp"

#include <algorithm>
#include <optional>

#include "core/match/auction.hpp"
#include "core/match/exact.hpp"
#include "core/match/exchanges.hpp"

namespace recon::match {

namespace {

class Assigner {
  public:
    Assigner(const Side& a, const Side& b, EdgeStore& edges, rule::Ambiguous ambiguous,
             Context& context)
        : a_(a),
          b_(b),
          edges_(edges),
          mode_(ambiguous),
          context_(context),
          memory_(context.budget),
          stop_(context.stop),
          solution_((memory_.take(Solution::bytes(a, b) + ExactSolver::bytes(a, b) +
                                  Exchanges::bytes(a, b)),
                     a),
                    b),
          solver_(a, b, edges, stop_),
          exchanges_(a, b, edges, context.budget, stop_),
          rows_(a, b, context.budget, stop_) {
        result_.reasons_a.assign(a.classes(), Reason::no_candidate);
        result_.reasons_b.assign(b.classes(), Reason::no_candidate);
    }

    Assignment run() {
        edges_.finish(context_.stop);
        for (Component component; edges_.next(component);) {
            for (std::uint32_t a : component.a) result_.reasons_a[a] = Reason::taken_by_better;
            for (std::uint32_t b : component.b) result_.reasons_b[b] = Reason::taken_by_better;
            solve(component);
        }
        rows_.finish(context_.order, result_.pairs);
        return std::move(result_);
    }

  private:
    void solve(const Component& component);
    void leave_ambiguous(const Component& component);

    const Side& a_;
    const Side& b_;
    EdgeStore& edges_;
    rule::Ambiguous mode_;
    Context& context_;
    Reservation memory_;
    WorkCheck stop_;
    Solution solution_;
    ExactSolver solver_;
    Exchanges exchanges_;
    std::optional<Auction> auction_;
    RowPairs rows_;
    std::vector<Choice> choices_;
    std::vector<std::uint8_t> aside_a_, aside_b_;  // classes left open as ambiguous
    Assignment result_;
};

void Assigner::solve(const Component& component) {
    choices_.clear();
    if (component.candidates == 1) {
        std::uint32_t a = component.a[0], b = component.b[0];
        choices_.push_back({a, b, edges_.of(a)[0].confidence, std::min(a_.size(a), b_.size(b)),
                            false, false, false});
    } else {
        if (component.candidates > context_.limits.max_exact_candidates) {
            if (!auction_) auction_.emplace(a_, b_, edges_, context_, stop_);
            auction_->solve(component, choices_, result_.gap);
        } else {
            solver_.solve(component, solution_);
            exchanges_.list(component, solution_, choices_);
            for (std::uint32_t a : component.a) solution_.flows.clear(a);
        }
        if (mode_ == rule::Ambiguous::skip) leave_ambiguous(component);
        if (mode_ == rule::Ambiguous::take)
            for (Choice& choice : choices_) choice.ambiguous = false;
    }
    rows_.add(choices_, result_.pairs);
}

// Takes the ambiguous choices out. Their classes are open as ambiguous, and so are those whose
// every partner is.
void Assigner::leave_ambiguous(const Component& component) {
    if (aside_a_.empty()) {
        memory_.take(a_.classes() + b_.classes());
        aside_a_.resize(a_.classes());
        aside_b_.resize(b_.classes());
    }
    auto first = std::partition(choices_.begin(), choices_.end(),
                                [](const Choice& choice) { return !choice.ambiguous; });
    if (first == choices_.end()) return;
    for (auto choice = first; choice != choices_.end(); ++choice) {
        aside_a_[choice->a] = aside_b_[choice->b] = 1;
        result_.reasons_a[choice->a] = result_.reasons_b[choice->b] = Reason::ambiguous;
    }
    choices_.erase(first, choices_.end());
    std::sort(choices_.begin(), choices_.end(),
              [](const Choice& x, const Choice& y) { return x.a < y.a; });

    for (std::uint32_t b : component.b) result_.reasons_b[b] = Reason::ambiguous;
    for (std::uint32_t a : component.a) {
        std::span<const Edge> edges = edges_.of(a);
        stop_(edges.size());
        bool all = std::all_of(edges.begin(), edges.end(),
                               [&](const Edge& edge) { return aside_b_[edge.b] != 0; });
        if (all) result_.reasons_a[a] = Reason::ambiguous;
        if (aside_a_[a] != 0) continue;
        for (const Edge& edge : edges)
            if (aside_b_[edge.b] == 0) result_.reasons_b[edge.b] = Reason::taken_by_better;
    }
}

}  // namespace

Assignment assign(const Side& a, const Side& b, EdgeStore& edges, rule::Ambiguous ambiguous,
                  Context& context) {
    return Assigner(a, b, edges, ambiguous, context).run();
}

}  // namespace recon::match
