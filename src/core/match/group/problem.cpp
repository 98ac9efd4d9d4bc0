#include "core/match/group/problem.hpp"

#include <algorithm>
#include <numeric>

#include "core/match/operands.hpp"

namespace recon::match::group {

namespace {

std::uint64_t hash_of(field::int128 value, std::uint32_t records, std::uint32_t kind) {
    return hash_word(hash_word(std::uint64_t{kind} << 32 | records, value), std::uint64_t{records});
}

}  // namespace

// Numbers what members share by the members that share it.
void Ordering::order_same(Problem& problem) {
    same_.clear();
    for (std::size_t m = 0; m < problem.members.size(); ++m) {
        const MemberClass& member = problem.members[m];
        if (member.same != 0 && member.same != shares_nothing)
            same_.push_back({member.same, hash_word(of_member_[m], member.value) + member.records});
    }
    if (same_.empty()) return;
    std::sort(same_.begin(), same_.end());
    std::size_t kept = 0;
    for (std::size_t i = 0; i < same_.size(); ++i) {
        if (kept > 0 && same_[kept - 1].first == same_[i].first)
            same_[kept - 1].second += same_[i].second;
        else
            same_[kept++] = same_[i];
    }
    same_.resize(kept);
    places_.resize(kept);
    std::iota(places_.begin(), places_.end(), 0u);
    std::sort(places_.begin(), places_.end(), [&](std::uint32_t x, std::uint32_t y) {
        return std::pair(same_[x].second, x) < std::pair(same_[y].second, y);
    });
    for (std::uint32_t place = 0; place < kept; ++place) same_[places_[place]].second = place + 1;
    for (MemberClass& member : problem.members)
        if (member.same != 0 && member.same != shares_nothing)
            member.same = static_cast<std::uint32_t>(
                std::lower_bound(same_.begin(), same_.end(),
                                 std::pair(member.same, std::uint64_t{0}))
                    ->second);
}

// Kinds by their scores.
void Ordering::order_kinds(Problem& problem, const ScoreTable& scores, WorkCheck& stop) {
    std::vector<std::uint32_t>& kinds = problem.kinds;
    kinds.clear();
    for (const Offer& offer : problem.offers) {
        stop(1);
        if (kinds.empty() || kinds.back() != offer.kind) kinds.push_back(offer.kind);
    }
    std::sort(kinds.begin(), kinds.end());
    kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
    std::vector<std::uint32_t>& numbers = kind_numbers_;
    numbers = kinds;
    std::sort(kinds.begin(), kinds.end(), [&](std::uint32_t x, std::uint32_t y) {
        std::span<const double> a = scores.of(x), b = scores.of(y);
        return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
    });
    auto place_of = [&](std::uint32_t number) {
        return static_cast<std::size_t>(std::lower_bound(numbers.begin(), numbers.end(), number) -
                                        numbers.begin());
    };
    places_.resize(kinds.size());
    for (std::uint32_t i = 0; i < kinds.size(); ++i) places_[place_of(kinds[i])] = i;
    for (Offer& offer : problem.offers) {
        stop(1);
        offer.kind = places_[place_of(offer.kind)];
    }
}

// Members of one value are told apart by the amounts that they can be added up to, and with what
// scores: a round of colour refinement (B. Weisfeiler and A. Leman, 1968).
void Ordering::refine(const Problem& problem, WorkCheck& stop) {
    for (std::size_t s = 0; s < problem.singles.size(); ++s) {
        const Single& single = problem.singles[s];
        for (const Offer& offer : problem.of(single)) {
            stop(1);
            const MemberClass& member = problem.members[offer.member];
            of_member_[offer.member] += hash_of(single.amount, single.records, offer.kind);
            of_single_[s] += hash_of(member.value, member.records, offer.kind);
        }
    }
}

bool Ordering::sort_keys(std::vector<Key>& keys) {
    std::sort(keys.begin(), keys.end(), [](const Key& x, const Key& y) {
        if (x.same != y.same) return x.same < y.same;
        if (x.value != y.value) return x.value < y.value;
        if (x.records != y.records) return x.records < y.records;
        return x.refined != y.refined ? x.refined < y.refined : x.at < y.at;
    });
    return std::adjacent_find(keys.begin(), keys.end(), [](const Key& x, const Key& y) {
               return x.same == y.same && x.value == y.value && x.records == y.records;
           }) == keys.end();
}

bool Ordering::sort_all(const Problem& problem) {
    keys_of_singles_.clear();
    for (std::uint32_t s = 0; s < problem.singles.size(); ++s)
        keys_of_singles_.push_back(
            {problem.singles[s].amount, of_single_[s], 0, problem.singles[s].records, s});
    keys_of_members_.clear();
    for (std::uint32_t m = 0; m < problem.members.size(); ++m) {
        const MemberClass& member = problem.members[m];
        keys_of_members_.push_back({member.value, of_member_[m], member.same, member.records, m});
    }
    bool told_apart = sort_keys(keys_of_singles_);
    return sort_keys(keys_of_members_) && told_apart;
}

void Ordering::order(Problem& problem, const ScoreTable& scores, StopToken& token) {
    WorkCheck stop(token);
    order_kinds(problem, scores, stop);
    of_single_.assign(problem.singles.size(), 0);
    of_member_.assign(problem.members.size(), 0);
    bool shares = std::any_of(problem.members.begin(), problem.members.end(),
                              [](const MemberClass& member) { return member.same != 0; });
    if (shares || !sort_all(problem)) {
        refine(problem, stop);
        order_same(problem);
        sort_all(problem);
    }
    singles.clear();
    members.clear();
    for (const Key& key : keys_of_singles_) singles.push_back(key.at);
    for (const Key& key : keys_of_members_) members.push_back(key.at);

    places_.resize(members.size());
    sorted_.members.clear();
    for (std::uint32_t place = 0; place < members.size(); ++place) {
        places_[members[place]] = place;
        sorted_.members.push_back(problem.members[members[place]]);
    }
    sorted_.singles.clear();
    sorted_.offers.clear();
    for (std::uint32_t s : singles) {
        Single single = problem.singles[s];
        stop(single.last - single.first);
        auto first = static_cast<std::uint32_t>(sorted_.offers.size());
        for (const Offer& offer : problem.of(single))
            sorted_.offers.push_back({places_[offer.member], offer.kind});
        single.first = first;
        single.last = static_cast<std::uint32_t>(sorted_.offers.size());
        std::sort(sorted_.offers.begin() + first, sorted_.offers.end(),
                  [](const Offer& x, const Offer& y) { return x.member < y.member; });
        sorted_.singles.push_back(single);
    }
    std::swap(problem.singles, sorted_.singles);
    std::swap(problem.members, sorted_.members);
    std::swap(problem.offers, sorted_.offers);
}

}  // namespace recon::match::group
