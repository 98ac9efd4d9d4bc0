#include "core/match/group/packing.hpp"

#include <algorithm>

namespace recon::match::group {

bool Packing::fits(std::uint32_t option) const {
    for (const SetPart& part : options_[option].parts)
        if ((*left_)[part.member] < part.count) return false;
    return true;
}

void Packing::use(std::uint32_t option, bool back) {
    for (const SetPart& part : options_[option].parts) {
        std::uint32_t& left = (*left_)[part.member];
        left = back ? left + part.count : left - part.count;
    }
    times_[option] += back ? -1u : 1u;
}

bool Packing::may_use(std::size_t unit, std::uint32_t option) const {
    return (unit != limits_.unit || option != limits_.option ||
            times_[option] < limits_.most_times) &&
           fits(option);
}

bool Packing::better(const Value& value) const {
    if (limits_.by_records) return value.records > best_.records;
    return value > best_;
}

// Decides the open records; true ends the search.
bool Packing::improve(Value value) {
    Value most = value;
    std::size_t next = units_.size();
    std::uint32_t fewest = 0xFFFFFFFFu;
    for (std::size_t u = 0; u < units_.size(); ++u) {
        State& state = states_[u];
        if (state.open == 0) continue;
        std::uint32_t options = 0;
        for (std::uint32_t o = state.next; o < units_[u].last && options < fewest; ++o)
            options += may_use(u, o) ? 1 : 0;
        std::uint64_t looked_at = units_[u].last - state.next + 1;
        spent_ += looked_at;
        stop_(looked_at);
        if (options == 0) continue;
        std::uint32_t open = state.open;
        if (u == limits_.unit)
            open = std::min(open,
                            limits_.most_matched - std::min(limits_.most_matched, state.matched));
        most.records += open;
        most.confidence += most_confidence_[u] * open;
        if (options < fewest) {
            fewest = options;
            next = u;
        }
    }
    if (spent_ >= steps_) {
        exhausted_ = true;
        return true;
    }
    if (!better(most)) return false;
    if (next == units_.size()) {
        if (limits_.unit < units_.size() && states_[limits_.unit].matched < limits_.least_matched)
            return false;
        best_ = value;
        best_times_ = times_;
        found_ = true;
        return first_ends_;
    }
    State before = states_[next];
    if (next != limits_.unit || before.matched < limits_.most_matched) {
        for (std::uint32_t o = before.next; o < units_[next].last; ++o) {
            if (!may_use(next, o)) continue;
            use(o, false);
            states_[next] = {before.open - 1, before.matched + 1, o};
            bool ends = improve({value.records + 1, value.confidence + options_[o].confidence});
            use(o, true);
            states_[next] = before;
            if (ends) return true;
        }
    }
    states_[next].open = 0;
    bool ends = improve(value);
    states_[next] = before;
    return ends;
}

// A packing within the limits that is at least as good as the goal.
bool Packing::exists(const Value& goal, const Limits& limits) {
    limits_ = limits;
    best_ = goal;
    // Just worse, so that the goal itself is better.
    if (limits.by_records)
        --best_.records;
    else
        --best_.confidence;
    found_ = false;
    first_ends_ = true;
    improve({});
    return found_;
}

bool Packing::solve(std::span<const PackingUnit> units, std::span<const PackingOption> options,
                    std::vector<std::uint32_t>& left, std::uint64_t steps,
                    std::vector<Packed>& packed) {
    units_ = units;
    options_ = options;
    left_ = &left;
    spent_ = 0;
    steps_ = steps;
    exhausted_ = false;
    packed.clear();
    states_.clear();
    most_confidence_.clear();
    for (const PackingUnit& unit : units) {
        states_.push_back({unit.records, 0, unit.first});
        Billionths most = 0;
        for (std::uint32_t o = unit.first; o < unit.last; ++o)
            most = std::max(most, options[o].confidence);
        most_confidence_.push_back(most);
    }
    times_.assign(options.size(), 0);
    limits_ = {};
    best_ = {};
    found_ = first_ends_ = false;
    improve({});
    if (exhausted_) return false;
    const Value best = best_;
    const std::vector<std::uint32_t> times = best_times_;
    if (!found_) return true;
    for (std::uint32_t u = 0; u < units.size(); ++u) {
        std::uint32_t matched = 0;
        for (std::uint32_t o = units[u].first; o < units[u].last; ++o) matched += times[o];
        for (std::uint32_t o = units[u].first; o < units[u].last; ++o) {
            if (times[o] == 0) continue;
            Limits other;
            other.unit = u;
            other.option = o;
            other.most_times = times[o] - 1;
            other.least_matched = matched;
            other.by_records = true;
            Limits fewer;
            fewer.unit = u;
            fewer.most_times = 0xFFFFFFFFu;
            fewer.most_matched = matched - 1;
            bool certain = !exists(best, other) && !exhausted_ && !exists(best, fewer);
            if (exhausted_) return false;
            packed.push_back({u, o, times[o], certain});
        }
    }
    return true;
}

}  // namespace recon::match::group
