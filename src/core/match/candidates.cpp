#include "core/match/candidates.hpp"

#include <algorithm>
#include <array>

#include "core/match/lanes.hpp"

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
          scorer_(plan, index, below, memory, token),
          lanes_(plan, index) {}

    void run(std::size_t begin, std::size_t end);
    std::uint64_t compared() const { return compared_; }

  private:
    void add(std::uint32_t a, std::uint32_t b) {
        batch_.add(a, b);
        if (batch_.size == PairBatch::most) flush();
    }
    void flush();

    const Plan& plan_;
    const Index& index_;
    CandidateSink& sink_;
    Below& below_;
    StopCheck stop_;
    PairScorer scorer_;
    Lanes lanes_;
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
        if (!index_.left_out.empty() &&
            index_.left_out[static_cast<std::size_t>(group - groups.begin())] != 0) {
            begin = group_end;
            continue;
        }
        lanes_.open(*group, begin);
        for (; begin < group_end; ++begin) {
            stop_();
            auto a = static_cast<std::uint32_t>(begin);
            lanes_.for_each(a, [&](std::uint32_t b) { add(a, b); });
        }
    }
    flush();
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
