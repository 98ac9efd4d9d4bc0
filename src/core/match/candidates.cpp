#include "core/match/candidates.hpp"

#include <algorithm>
#include <array>

#include "core/match/lanes.hpp"

namespace recon::match {

class CandidateSearch::Search {
  public:
    Search(const Plan& plan, const Index& index, CandidateSink& sink, Below& below,
           Reservation& memory, StopToken& token)
        : plan_(plan),
          index_(index),
          sink_(sink),
          below_(below),
          stop_(token, 256),
          stop_scoring_(token, 4),
          scorer_(plan, index, below, memory, token),
          lanes_(plan, index) {}

    void run(std::size_t begin, std::size_t end);
    std::uint64_t compared() const { return compared_; }
    const std::vector<Scored>& scored() const { return scorer_.scored(); }

  private:
    void add(std::uint32_t a, std::uint32_t b) {
        batch_.add(a, b);
        if (batch_.size == PairBatch::most) flush();
    }
    void sweep(const Group& group, std::uint32_t first, std::uint32_t last);
    void join_texts(std::uint32_t number, std::uint32_t first, std::uint32_t last);
    void flush();

    const Plan& plan_;
    const Index& index_;
    CandidateSink& sink_;
    Below& below_;
    StopCheck stop_;          // of classes of A, which may have nothing to be compared with
    StopCheck stop_scoring_;  // of batches, whose texts take up to some microseconds a pair
    PairScorer scorer_;
    Lanes lanes_;
    PairBatch batch_;
    std::array<Candidate, PairBatch::most> found_;
    std::uint64_t compared_ = 0;
};

void CandidateSearch::Search::run(std::size_t begin, std::size_t end) {
    if (begin >= end) return;
    const std::vector<Group>& groups = index_.a.groups;
    auto group =
        std::upper_bound(groups.begin(), groups.end(), begin,
                         [](std::size_t a, const Group& other) { return a < other.begin; });
    for (--group; begin < end; ++group) {
        std::size_t group_end = std::min<std::size_t>(end, (group + 1)->begin);
        auto number = static_cast<std::uint32_t>(group - groups.begin());
        auto first = static_cast<std::uint32_t>(begin),
             last = static_cast<std::uint32_t>(group_end);
        begin = group_end;
        switch (index_.ways.empty() ? Way::sweep : index_.ways[number]) {
            case Way::sweep:
                sweep(*group, first, last);
                break;
            case Way::text_join:
                join_texts(number, first, last);
                break;
            case Way::left_out:
                break;
        }
    }
    flush();
}

void CandidateSearch::Search::sweep(const Group& group, std::uint32_t first, std::uint32_t last) {
    lanes_.open(group, first);
    for (std::uint32_t a = first; a < last; ++a) {
        stop_();
        lanes_.for_each(a, [&](std::uint32_t b) { add(a, b); });
    }
}

void CandidateSearch::Search::join_texts(std::uint32_t number, std::uint32_t first,
                                         std::uint32_t last) {
    const TextPairs::Group& group = index_.text_pairs.group(number);
    const std::uint32_t* texts = index_.a.values[group.check].ids.data();
    for (std::uint32_t a = first; a < last; ++a) {
        stop_();
        index_.text_pairs.for_each(group, texts[a], [&](std::uint32_t b) { add(a, b); });
    }
}

void CandidateSearch::Search::flush() {
    if (batch_.size == 0) return;
    stop_scoring_();
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
    : search_(std::make_unique<Search>(plan, index, sink, below, memory, stop)) {}

CandidateSearch::~CandidateSearch() = default;

void CandidateSearch::run(std::size_t begin, std::size_t end) {
    search_->run(begin, end);
}

const std::vector<Scored>& CandidateSearch::scored() const {
    return search_->scored();
}

std::uint64_t CandidateSearch::compared() const {
    return search_->compared();
}

}  // namespace recon::match
