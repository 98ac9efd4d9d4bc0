#include "core/match/lanes.hpp"

#include <algorithm>

namespace recon::match {

Lanes::Lanes(const Plan& plan, const Index& index) : index_(index) {
    if (index.cut.bucket >= 0) bucket_ = &plan.checks[static_cast<std::size_t>(index.cut.bucket)];
    if (index.cut.sweep < 0) return;
    auto sweep = static_cast<std::size_t>(index.cut.sweep);
    sweep_ = &plan.checks[sweep];
    sweep_a_ = &index.a.values[sweep];
    keys_ = index.sweep_keys.data();
}

void Lanes::open(const Group& group, std::size_t first_a) {
    const Side& b = index_.b;
    auto first = b.groups.begin() + b.block_begins[group.block];
    auto last = b.groups.begin() + b.block_begins[group.block + 1];
    if (bucket_ != nullptr)
        first = std::lower_bound(
            first, last, group.bucket + bucket_->low,
            [](const Group& other, std::int64_t day) { return other.bucket < day; });
    lanes_.clear();
    for (; first != last; ++first) {
        if (bucket_ != nullptr && first->bucket > group.bucket + bucket_->high) break;
        Lane lane{first->begin, (first + 1)->begin};
        if (sweep_ != nullptr) lane.low = first_from(lane, window(first_a).low, false);
        lanes_.push_back(lane);
    }
}

std::uint64_t Lanes::classes() const {
    std::uint64_t classes = 0;
    for (const Lane& lane : lanes_) classes += lane.end - lane.low;
    return classes;
}

std::uint32_t Lanes::first_from(const Lane& lane, std::int64_t key, bool beyond) const {
    const std::int64_t *begin = keys_ + lane.low, *end = keys_ + lane.end;
    return static_cast<std::uint32_t>(
        (beyond ? std::upper_bound(begin, end, key) : std::lower_bound(begin, end, key)) - keys_);
}

}  // namespace recon::match
