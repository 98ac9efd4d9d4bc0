// The best assignment of a few records by trying all, with what the contract says of equals: for
// comparison with the engine.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace recon::match::test_support {

// Records in the contract's order; -1 where two may not match.
using Confidences = std::vector<std::vector<std::int64_t>>;

class BestChoice {
  public:
    using ClassPair = std::pair<std::size_t, std::size_t>;

    BestChoice(Confidences confidences, std::vector<std::size_t> class_of_a,
               std::vector<std::size_t> class_of_b)
        : confidences_(std::move(confidences)),
          class_of_a_(std::move(class_of_a)),
          class_of_b_(std::move(class_of_b)),
          best_(class_of_a_.size() + 1, std::vector<std::int64_t>(1u << class_of_b_.size(), 0)) {
        for (std::size_t x = class_of_a_.size(); x-- > 0;)
            for (std::uint32_t used = 0; used < best_[x].size(); ++used) {
                best_[x][used] = best_[x + 1][used];
                for (std::size_t y = 0; y < class_of_b_.size(); ++y)
                    if (may(x, y, used))
                        best_[x][used] =
                            std::max(best_[x][used], worth(x, y) + best_[x + 1][used | 1u << y]);
            }
        std::map<ClassPair, std::size_t> now;
        walk(0, 0, now);
    }

    // Partner of each record of A in the first of the best; -1 for none.
    std::vector<int> first() const {
        std::vector<int> partners;
        std::uint32_t used = 0;
        for (std::size_t x = 0; x < class_of_a_.size(); ++x) {
            int partner = -1;
            for (std::size_t y = 0; y < class_of_b_.size() && partner < 0; ++y)
                if (may(x, y, used) && worth(x, y) + best_[x + 1][used | 1u << y] == best_[x][used])
                    partner = static_cast<int>(y);
            if (partner >= 0) used |= 1u << partner;
            partners.push_back(partner);
        }
        return partners;
    }
    // Least and greatest number of times that the best have a pair of classes.
    std::pair<std::size_t, std::size_t> times(ClassPair pair) const {
        auto found = times_.find(pair);
        return found == times_.end() ? std::pair<std::size_t, std::size_t>{0, 0} : found->second;
    }
    bool ambiguous(std::size_t x, std::size_t y) const {
        auto [least, most] = times({class_of_a_[x], class_of_b_[y]});
        return least != most;
    }
    const std::map<ClassPair, std::pair<std::size_t, std::size_t>>& all_times() const {
        return times_;
    }
    std::int64_t total() const { return best_[0][0] / scale; }

  private:
    static constexpr std::int64_t scale = 64;  // a pair of confidence 0 counts for less than one

    bool may(std::size_t x, std::size_t y, std::uint32_t used) const {
        return confidences_[x][y] >= 0 && (used >> y & 1u) == 0;
    }
    std::int64_t worth(std::size_t x, std::size_t y) const {
        return confidences_[x][y] == 0 ? 1 : confidences_[x][y] * scale;
    }
    void walk(std::size_t x, std::uint32_t used, std::map<ClassPair, std::size_t>& now) {
        if (x == class_of_a_.size()) {
            for (auto& [pair, range] : times_) {
                std::size_t times = now.count(pair) != 0 ? now[pair] : 0;
                range = {std::min(range.first, times), std::max(range.second, times)};
            }
            for (auto& [pair, times] : now)
                if (times_.count(pair) == 0) times_[pair] = {seen_ ? 0 : times, times};
            seen_ = true;
            return;
        }
        if (best_[x + 1][used] == best_[x][used]) walk(x + 1, used, now);
        for (std::size_t y = 0; y < class_of_b_.size(); ++y) {
            if (!may(x, y, used) || worth(x, y) + best_[x + 1][used | 1u << y] != best_[x][used])
                continue;
            ++now[{class_of_a_[x], class_of_b_[y]}];
            walk(x + 1, used | 1u << y, now);
            --now[{class_of_a_[x], class_of_b_[y]}];
        }
    }

    Confidences confidences_;
    std::vector<std::size_t> class_of_a_, class_of_b_;
    std::vector<std::vector<std::int64_t>> best_;  // of A's records from x on, by B's used ones
    std::map<ClassPair, std::pair<std::size_t, std::size_t>> times_;
    bool seen_ = false;
};

}  // namespace recon::match::test_support
