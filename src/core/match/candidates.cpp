#include "core/match/candidates.hpp"

#include <algorithm>
#include <tuple>

#include "core/match/blocking.hpp"
#include "core/match/score.hpp"

namespace recon::match {

namespace {

// Side B in order of block, bucket and sort key.
class Index {
  public:
    Index(const Plan& plan, const Side& b, const Blocks& blocks, Cut cut, Reservation& memory,
          StopToken& stop);

    // Calls `found(class of B)` for each class that the cut leaves for class `a` of A.
    template <class Found>
    void for_each(const Operand* bucket, const Operand* sweep, std::uint32_t block, std::uint32_t a,
                  Found found) const;

  private:
    struct Group {
        std::int64_t bucket;
        std::uint32_t begin;  // in keys_ and classes_
    };
    const Check* bucket_ = nullptr;
    const Check* sweep_ = nullptr;
    std::vector<double> keys_;
    std::vector<std::uint32_t> classes_;
    std::vector<Group> groups_;               // and one past the end
    std::vector<std::uint32_t> block_begin_;  // in groups_
};

Index::Index(const Plan& plan, const Side& b, const Blocks& blocks, Cut cut, Reservation& memory,
             StopToken& stop) {
    struct Entry {
        std::int64_t bucket;
        double key;
        std::uint32_t block, number;
    };
    const Operand* bucket = nullptr;
    const Operand* sweep = nullptr;
    if (cut.bucket >= 0) {
        bucket_ = &plan.checks[static_cast<std::size_t>(cut.bucket)];
        bucket = &b.operands[static_cast<std::size_t>(cut.bucket)];
    }
    if (cut.sweep >= 0) {
        sweep_ = &plan.checks[static_cast<std::size_t>(cut.sweep)];
        sweep = &b.operands[static_cast<std::size_t>(cut.sweep)];
    }
    memory.take(blocks.b.size() *
                    (sizeof(Entry) + sizeof(Group) + sizeof(double) + sizeof(std::uint32_t)) +
                blocks.count * sizeof(std::uint32_t));
    std::vector<Entry> entries;
    entries.reserve(blocks.b.size());
    for (std::size_t c = 0; c < blocks.b.size(); ++c)
        if (blocks.b[c] != no_id)
            entries.push_back({bucket != nullptr ? bucket->numbers[c] : 0,
                               sweep != nullptr ? sort_key(*sweep_, *sweep, c) : 0, blocks.b[c],
                               static_cast<std::uint32_t>(c)});
    check_stop(stop);
    std::sort(entries.begin(), entries.end(), [](const Entry& x, const Entry& y) {
        return std::tie(x.block, x.bucket, x.key, x.number) <
               std::tie(y.block, y.bucket, y.key, y.number);
    });
    check_stop(stop);
    block_begin_.reserve(blocks.count + 1);
    keys_.reserve(entries.size());
    classes_.reserve(entries.size());
    const Entry* last = nullptr;
    for (const Entry& entry : entries) {
        if (last == nullptr || last->block != entry.block || last->bucket != entry.bucket) {
            while (block_begin_.size() <= entry.block)
                block_begin_.push_back(static_cast<std::uint32_t>(groups_.size()));
            groups_.push_back({entry.bucket, static_cast<std::uint32_t>(classes_.size())});
        }
        keys_.push_back(entry.key);
        classes_.push_back(entry.number);
        last = &entry;
    }
    while (block_begin_.size() <= blocks.count)
        block_begin_.push_back(static_cast<std::uint32_t>(groups_.size()));
    groups_.push_back({0, static_cast<std::uint32_t>(classes_.size())});
    memory.give(blocks.b.size() * sizeof(Entry));
}

template <class Found>
void Index::for_each(const Operand* bucket, const Operand* sweep, std::uint32_t block,
                     std::uint32_t a, Found found) const {
    auto first = groups_.begin() + block_begin_[block],
         end = groups_.begin() + block_begin_[block + 1];
    std::int64_t high = 0;
    if (bucket_ != nullptr) {
        std::int64_t low = bucket->numbers[a] + bucket_->low;
        high = bucket->numbers[a] + bucket_->high;
        first = std::lower_bound(first, end, low, [](const Group& group, std::int64_t day) {
            return group.bucket < day;
        });
    }
    Window window;
    if (sweep_ != nullptr) window = window_of(*sweep_, *sweep, a);
    for (; first != end && (bucket_ == nullptr || first->bucket <= high); ++first) {
        std::size_t at = first->begin, group_end = (first + 1)->begin;
        if (sweep_ != nullptr) {
            auto keys = keys_.begin();
            at = static_cast<std::size_t>(
                std::lower_bound(keys + static_cast<std::ptrdiff_t>(at),
                                 keys + static_cast<std::ptrdiff_t>(group_end), window.low) -
                keys);
        }
        for (; at < group_end && (sweep_ == nullptr || keys_[at] <= window.high); ++at)
            found(classes_[at]);
    }
}

}  // namespace

Candidates find_candidates(const Plan& plan, const Operands& operands, EdgeStore& edges,
                           Reservation& memory, StopToken& token) {
    Candidates result;
    memory.take(operands.a.classes() * 2 + operands.b.classes() * 2 +
                (operands.a.classes() + operands.b.classes()) * sizeof(std::uint32_t));
    result.below_a.assign(operands.a.classes(), 0);
    result.below_b.assign(operands.b.classes(), 0);
    Blocks blocks = make_blocks(plan, operands, token);
    Cut cut = choose_cut(plan, operands, blocks);
    Index index(plan, operands.b, blocks, cut, memory, token);
    Scorer scorer(plan, operands, token, true);
    StopCheck stop(token);
    const Operand* bucket =
        cut.bucket >= 0 ? &operands.a.operands[static_cast<std::size_t>(cut.bucket)] : nullptr;
    const Operand* sweep =
        cut.sweep >= 0 ? &operands.a.operands[static_cast<std::size_t>(cut.sweep)] : nullptr;
    for (std::uint32_t a = 0; a < blocks.a.size(); ++a) {
        stop();
        if (blocks.a[a] == no_id) continue;
        index.for_each(bucket, sweep, blocks.a[a], a, [&](std::uint32_t b) {
            stop();
            Billionths confidence = scorer.confidence(a, b);
            if (confidence < 0) return;
            if (confidence < plan.threshold) {
                result.below_a[a] = result.below_b[b] = 1;
            } else {
                edges.add(a, b, static_cast<std::uint32_t>(confidence));
            }
        });
    }
    return result;
}

}  // namespace recon::match
