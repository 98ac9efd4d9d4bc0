// The distinct sums of some items, each with each number of records that gives it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/match/buffer.hpp"
#include "core/match/reservation.hpp"

namespace recon::match::group {

// Value: std::int64_t or field::int128; sums must fit.
template <class Value>
class SumList {
  public:
    struct State {
        Value sum;
        std::uint32_t size;  // records
        bool operator<(const State& other) const {
            return sum != other.sum ? sum < other.sum : size < other.size;
        }
    };

    // Of no item: the sum 0 of no record. Sums of more than `most` records are left out.
    void start(unsigned most) {
        most_ = most;
        states_.clear();
        states_.push_back({0, 0});
        lists_.clear();
        lists_.push_back({0, 1});
    }

    // One more item, of so many records; false, and nothing done, where the lists of all items
    // would take more than `room` states.
    bool add(Value value, std::uint32_t count, std::size_t room, Reservation& memory) {
        std::size_t before = states_.size();
        Range last = lists_[items()];
        for (std::uint32_t copy = 0; copy < count; ++copy) {
            std::size_t end = states_.size(), needed = end + 2 * (last.end - last.begin);
            if (needed > room) {
                states_.resize(before);
                return false;
            }
            reserve(needed, memory);
            merge(last, value);
            last = {end, states_.size()};
        }
        lists_.push_back(last);
        return true;
    }

    std::size_t items() const { return lists_.size() - 1; }
    std::size_t states() const { return states_.size(); }

    // Of the first `items` items, ascending.
    std::span<const State> list(std::size_t items) const {
        return {states_.data() + lists_[items].begin, lists_[items].end - lists_[items].begin};
    }
    std::span<const State> list() const { return list(items()); }
    bool holds(std::size_t items, const State& state) const {
        std::span<const State> all = list(items);
        return std::binary_search(all.begin(), all.end(), state);
    }

    // Prepares first_from().
    void close(Reservation& memory) {
        std::span<const State> all = list();
        least_ = all.front().sum;
        greatest_ = all.back().sum;
        shift_ = 0;
        while (((greatest_ - least_) >> shift_) >= static_cast<Value>(2 * all.size())) ++shift_;
        std::size_t buckets = bucket_of(greatest_) + 1;
        if (buckets > starts_.capacity()) {
            memory.take((buckets - starts_.capacity()) * sizeof(std::uint32_t));
            starts_.reserve(buckets);
        }
        starts_.resize(buckets);
        std::size_t next = 0;
        for (std::uint32_t i = 0; i < all.size(); ++i)
            while (next <= bucket_of(all[i].sum)) starts_[next++] = i;
    }
    // The first state of list() with at least this sum; its size where there is none.
    std::size_t first_from(Value sum) const {
        if (sum <= least_) return 0;
        std::span<const State> all = list();
        if (sum > greatest_) return all.size();
        std::size_t at = starts_[bucket_of(sum)];
        while (all[at].sum < sum) ++at;
        return at;
    }

  private:
    struct Range {
        std::size_t begin, end;
    };

    std::size_t bucket_of(Value sum) const {
        return static_cast<std::size_t>((sum - least_) >> shift_);
    }
    void reserve(std::size_t states, Reservation& memory) {
        if (states <= states_.capacity()) return;
        std::size_t wanted = std::max(states, states_.grown());
        memory.take((wanted - states_.capacity()) * sizeof(State));
        states_.reserve(wanted);
    }
    // Appends the list, and the same with one more record of this value each.
    void merge(Range list, Value value) {
        State* to = states_.data() + states_.size();
        const State *without = states_.data() + list.begin, *end = states_.data() + list.end;
        for (const State* with = without; with != end;) {
            if (with->size == most_) {
                ++with;
                continue;
            }
            State more{with->sum + value, with->size + 1};
            while (without != end && *without < more) *to++ = *without++;
            if (without != end && !(more < *without)) ++without;
            *to++ = more;
            ++with;
        }
        while (without != end) *to++ = *without++;
        states_.resize(static_cast<std::size_t>(to - states_.data()));
    }

    unsigned most_ = 0;
    Buffer<State> states_;
    Buffer<Range> lists_;  // of each number of items
    Buffer<std::uint32_t> starts_;
    Value least_ = 0, greatest_ = 0;
    int shift_ = 0;
};

}  // namespace recon::match::group
