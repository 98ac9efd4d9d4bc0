#include "core/match/candidates.hpp"

#include <algorithm>
#include <array>

#include "core/match/pair_scorer.hpp"
#include "core/match/window.hpp"

namespace recon::match {

class CandidateSearch::Sweep {
  public:
    Sweep(const Plan& plan, const Index& index, CandidateSink& sink, Below& below,
          Reservation& memory, StopToken& token)
        : plan_(plan),
          index_(index),
          sink_(sink),
          below_(below),
          stop_(token, 256),
          scorer_(plan, index, below, memory, token) {
        if (index.cut.bucket >= 0)
            bucket_ = &plan.checks[static_cast<std::size_t>(index.cut.bucket)];
        if (index.cut.sweep < 0) return;
        auto sweep = static_cast<std::size_t>(index.cut.sweep);
        sweep_ = &plan.checks[sweep];
        sweep_a_ = &index.a.values[sweep];
        keys_ = index.sweep_keys.data();
    }

    void run(std::size_t begin, std::size_t end);
    std::uint64_t compared() const { return compared_; }

  private:
    // A group of B within the days of a group of A. Its first place that the sweep has not passed
    // only moves forward, as A's values ascend.
    struct Lane {
        std::uint32_t low, end;
    };

    void open_lanes(const Group& group, std::size_t first);
    void compare(std::uint32_t a);
    void add(std::uint32_t a, std::uint32_t b) {
        batch_.add(a, b);
        if (batch_.size == PairBatch::most) flush();
    }
    void flush();
    Window window(std::size_t a) const {
        return sweep_->form == Form::wide ? window_of(*sweep_, sweep_a_->wide[a])
                                          : window_of(*sweep_, sweep_a_->numbers[a]);
    }

    const Plan& plan_;
    const Index& index_;
    CandidateSink& sink_;
    Below& below_;
    StopCheck stop_;
    PairScorer scorer_;
    const Check* bucket_ = nullptr;
    const Check* sweep_ = nullptr;
    const Values* sweep_a_ = nullptr;
    const std::int64_t* keys_ = nullptr;
    std::vector<Lane> lanes_;
    PairBatch batch_;
    std::array<Candidate, PairBatch::most> found_;
    std::uint64_t compared_ = 0;
};

void CandidateSearch::Sweep::run(std::size_t begin, std::size_t end) {
    if (begin >= end) return;
    const std::vector<Group>& groups = index_.a.groups;
    auto group =
        std::upper_bound(groups.begin(), groups.end(), begin,
                         [](std::size_t a, const Group& other) { return a < other.begin; });
    for (--group; begin < end; ++group) {
        std::size_t group_end = std::min<std::size_t>(end, (group + 1)->begin);
        open_lanes(*group, begin);
        for (; begin < group_end; ++begin) compare(static_cast<std::uint32_t>(begin));
    }
    flush();
}

void CandidateSearch::Sweep::open_lanes(const Group& group, std::size_t first_a) {
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
        if (sweep_ != nullptr)
            lane.low = static_cast<std::uint32_t>(
                std::lower_bound(keys_ + lane.low, keys_ + lane.end, window(first_a).low) - keys_);
        lanes_.push_back(lane);
    }
}

void CandidateSearch::Sweep::compare(std::uint32_t a) {
    stop_();
    if (sweep_ == nullptr) {
        for (const Lane& lane : lanes_)
            for (std::uint32_t b = lane.low; b < lane.end; ++b) add(a, b);
        return;
    }
    Window range = window(a);
    for (Lane& lane : lanes_) {
        while (lane.low < lane.end && keys_[lane.low] < range.low) ++lane.low;
        for (std::uint32_t b = lane.low; b < lane.end && keys_[b] <= range.high; ++b) add(a, b);
    }
}

void CandidateSearch::Sweep::flush() {
    if (batch_.size == 0) return;
    compared_ += batch_.size;
    scorer_.score(batch_);
    std::size_t count = 0;
    for (std::size_t k = 0; k < batch_.held; ++k) {
        std::uint32_t a = batch_.a[batch_.which[k]], b = batch_.b[batch_.which[k]];
        if (batch_.confidence[k] < plan_.threshold)
            below_.a[a] = below_.b[b] = 1;
        else
            found_[count++] = {a, b, batch_.confidence[k]};
    }
    batch_.size = 0;
    sink_.add({found_.data(), count});
}

CandidateSearch::CandidateSearch(const Plan& plan, const Index& index, CandidateSink& sink,
                                 Below& below, Reservation& memory, StopToken& stop)
    : sweep_(std::make_unique<Sweep>(plan, index, sink, below, memory, stop)) {}

CandidateSearch::~CandidateSearch() = default;

void CandidateSearch::run(std::size_t begin, std::size_t end) {
    sweep_->run(begin, end);
}

std::uint64_t CandidateSearch::compared() const {
    return sweep_->compared();
}

}  // namespace recon::match
