#include "core/match/group/solver.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace recon::match::group {

namespace {

// Up to so many sets of a record are listed for packing, and so many steps spent on it; more than
// about so many are not tried to be listed.
constexpr std::uint64_t most_listed = 512, listing_steps = 1 << 13;
constexpr double most_expected = 8;
// Records that are packed together, and steps spent on it.
constexpr std::size_t most_packed = 256;
constexpr std::uint64_t packing_steps = 1 << 15;

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
    if (states_.size() < singles.size()) {
        states_.resize(singles.size());
        listings_.resize(singles.size());
    }
    memory_.give(std::exchange(listing_bytes_, 0));
    for (std::size_t s = 0; s < singles.size(); ++s) {
        State& state = states_[s];
        state.verdict = Verdict::none;
        state.asked = state.had_set = state.below = false;
        state.steps = 0;
        state.sets = 0;
        Listing& listing = listings_[s];
        listing.is_listed = listing.is_packed = false;
        listing.too_many = 0;
    }
    begins_.assign(members.size() + 2, 0);
    for (const Offer& offer : problem_->offers) ++begins_[offer.member + 2];
    for (std::size_t i = 2; i < begins_.size(); ++i) begins_[i] += begins_[i - 1];
    users_.resize(problem_->offers.size());
    for (std::uint32_t s = 0; s < singles.size(); ++s)
        for (const Offer& offer : problem_->of(singles[s])) users_[begins_[offer.member + 1]++] = s;
    wanted_.resize(members.size());
}

void Solver::ask(std::uint32_t single) {
    State& state = states_[single];
    std::uint64_t left = steps_ > state.steps ? steps_ - state.steps : 0;
    finder_.find(*problem_, problem_->singles[single], solution_->members_left, 2, left, sets_);
    state.steps += sets_.steps;
    state.asked = true;
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
            listings_[users_[u]].is_listed = listings_[users_[u]].is_packed = false;
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
    std::fill(wanted_.begin(), wanted_.end(), Wanted{});
    auto is_only = [&](std::uint32_t s) {
        return solution_->singles_left[s] > 0 && states_[s].verdict == Verdict::one;
    };
    for (std::uint32_t s = 0; s < problem_->singles.size(); ++s) {
        if (!is_only(s)) continue;
        std::uint32_t times = times_left(s, states_[s].set[0].parts);
        for (const SetPart& part : states_[s].set[0].parts) {
            Wanted& wanted = wanted_[part.member];
            wanted.records += std::uint64_t{part.count} * times;
            wanted.second =
                std::max(wanted.second, std::min(wanted.best, states_[s].set[0].confidence));
            wanted.best = std::max(wanted.best, states_[s].set[0].confidence);
        }
    }
    // What is left as the round begins decides, not what others of it have taken.
    std::vector<std::uint32_t> made;
    for (std::uint32_t s = 0; s < problem_->singles.size(); ++s) {
        if (!is_only(s)) continue;
        const std::vector<SetPart>& parts = states_[s].set[0].parts;
        if (std::all_of(parts.begin(), parts.end(), [&](const SetPart& part) {
                const Wanted& wanted = wanted_[part.member];
                return wanted.records <= solution_->members_left[part.member] ||
                       states_[s].set[0].confidence > wanted.second;
            }))
            made.push_back(s);
    }
    for (std::uint32_t s : made) {
        const auto set = states_[s].set[0];
        make(s, set.parts, times_left(s, set.parts), set.sum, set.confidence);
    }
    return !made.empty();
}

std::uint32_t Solver::records_left(const Single& single) const {
    std::uint32_t records = 0;
    for (const Offer& offer : problem_->of(single))
        records += solution_->members_left[offer.member];
    return records;
}

// With a few members less there are still too many sets.
void Solver::list(std::uint32_t single) {
    State& state = states_[single];
    Listing& listing = listings_[single];
    std::uint32_t records = records_left(problem_->singles[single]);
    if (listing.too_many != 0 && records > listing.too_many / 8 * 7) return;
    if (finder_.expect(*problem_, problem_->singles[single], solution_->members_left) >
        most_expected) {
        listing.too_many = records;
        return;
    }
    std::uint64_t left = steps_ > state.steps ? steps_ - state.steps : 0;
    finder_.find(*problem_, problem_->singles[single], solution_->members_left, most_listed,
                 std::min(left, listing_steps), sets_);
    state.steps += sets_.steps;
    listing.is_listed = sets_.complete;
    listing.too_many = sets_.complete ? 0 : records;
    if (!sets_.complete) return;
    std::size_t bytes = sets_.list.size() * (sizeof(Sets::Set) + sizeof(options_[0])) +
                        sets_.parts.size() * sizeof(SetPart);
    memory_.take(bytes);
    listing_bytes_ += bytes;
    listing.sets = sets_;
}

// Lists the sets of all that have several, or one that others want, and packs those together that
// have members in common.
bool Solver::pack() {
    listed_.clear();
    for (std::uint32_t s = 0; s < problem_->singles.size(); ++s) {
        const State& state = states_[s];
        if (solution_->singles_left[s] == 0 ||
            (state.verdict != Verdict::several && state.verdict != Verdict::one))
            continue;
        if (!listings_[s].is_listed) list(s);
        if (listings_[s].is_listed) listed_.push_back(s);
    }
    if (listed_.empty()) return false;
    root_.resize(problem_->members.size());
    std::iota(root_.begin(), root_.end(), 0u);
    auto find = [&](std::uint32_t member) {
        while (root_[member] != member) member = root_[member] = root_[root_[member]];
        return member;
    };
    for (std::uint32_t s : listed_)
        for (const SetPart& part : listings_[s].sets.parts)
            root_[find(part.member)] = find(listings_[s].sets.parts[0].member);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> by_root;
    for (std::uint32_t s : listed_) by_root.push_back({find(listings_[s].sets.parts[0].member), s});
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
    if (cluster.size() == 1 && solution_->singles_left[cluster[0]] == 1) return false;
    bool as_before = true;
    std::size_t records = 0;
    for (std::uint32_t s : cluster) {
        as_before = listings_[s].is_packed && as_before;
        listings_[s].is_packed = true;
        records += solution_->singles_left[s];
    }
    if (as_before || records > most_packed) return false;
    units_.clear();
    options_.clear();
    std::uint64_t steps = 0;
    for (std::uint32_t s : cluster) {
        const Sets& sets = listings_[s].sets;
        auto first = static_cast<std::uint32_t>(options_.size());
        for (const Sets::Set& set : sets.list) options_.push_back(sets.of(set));
        units_.push_back(
            {solution_->singles_left[s], first, static_cast<std::uint32_t>(options_.size())});
        steps += steps_ > states_[s].steps ? steps_ - states_[s].steps : 0;
    }
    steps = std::min(steps, packing_steps);
    bool solved = packing_.solve(units_, options_, solution_->members_left, steps, packed_);
    for (std::uint32_t s : cluster) states_[s].steps += packing_.spent() / cluster.size();
    if (!solved) return false;
    bool made = false;
    for (const Packed& packed : packed_) {
        if (!packed.certain) continue;
        const std::uint32_t single = cluster[packed.unit];
        const Sets& sets = listings_[single].sets;
        const Sets::Set& set = sets.list[packed.option - units_[packed.unit].first];
        make(single, sets.of(set), packed.times, set.sum, set.confidence);
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
        auto is_like = [&](std::uint32_t x, std::uint32_t y) {
            return problem_->members[x].value == problem_->members[y].value &&
                   problem_->members[x].same == problem_->members[y].same;
        };
        auto raise = [&](std::uint32_t member) {
            solution_->members[member] = std::max(solution_->members[member], reason);
        };
        // Whichever of equal ones the sets at hand have.
        if (reason == Reason::ambiguous)
            for (std::uint32_t k = 0; k < state.sets; ++k)
                for (const SetPart& part : state.set[k].parts)
                    for (const Offer& offer : problem_->of(problem_->singles[s]))
                        if (is_like(offer.member, part.member)) raise(offer.member);
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
