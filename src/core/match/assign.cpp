#include "core/match/assign.hpp"

#include <algorithm>

#include "core/match/auction.hpp"
#include "core/match/exact.hpp"
#include "core/match/exchanges.hpp"
#include "core/match/single_solver.hpp"

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
          optimum_(context.budget),
          singles_(edges, context.budget, stop_),
          solver_(edges, context.budget, stop_),
          exchanges_(context.budget, stop_),
          rows_(a, b, context.budget, stop_),
          choices_(context.budget) {
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
    Optimum optimum_;
    SingleSolver singles_;
    ExactSolver solver_;
    Exchanges exchanges_;
    RowPairs rows_;
    Choices choices_;
    std::vector<std::uint8_t> aside_a_, aside_b_;  // classes left open as ambiguous, by place
    std::size_t room_aside_ = 0;
    Assignment result_;
};

void Assigner::solve(const Component& component) {
    std::vector<Choice>& list = choices_.list;
    list.clear();
    if (component.candidates == 1) {
        std::uint32_t a = component.a[0], b = component.b[0];
        choices_.push_back({0, 0, edges_.of(a)[0].confidence, std::min(a_.size(a), b_.size(b)),
                            false, false, false});
    } else {
        if (component.candidates > context_.limits.max_exact_candidates) {
            Auction(a_, b_, edges_, context_, stop_).solve(component, choices_, result_.gap);
        } else {
            optimum_.begin(component, a_, b_);
            if (optimum_.singles && !edges_.has_zeros()) {
                singles_.solve(component, optimum_);
            } else {
                solver_.solve(component, optimum_);
            }
            exchanges_.list(optimum_, choices_);
        }
        if (mode_ == rule::Ambiguous::skip) leave_ambiguous(component);
        if (mode_ == rule::Ambiguous::take)
            for (Choice& choice : list) choice.ambiguous = false;
    }
    rows_.add(component, list, result_.pairs);
}

// Takes the ambiguous choices out. Their classes are open as ambiguous, and so are those whose
// every partner is.
void Assigner::leave_ambiguous(const Component& component) {
    std::vector<Choice>& list = choices_.list;
    auto first = std::partition(list.begin(), list.end(),
                                [](const Choice& choice) { return !choice.ambiguous; });
    if (first == list.end()) return;
    std::size_t classes = component.a.size() + component.b.size();
    if (classes > room_aside_) {
        memory_.take(classes - room_aside_);
        room_aside_ = classes;
    }
    aside_a_.assign(component.a.size(), 0);
    aside_b_.assign(component.b.size(), 0);
    for (std::uint32_t b : component.b) result_.reasons_b[b] = Reason::ambiguous;
    for (auto choice = first; choice != list.end(); ++choice) {
        aside_a_[choice->a] = aside_b_[choice->b] = 1;
        result_.reasons_a[component.a[choice->a]] = Reason::ambiguous;
    }
    list.erase(first, list.end());
    std::sort(list.begin(), list.end(), [](const Choice& x, const Choice& y) { return x.a < y.a; });

    for (std::uint32_t i = 0; i < component.a.size(); ++i) {
        std::uint32_t a = component.a[i];
        std::span<const Edge> edges = edges_.of(a);
        stop_(edges.size());
        bool all = std::all_of(edges.begin(), edges.end(),
                               [&](const Edge& edge) { return aside_b_[edge.b] != 0; });
        if (all) result_.reasons_a[a] = Reason::ambiguous;
        if (aside_a_[i] != 0) continue;
        for (const Edge& edge : edges)
            if (aside_b_[edge.b] == 0)
                result_.reasons_b[component.b[edge.b]] = Reason::taken_by_better;
    }
}

}  // namespace

Assignment assign(const Side& a, const Side& b, EdgeStore& edges, rule::Ambiguous ambiguous,
                  Context& context) {
    return Assigner(a, b, edges, ambiguous, context).run();
}

}  // namespace recon::match
