#include "core/match/bag_scan.hpp"

#include <limits>

namespace recon::match {

void BagScan::run(const LengthGroup& group_a, const LengthGroup& group_b, const BagLimit& limit,
                  const TextJoin::Each& each) {
    for (std::uint32_t a : a_.texts(group_a)) {
        similarity::Bag bag = sequences_[a].bag;
        for (std::uint32_t b : b_.texts(group_b)) {
            stop_();
            auto [only_a, only_b] = difference(bag, sequences_[b].bag);
            if (only_a <= limit.only_a && only_b <= limit.only_b &&
                only_a + only_b <= limit.together)
                each(a, b);
        }
    }
}

ScanJoin::ScanJoin(const similarity::Sequences& sequences, BagLimitOf limit_of, TextNumbers a,
                   TextNumbers b, Reservation& memory, StopToken& stop)
    : sequences_(sequences),
      limit_of_(std::move(limit_of)),
      a_(sequences, a, memory),
      b_(sequences, b, memory),
      stop_(stop) {
    StopCheck check(stop);
    for (const LengthGroup& x : a_.groups())
        for (const LengthGroup& y : b_.groups()) {
            check();
            if (limit_of_(x.length, y.length)) comparisons_ += std::uint64_t{x.size()} * y.size();
        }
}

void ScanJoin::run(const Each& each) {
    BagScan scan(sequences_, a_, b_, stop_);
    for (const LengthGroup& x : a_.groups())
        for (const LengthGroup& y : b_.groups())
            if (std::optional<BagLimit> limit = limit_of_(x.length, y.length))
                scan.run(x, y, *limit, each);
}

BagLimitOf jaro_limit(const similarity::PreparedJaro& prepared) {
    return [&prepared](std::size_t a, std::size_t b) -> std::optional<BagLimit> {
        constexpr std::size_t any = std::numeric_limits<std::size_t>::max();
        double share = prepared.least_share();
        std::size_t common = std::min(a, b);
        // One empty text has a similarity of 0, two of 1.
        if (common == 0) {
            if (a == b || prepared.min() <= 0) return BagLimit{any, any, any};
            return std::nullopt;
        }
        if (!similarity::jaro_can_reach(share, common, a, b)) return std::nullopt;
        auto x = static_cast<double>(a), y = static_cast<double>(b);
        auto needed = static_cast<std::size_t>(std::max(0.0, share * x * y / (x + y)));
        common = std::min(common, needed + 1);
        while (common > 0 && similarity::jaro_can_reach(share, common - 1, a, b)) --common;
        return BagLimit{a - common, b - common, any};
    };
}

}  // namespace recon::match
