// What a class of A is compared with: in each group of B within its days, a range of the sweep.
#pragma once

#include <cstdint>
#include <vector>

#include "core/match/index.hpp"
#include "core/match/window.hpp"

namespace recon::match {

class Lanes {
  public:
    // Of a group of B: the first class that the sweep has not passed, and the end of the group.
    // The first only moves forward, as A's values ascend.
    struct Lane {
        std::uint32_t low, end;
    };

    Lanes(const Plan& plan, const Index& index);

    // For the classes of a group of A from `first` on.
    void open(const Group& group, std::size_t first);

    // Of B, not yet passed.
    std::uint64_t classes() const;

    // Calls each(b) for what class `a` is compared with.
    template <class Each>
    void for_each(std::uint32_t a, Each each) {
        if (sweep_ == nullptr) {
            for (const Lane& lane : lanes_)
                for (std::uint32_t b = lane.low; b < lane.end; ++b) each(b);
            return;
        }
        Window range = window(a);
        for (Lane& lane : lanes_) {
            while (lane.low < lane.end && keys_[lane.low] < range.low) ++lane.low;
            for (std::uint32_t b = lane.low; b < lane.end && keys_[b] <= range.high; ++b) each(b);
        }
    }
    // The same as ranges: each(begin, end).
    template <class Each>
    void for_ranges(std::uint32_t a, Each each) const {
        Window range = sweep_ == nullptr ? Window{} : window(a);
        for (const Lane& lane : lanes_) {
            if (sweep_ == nullptr)
                each(lane.low, lane.end);
            else
                each(first_from(lane, range.low, false), first_from(lane, range.high, true));
        }
    }

  private:
    Window window(std::size_t a) const {
        return sweep_->form == Form::wide ? window_of(*sweep_, sweep_a_->wide[a])
                                          : window_of(*sweep_, sweep_a_->numbers[a]);
    }
    // The first class with a key at or above, or `beyond`, this one.
    std::uint32_t first_from(const Lane& lane, std::int64_t key, bool beyond) const;

    const Index& index_;
    const Check* bucket_ = nullptr;
    const Check* sweep_ = nullptr;
    const Values* sweep_a_ = nullptr;
    const std::int64_t* keys_ = nullptr;
    std::vector<Lane> lanes_;
};

}  // namespace recon::match
