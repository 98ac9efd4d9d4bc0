#include "core/match/nearest.hpp"

#include <algorithm>
#include <numeric>

#include "core/match/plan.hpp"
#include "core/match/relaxed.hpp"
#include "core/match/reservation.hpp"
#include "core/match/row_scorer.hpp"

namespace recon::match {

namespace {

using Rows = std::vector<std::uint32_t>;

bool is_costly(const rule::Condition& condition) {
    return condition.op == rule::Op::similar;
}

// The conditions of a rule that are compared without a look into texts.
rule::Rule cheap_part(const rule::Rule& rule) {
    rule::Rule part = rule;
    part.match.erase(std::remove_if(part.match.begin(), part.match.end(), is_costly),
                     part.match.end());
    return part;
}

// The single record beside rows of the other side, under one plan.
class Beside {
  public:
    Beside(const Plan& plan, Single single, StopToken& stop)
        : plan_(plan), single_(single), weights_(sum_of_weights(plan)), scorer_(plan, stop) {}

    // Required conditions that hold, and the confidence as if all did.
    std::uint32_t held(std::uint32_t row, Billionths& confidence) {
        std::uint32_t held = 0;
        double sum = 0;
        for (std::size_t i = 0; i < plan_.checks.size(); ++i) {
            double score =
                single_ == Single::a ? scorer_.score(i, 0, row) : scorer_.score(i, row, 0);
            if (score < 0) continue;
            sum += plan_.checks[i].condition->weight * score;
            held += plan_.checks[i].required();
        }
        confidence = weights_ > 0 ? confidence_of(sum, weights_) : 0;
        return held;
    }

  private:
    const Plan& plan_;
    Single single_;
    double weights_;
    RowScorer scorer_;
};

class Search {
  public:
    Search(const Table& a, const Table& b, Single single, const rule::Rule& rule, std::size_t most,
           Calendars& calendars, MemoryBudget& budget, StopToken& stop)
        : a_(a),
          b_(b),
          single_(single),
          most_(most),
          budget_(budget),
          memory_(budget),
          token_(stop),
          stop_(stop),
          cheap_rule_(cheap_part(rule)),
          plan_(make_plan(a, b, rule, calendars)),
          cheap_plan_(make_plan(a, b, cheap_rule_, calendars)),
          relaxed_rule_(relax(plan_)),
          relaxed_plan_(make_plan(a, b, relaxed_rule_, calendars)) {
        for (const Check& check : plan_.checks) {
            required_ += check.required();
            costly_ += check.required() && is_costly(*check.condition);
        }
    }

    std::vector<Neighbour> run() {
        // Those for which most of the cheap conditions hold come first, until the others cannot
        // come nearer any more.
        std::vector<Rows> by_held = sort_by_cheap();
        for (std::size_t held = by_held.size(); held-- > 0;) {
            if (is_full() && held + costly_ < found_.back().held) break;
            look_at(by_held[held]);
        }
        return std::move(found_);
    }

  private:
    const Table& others() const { return single_ == Single::a ? b_ : a_; }
    bool is_full() const { return found_.size() == most_; }

    std::vector<Rows> sort_by_cheap() {
        std::vector<Rows> by_held(required_ - costly_ + 1);
        memory_.take(others().rows() * 3 * sizeof(std::uint32_t));
        Rows all(others().rows());
        std::iota(all.begin(), all.end(), 0u);
        if (cheap_plan_.checks.empty()) {
            by_held[0] = std::move(all);
            return by_held;
        }
        Beside cheap(cheap_plan_, single_, token_);
        Billionths confidence = 0;
        for (std::uint32_t row : all) {
            stop_();
            by_held[cheap.held(row, confidence)].push_back(row);
        }
        return by_held;
    }

    void look_at(const Rows& rows) {
        Beside exact(plan_, single_, token_), relaxed(relaxed_plan_, single_, token_);
        Billionths confidence = 0;
        for (std::uint32_t row : rows) {
            stop_();
            std::uint32_t held = exact.held(row, confidence);
            if (is_full() && held < found_.back().held) continue;
            bool holds = held == required_;
            // How near the values are counts only where not all conditions hold.
            if (!holds) relaxed.held(row, confidence);
            add({row, held, holds, confidence});
        }
    }

    bool nearer(const Neighbour& x, const Neighbour& y) const {
        if (x.held != y.held) return x.held > y.held;
        if (x.score != y.score) return x.score > y.score;
        return others().record_ids[x.row] < others().record_ids[y.row];
    }

    void add(const Neighbour& neighbour) {
        if (is_full() && !nearer(neighbour, found_.back())) return;
        auto after = std::find_if(found_.begin(), found_.end(),
                                  [&](const Neighbour& other) { return nearer(neighbour, other); });
        found_.insert(after, neighbour);
        if (found_.size() > most_) found_.pop_back();
    }

    const Table &a_, &b_;
    Single single_;
    std::size_t most_;
    MemoryBudget& budget_;
    Reservation memory_;
    StopToken& token_;
    StopCheck stop_;
    rule::Rule cheap_rule_;
    Plan plan_, cheap_plan_;
    rule::Rule relaxed_rule_;
    Plan relaxed_plan_;
    std::size_t required_ = 0, costly_ = 0;
    std::vector<Neighbour> found_;  // nearest first
};

}  // namespace

std::vector<Neighbour> nearest(const Table& a, const Table& b, Single single,
                               const rule::Rule& rule, std::size_t most, Calendars& calendars,
                               MemoryBudget& budget, StopToken& stop) {
    if (a.rows() == 0 || b.rows() == 0 || most == 0) return {};
    return Search(a, b, single, rule, most, calendars, budget, stop).run();
}

}  // namespace recon::match
