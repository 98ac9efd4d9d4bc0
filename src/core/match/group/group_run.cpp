#include "core/match/group/group_run.hpp"

#include <algorithm>
#include <numeric>

#include "core/match/compared.hpp"
#include "core/match/group/many_to_many.hpp"

namespace recon::match::group {

namespace {

// Sets that the first in order is taken from.
constexpr std::uint64_t most_compared = 1000;

}  // namespace

// Pairs of classes of the index to those that are numbered, with the number of their scores.
class GroupRun::Sink final : public CandidateSink {
  public:
    Sink(GroupRun& run, const Plan& plan, const GroupPlan& group, const Index& index,
         std::span<const std::uint32_t> numbers_a, std::span<const std::uint32_t> numbers_b,
         Reservation& memory)
        : run_(run),
          plan_(plan),
          group_(group),
          index_(index),
          numbers_a_(numbers_a),
          numbers_b_(numbers_b),
          memory_(memory),
          scorer_(plan, run.context_.stop) {}

    // Those of a class of A come one after the other.
    void add(std::span<const Candidate> candidates) override {
        for (const Candidate& candidate : candidates) {
            if (candidate.a != a_) {
                flush();
                a_ = candidate.a;
            }
            if (pending_.size() == pending_.capacity()) {
                std::size_t more = pending_.size() / 2 + 256;
                memory_.take(more * sizeof(Offer));
                pending_.reserve(pending_.size() + more);
            }
            pending_.push_back({candidate.b, kind_of(candidate)});
        }
    }
    void flush() {
        if (pending_.empty()) return;
        GroupSide::Range a =
            run_.a_.add(plan_, group_, index_.a, a_, numbers_a_, run_.same_, run_.currencies_);
        for (std::uint32_t own = a.first; own < a.first + a.count; ++own)
            for (const Offer& offer : pending_) {
                GroupSide::Range b = of_b(offer.member);
                for (std::uint32_t other = b.first; other < b.first + b.count; ++other)
                    run_.edges_.add(own, other, offer.kind);
            }
        pending_.clear();
    }

  private:
    std::uint32_t kind_of(const Candidate& candidate) {
        group_.score(scorer_, index_.a.rows[index_.a.begins[candidate.a]],
                     index_.b.rows[index_.b.begins[candidate.b]], scores_);
        if (!has_last_ || scores_ != last_) {
            last_ = scores_;
            last_kind_ = run_.scores_->add(scores_);
            has_last_ = true;
        }
        return last_kind_;
    }
    GroupSide::Range of_b(std::uint32_t c) {
        std::uint32_t row = index_.b.rows[index_.b.begins[c]];
        GroupSide::Range& range = run_.of_b_[numbers_b_.empty() ? row : numbers_b_[row]];
        if (range.first == no_id)
            range =
                run_.b_.add(plan_, group_, index_.b, c, numbers_b_, run_.same_, run_.currencies_);
        return range;
    }

    GroupRun& run_;
    const Plan& plan_;
    const GroupPlan& group_;
    const Index& index_;
    std::span<const std::uint32_t> numbers_a_, numbers_b_;
    Reservation& memory_;
    RowScorer scorer_;
    std::vector<double> scores_, last_;
    std::uint32_t last_kind_ = 0;
    bool has_last_ = false;
    std::uint32_t a_ = no_id;
    std::vector<Offer> pending_;  // classes of B in the index
};

GroupRun::GroupRun(std::uint32_t rows_a, std::uint32_t rows_b, const rule::Rule& rule,
                   Context& context)
    : rule_(rule),
      context_(context),
      memory_(context.budget),
      edges_(rows_a, rows_b, context.budget, context.files),
      a_(true, context.budget),
      b_(false, context.budget),
      same_(context.budget),
      currencies_(context.budget) {
    memory_.take(rows_b * sizeof(GroupSide::Range));
    of_b_.assign(rows_b, {no_id, 0});
}

void GroupRun::leave(const Side& part, std::span<const std::uint32_t> numbers, std::uint32_t c,
                     Reason reason, std::vector<RuleResult::Left>& left) {
    for (std::uint32_t row : rows_of(part, c))
        left.push_back({numbers.empty() ? row : numbers[row], reason});
}

void GroupRun::add(const Plan& plan, Rows open_a, Rows open_b,
                   std::span<const std::uint32_t> numbers_a,
                   std::span<const std::uint32_t> numbers_b, Reservation& texts) {
    if (open_a.empty() || open_b.empty()) return;
    context_.progress.begin("candidates", 0);
    Reservation passing(context_.budget);
    TextsGrowth growth(plan.a->texts(), texts);
    Operands operands = bind_operands(plan, open_a, open_b, passing, context_.stop);
    growth.count();
    Compared compared =
        prepare(plan, operands, join(plan, operands, open_a, open_b, passing, context_.stop),
                growth, passing, context_);
    const Side &a = compared.index.a, &b = compared.index.b;
    for (std::uint32_t c : compared.ways.left_a)
        leave(a, numbers_a, c, Reason::budget, result_.left_a);
    for (std::uint32_t c : compared.ways.left_b)
        leave(b, numbers_b, c, Reason::budget, result_.left_b);

    GroupPlan group(plan, context_.calendars);
    if (!weighing_) {
        weighing_ = group.weighing();
        scores_.emplace(group.scored(), context_.budget);
        scale_ = group.scale();
    }
    Sink sink(*this, plan, group, compared.index, numbers_a, numbers_b, passing);
    Below below(compared.index, passing);
    find_candidates(plan, compared, sink, below, passing, context_);
    sink.flush();
    for (std::uint32_t c = 0; c < below.a.size(); ++c)
        if (below.a[c] != 0) leave(a, numbers_a, c, Reason::below_threshold, result_.left_a);
    for (std::uint32_t c = 0; c < below.b.size(); ++c)
        if (below.b[c] != 0) leave(b, numbers_b, c, Reason::below_threshold, result_.left_b);
}

// Each of the records that are to be added up to has an equal share of the steps of all.
std::uint64_t GroupRun::steps_a_group() const {
    std::size_t groups = one_is_a() ? a_.amounts.size() : b_.amounts.size();
    return std::min(context_.limits.group_budget,
                    context_.limits.all_groups_budget / std::max<std::size_t>(groups, 1));
}

void GroupRun::make_problem(const Component& component, Problem& problem) {
    problem.singles.clear();
    problem.members.clear();
    problem.offers.clear();
    std::span<const std::uint32_t> ones = one_is_a() ? component.a : component.b,
                                   many = one_is_a() ? component.b : component.a;
    for (std::uint32_t c : many)
        problem.members.push_back({members().amounts[c], members().classes.size(c),
                                   members().same[c], members().currencies[c]});
    WorkCheck stop(context_.stop);
    for (std::uint32_t c : ones)
        problem.singles.push_back(
            {singles().amounts[c], singles().classes.size(c), singles().currencies[c], 0, 0});
    if (one_is_a()) {
        for (std::size_t s = 0; s < ones.size(); ++s) {
            problem.singles[s].first = static_cast<std::uint32_t>(problem.offers.size());
            stop(edges_.of(ones[s]).size());
            for (const Edge& edge : edges_.of(ones[s]))
                problem.offers.push_back({edge.b, edge.confidence});
            problem.singles[s].last = static_cast<std::uint32_t>(problem.offers.size());
        }
        return;
    }
    for (std::uint32_t c : many) {
        stop(edges_.of(c).size());
        for (const Edge& edge : edges_.of(c)) ++problem.singles[edge.b].last;
    }
    std::uint32_t at = 0;
    for (Single& single : problem.singles) {
        single.first = at;
        at += std::exchange(single.last, at);
    }
    problem.offers.resize(at);
    for (std::uint32_t m = 0; m < many.size(); ++m) {
        stop(edges_.of(many[m]).size());
        for (const Edge& edge : edges_.of(many[m]))
            problem.offers[problem.singles[edge.b].last++] = {m, edge.confidence};
    }
}

void GroupRun::leave_class(bool of_a, std::uint32_t c, Reason reason) {
    if (reason == Reason::no_candidate) return;
    for (std::uint32_t row : rows_of((of_a ? a_ : b_).classes, c))
        (of_a ? result_.left_a : result_.left_b).push_back({row, reason});
}

// What was solved, by classes; what was not, where an answer is to be made nevertheless.
void GroupRun::keep(const Problem& problem, const Ordering& ordering, const Component& component,
                    const Solution& solution) {
    std::span<const std::uint32_t> ones = one_is_a() ? component.a : component.b,
                                   many = one_is_a() ? component.b : component.a;
    auto single_class = [&](std::uint32_t s) { return ones[ordering.singles[s]]; };
    auto member_class = [&](std::uint32_t m) { return many[ordering.members[m]]; };
    for (const Solved& solved : solution.solved) {
        ClassGroup group{};
        auto put_members = [&] {
            for (const SetPart& part : solution.of(solved))
                groups_.parts.push_back({member_class(part.member), part.count});
        };
        auto end = [&] { return static_cast<std::uint32_t>(groups_.parts.size()); };
        group.first = end();
        if (!one_is_a()) put_members();
        if (one_is_a()) groups_.parts.push_back({single_class(solved.single), 1});
        group.middle = end();
        if (one_is_a()) put_members();
        if (!one_is_a()) groups_.parts.push_back({single_class(solved.single), 1});
        group.last = end();
        group.times = solved.times;
        field::int128 amount = problem.singles[solved.single].amount;
        group.sum_a = one_is_a() ? amount : solved.sum;
        group.sum_b = one_is_a() ? solved.sum : amount;
        group.confidence = solved.confidence;
        groups_.list.push_back(group);
    }
    memory_.take(solution.solved.size() * sizeof(ClassGroup) +
                 (solution.parts.size() + solution.solved.size()) * sizeof(SetPart));
    bool make_ambiguous = rule_.ambiguous != rule::Ambiguous::skip;
    std::vector<std::uint32_t> open;
    for (std::uint32_t s = 0; s < problem.singles.size(); ++s) {
        if (solution.singles_left[s] == 0) continue;
        leave_class(one_is_a(), single_class(s), solution.singles[s]);
        if (make_ambiguous && solution.singles[s] == Reason::ambiguous) open.push_back(s);
    }
    for (std::uint32_t m = 0; m < problem.members.size(); ++m)
        if (solution.members_left[m] > 0)
            leave_class(!one_is_a(), member_class(m), solution.members[m]);
    if (open.empty()) return;
    Undecided undecided;
    undecided.problem = problem;
    undecided.singles_left = solution.singles_left;
    undecided.members_left = solution.members_left;
    for (std::uint32_t s = 0; s < problem.singles.size(); ++s)
        undecided.singles.push_back(single_class(s));
    for (std::uint32_t m = 0; m < problem.members.size(); ++m)
        undecided.members.push_back(member_class(m));
    undecided.open = std::move(open);
    memory_.take(problem.bytes() +
                 (problem.singles.size() + problem.members.size()) * 3 * sizeof(std::uint32_t) +
                 sizeof(Undecided));
    undecided_.push_back(std::move(undecided));
}

void GroupRun::solve_all() {
    context_.progress.begin("groups", singles().amounts.size());
    edges_.finish(context_.stop);
    Problem problem;
    Ordering ordering;
    Solution solution;
    Component component;
    std::size_t held = 0;
    std::uint64_t done = 0;
    Reservation memory(context_.budget);
    while (edges_.next(component)) {
        check_stop(context_.stop);
        // As it is, in order, and before.
        std::size_t singles = (one_is_a() ? component.a : component.b).size(),
                    members = component.a.size() + component.b.size() - singles;
        if (std::size_t now = 3 * Problem::bytes_for(singles, members, component.candidates);
            now > held) {
            memory.take(now - held);
            held = now;
        }
        make_problem(component, problem);
        ordering.order(problem, *scores_, context_.stop);
        solver_->solve(problem, solution);
        keep(problem, ordering, component, solution);
        context_.progress.advance(done += problem.singles.size());
    }
}

// Records in order; each gets the best of the sets that are left for it, of equally good ones that
// whose members come first.
void GroupRun::decide(Undecided& undecided, ClassRows& ones, ClassRows& many) {
    struct Turn {
        std::uint32_t rank, single;
    };
    std::vector<Turn> turns;
    for (std::uint32_t s : undecided.open)
        for (std::uint32_t n = 0; n < undecided.singles_left[s]; ++n)
            turns.push_back({ones.rank(ones.peek(undecided.singles[s], n)), s});
    std::sort(turns.begin(), turns.end(),
              [](const Turn& x, const Turn& y) { return x.rank < y.rank; });
    Sets sets;
    std::vector<std::uint32_t> ranks, best_ranks;
    std::vector<SetPart> parts;
    for (const Turn& turn : turns) {
        const Single& single = undecided.problem.singles[turn.single];
        solver_->finder().find(undecided.problem, single, undecided.members_left, most_compared,
                               steps_a_group(), sets);
        const Sets::Set* best = nullptr;
        for (const Sets::Set& set : sets.list) {
            if (best != nullptr && set.confidence < best->confidence) continue;
            ranks.clear();
            for (const SetPart& part : sets.of(set))
                for (std::uint32_t n = 0; n < part.count; ++n)
                    ranks.push_back(many.rank(many.peek(undecided.members[part.member], n)));
            std::sort(ranks.begin(), ranks.end());
            if (best != nullptr && set.confidence == best->confidence && best_ranks < ranks)
                continue;
            best = &set;
            best_ranks = ranks;
        }
        if (best == nullptr) continue;
        parts.clear();
        RuleResult::Group made{};
        for (const SetPart& part : sets.of(*best)) {
            parts.push_back({undecided.members[part.member], part.count});
            undecided.members_left[part.member] -= part.count;
            if (!members().fees.empty())
                made.fees += members().fees[undecided.members[part.member]] * part.count;
        }
        const SetPart one{undecided.singles[turn.single], 1};
        made.first_a = static_cast<std::uint32_t>(result_.group_rows.size());
        if (one_is_a())
            ones.take({&one, 1}, result_.group_rows);
        else
            many.take(parts, result_.group_rows);
        made.last_a = made.first_b = static_cast<std::uint32_t>(result_.group_rows.size());
        if (one_is_a())
            many.take(parts, result_.group_rows);
        else
            ones.take({&one, 1}, result_.group_rows);
        made.last_b = static_cast<std::uint32_t>(result_.group_rows.size());
        made.sum_a = one_is_a() ? single.amount : best->sum;
        made.sum_b = one_is_a() ? best->sum : single.amount;
        made.confidence = best->confidence;
        made.ambiguous = rule_.ambiguous == rule::Ambiguous::propose;
        result_.groups.push_back(made);
    }
}

RuleResult GroupRun::finish() {
    result_.scale = scale_;
    result_.count_uncompared();
    if (!weighing_) return std::move(result_);
    memory_.give(of_b_.size() * sizeof(GroupSide::Range));
    of_b_ = {};
    if (rule_.cardinality == rule::Cardinality::many_to_many) {
        edges_.finish(context_.stop);
        ManyToMany(rule_, *weighing_, *scores_, a_, b_, context_).run(edges_, groups_, result_);
    } else {
        solver_ = std::make_unique<Solver>(
            *weighing_, *scores_, static_cast<unsigned>(rule_.max_group), !rule_.group_by.empty(),
            steps_a_group(), context_.budget, context_.stop);
        solve_all();
    }
    ClassRows rows_a(a_, context_.budget), rows_b(b_, context_.budget);
    want_shared(groups_, rows_a, rows_b);
    ClassRows &ones = one_is_a() ? rows_a : rows_b, &many = one_is_a() ? rows_b : rows_a;
    for (const Undecided& undecided : undecided_) {
        for (std::uint32_t s : undecided.open) ones.want(undecided.singles[s]);
        for (std::uint32_t c : undecided.members) many.want(c);
    }
    rows_a.sort(context_.order);
    rows_b.sort(context_.order);
    take_rows(groups_, rows_a, rows_b, one_is_a(), result_);
    for (Undecided& undecided : undecided_) decide(undecided, ones, many);
    return std::move(result_);
}

RuleResult run_group_rule(const Plan& plan, Rows open_a, Rows open_b, Reservation& texts,
                          Context& context) {
    GroupRun run(static_cast<std::uint32_t>(plan.a->rows()),
                 static_cast<std::uint32_t>(plan.b->rows()), *plan.rule, context);
    run.add(plan, open_a, open_b, {}, {}, texts);
    return run.finish();
}

}  // namespace recon::match::group
