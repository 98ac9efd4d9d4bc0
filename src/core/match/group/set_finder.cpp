#include "core/match/group/set_finder.hpp"

#include <algorithm>
#include <cmath>

namespace recon::match::group {

// Weighs sums that are found, and lists them as sets of members.
class SetFinder::Collector final : public SumVisitor {
  public:
    Collector(SetFinder& finder, const Problem& problem, const Single& single, std::uint64_t most,
              Sets& sets)
        : finder_(finder), problem_(problem), single_(single), most_(most), sets_(sets) {
        keep();
    }

    // What is there now stays.
    void keep() {
        kept_list_ = sets_.list.size();
        kept_parts_ = sets_.parts.size();
        kept_count_ = sets_.count;
    }
    // A shorter walk may have found more before it was given up.
    void restart() override {
        best_ = std::max(best_, sets_.count);
        sets_.list.resize(kept_list_);
        sets_.parts.resize(kept_parts_);
        sets_.count = kept_count_;
    }
    std::uint64_t best() const { return std::max(best_, sets_.count); }

    bool visit(const Sum& sum) override {
        finder_.start_least();
        std::uint32_t currency = 0;
        for (const Part& part : sum.parts) {
            std::uint32_t offered = part.kind;
            if (finder_.mixes_currencies_) {
                const Kind& kind = finder_.kinds_[part.kind];
                if (currencies_differ(currency, kind.currency)) return true;
                currency = std::max(currency, kind.currency);
                offered = kind.offered;
            }
            finder_.add_least(problem_, offered);
        }
        Billionths confidence =
            finder_.weighing_.confidence(single_.amount, sum.value, finder_.least_);
        if (confidence < finder_.weighing_.threshold) {
            sets_.below = true;
            return true;
        }
        std::uint64_t room = most_ > sets_.count ? most_ - sets_.count : 0;
        current_.clear();
        list(sum, 0, 0, 0, confidence, room);
        sets_.count += sum.ways > most_ ? most_ : sum.ways;
        return sets_.count < most_;
    }

  private:
    // Each choice of members for the parts from `part` on; of that one, `taken` records are of
    // members before `next`.
    void list(const Sum& sum, std::size_t part, std::size_t next, std::uint32_t taken,
              Billionths confidence, std::uint64_t& room) {
        if (room == 0) return;
        if (part == sum.parts.size()) {
            auto first = static_cast<std::uint32_t>(sets_.parts.size());
            sets_.parts.insert(sets_.parts.end(), current_.begin(), current_.end());
            std::sort(sets_.parts.begin() + first, sets_.parts.end(),
                      [](const SetPart& x, const SetPart& y) { return x.member < y.member; });
            sets_.list.push_back(
                {first, static_cast<std::uint32_t>(sets_.parts.size()), sum.value, confidence});
            --room;
            return;
        }
        std::span<const std::uint32_t> members = finder_.search_.members(sum.parts[part].item);
        std::uint32_t wanted = sum.parts[part].count - taken;
        if (wanted == 0) return list(sum, part + 1, 0, 0, confidence, room);
        if (next == members.size()) return;
        const std::uint32_t member = members[next];
        std::uint32_t most = std::min(wanted, finder_.members_[member].count);
        for (std::uint32_t count = most + 1; count-- > 0;) {
            if (count > 0) current_.push_back({finder_.of_members_[member], count});
            list(sum, part, next + 1, taken + count, confidence, room);
            if (count > 0) current_.pop_back();
        }
    }

    SetFinder& finder_;
    const Problem& problem_;
    const Single& single_;
    std::uint64_t most_;
    Sets& sets_;
    std::size_t kept_list_ = 0, kept_parts_ = 0;
    std::uint64_t kept_count_ = 0, best_ = 0;
    std::vector<SetPart> current_;
};

void SetFinder::start_least() {
    least_.assign(scores_.width(), 1);
}

void SetFinder::add_least(const Problem& problem, std::uint32_t kind) {
    std::span<const double> scores = scores_.of(problem.kinds[kind]);
    for (std::size_t i = 0; i < least_.size(); ++i) least_[i] = std::min(least_[i], scores[i]);
}

template <class Each>
void SetFinder::for_each_range(const Problem& problem, const Single& single, Each each) {
    std::span<const Offer> offers = problem.of(single);
    for (std::size_t first = 0; first < offers.size();) {
        std::uint32_t same = problem.members[offers[first].member].same;
        std::size_t last = first + 1;
        while (same != shares_nothing && last < offers.size() &&
               problem.members[offers[last].member].same == same)
            ++last;
        if (!each(Range{first, last, same == shares_nothing ? 1 : most_})) return;
        first = last;
    }
}

std::uint32_t SetFinder::kind_with(const Offer& offer, std::uint32_t currency) {
    for (std::uint32_t i = 0; i < kinds_.size(); ++i)
        if (kinds_[i].offered == offer.kind && kinds_[i].currency == currency) return i;
    kinds_.push_back({offer.kind, currency});
    return static_cast<std::uint32_t>(kinds_.size() - 1);
}

void SetFinder::gather(const Problem& problem, std::span<const Offer> offers, const Single& single,
                       std::span<const std::uint32_t> left, unsigned most) {
    members_.clear();
    of_members_.clear();
    kinds_.clear();
    std::uint32_t known = single.currency;
    mixes_currencies_ = false;
    for (const Offer& offer : offers) {
        std::uint32_t currency = problem.members[offer.member].currency;
        mixes_currencies_ = mixes_currencies_ || currencies_differ(known, currency);
        known = std::max(known, currency);
    }
    for (const Offer& offer : offers) {
        if (left[offer.member] == 0) continue;
        const MemberClass& member = problem.members[offer.member];
        members_.push_back({member.value,
                            mixes_currencies_ ? kind_with(offer, member.currency) : offer.kind,
                            std::min(left[offer.member], most)});
        of_members_.push_back(offer.member);
    }
}

void SetFinder::find(const Problem& problem, const Single& single,
                     std::span<const std::uint32_t> left, std::uint64_t most, std::uint64_t steps,
                     Sets& sets) {
    sets.clear();
    sets.complete = true;
    Interval interval = weighing_.sums.interval(single.amount);
    Collector collector(*this, problem, single, most, sets);
    std::uint64_t best = 0;
    for_each_range(problem, single, [&](const Range& range) {
        gather(problem, problem.of(single).subspan(range.first, range.last - range.first), single,
               left, range.most);
        if (members_.empty()) return true;
        if (sets.steps >= steps) {
            sets.complete = false;
            return false;
        }
        collector.keep();
        Searched searched = search_.search({members_, interval.low, interval.high, 1, range.most},
                                           steps - sets.steps, collector);
        sets.steps += searched.steps;
        best = std::max(best, collector.best());
        if (!searched.complete) sets.complete = false;
        return sets.count < most;
    });
    if (sets.count >= most) sets.complete = false;
    sets.count = std::max(sets.count, best);
}

double SetFinder::expect(const Problem& problem, const Single& single,
                         std::span<const std::uint32_t> left) {
    Interval interval = weighing_.sums.interval(single.amount);
    const auto low = static_cast<double>(interval.low), high = static_cast<double>(interval.high);
    double expected = 0;
    for_each_range(problem, single, [&](const Range& range) {
        gather(problem, problem.of(single).subspan(range.first, range.last - range.first), single,
               left, range.most);
        const bool has_negative =
            std::any_of(members_.begin(), members_.end(),
                        [](const Member& member) { return member.value < 0; });
        double records = 0, sum = 0, squares = 0;
        for (const Member& member : members_) {
            if (!has_negative && member.value > interval.high) continue;
            const auto value = static_cast<double>(member.value);
            records += member.count;
            sum += value * member.count;
            squares += value * value * member.count;
        }
        if (records < 1) return true;
        const double mean = sum / records, variance = squares / records - mean * mean;
        double sets = 1;
        for (unsigned size = 1; size <= range.most && size <= records; ++size) {
            sets *= (records - size + 1) / size;
            // Without replacement; the sums of few values are at least one unit wide.
            const double spread =
                variance * size * (records - size) / std::max(records - 1, 1.0) + 1;
            const double off = (low + high) / 2 - mean * size;
            double fall = 1 + off * off / (2 * spread) / 16;  // e^x as (1 + x / 16)^16
            for (int i = 0; i < 4; ++i) fall *= fall;
            expected += sets * (high - low + 1) / (std::sqrt(spread) * 2.5066282746310002 * fall);
        }
        return true;
    });
    return expected;
}

bool SetFinder::find_whole(const Problem& problem, const Single& single,
                           std::span<const std::uint32_t> left, Sets& sets) {
    sets.clear();
    std::span<const Offer> offers = problem.of(single);
    std::uint64_t records = 0;
    std::uint32_t currency = single.currency;
    field::int128 sum = 0;
    start_least();
    for (const Offer& offer : offers) {
        const MemberClass& member = problem.members[offer.member];
        if (left[offer.member] == 0) continue;
        if (member.same != problem.members[offers[0].member].same ||
            currencies_differ(currency, member.currency))
            return false;
        currency = std::max(currency, member.currency);
        records += left[offer.member];
        if (records > (member.same == shares_nothing ? 1 : most_)) return false;
        sum += member.value * left[offer.member];
        add_least(problem, offer.kind);
        sets.parts.push_back({offer.member, left[offer.member]});
    }
    if (records == 0 || sum != single.amount) return false;
    Billionths confidence = weighing_.confidence(single.amount, sum, least_);
    if (confidence < weighing_.threshold) return false;
    sets.list.push_back({0, static_cast<std::uint32_t>(sets.parts.size()), sum, confidence});
    sets.count = 1;
    sets.complete = true;
    return true;
}

NearestSet SetFinder::nearest(const Problem& problem, const Single& single,
                              std::span<const std::uint32_t> left, std::uint64_t steps) {
    Interval interval = weighing_.sums.interval(single.amount);
    NearestSet best;
    best.proven = true;
    std::uint64_t spent = 0;
    auto distance = [&](field::int128 sum) {
        return sum < interval.low ? interval.low - sum
                                  : std::max<field::int128>(sum - interval.high, 0);
    };
    for_each_range(problem, single, [&](const Range& range) {
        gather(problem, problem.of(single).subspan(range.first, range.last - range.first), single,
               left, range.most);
        if (members_.empty()) return true;
        Nearest found = search_.nearest({members_, interval.low, interval.high, 1, range.most},
                                        steps > spent ? steps - spent : 0);
        spent += found.steps;
        best.proven = best.proven && found.proven;
        if (!found.found || (best.found && distance(found.sum) >= distance(best.sum))) return true;
        best.found = true;
        best.sum = found.sum;
        best.parts.clear();
        for (const Part& part : found.parts) {
            std::uint32_t wanted = part.count;
            for (std::uint32_t member : search_.members(part.item)) {
                std::uint32_t count = std::min(wanted, members_[member].count);
                if (count > 0) best.parts.push_back({of_members_[member], count});
                wanted -= count;
            }
        }
        return true;
    });
    return best;
}

}  // namespace recon::match::group
