#include "core/match/group/solver.hpp"

#include <algorithm>
#include <numeric>

namespace recon::match::group {

namespace {

// Up to so many sets of a record are listed for packing, and so many steps spent on it.
constexpr std::uint64_t most_listed = 512, listing_steps = 1 << 15;
// Records that are packed together.
constexpr std::size_t most_packed = 256;

}  // namespace

bool Solver::is_left(std::span<const SetPart> parts) const {
    for (const SetPart& part : parts)
        if (solution_->members_left[part.member] < part.count) return false;
    return true;
}

std::uint32_t Solver::times_left(std::uint32_t single, std::span<const SetPart> parts) const {
    std::uint32_t times = solution_->singles_left[single];
    for (const SetPart& part : parts)
        times = std::min(times, solution_->members_left[part.member] / part.count);
    return times;
}

void Solver::begin() {
    const std::vector<Single>& singles = problem_->singles;
    const std::vector<MemberClass>& members = problem_->members;
    std::size_t needed = singles.size() * (sizeof(State) + 2 * 16 * sizeof(SetPart)) +
                         members.size() * 32 + problem_->offers.size() * sizeof(std::uint32_t);
    if (needed > held_) {
        memory_.take(needed - held_);
        held_ = needed;
    }
    solution_->solved.clear();
    solution_->parts.clear();
    solution_->singles_left.clear();
    solution_->members_left.clear();
    for (const Single& single : singles) solution_->singles_left.push_back(single.records);
    for (const MemberClass& member : members) solution_->members_left.push_back(member.records);
    if (states_.size() < singles.size()) states_.resize(singles.size());
    for (std::size_t s = 0; s < singles.size(); ++s) {
        State& state = states_[s];
        state.verdict = Verdict::none;
        state.asked = state.had_set = state.below = state.too_many = false;
        state.steps = 0;
        state.sets = 0;
    }
    begins_.assign(members.size() + 2, 0);
    for (const Offer& offer : problem_->offers) ++begins_[offer.member + 2];
    for (std::size_t i = 2; i < begins_.size(); ++i) begins_[i] += begins_[i - 1];
    users_.resize(problem_->offers.size());
    for (std::uint32_t s = 0; s < singles.size(); ++s)
        for (const Offer& offer : problem_->of(singles[s])) users_[begins_[offer.member + 1]++] = s;
    wanted_.resize(members.size());
    wanted_by_.resize(members.size());
}

void Solver::ask(std::uint32_t single) {
    State& state = states_[single];
    std::uint64_t left = steps_ > state.steps ? steps_ - state.steps : 0;
    finder_.find(*problem_, problem_->singles[single], solution_->members_left, 2, left, sets_);
    state.steps += sets_.steps;
    state.asked = true;
    state.too_many = false;
    state.verdict = sets_.verdict();
    state.below = state.below || sets_.below;
    state.had_set = state.had_set || sets_.count > 0;
    state.sets = 0;
    for (const Sets::Set& set : sets_.list) {
        if (state.sets == 2) break;
        auto& kept = state.set[state.sets++];
        std::span<const SetPart> parts = sets_.of(set);
        kept.parts.assign(parts.begin(), parts.end());
        kept.sum = set.sum;
        kept.confidence = set.confidence;
    }
}

// What has become of the records since: less is left, so fewer sets fit.
void Solver::ask() {
    for (std::uint32_t s = 0; s < problem_->singles.size(); ++s) {
        stop_(1);
        State& state = states_[s];
        if (solution_->singles_left[s] == 0 || state.asked) continue;
        ask(s);
    }
}

void Solver::make(std::uint32_t single, std::span<const SetPart> parts, std::uint32_t times,
                  field::int128 sum, Billionths confidence) {
    auto first = static_cast<std::uint32_t>(solution_->parts.size());
    solution_->parts.insert(solution_->parts.end(), parts.begin(), parts.end());
    solution_->solved.push_back({single, times, first,
                                 static_cast<std::uint32_t>(solution_->parts.size()), sum,
                                 confidence});
    solution_->singles_left[single] -= times;
    for (std::uint32_t i = first; i < solution_->parts.size(); ++i) {
        const SetPart part = solution_->parts[i];
        solution_->members_left[part.member] -= part.count * times;
        for (std::uint32_t u = begins_[part.member]; u < begins_[part.member + 1]; ++u) {
            State& state = states_[users_[u]];
            state.too_many = false;
            // A record that had no set gets none; two that are still there are still several.
            if (state.verdict == Verdict::none) continue;
            bool as_before = state.verdict != Verdict::budget;
            for (std::uint32_t k = 0; k < state.sets; ++k)
                as_before = as_before && is_left(state.set[k].parts);
            state.asked = state.asked && as_before;
        }
    }
}

bool Solver::make_only_answers() {
    std::fill(wanted_.begin(), wanted_.end(), 0);
    std::fill(wanted_by_.begin(), wanted_by_.end(), 0);
    auto is_only = [&](std::uint32_t s) {
        return solution_->singles_left[s] > 0 && states_[s].verdict == Verdict::one;
    };
    for (std::uint32_t s = 0; s < problem_->singles.size(); ++s) {
        if (!is_only(s)) continue;
        std::uint32_t times = times_left(s, states_[s].set[0].parts);
        for (const SetPart& part : states_[s].set[0].parts) {
            wanted_[part.member] += std::uint64_t{part.count} * times;
            ++wanted_by_[part.member];
        }
    }
    // What is left as the round begins decides, not what others of it have taken.
    std::vector<std::uint32_t> made;
    for (std::uint32_t s = 0; s < problem_->singles.size(); ++s) {
        if (!is_only(s)) continue;
        const std::vector<SetPart>& parts = states_[s].set[0].parts;
        if (std::all_of(parts.begin(), parts.end(), [&](const SetPart& part) {
                return wanted_by_[part.member] == 1 ||
                       wanted_[part.member] <= solution_->members_left[part.member];
            }))
            made.push_back(s);
    }
    for (std::uint32_t s : made) {
        const auto set = states_[s].set[0];
        make(s, set.parts, times_left(s, set.parts), set.sum, set.confidence);
    }
    return !made.empty();
}

// Lists the sets of all that have several, or one that others want, and packs those together that
// have members in common.
bool Solver::pack() {
    listed_.clear();
    std::size_t bytes = 0;
    for (std::uint32_t s = 0; s < problem_->singles.size(); ++s) {
        State& state = states_[s];
        if (solution_->singles_left[s] == 0 || state.too_many ||
            (state.verdict != Verdict::several && state.verdict != Verdict::one))
            continue;
        std::uint64_t left = steps_ > state.steps ? steps_ - state.steps : 0;
        finder_.find(*problem_, problem_->singles[s], solution_->members_left, most_listed,
                     std::min(left, listing_steps), sets_);
        state.steps += sets_.steps;
        if (!sets_.complete) {
            state.too_many = true;
            continue;
        }
        bytes += sizeof(Listed) + sets_.list.size() * (sizeof(Sets::Set) + sizeof(PackingOption)) +
                 sets_.parts.size() * sizeof(SetPart);
        listed_.push_back({s, sets_});
    }
    if (listed_.empty()) return false;
    Reservation memory(memory_.budget());
    memory.take(bytes);
    root_.resize(problem_->members.size());
    std::iota(root_.begin(), root_.end(), 0u);
    auto find = [&](std::uint32_t member) {
        while (root_[member] != member) member = root_[member] = root_[root_[member]];
        return member;
    };
    for (const Listed& listed : listed_)
        for (const SetPart& part : listed.sets.parts)
            root_[find(part.member)] = find(listed.sets.parts[0].member);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> by_root;
    for (std::uint32_t i = 0; i < listed_.size(); ++i)
        by_root.push_back({find(listed_[i].sets.parts[0].member), i});
    std::sort(by_root.begin(), by_root.end());
    bool made = false;
    std::vector<std::uint32_t> cluster;
    for (std::size_t i = 0; i < by_root.size(); ++i) {
        cluster.push_back(by_root[i].second);
        if (i + 1 < by_root.size() && by_root[i + 1].first == by_root[i].first) continue;
        made = pack(cluster) || made;
        cluster.clear();
    }
    return made;
}

bool Solver::pack(std::span<const std::uint32_t> cluster) {
    // Alone, several sets stay several.
    if (cluster.size() == 1 && solution_->singles_left[listed_[cluster[0]].single] == 1)
        return false;
    units_.clear();
    options_.clear();
    std::size_t records = 0;
    std::uint64_t steps = 0;
    for (std::uint32_t i : cluster) {
        const Listed& listed = listed_[i];
        std::uint32_t left = solution_->singles_left[listed.single];
        records += left;
        auto first = static_cast<std::uint32_t>(options_.size());
        for (const Sets::Set& set : listed.sets.list)
            options_.push_back({listed.sets.of(set), set.confidence});
        units_.push_back({left, first, static_cast<std::uint32_t>(options_.size())});
        std::uint64_t spent = states_[listed.single].steps;
        steps += steps_ > spent ? steps_ - spent : 0;
    }
    if (records > most_packed) return false;
    steps = std::min(steps, steps_);
    bool solved = packing_.solve(units_, options_, solution_->members_left, steps, packed_);
    for (std::uint32_t i : cluster)
        states_[listed_[i].single].steps += packing_.spent() / cluster.size();
    if (!solved) return false;
    bool made = false;
    for (const Packed& packed : packed_) {
        if (!packed.certain) continue;
        const Sets& sets = listed_[cluster[packed.unit]].sets;
        const Sets::Set& set = sets.list[packed.option - units_[packed.unit].first];
        make(listed_[cluster[packed.unit]].single, sets.of(set), packed.times, set.sum,
             set.confidence);
        made = true;
    }
    return made;
}

void Solver::give_reasons() {
    solution_->singles.assign(problem_->singles.size(), Reason::no_candidate);
    solution_->members.assign(problem_->members.size(), Reason::no_candidate);
    for (std::uint32_t s = 0; s < problem_->singles.size(); ++s) {
        const State& state = states_[s];
        Reason& reason = solution_->singles[s];
        if (state.verdict == Verdict::budget)
            reason = Reason::budget;
        else if (state.verdict != Verdict::none)
            reason = Reason::ambiguous;
        else if (state.had_set)
            reason = Reason::taken_by_better;
        else if (state.below)
            reason = Reason::below_threshold;
        if (solution_->singles_left[s] == 0) continue;
        auto raise = [&](std::uint32_t member) {
            solution_->members[member] = std::max(solution_->members[member], reason);
        };
        if (reason == Reason::ambiguous)
            for (std::uint32_t k = 0; k < state.sets; ++k)
                for (const SetPart& part : state.set[k].parts) raise(part.member);
        if (reason == Reason::budget)
            for (const Offer& offer : problem_->of(problem_->singles[s])) raise(offer.member);
    }
}

void Solver::solve(const Problem& problem, Solution& solution) {
    problem_ = &problem;
    solution_ = &solution;
    begin();
    if (keyed_ && problem.singles.size() == 1 && problem.singles[0].records == 1 &&
        finder_.find_whole(problem, problem.singles[0], solution.members_left, sets_)) {
        const Sets::Set& set = sets_.list[0];
        make(0, sets_.of(set), 1, set.sum, set.confidence);
    }
    do {
        do {
            ask();
        } while (make_only_answers());
    } while (pack());
    give_reasons();
}

}  // namespace recon::match::group
