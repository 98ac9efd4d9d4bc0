#include "core/match/engine.hpp"

#include <algorithm>
#include <span>
#include <string_view>

#include "core/match/file_run.hpp"
#include "core/match/group/group_run.hpp"
#include "core/match/rejected.hpp"

namespace recon::match {

namespace {

// The rules over the records of a job: what is matched so far, and why the rest is open.
class Run {
  public:
    Run(std::size_t rows_a, std::size_t rows_b, const std::vector<rule::Rule>& rules,
        Context& context)
        : rules_(rules), context_(context), held_(context.budget) {
        held_.take((rows_a + rows_b) * (sizeof(std::uint8_t) + sizeof(Reason)));
        result_.matched_a.resize(rows_a);
        result_.matched_b.resize(rows_b);
        result_.reasons_a.assign(rows_a, Reason::no_candidate);
        result_.reasons_b.assign(rows_b, Reason::no_candidate);
        result_.gaps.resize(rules.size());
    }

    void apply_in_memory(const Table& a, const Table& b, std::uint32_t number);
    void apply_in_files(WorkingSet& set, std::uint32_t number);
    void finish_rule(std::uint32_t number);
    Result take_result() { return std::move(result_); }

  private:
    // `a` and `b`: all records of the job, for their ids.
    void take(RuleResult&& found, const Plan& plan, std::uint32_t number, const Table& a,
              const Table& b);
    void leave_rejected(RuleResult& found, const Table& a, const Table& b) const;
    void take_groups(const RuleResult& found, const Plan& plan, std::uint32_t number);
    void sort_by_a(std::span<Match> matches) const;

    const std::vector<rule::Rule>& rules_;
    Context& context_;
    Reservation held_;
    std::size_t first_ = 0, first_group_ = 0;  // match of the rule at hand
    std::uint64_t matched_ = 0;                // records in groups
    std::uint64_t uncompared_ = 0;             // records of the rule at hand
    Result result_;
};

std::size_t count_open(const std::vector<std::uint8_t>& matched) {
    return static_cast<std::size_t>(std::count(matched.begin(), matched.end(), 0));
}

std::vector<std::uint32_t> open_rows(const std::vector<std::uint8_t>& matched,
                                     Reservation& memory) {
    std::size_t count = count_open(matched);
    memory.take(count * sizeof(std::uint32_t));
    std::vector<std::uint32_t> rows;
    rows.reserve(count);
    for (std::uint32_t row = 0; row < matched.size(); ++row)
        if (matched[row] == 0) rows.push_back(row);
    return rows;
}

void Run::apply_in_memory(const Table& a, const Table& b, std::uint32_t number) {
    Plan plan = make_plan(a, b, rules_[number], context_.calendars);
    Reservation memory(context_.budget);
    std::vector<std::uint32_t> open_a = open_rows(result_.matched_a, memory),
                               open_b = open_rows(result_.matched_b, memory);
    check_selective(plan, open_a.size(), open_b.size(), context_.limits.max_comparisons);
    take(is_group_rule(plan) ? group::run_group_rule(plan, open_a, open_b, held_, context_)
                             : run_rule(plan, open_a, open_b, held_, context_),
         plan, number, a, b);
}

void Run::apply_in_files(WorkingSet& set, std::uint32_t number) {
    set.leave_out(set.a, result_.matched_a, context_.stop);
    set.leave_out(set.b, result_.matched_b, context_.stop);
    auto texts = std::make_shared<Texts>();
    Table shape_a = set.a.shape(texts), shape_b = set.b.shape(texts);
    Plan plan = make_plan(shape_a, shape_b, rules_[number], context_.calendars);
    check_selective(plan, count_open(result_.matched_a), count_open(result_.matched_b),
                    context_.limits.max_comparisons);
    Splitting how{rules_[number], set, result_.matched_a, result_.matched_b, context_};
    run_rule_in_files(how, [&](RuleResult&& found) {
        take(std::move(found), plan, number, set.a.records(), set.b.records());
    });
}

// Of a group that was rejected, the records stay open: it was what the rule makes of them.
void Run::leave_rejected(RuleResult& found, const Table& a, const Table& b) const {
    if (context_.rejected == nullptr || context_.rejected->empty()) return;
    auto ids = [&](const Table& table, std::uint32_t first, std::uint32_t last) {
        std::vector<std::int64_t> of_rows;
        for (std::uint32_t i = first; i < last; ++i)
            of_rows.push_back(table.record_ids[found.group_rows[i]]);
        return of_rows;
    };
    std::erase_if(found.groups, [&](const RuleResult::Group& group) {
        if (!context_.rejected->has(ids(a, group.first_a, group.last_a),
                                    ids(b, group.first_b, group.last_b)))
            return false;
        for (std::uint32_t i = group.first_a; i < group.last_a; ++i)
            found.left_a.push_back({found.group_rows[i], Reason::rejected});
        for (std::uint32_t i = group.first_b; i < group.last_b; ++i)
            found.left_b.push_back({found.group_rows[i], Reason::rejected});
        return true;
    });
}

void Run::take(RuleResult&& found, const Plan& plan, std::uint32_t number, const Table& a,
               const Table& b) {
    leave_rejected(found, a, b);
    for (const RuleResult::Left& left : found.left_a)
        result_.reasons_a[left.row] = std::max(result_.reasons_a[left.row], left.reason);
    for (const RuleResult::Left& left : found.left_b)
        result_.reasons_b[left.row] = std::max(result_.reasons_b[left.row], left.reason);
    bool never_approve = plan.rule->ambiguous == rule::Ambiguous::propose;
    for (const Pair& pair : found.pairs) {
        bool approved = pair.confidence >= plan.approve_at && !(pair.ambiguous && never_approve);
        result_.matches.push_back(
            {number, pair.a, pair.b, pair.confidence, pair.ambiguous, approved});
        result_.matched_a[pair.a] = result_.matched_b[pair.b] = 1;
    }
    take_groups(found, plan, number);
    result_.gaps[number].add(found.gap);
    uncompared_ += found.uncompared;
}

void Run::take_groups(const RuleResult& found, const Plan& plan, std::uint32_t number) {
    held_.take(found.groups.size() * sizeof(GroupMatch) +
               found.group_rows.size() * sizeof(std::uint32_t));
    auto offset = static_cast<std::uint32_t>(result_.group_rows.size());
    bool never_approve = plan.rule->ambiguous == rule::Ambiguous::propose;
    for (const RuleResult::Group& group : found.groups) {
        GroupMatch match;
        match.rule = number;
        match.first_a = offset + group.first_a;
        match.last_a = offset + group.last_a;
        match.first_b = offset + group.first_b;
        match.last_b = offset + group.last_b;
        match.sum_a = {group.sum_a, found.scale};
        match.sum_b = {group.sum_b, found.scale};
        match.fees = {group.fees, found.scale};
        match.confidence = static_cast<std::uint32_t>(group.confidence);
        match.ambiguous = group.ambiguous;
        match.approved = group.confidence >= plan.approve_at && !(group.ambiguous && never_approve);
        for (std::uint32_t i = group.first_a; i < group.last_a; ++i)
            result_.matched_a[found.group_rows[i]] = 1;
        for (std::uint32_t i = group.first_b; i < group.last_b; ++i)
            result_.matched_b[found.group_rows[i]] = 1;
        result_.groups.push_back(match);
    }
    result_.group_rows.insert(result_.group_rows.end(), found.group_rows.begin(),
                              found.group_rows.end());
    matched_ += found.group_rows.size();
}

// Each row of A has one match: where memory is there, its place follows from counting.
void Run::sort_by_a(std::span<Match> matches) const {
    auto by_a = [](const Match& x, const Match& y) { return x.a < y.a; };
    if (std::is_sorted(matches.begin(), matches.end(), by_a)) return;
    std::size_t rows = result_.matched_a.size();
    MemoryBudget& budget = context_.budget;
    std::size_t needed = rows * sizeof(std::uint32_t) + matches.size() * sizeof(Match);
    if (rows / 16 > matches.size() ||
        needed > budget.limit() - std::min(budget.used(), budget.limit())) {
        std::sort(matches.begin(), matches.end(), by_a);
        return;
    }
    Reservation memory(budget);
    memory.take(needed);
    constexpr std::uint32_t none = 0xFFFFFFFFu;
    std::vector<std::uint32_t> found(rows, none);
    std::vector<Match> before(matches.begin(), matches.end());
    for (std::uint32_t i = 0; i < before.size(); ++i) found[before[i].a] = i;
    auto to = matches.begin();
    for (std::uint32_t i : found)
        if (i != none) *to++ = before[i];
}

void Run::finish_rule(std::uint32_t number) {
    if (uncompared_ > 0) result_.uncompared.push_back({number, uncompared_});
    uncompared_ = 0;
    sort_by_a(std::span(result_.matches).subspan(first_));
    first_ = result_.matches.size();
    std::sort(result_.groups.begin() + static_cast<std::ptrdiff_t>(first_group_),
              result_.groups.end(), [&](const GroupMatch& x, const GroupMatch& y) {
                  return result_.group_rows[x.first_a] < result_.group_rows[y.first_a];
              });
    first_group_ = result_.groups.size();
    context_.progress.matched(2 * result_.matches.size() + matched_);
}

// All rules are bound before any runs, so that a fault in the last costs no work.
void check_rules(const Table& a, const Table& b, const std::vector<rule::Rule>& rules,
                 Context& context) {
    for (const rule::Rule& rule : rules) make_plan(a, b, rule, context.calendars);
}

void begin_rule(std::uint32_t number, std::size_t rules, Context& context) {
    check_stop(context.stop);
    context.progress.rule(number + 1, static_cast<std::uint32_t>(rules));
}

}  // namespace

const char* reason_text(Reason reason) {
    switch (reason) {
        case Reason::no_candidate:
            return "no candidate";
        case Reason::rejected:
            return "match rejected";
        case Reason::below_threshold:
            return "below threshold";
        case Reason::budget:
            return "budget";
        case Reason::ambiguous:
            return "ambiguous";
        case Reason::taken_by_better:
            return "taken by a better match";
    }
    return "";
}

void Gap::add(const Gap& other) {
    components += other.components;
    candidates += other.candidates;
    value += other.value;
    bound += other.bound;
}

Result run(const Table& a, const Table& b, const std::vector<rule::Rule>& rules, Context& context) {
    check_rules(a, b, rules, context);
    Run state(a.rows(), b.rows(), rules, context);
    for (std::uint32_t i = 0; i < rules.size(); ++i) {
        begin_rule(i, rules.size(), context);
        state.apply_in_memory(a, b, i);
        state.finish_rule(i);
    }
    return state.take_result();
}

Result run(WorkingSet& set, const std::vector<rule::Rule>& rules, Context& context) {
    auto texts = std::make_shared<Texts>();
    check_rules(set.a.shape(texts), set.b.shape(texts), rules, context);
    Run state(set.a.size(), set.b.size(), rules, context);
    for (std::uint32_t i = 0; i < rules.size(); ++i) {
        begin_rule(i, rules.size(), context);
        bool done = false;
        if (set.in_memory()) {
            // Where what a rule needs beside the records does not fit, parts of them may do.
            try {
                state.apply_in_memory(set.a.table(), set.b.table(), i);
                done = true;
            } catch (const Error& error) {
                if (std::string_view(error.code()) != sqlstate::configuration_limit_exceeded) throw;
                set.move_to_files(context.stop);
            }
        }
        if (!done) state.apply_in_files(set, i);
        state.finish_rule(i);
    }
    return state.take_result();
}

}  // namespace recon::match
