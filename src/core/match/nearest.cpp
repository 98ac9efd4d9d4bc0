#include "core/match/nearest.hpp"

#include <algorithm>
#include <optional>
#include <span>

#include "core/match/plan.hpp"
#include "core/match/relaxed.hpp"
#include "core/match/reservation.hpp"
#include "core/match/row_scorer.hpp"
#include "core/rule/normalize.hpp"

namespace recon::match {

namespace {

using Rows = std::vector<std::uint32_t>;

constexpr std::size_t rows_together = 1024;  // whose texts are prepared at a time

bool is_costly(const rule::Condition& condition) {
    return condition.op == rule::Op::similar;
}

// The single record beside rows of the other side, under one plan.
class Beside {
  public:
    Beside(const Plan& plan, Single single, StopToken& stop)
        : plan_(plan),
          single_(single),
          weights_(sum_of_weights(plan)),
          stop_(stop),
          scorer_(plan, stop),
          alike_(plan.checks.size()) {}

    // The rows that are asked for next. Their texts are prepared together.
    void begin(std::span<const std::uint32_t> rows) {
        rows_ = rows;
        for (std::size_t i = 0; i < plan_.checks.size(); ++i)
            if (plan_.checks[i].kind == CheckKind::similar) prepare(plan_.checks[i], alike_[i]);
    }

    // Of row `k` of these: required conditions that hold, and the confidence as if all did.
    std::uint32_t held(std::size_t k, Billionths& confidence) {
        std::uint32_t held = 0;
        double sum = 0;
        for (std::size_t i = 0; i < plan_.checks.size(); ++i) {
            double score = score_of(i, k);
            if (score < 0) continue;
            sum += plan_.checks[i].condition->weight * score;
            held += plan_.checks[i].required();
        }
        confidence = weights_ > 0 ? confidence_of(sum, weights_) : 0;
        return held;
    }

  private:
    // What a condition of op "similar" compares: the single record's text, then those of the rows.
    struct Alike {
        std::vector<std::string> changed;  // by the condition's steps
        std::vector<std::string_view> texts;
        std::optional<similarity::PreparedTexts> prepared;
    };

    const Column& own_column(const Check& check) const {
        return single_ == Single::a ? plan_.a->columns[check.column_a]
                                    : plan_.b->columns[check.column_b];
    }
    const Column& other_column(const Check& check) const {
        return single_ == Single::a ? plan_.b->columns[check.column_b]
                                    : plan_.a->columns[check.column_a];
    }

    void prepare(const Check& check, Alike& alike) {
        alike.prepared.reset();
        const Column &own = own_column(check), &other = other_column(check);
        if (!own.is_known(0)) return;
        const auto& steps = check.condition->normalize;
        alike.changed.resize(steps.empty() ? 0 : rows_.size() + 1);
        alike.texts.clear();
        auto add = [&](const Column& column, std::size_t row) {
            std::string_view text = column.is_known(row) ? column.text(row) : std::string_view();
            if (!steps.empty()) {
                std::string& changed = alike.changed[alike.texts.size()];
                changed.assign(text);
                rule::normalize(steps, changed);
                text = changed;
            }
            alike.texts.push_back(text);
        };
        add(own, 0);
        for (std::uint32_t row : rows_) add(other, row);
        alike.prepared.emplace(measure_of(*check.condition), alike.texts, stop_);
    }

    double score_of(std::size_t i, std::size_t k) {
        const Check& check = plan_.checks[i];
        std::uint32_t row = rows_[k];
        if (check.kind != CheckKind::similar)
            return single_ == Single::a ? scorer_.score(i, 0, row) : scorer_.score(i, row, 0);
        const Alike& alike = alike_[i];
        if (!alike.prepared || !other_column(check).is_known(row)) return not_held;
        auto place = static_cast<std::uint32_t>(k) + 1;
        return single_ == Single::a ? alike.prepared->score(0, place)
                                    : alike.prepared->score(place, 0);
    }

    const Plan& plan_;
    Single single_;
    double weights_;
    StopToken& stop_;
    RowScorer scorer_;
    std::vector<Alike> alike_;  // of each check
    std::span<const std::uint32_t> rows_;
};

class Search {
  public:
    Search(const Table& a, const Table& b, Single single, const rule::Rule& rule, std::size_t most,
           std::size_t least_held, Calendars& calendars, MemoryBudget& budget, StopToken& stop)
        : a_(a),
          b_(b),
          single_(single),
          most_(most),
          least_held_(least_held),
          memory_(budget),
          stop_(stop),
          plan_(make_plan(a, b, rule, calendars)),
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
            if (held + costly_ < least_held_ || (is_full() && held + costly_ < found_.back().held))
                break;
            look_at(by_held[held]);
        }
        return std::move(found_);
    }

  private:
    const Table& others() const { return single_ == Single::a ? b_ : a_; }
    bool is_full() const { return found_.size() == most_; }

    // By how many of the required conditions that take no look into texts hold.
    std::vector<Rows> sort_by_cheap() {
        std::vector<Rows> by_held(required_ - costly_ + 1);
        memory_.take(others().rows() * (sizeof(std::uint8_t) + 2 * sizeof(std::uint32_t)));
        std::vector<std::uint8_t> counts(others().rows());  // a rule has at most 64 conditions
        RowScorer scorer(plan_, stop_);
        for (std::size_t from = 0; from < counts.size(); from += rows_together) {
            check_stop(stop_);
            std::span<std::uint8_t> some(counts);
            some = some.subspan(from, std::min(rows_together, counts.size() - from));
            for (std::size_t i = 0; i < plan_.checks.size(); ++i)
                if (plan_.checks[i].required() && !is_costly(*plan_.checks[i].condition))
                    scorer.count_held(i, single_ == Single::a, from, some);
        }
        for (std::uint32_t row = 0; row < counts.size(); ++row) by_held[counts[row]].push_back(row);
        return by_held;
    }

    void look_at(std::span<const std::uint32_t> rows) {
        Beside exact(plan_, single_, stop_), relaxed(relaxed_plan_, single_, stop_);
        StopCheck check(stop_);
        std::vector<Neighbour> short_of;  // those for which some conditions do not hold
        Rows short_rows;
        for (; !rows.empty(); rows = rows.subspan(std::min(rows_together, rows.size()))) {
            std::span<const std::uint32_t> some = rows.first(std::min(rows_together, rows.size()));
            exact.begin(some);
            short_of.clear();
            short_rows.clear();
            for (std::size_t k = 0; k < some.size(); ++k) {
                check();
                Neighbour neighbour{some[k], 0, false, 0};
                neighbour.held = exact.held(k, neighbour.score);
                if (is_full() && neighbour.held < found_.back().held) continue;
                neighbour.holds = neighbour.held == required_;
                if (neighbour.holds) {
                    add(neighbour);
                } else {
                    short_of.push_back(neighbour);
                    short_rows.push_back(neighbour.row);
                }
            }
            // How near the values are counts only there.
            relaxed.begin(short_rows);
            for (std::size_t k = 0; k < short_of.size(); ++k) {
                check();
                relaxed.held(k, short_of[k].score);
                add(short_of[k]);
            }
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
    std::size_t most_, least_held_;
    Reservation memory_;
    StopToken& stop_;
    Plan plan_;
    rule::Rule relaxed_rule_;
    Plan relaxed_plan_;
    std::size_t required_ = 0, costly_ = 0;
    std::vector<Neighbour> found_;  // nearest first
};

}  // namespace

std::vector<Neighbour> nearest(const Table& a, const Table& b, Single single,
                               const rule::Rule& rule, std::size_t most, Calendars& calendars,
                               MemoryBudget& budget, StopToken& stop, std::size_t least_held) {
    if (a.rows() == 0 || b.rows() == 0 || most == 0) return {};
    return Search(a, b, single, rule, most, least_held, calendars, budget, stop).run();
}

}  // namespace recon::match
