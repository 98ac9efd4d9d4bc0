#include "core/match/group/packing.hpp"

#include <algorithm>

namespace recon::match::group {

namespace {

constexpr std::uint32_t no_option = 0xFFFFFFFFu;

}  // namespace

bool Packing::fits(std::uint32_t option) const {
    if (option == rare_ && times_[option] == most_times_) return false;
    for (const SetPart& part : options_[option])
        if ((*left_)[part.member] < part.count) return false;
    return true;
}

bool Packing::take(std::uint32_t unit, std::uint32_t option) {
    const State before = states_[unit];
    for (const SetPart& part : options_[option]) (*left_)[part.member] -= part.count;
    ++times_[option];
    states_[unit] = {before.open - 1, option};
    bool done = complete();
    states_[unit] = before;
    --times_[option];
    for (const SetPart& part : options_[option]) (*left_)[part.member] += part.count;
    return done;
}

// True where the open records can get their sets, which are in found_ then.
bool Packing::complete() {
    std::uint32_t next = no_option, fewest = no_option;
    for (std::uint32_t u = 0; u < units_.size(); ++u) {
        const State& state = states_[u];
        if (state.open == 0) continue;
        std::uint32_t options = 0;
        for (std::uint32_t o = state.next; o < units_[u].last && options < fewest; ++o)
            options += fits(o) ? 1 : 0;
        std::uint64_t looked_at = units_[u].last - state.next + 1;
        spent_ += looked_at;
        stop_(looked_at);
        if (options == 0) return false;
        if (options < fewest) {
            fewest = options;
            next = u;
        }
    }
    if (next == no_option) {
        found_ = times_;
        return true;
    }
    for (std::uint32_t o = states_[next].next; o < units_[next].last; ++o) {
        if (spent_ >= steps_) exhausted_ = true;
        if (exhausted_) return false;
        if (fits(o) && take(next, o)) return true;
    }
    return false;
}

bool Packing::solve(std::span<const PackingUnit> units,
                    std::span<const std::span<const SetPart>> options,
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
    for (const PackingUnit& unit : units) states_.push_back({unit.records, unit.first});
    times_.assign(options.size(), 0);
    rare_ = no_option;
    if (!complete()) return false;
    const std::vector<std::uint32_t> times = found_;
    for (std::uint32_t u = 0; u < units.size(); ++u)
        for (std::uint32_t o = units[u].first; o < units[u].last; ++o) {
            if (times[o] == 0) continue;
            rare_ = o;
            most_times_ = times[o] - 1;
            bool certain = !complete();
            if (exhausted_) return false;
            packed.push_back({u, o, times[o], certain});
        }
    return true;
}

}  // namespace recon::match::group
