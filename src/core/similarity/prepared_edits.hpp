// levenshtein, damerau_levenshtein and token_sort over prepared texts: what the lengths and bags
// leave is computed up to the distance that the bound allows.
#pragma once

#include <array>
#include <memory_resource>

#include "core/similarity/damerau_levenshtein.hpp"
#include "core/similarity/prepared_measure.hpp"
#include "core/similarity/sequences.hpp"

namespace recon::similarity {

class PreparedEdits final : public PreparedMeasure {
  public:
    PreparedEdits(const Measure& measure, Texts texts, StopToken& stop);

    double score(std::uint32_t a, std::uint32_t b, double bound) const override;
    std::size_t bytes() const override { return sequences_.bytes() + copied_; }

    const Sequences& sequences() const { return sequences_; }
    bool is_indel() const { return algorithm_ == Algorithm::token_sort; }
    bool transposes() const { return algorithm_ == Algorithm::damerau_levenshtein; }
    // The most edits between texts of these lengths that the measure allows.
    std::size_t cutoff(std::size_t length_a, std::size_t length_b) const;

  private:
    Sequences sort_words(Texts texts, StopToken& stop);
    std::size_t most_edits(std::size_t length_a, std::size_t length_b) const {
        return is_indel() ? length_a + length_b : std::max(length_a, length_b);
    }
    std::size_t cutoff_at(std::size_t length, double bound) const {
        std::size_t cutoff =
            bound <= min_ && length < cutoffs_.size() ? cutoffs_[length] : cutoff_of(length, bound);
        return std::min(cutoff, most_);
    }

    Algorithm algorithm_;
    double min_;
    std::size_t most_;                        // by max_distance
    std::array<std::uint16_t, 256> cutoffs_;  // of min, by length
    std::pmr::monotonic_buffer_resource arena_;
    std::size_t copied_ = 0;
    StopToken& stop_;
    Sequences sequences_;
    mutable DamerauRows rows_;
};

}  // namespace recon::similarity
