// The join by edit distance. With at most k edits between two texts, one of k + 1 segments of the
// one stands unchanged in the other, about where it was: the segments of B's texts are indexed, and
// those parts of A's texts that may be one are looked up.
#pragma once

#include <optional>
#include <vector>

#include "core/match/bag_scan.hpp"
#include "core/match/postings.hpp"
#include "core/match/text_join.hpp"
#include "core/similarity/prepared_edits.hpp"

namespace recon::match {

class SegmentJoin final : public TextJoin {
  public:
    SegmentJoin(const similarity::PreparedEdits& prepared, TextNumbers a, TextNumbers b,
                Reservation& memory, StopToken& stop);

    std::uint64_t comparisons() const override { return comparisons_; }
    void run(const Each& each) override;

  private:
    // How B's texts of one length are cut; no segments where they are scanned instead.
    struct Cut {
        std::vector<std::uint32_t> begins;  // of the segments, and the end of the last
        std::size_t segments() const { return begins.empty() ? 0 : begins.size() - 1; }
    };

    std::size_t most_edits(std::size_t length_b) const;
    Cut cut(const LengthGroup& group) const;
    void index();
    // The hashes of all beginnings of a text, from which those of its parts follow.
    void hash_beginnings(std::uint32_t text);
    std::uint64_t hash_of(std::size_t begin, std::size_t length) const {
        return beginnings_[begin + length] - beginnings_[begin] * powers_[length];
    }
    std::size_t key(std::uint64_t hash, std::size_t length_b, std::size_t segment) const;
    // Calls `visit` with each list of B's texts that share a segment with the text hashed last.
    template <class Visit>
    void look_up(std::size_t length_a, std::size_t group_b, Visit visit) const;
    void estimate();

    const similarity::PreparedEdits& prepared_;
    const similarity::Sequences& sequences_;
    LengthGroups a_, b_;
    Reservation& memory_;
    StopToken& stop_;
    BagLimitOf limit_of_;
    std::vector<Cut> cuts_;  // of the groups of B
    unsigned key_bits_ = 1;
    std::optional<Postings> postings_;
    std::vector<std::uint64_t> beginnings_, powers_;
    std::uint64_t comparisons_ = 0;
};

}  // namespace recon::match
