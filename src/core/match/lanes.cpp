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

std::uint32_t Lanes::first_from(const Lane& lane, std::int64_t key, bool beyond) const {
    const std::int64_t *begin = keys_ + lane.low, *end = keys_ + lane.end;
    return static_cast<std::uint32_t>(
        (beyond ? std::upper_bound(begin, end, key) : std::lower_bound(begin, end, key)) - keys_);
}

LeftOut leave_out_large(const Plan& plan, Index& index, std::uint64_t most, StopToken& token) {
    StopCheck stop(token, 256);
    LeftOut result;
    std::vector<std::uint8_t> marked;
    Lanes lanes(plan, index);
    const std::vector<Group>& groups = index.a.groups;
    for (std::size_t g = 0; g + 1 < groups.size(); ++g) {
        stop();
        std::uint32_t begin = groups[g].begin, end = groups[g + 1].begin;
        // The whole block first: nearly all are small enough anyway.
        const Side& b = index.b;
        std::uint64_t block = b.groups[b.block_begins[groups[g].block + 1]].begin -
                              b.groups[b.block_begins[groups[g].block]].begin;
        if (block == 0 || end - begin <= most / block) continue;
        lanes.open(groups[g], begin);
        std::uint64_t compared = 0;
        for (std::uint32_t a = begin; a < end && compared <= most; ++a) {
            stop();
            lanes.for_ranges(a, [&](std::uint32_t first, std::uint32_t last) {
                compared += last > first ? last - first : 0;
            });
        }
        if (compared <= most) continue;
        if (index.left_out.empty()) {
            index.left_out.resize(groups.size());
            marked.resize(index.b.classes());
        }
        index.left_out[g] = 1;
        for (std::uint32_t a = begin; a < end; ++a) {
            stop();
            result.a.push_back(a);
        }
        // From the window of the first to that of the last, in each lane.
        std::vector<std::uint32_t> firsts;
        lanes.for_ranges(begin,
                         [&](std::uint32_t first, std::uint32_t) { firsts.push_back(first); });
        std::size_t lane = 0;
        lanes.for_ranges(end - 1, [&](std::uint32_t, std::uint32_t last) {
            for (std::uint32_t other = firsts[lane++]; other < last; ++other) marked[other] = 1;
        });
    }
    if (result.a.empty()) return result;
    for (std::uint32_t c = 0; c < marked.size(); ++c)
        if (marked[c] != 0) result.b.push_back(c);
    return result;
}

}  // namespace recon::match
