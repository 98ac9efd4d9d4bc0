// The distinct sums of some items, each with each number of records that gives it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/match/buffer.hpp"
#include "core/match/reservation.hpp"

namespace recon::match::group {

// Value: std::int64_t or field::int128; 256 times the difference of two sums must fit.
template <class Value>
class SumList {
  public:
    // A sum and a number of records, below 128, in one number: in order of both.
    using State = Value;
    static constexpr int size_bits = 7;
    static State state_of(Value sum, unsigned size) {
        return sum * (Value{1} << size_bits) + static_cast<Value>(size);
    }
    static Value sum_of(State state) { return state >> size_bits; }
    static unsigned size_of(State state) {
        return static_cast<unsigned>(state & ((Value{1} << size_bits) - 1));
    }

    // Of no item: the sum 0 of no record. Sums of more than `most` records are left out.
    void start(unsigned most) {
        most_ = most;
        states_.clear();
        states_.push_back(0);
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
    bool holds(std::size_t items, State state) const {
        std::span<const State> all = list(items);
        return std::binary_search(all.begin(), all.end(), state);
    }

    // Prepares first_from().
    void close(Reservation& memory) {
        std::span<const State> all = list();
        least_ = all.front();
        greatest_ = all.back();
        shift_ = 0;
        while (((greatest_ - least_) >> shift_) >= static_cast<Value>(all.size())) ++shift_;
        std::size_t buckets = bucket_of(greatest_) + 1;
        if (buckets > starts_.capacity()) {
            memory.take((buckets - starts_.capacity()) * sizeof(std::uint32_t));
            starts_.reserve(buckets);
        }
        starts_.resize(buckets);
        // On the stack, as the compiler cannot know that writing changes nothing else.
        const State least = least_;
        const int shift = shift_;
        std::uint32_t *next = starts_.data(), *first = next;
        for (std::uint32_t i = 0; i < all.size(); ++i) {
            const std::uint32_t* bucket = first + ((all[i] - least) >> shift);
            while (next <= bucket) *next++ = i;
        }
    }
    // The first state of list() that is not before this one; its size where there is none.
    std::size_t first_from(State state) const {
        if (state <= least_) return 0;
        std::span<const State> all = list();
        if (state > greatest_) return all.size();
        std::size_t at = starts_[bucket_of(state)];
        while (all[at] < state) ++at;
        return at;
    }

  private:
    struct Range {
        std::size_t begin, end;
    };

    std::size_t bucket_of(State state) const {
        return static_cast<std::size_t>((state - least_) >> shift_);
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
        const State more = state_of(value, 1);
        for (const State* with = without; with != end;) {
            if (size_of(*with) == most_) {
                ++with;
                continue;
            }
            // Without branches on which is less, as that is hard to predict.
            State next = *with + more;
            if (without == end) {
                *to++ = next;
                ++with;
                continue;
            }
            State other = *without;
            *to++ = std::min(next, other);
            with += next <= other ? 1 : 0;
            without += other <= next ? 1 : 0;
        }
        while (without != end) *to++ = *without++;
        states_.resize(static_cast<std::size_t>(to - states_.data()));
    }

    unsigned most_ = 0;
    Buffer<State> states_;
    Buffer<Range> lists_;  // of each number of items
    Buffer<std::uint32_t> starts_;
    State least_ = 0, greatest_ = 0;
    int shift_ = 0;
};

}  // namespace recon::match::group
