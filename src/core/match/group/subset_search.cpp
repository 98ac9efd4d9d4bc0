#include "core/match/group/subset_search.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <utility>

#include "core/match/group/sum_walk.hpp"

namespace recon::match::group {

namespace {

using field::int128;
using field::uint128;

// How many states the lists have, and how many steps the walk may take with them. Lists that double
// the length of the walk that they spare cost as much.
struct Stage {
    std::size_t room;
    std::uint64_t steps;
};
constexpr std::array<Stage, 5> stages = {{{std::size_t{1} << 6, 1u << 7},
                                          {std::size_t{1} << 9, 1u << 11},
                                          {std::size_t{1} << 12, 1u << 14},
                                          {std::size_t{1} << 16, 1u << 18},
                                          {std::size_t{1} << 17, std::uint64_t{1} << 62}}};
// With so many values the first of them is not worth it.
constexpr std::size_t many_values = 24;

std::span<const Stage> stages_for(std::size_t values) {
    return std::span(stages).subspan(values >= many_values ? 1 : 0);
}

constexpr std::uint64_t most_ways = std::numeric_limits<std::uint64_t>::max();

std::uint64_t times(std::uint64_t x, std::uint64_t y) {
    std::uint64_t product = 0;
    return __builtin_mul_overflow(x, y, &product) ? most_ways : product;
}
std::uint64_t plus(std::uint64_t x, std::uint64_t y) {
    return x > most_ways - y ? most_ways : x + y;
}

// Members of one value and kind: [begin, end) of the order.
struct Equal {
    int128 value;
    std::uint32_t kind, begin, end;
    std::uint32_t count;  // records, as many as a set can have
};

// The greatest and least sums of some of the items.
struct Extremes {
    int128 largest = 0, smallest = 0;
};

int128 floor_of(int128 value, int128 by) {
    int128 whole = value / by;
    return whole * by > value ? whole - 1 : whole;
}
int128 ceiling_of(int128 value, int128 by) {
    return -floor_of(-value, by);
}

}  // namespace

class SubsetSearch::Memory {
  public:
    Memory(MemoryBudget& budget, StopToken& stop)
        : held_(budget), narrow_(budget, stop), wide_(budget, stop) {}

    // False where no set can fit.
    bool prepare(const Question& question);
    // With all values, and an interval that some sums reach.
    void prepare_nearest(const Question& question);

    template <class Use>
    auto with_walk(Use use) {
        return fits_ ? use(narrow_, narrow_items_) : use(wide_, wide_items_);
    }

    template <class Value>
    Searched search(SumWalk<Value>& walk, std::vector<Item<Value>>& items, std::uint64_t steps,
                    SumVisitor& visitor);
    template <class Value>
    Nearest nearest(SumWalk<Value>& walk, std::vector<Item<Value>>& items, std::uint64_t steps);

    std::span<const std::uint32_t> members(std::uint32_t item) const {
        return std::span(order_).subspan(equals_[item].begin,
                                         equals_[item].end - equals_[item].begin);
    }
    std::uint64_t cost() const { return cost_; }

  private:
    void merge_equals(const Question& question);
    void order_members();
    void choose_width();
    Extremes extremes(unsigned records) const;
    void drop_unusable();
    std::uint64_t ways(std::span<const Use> uses);
    int128 distance_to_interval(int128 sum) const {
        return sum < low_ ? low_ - sum : sum > high_ ? sum - high_ : 0;
    }

    template <class Value>
    void ask(SumWalk<Value>& walk, std::vector<Item<Value>>& items) {
        items.clear();
        for (const Equal& equal : equals_)
            items.push_back({static_cast<Value>(equal.value / divisor_), equal.count});
        walk.clear_spent();
        walk.ask(items, static_cast<Value>(low_), static_cast<Value>(high_), question_.least,
                 question_.most);
    }

    Reservation held_;
    std::size_t room_ = 0;  // members for which memory is counted
    Question question_;
    std::vector<std::uint32_t> by_value_, order_;
    std::vector<Equal> equals_;  // by magnitude, the greatest first
    int128 low_ = 0, high_ = 0, divisor_ = 1;
    bool fits_ = true;  // into 64 bits
    std::uint64_t cost_ = 0;

    std::vector<Item<std::int64_t>> narrow_items_;
    std::vector<Item<int128>> wide_items_;
    SumWalk<std::int64_t> narrow_;
    SumWalk<int128> wide_;
    std::vector<Part> parts_;
    std::vector<std::uint64_t> choices_;
};

// By magnitude, the greatest first; of one magnitude the positive ones first; of one value by kind.
void SubsetSearch::Memory::order_members() {
    std::span<const Member> members = question_.members;
    auto less = [&](std::uint32_t x, std::uint32_t y) {
        return members[x].value < members[y].value;
    };
    by_value_.resize(members.size());
    std::iota(by_value_.begin(), by_value_.end(), 0u);
    if (!std::is_sorted(by_value_.begin(), by_value_.end(), less))
        std::stable_sort(by_value_.begin(), by_value_.end(), less);
    order_.clear();
    // From both ends, a run of equal values at a time.
    for (auto first = by_value_.begin(), last = by_value_.end(); first != last;) {
        int128 least = members[*first].value, greatest = members[*(last - 1)].value;
        bool from_end = greatest > 0 && greatest >= -least;
        auto begin = from_end ? last - 1 : first, end = from_end ? last : first + 1;
        if (from_end) {
            while (begin != first && members[*(begin - 1)].value == greatest) --begin;
            last = begin;
        } else {
            while (end != last && members[*end].value == least) ++end;
            first = end;
        }
        if (end - begin > 1)
            std::stable_sort(begin, end, [&](std::uint32_t x, std::uint32_t y) {
                return members[x].kind < members[y].kind;
            });
        order_.insert(order_.end(), begin, end);
    }
}

void SubsetSearch::Memory::merge_equals(const Question& question) {
    question_ = question;
    low_ = question.low;
    high_ = question.high;
    divisor_ = 1;
    std::span<const Member> members = question_.members;
    cost_ = 1 + members.size();
    if (members.size() > room_) {
        held_.take((members.size() - room_) * (2 * sizeof(std::uint32_t) + sizeof(Equal) +
                                               sizeof(Item<int128>) + 2 * sizeof(int128)));
        room_ = members.size();
    }
    order_members();
    equals_.clear();
    for (std::uint32_t i = 0; i < order_.size(); ++i) {
        const Member& member = members[order_[i]];
        if (equals_.empty() || equals_.back().value != member.value ||
            equals_.back().kind != member.kind)
            equals_.push_back({member.value, member.kind, i, i, 0});
        equals_.back().end = i + 1;
        equals_.back().count = static_cast<std::uint32_t>(std::min<std::uint64_t>(
            question_.most, std::uint64_t{equals_.back().count} + member.count));
    }
}

Extremes SubsetSearch::Memory::extremes(unsigned records) const {
    Extremes result;
    unsigned positive = records, negative = records;
    for (const Equal& equal : equals_) {
        unsigned& left = equal.value > 0 ? positive : negative;
        std::uint32_t used = std::min<std::uint32_t>(left, equal.count);
        (equal.value > 0 ? result.largest : result.smallest) += equal.value * used;
        left -= used;
    }
    return result;
}

// Values that no set within the interval can have, whatever else is in it.
void SubsetSearch::Memory::drop_unusable() {
    for (std::size_t before = equals_.size() + 1; before != equals_.size();) {
        before = equals_.size();
        Extremes others = extremes(question_.most - 1);
        std::erase_if(equals_, [&](const Equal& equal) {
            return equal.value + others.smallest > high_ || equal.value + others.largest < low_;
        });
    }
}

bool SubsetSearch::Memory::prepare(const Question& question) {
    merge_equals(question);
    Extremes all = extremes(question.most);
    low_ = std::max(low_, all.smallest);
    high_ = std::min(high_, all.largest);
    if (low_ > high_) return false;
    drop_unusable();
    if (equals_.empty()) return false;
    uint128 divisor = 0;
    for (const Equal& equal : equals_) {
        if (divisor == 1) break;
        uint128 other = field::magnitude(equal.value);
        while (other != 0) divisor = std::exchange(other, divisor % other);
    }
    divisor_ = divisor == 0 ? 1 : static_cast<int128>(divisor);
    low_ = ceiling_of(low_, divisor_);
    high_ = floor_of(high_, divisor_);
    if (low_ > high_) return false;
    choose_width();
    return true;
}

void SubsetSearch::Memory::prepare_nearest(const Question& question) {
    merge_equals(question);
    Extremes all = extremes(question.most);
    low_ = std::clamp(low_, all.smallest, all.largest);
    high_ = std::clamp(high_, low_, all.largest);
    choose_width();
}

// See SumWalk::ask().
void SubsetSearch::Memory::choose_width() {
    uint128 greatest = equals_.empty() ? 0 : field::magnitude(equals_.front().value / divisor_);
    fits_ = greatest <= (uint128{1} << 53) / question_.most;
}

// Numbers of choices of members that give the same uses.
std::uint64_t SubsetSearch::Memory::ways(std::span<const Use> uses) {
    std::uint64_t product = 1;
    for (const Use& use : uses) {
        std::span<const std::uint32_t> all = members(use.item);
        if (all.size() == 1) continue;
        choices_.assign(use.count + 1, 0);
        choices_[0] = 1;
        for (std::uint32_t member : all) {
            std::uint32_t count = question_.members[member].count;
            cost_ += use.count;
            for (std::uint32_t total = use.count; total > 0; --total)
                for (std::uint32_t own = 1; own <= std::min(count, total); ++own)
                    choices_[total] = plus(choices_[total], choices_[total - own]);
        }
        product = times(product, choices_[use.count]);
    }
    return product;
}

template <class Value>
Searched SubsetSearch::Memory::search(SumWalk<Value>& walk, std::vector<Item<Value>>& items,
                                      std::uint64_t steps, SumVisitor& visitor) {
    ask(walk, items);
    auto spent = [&] { return cost_ + walk.spent(); };
    for (const Stage& stage : stages_for(items.size())) {
        if (spent() >= steps) break;
        std::uint64_t left = steps - spent();
        bool last = stage.steps >= left, over = false;
        visitor.restart();
        auto end =
            walk.walk(std::min<std::uint64_t>(stage.room, left), std::min(stage.steps, left),
                      [&](Value sum, std::span<const Use> uses) {
                          parts_.clear();
                          for (const Use& use : uses)
                              parts_.push_back({use.item, equals_[use.item].kind, use.count});
                          bool more = visitor.visit({int128{sum} * divisor_, parts_, ways(uses)});
                          over = more && spent() >= steps;
                          return more && !over;
                      });
        if (!over && end != SumWalk<Value>::End::spent)
            return {end == SumWalk<Value>::End::complete, spent()};
        if (last || over) break;
    }
    return {false, spent()};
}

template <class Value>
Nearest SubsetSearch::Memory::nearest(SumWalk<Value>& walk, std::vector<Item<Value>>& items,
                                      std::uint64_t steps) {
    Nearest result;
    ask(walk, items);
    auto spent = [&] { return cost_ + walk.spent(); };
    for (const Stage& stage : stages_for(items.size())) {
        if (spent() >= steps) break;
        std::uint64_t left = steps - spent();
        auto end = walk.approach(
            std::min<std::uint64_t>(stage.room, left), std::min(stage.steps, left),
            [&](Value sum, std::span<const Use> uses) {
                // A later stage begins anew, and may end sooner.
                if (result.found && distance_to_interval(sum) >= distance_to_interval(result.sum))
                    return;
                result.found = true;
                result.sum = sum;
                result.parts.clear();
                for (const Use& use : uses)
                    result.parts.push_back({use.item, equals_[use.item].kind, use.count});
            });
        result.proven = end == SumWalk<Value>::End::complete;
        if (result.proven || stage.steps >= left) break;
    }
    result.steps = spent();
    return result;
}

SubsetSearch::SubsetSearch(MemoryBudget& budget, StopToken& stop)
    : memory_(std::make_unique<Memory>(budget, stop)) {}
SubsetSearch::~SubsetSearch() = default;

Searched SubsetSearch::search(const Question& question, std::uint64_t steps, SumVisitor& visitor) {
    visitor.restart();
    if (!memory_->prepare(question)) return {true, memory_->cost()};
    return memory_->with_walk(
        [&](auto& walk, auto& items) { return memory_->search(walk, items, steps, visitor); });
}

Nearest SubsetSearch::nearest(const Question& question, std::uint64_t steps) {
    memory_->prepare_nearest(question);
    return memory_->with_walk(
        [&](auto& walk, auto& items) { return memory_->nearest(walk, items, steps); });
}

std::span<const std::uint32_t> SubsetSearch::members(std::uint32_t item) const {
    return memory_->members(item);
}

}  // namespace recon::match::group
