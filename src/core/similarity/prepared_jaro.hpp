// jaro and jaro_winkler over prepared texts: lengths and bags bound what two texts have in common.
#pragma once

#include <array>

#include "core/similarity/jaro.hpp"
#include "core/similarity/prepared_measure.hpp"
#include "core/similarity/sequences.hpp"

namespace recon::similarity {

class PreparedJaro final : public PreparedMeasure {
  public:
    PreparedJaro(const Measure& measure, Texts texts, StopToken& stop);

    double score(std::uint32_t a, std::uint32_t b, double bound) const override;
    std::size_t bytes() const override { return sequences_.bytes(); }

    const Sequences& sequences() const { return sequences_; }
    double min() const { return min_; }
    // The share for the measure's bound at the best of prefixes.
    double least_share() const { return shares_[is_winkler_ ? longest_winkler_prefix : 0]; }

  private:
    bool is_winkler_;
    double min_;
    std::array<double, longest_winkler_prefix + 1> shares_;  // of min, by length of the prefix
    StopToken& stop_;
    Sequences sequences_;
};

}  // namespace recon::similarity
