// Sets of items whose sum lies in an interval: those of the larger values one by one, the rest of
// each looked up in a list of sums.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "core/match/group/sum_list.hpp"
#include "core/match/work_check.hpp"

namespace recon::match::group {

// Records of one value.
template <class Value>
struct Item {
    Value value;
    std::uint32_t count;
};
struct Use {
    std::uint32_t item, count;
};

template <class Value>
class SumWalk {
  public:
    SumWalk(MemoryBudget& budget, StopToken& stop) : memory_(budget), stop_(stop) {}

    // Items in order of magnitude, the greatest first. 512 times the sum of `most` of
    // them must fit.
    void ask(std::span<const Item<Value>> items, Value low, Value high, unsigned least,
             unsigned most) {
        items_ = items;
        low_ = low;
        high_ = high;
        least_ = least;
        most_ = most;
        add_up_extremes();
    }

    enum class End { complete, stopped, spent };

    // Lists of at most `room` states in all, and at most `steps` steps, which are added to spent().
    // visit(sum, uses) says whether to go on.
    template <class Visit>
    End walk(std::size_t room, std::uint64_t steps, Visit visit) {
        begin(room, steps);
        return descend(0, 0, most_, visit);
    }

    // Walks to sets ever nearer to the interval: nearer(sum, uses) for each.
    template <class Nearer>
    End approach(std::size_t room, std::uint64_t steps, Nearer nearer) {
        begin(room, steps);
        nearest_ = true;
        Value low = low_, high = high_;
        goal_low_ = low;
        goal_high_ = high;
        low_ = std::min(low, smallest(0, most_));
        high_ = std::max(high, largest(0, most_));
        auto visit = [&](Value sum, std::span<const Use> uses) {
            nearer(sum, uses);
            Value distance = sum < low ? low - sum : sum > high ? sum - high : 0;
            if (distance == 0) return false;
            low_ = std::max(low_, low - distance + 1);
            high_ = std::min(high_, high + distance - 1);
            return true;
        };
        End end = descend(0, 0, most_, visit);
        low_ = low;
        high_ = high;
        nearest_ = false;
        // An interval that was reached needs no further search.
        return end == End::stopped ? End::complete : end;
    }

    std::uint64_t spent() const { return spent_; }
    void clear_spent() { spent_ = 0; }

    // The greatest and the least sum of at most so many records of the items from `first` on.
    Value largest(std::size_t first, unsigned most) const {
        return extreme(positive_, positive_from_[first], most);
    }
    Value smallest(std::size_t first, unsigned most) const {
        return extreme(negative_, negative_from_[first], most);
    }

  private:
    using List = SumList<Value>;
    using State = typename List::State;

    static Value extreme(const std::vector<Value>& sums, std::uint32_t first, unsigned most) {
        std::size_t last = std::min<std::size_t>(first + most, sums.size() - 1);
        return sums[last] - sums[first];
    }

    void add_up_extremes() {
        positive_.assign(1, 0);
        negative_.assign(1, 0);
        positive_from_.clear();
        negative_from_.clear();
        for (const Item<Value>& item : items_) {
            positive_from_.push_back(static_cast<std::uint32_t>(positive_.size() - 1));
            negative_from_.push_back(static_cast<std::uint32_t>(negative_.size() - 1));
            std::vector<Value>& sums = item.value > 0 ? positive_ : negative_;
            for (std::uint32_t copy = 0; item.value != 0 && copy < item.count; ++copy)
                sums.push_back(sums.back() + item.value);
        }
        positive_from_.push_back(static_cast<std::uint32_t>(positive_.size() - 1));
        negative_from_.push_back(static_cast<std::uint32_t>(negative_.size() - 1));
    }

    void begin(std::size_t room, std::uint64_t steps) {
        limit_ = spent_ + steps;
        list_.start(most_);
        large_ = items_.size();
        while (large_ > 0 &&
               list_.add(items_[large_ - 1].value, items_[large_ - 1].count, room, memory_))
            --large_;
        list_.close(memory_);
        step(list_.states() / states_a_step);
        uses_.clear();
    }

    bool step(std::uint64_t steps) {
        stop_(steps);
        return (spent_ += steps) < limit_;
    }

    // Of the items from `first` on: the first that is not too large, where all are positive.
    std::size_t first_within(std::size_t first, Value most) const {
        if (negative_.size() > 1 || first == large_ || items_[first].value <= most) return first;
        auto begin = items_.begin();
        auto found = std::partition_point(
            begin + static_cast<std::ptrdiff_t>(first), begin + static_cast<std::ptrdiff_t>(large_),
            [&](const Item<Value>& item) { return item.value > most; });
        return static_cast<std::size_t>(found - begin);
    }

    // Sets that have uses_ of the items before `first`, with this sum, and at most `left` more.
    template <class Visit>
    End descend(std::size_t first, Value sum, unsigned left, Visit& visit) {
        End end = nearest_ ? look_around(sum, left, visit) : look_up(sum, left, visit);
        if (end != End::complete || left == 0) return end;
        for (std::size_t i = first_within(first, high_ - sum); i < large_; ++i) {
            if (!step(1)) return End::spent;
            if (sum + largest(i, left) < low_ || sum + smallest(i, left) > high_) break;
            Value with = sum;
            std::uint32_t most = std::min<std::uint32_t>(items_[i].count, left);
            for (std::uint32_t count = 1; count <= most; ++count) {
                with += items_[i].value;
                if (with + largest(i + 1, left - count) < low_ ||
                    with + smallest(i + 1, left - count) > high_)
                    continue;
                uses_.push_back({static_cast<std::uint32_t>(i), count});
                end = descend(i + 1, with, left - count, visit);
                uses_.pop_back();
                if (end != End::complete) return end;
            }
        }
        return End::complete;
    }

    bool has_size(State state, unsigned left) const {
        unsigned size = List::size_of(state);
        return size <= left && most_ - left + size >= least_;
    }

    template <class Visit>
    End look_up(Value sum, unsigned left, Visit& visit) {
        std::span<const State> list = list_.list();
        const State end_at = List::state_of(high_ - sum + 1, 0);
        for (std::size_t at = list_.first_from(List::state_of(low_ - sum, 0));
             at < list.size() && list[at] < end_at; ++at) {
            if (!step(1)) return End::spent;
            if (!has_size(list[at], left)) continue;
            End end = trace(list_.items(), list[at], sum + List::sum_of(list[at]), visit);
            if (end != End::complete) return end;
        }
        return End::complete;
    }

    // The nearest sum to either side of the goal, as long as it is nearer than what was found.
    template <class Visit>
    End look_around(Value sum, unsigned left, Visit& visit) {
        std::span<const State> list = list_.list();
        std::size_t middle = list_.first_from(List::state_of(goal_low_ - sum, 0));
        for (std::size_t at = middle; at < list.size() && List::sum_of(list[at]) <= high_ - sum;
             ++at) {
            if (!step(1)) return End::spent;
            if (!has_size(list[at], left)) continue;
            End end = trace(list_.items(), list[at], sum + List::sum_of(list[at]), visit);
            if (end != End::complete) return end;
        }
        for (std::size_t at = middle; at > 0 && List::sum_of(list[at - 1]) >= low_ - sum; --at) {
            if (!step(1)) return End::spent;
            if (!has_size(list[at - 1], left)) continue;
            End end = trace(list_.items(), list[at - 1], sum + List::sum_of(list[at - 1]), visit);
            if (end != End::complete) return end;
        }
        return End::complete;
    }

    // Each choice of the first `items` of the listed items that gives the state.
    template <class Visit>
    End trace(std::size_t items, State state, Value sum, Visit& visit) {
        if (!step(1)) return End::spent;
        if (List::size_of(state) == 0)
            return visit(sum, std::span<const Use>(uses_)) ? End::complete : End::stopped;
        const std::size_t item = items_.size() - items;
        const State one = List::state_of(items_[item].value, 1);
        std::uint32_t most = std::min<std::uint32_t>(items_[item].count, List::size_of(state));
        for (std::uint32_t count = 0; count <= most; ++count, state -= one) {
            if (!list_.holds(items - 1, state)) continue;
            if (count > 0) uses_.push_back({static_cast<std::uint32_t>(item), count});
            End end = trace(items - 1, state, sum, visit);
            if (count > 0) uses_.pop_back();
            // Another choice of the same sum is no nearer.
            if (end != End::complete || nearest_) return end;
        }
        return End::complete;
    }

    static constexpr std::uint64_t states_a_step = 2;

    Reservation memory_;
    WorkCheck stop_;
    std::span<const Item<Value>> items_;
    Value low_ = 0, high_ = 0, goal_low_ = 0, goal_high_ = 0;
    unsigned least_ = 1, most_ = 1;
    bool nearest_ = false;
    // Sums of the first positive, and negative, records; and how many are before each item.
    std::vector<Value> positive_, negative_;
    std::vector<std::uint32_t> positive_from_, negative_from_;
    SumList<Value> list_;
    std::size_t large_ = 0;  // items that are walked; the others are listed
    std::vector<Use> uses_;
    std::uint64_t spent_ = 0, limit_ = 0;
};

}  // namespace recon::match::group
