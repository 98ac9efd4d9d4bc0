#include "core/match/nearest.hpp"

#include <algorithm>
#include <functional>
#include <span>

#include "core/match/plan.hpp"
#include "core/match/relaxed.hpp"
#include "core/match/reservation.hpp"
#include "core/match/row_scorer.hpp"
#include "core/rule/normalize.hpp"

namespace recon::match {

namespace {

constexpr std::size_t rows_together = 1024;  // whose texts are prepared at a time

// One that must hold and takes a look into texts.
bool is_costly(const Check& check) {
    return check.required() && check.kind == CheckKind::similar;
}

// The single record beside rows of the other side, under one plan.
class Beside {
  public:
    Beside(const Plan& plan, Single single, StopToken& stop)
        : plan_(plan),
          single_(single),
          weights_(sum_of_weights(plan)),
          stop_(stop),
          scorer_(plan, stop) {}

    // Of rows for which `cheap` required conditions hold that are not costly, those for which
    // `least` hold in all: how many do, and the confidence as if all did.
    std::vector<Neighbour> look_at(std::span<const std::uint32_t> rows, std::uint32_t cheap,
                                   std::uint32_t least) {
        rows_.assign(rows.begin(), rows.end());
        held_.assign(rows.size(), cheap);
        scores_.assign(plan_.checks.size(), {});
        std::uint32_t costly = 0;
        for (const Check& check : plan_.checks) costly += is_costly(check);
        for (std::size_t i = 0; i < plan_.checks.size(); ++i)
            if (is_costly(plan_.checks[i])) {
                compare_texts(i);
                --costly;
                keep_those_with(least > costly ? least - costly : 0);
            }
        for (std::size_t i = 0; i < plan_.checks.size(); ++i)
            if (!is_costly(plan_.checks[i])) compare(i);
        return summed();
    }

  private:
    const Column& own_column(const Check& check) const {
        return single_ == Single::a ? plan_.a->columns[check.column_a]
                                    : plan_.b->columns[check.column_b];
    }
    const Column& other_column(const Check& check) const {
        return single_ == Single::a ? plan_.b->columns[check.column_b]
                                    : plan_.a->columns[check.column_a];
    }

    // By a condition of op "similar". The texts are prepared together: the single record's, then
    // those of the rows.
    void compare_texts(std::size_t i) {
        check_stop(stop_);
        const Check& check = plan_.checks[i];
        std::vector<double>& scores = scores_[i];
        scores.assign(rows_.size(), not_held);
        const Column &own = own_column(check), &other = other_column(check);
        if (!own.is_known(0) || rows_.empty()) return;
        const auto& steps = check.condition->normalize;
        changed_.resize(steps.empty() ? 0 : rows_.size() + 1);
        texts_.clear();
        auto add = [&](const Column& column, std::size_t row) {
            std::string_view text = column.is_known(row) ? column.text(row) : std::string_view();
            if (!steps.empty()) {
                std::string& changed = changed_[texts_.size()];
                changed.assign(text);
                if (changed.size() > long_text) check_stop(stop_);
                rule::normalize(steps, changed);
                text = changed;
            }
            texts_.push_back(text);
        };
        add(own, 0);
        for (std::uint32_t row : rows_) add(other, row);
        similarity::PreparedTexts prepared(measure_of(*check.condition), texts_, stop_);
        for (std::uint32_t k = 0; k < rows_.size(); ++k) {
            if (!other.is_known(rows_[k])) continue;
            scores[k] = single_ == Single::a ? prepared.score(0, k + 1) : prepared.score(k + 1, 0);
            held_[k] += check.required() && scores[k] >= 0;
        }
    }

    // By another condition.
    void compare(std::size_t i) {
        if (plan_.checks[i].kind == CheckKind::similar) return compare_texts(i);
        check_stop(stop_);
        for (std::uint32_t row : rows_)
            scores_[i].push_back(single_ == Single::a ? scorer_.score(i, 0, row)
                                                      : scorer_.score(i, row, 0));
    }

    void keep_those_with(std::uint32_t held) {
        std::size_t kept = 0;
        for (std::size_t k = 0; k < rows_.size(); ++k) {
            if (held_[k] < held) continue;
            rows_[kept] = rows_[k];
            held_[kept] = held_[k];
            for (std::vector<double>& scores : scores_)
                if (!scores.empty()) scores[kept] = scores[k];
            ++kept;
        }
        rows_.resize(kept);
        held_.resize(kept);
        for (std::vector<double>& scores : scores_)
            if (!scores.empty()) scores.resize(kept);
    }

    std::vector<Neighbour> summed() const {
        std::vector<Neighbour> neighbours;
        for (std::size_t k = 0; k < rows_.size(); ++k) {
            double sum = 0;
            for (std::size_t i = 0; i < plan_.checks.size(); ++i)
                if (scores_[i][k] >= 0) sum += plan_.checks[i].condition->weight * scores_[i][k];
            neighbours.push_back(
                {rows_[k], held_[k], false, weights_ > 0 ? confidence_of(sum, weights_) : 0});
        }
        return neighbours;
    }

    const Plan& plan_;
    Single single_;
    double weights_;
    StopToken& stop_;
    RowScorer scorer_;
    std::vector<std::uint32_t> rows_, held_;
    std::vector<std::vector<double>> scores_;  // of each check; none before it was made
    std::vector<std::string> changed_;         // by a condition's steps
    std::vector<std::string_view> texts_;
};

struct Tables {
    const Table &a, &b;
    Single single;
    Calendars& calendars;
    MemoryBudget& budget;
    StopToken& stop;
};

// Both hold for the same pairs of rows.
bool hold_alike(const Check& x, const Check& y) {
    const rule::Condition &p = *x.condition, &q = *y.condition;
    return x.column_a == y.column_a && x.column_b == y.column_b && x.kind == y.kind &&
           x.on_amount == y.on_amount && x.scale == y.scale && x.abs == y.abs && x.pct == y.pct &&
           x.pct_whole == y.pct_whole && x.low == y.low && x.high == y.high &&
           x.micros == y.micros && !x.calendar && !y.calendar && p.normalize.empty() &&
           q.normalize.empty() && p.min_length == q.min_length && p.summed == q.summed &&
           p.period == q.period;
}

// For which rows conditions hold beside the single record, for the next rule that has them, too.
class HeldRows {
  public:
    explicit HeldRows(const Tables& tables) : tables_(tables), memory_(tables.budget) {}

    // Adds 1 to each row's count where check `i` of the scorer's plan holds.
    void add(RowScorer& scorer, const Check& check, std::size_t i,
             std::vector<std::uint8_t>& counts) {
        auto known = std::find_if(known_.begin(), known_.end(),
                                  [&](const Known& one) { return hold_alike(one.check, check); });
        if (known == known_.end()) {
            if ((known_.size() + 1) * counts.size() > most_bytes) return count(scorer, i, counts);
            memory_.take(counts.size());
            known_.push_back({check, std::vector<std::uint8_t>(counts.size())});
            known = known_.end() - 1;
            count(scorer, i, known->held);
        }
        for (std::size_t row = 0; row < counts.size(); ++row) counts[row] += known->held[row];
    }

  private:
    static constexpr std::size_t most_bytes = 1 << 20;

    struct Known {
        Check check;
        std::vector<std::uint8_t> held;
    };

    void count(RowScorer& scorer, std::size_t i, std::span<std::uint8_t> counts) {
        for (std::size_t from = 0; from < counts.size(); from += rows_together) {
            check_stop(tables_.stop);
            scorer.count_held(i, tables_.single == Single::a, from,
                              counts.subspan(from, std::min(rows_together, counts.size() - from)));
        }
    }

    const Tables& tables_;
    Reservation memory_;
    std::vector<Known> known_;
};

// Under one rule.
class Search {
  public:
    Search(const Tables& tables, const rule::Rule& rule, std::size_t most, std::size_t least_held,
           HeldRows& held_rows)
        : tables_(tables),
          most_(most),
          least_held_(static_cast<std::uint32_t>(least_held)),
          held_rows_(held_rows),
          plan_(make_plan(tables.a, tables.b, rule, tables.calendars)) {
        for (const Check& check : plan_.checks) {
            required_ += check.required();
            costly_ += is_costly(check);
        }
    }

    std::vector<Neighbour> run() {
        Reservation memory(tables_.budget);
        memory.take(others().rows() * (sizeof(std::uint8_t) + sizeof(std::uint32_t)));
        std::vector<std::uint8_t> cheap = count_cheap();
        std::vector<std::uint32_t> rows;
        // Those for which most of the cheap conditions hold come first, until the others cannot
        // come nearer any more.
        for (std::uint32_t held = required_ - costly_ + 1; held-- > 0;) {
            if (held + costly_ < least()) break;
            rows.clear();
            for (std::uint32_t row = 0; row < cheap.size(); ++row)
                if (cheap[row] == held) rows.push_back(row);
            if (!rows.empty()) look_at(rows, held);
        }
        return std::move(found_);
    }

  private:
    const Table& others() const { return tables_.single == Single::a ? tables_.b : tables_.a; }
    bool is_full() const { return found_.size() == most_; }

    // How many of the required conditions that take no look into texts hold for each row.
    std::vector<std::uint8_t> count_cheap() {
        std::vector<std::uint8_t> counts(others().rows());  // a rule has at most 64 conditions
        RowScorer scorer(plan_, tables_.stop);
        for (std::size_t i = 0; i < plan_.checks.size(); ++i)
            if (plan_.checks[i].required() && !is_costly(plan_.checks[i]))
                held_rows_.add(scorer, plan_.checks[i], i, counts);
        return counts;
    }

    // Rows for which `cheap` of the cheap conditions hold.
    void look_at(std::span<const std::uint32_t> rows, std::uint32_t cheap) {
        Beside exact(plan_, tables_.single, tables_.stop);
        rule::Rule relaxed_rule = relax(plan_);
        Plan relaxed_plan = make_plan(tables_.a, tables_.b, relaxed_rule, tables_.calendars);
        Beside relaxed(relaxed_plan, tables_.single, tables_.stop);
        for (; !rows.empty(); rows = rows.subspan(std::min(rows_together, rows.size()))) {
            std::vector<Neighbour> near =
                exact.look_at(rows.first(std::min(rows_together, rows.size())), cheap, least());
            keep_most(near);
            std::vector<std::uint32_t> short_rows, held;
            for (Neighbour& neighbour : near) {
                neighbour.holds = neighbour.held == required_;
                if (neighbour.holds) {
                    add(neighbour);
                } else {
                    short_rows.push_back(neighbour.row);
                    held.push_back(neighbour.held);
                }
            }
            // How near the values are counts only there.
            near = relaxed.look_at(short_rows, 0, 0);
            for (std::size_t k = 0; k < near.size(); ++k) {
                near[k].held = held[k];
                add(near[k]);
            }
        }
    }

    // As many must hold for a row that is to be found.
    std::uint32_t least() const {
        return std::max(least_held_, is_full() ? found_.back().held : 0);
    }

    // What enough others come before by the number of conditions alone is left out.
    void keep_most(std::vector<Neighbour>& near) const {
        if (near.size() <= most_) return;
        std::vector<std::uint32_t> held;
        for (const Neighbour& neighbour : near) held.push_back(neighbour.held);
        auto last = held.begin() + static_cast<std::ptrdiff_t>(most_) - 1;
        std::ranges::nth_element(held, last, std::greater());
        std::erase_if(near, [&](const Neighbour& neighbour) { return neighbour.held < *last; });
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

    const Tables& tables_;
    std::size_t most_;
    std::uint32_t least_held_;
    HeldRows& held_rows_;
    Plan plan_;
    std::uint32_t required_ = 0, costly_ = 0;
    std::vector<Neighbour> found_;  // nearest first
};

}  // namespace

struct NearestRows::State {
    State(const Table& a, const Table& b, Single single, Calendars& calendars, MemoryBudget& budget,
          StopToken& stop)
        : tables{a, b, single, calendars, budget, stop}, held_rows(tables) {}
    Tables tables;
    HeldRows held_rows;
};

NearestRows::NearestRows(const Table& a, const Table& b, Single single, Calendars& calendars,
                         MemoryBudget& budget, StopToken& stop)
    : state_(std::make_unique<State>(a, b, single, calendars, budget, stop)) {}
NearestRows::~NearestRows() = default;

std::vector<Neighbour> NearestRows::under(const rule::Rule& rule, std::size_t most,
                                          std::size_t least_held) {
    if (state_->tables.a.rows() == 0 || state_->tables.b.rows() == 0 || most == 0) return {};
    return Search(state_->tables, rule, most, least_held, state_->held_rows).run();
}

}  // namespace recon::match
