#include "core/similarity/prepared_jaro.hpp"

namespace recon::similarity {

PreparedJaro::PreparedJaro(const Measure& measure, Texts texts, StopToken& stop)
    : is_winkler_(measure.algorithm == Algorithm::jaro_winkler),
      min_(measure.min.value_or(0)),
      stop_(stop),
      sequences_(texts, stop) {
    for (std::size_t prefix = 0; prefix < shares_.size(); ++prefix)
        shares_[prefix] = jaro_share(min_, prefix);
}

double PreparedJaro::score(std::uint32_t a, std::uint32_t b, double bound) const {
    const Sequence &x = sequences_[a], &y = sequences_[b];
    std::size_t common = std::min(x.length, y.length);
    if (common == 0) {
        double similarity = x.length == y.length ? 1 : 0;
        return similarity >= bound ? similarity : -1;
    }
    // Most pairs fail at the best of prefixes, without a look at their characters.
    auto share_of = [&](std::size_t prefix) {
        return bound <= min_ ? shares_[prefix] : jaro_share(bound, prefix);
    };
    std::size_t best_prefix = is_winkler_ ? longest_winkler_prefix : 0;
    common = x.length - std::min<std::size_t>(difference(x.bag, y.bag).only_a, x.length);
    common = std::min<std::size_t>(common, y.length);
    if (!jaro_can_reach(share_of(best_prefix), common, x.length, y.length)) return -1;
    double similarity = sequences_.compare(
        x, y, [&]<class Char>(Text<Char> p, Text<Char> q, PatternBits<Char>& bits) {
            std::size_t prefix = is_winkler_ ? winkler_prefix(p, q) : 0;
            double share = share_of(prefix);
            if (!jaro_can_reach(share, common, p.size(), q.size())) return -1.0;
            return jaro_similarity(p, q, prefix, share, bits, &stop_);
        });
    return similarity >= bound ? similarity : -1;
}

Prepared prepare_jaro(const Measure& measure, Texts texts, StopToken& stop) {
    return std::make_unique<PreparedJaro>(measure, texts, stop);
}

}  // namespace recon::similarity
