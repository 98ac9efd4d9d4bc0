// The score of a condition and the confidence of a pair, as the contract defines them. All scoring
// is here.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/match/operands.hpp"

namespace recon::match {

class Scorer {
  public:
    // With `blocked`, pairs come from the same block: what blocking has checked is not checked
    // again.
    Scorer(const Plan& plan, const Operands& operands, StopToken& stop, bool blocked);

    // 0 where the condition does not hold or has a NULL.
    double score(std::size_t check, std::uint32_t a, std::uint32_t b, bool& holds) const;

    // The weighted mean in billionths, or -1 where a required condition does not hold.
    Billionths confidence(std::uint32_t a, std::uint32_t b);

    // Of scores in order of the rule.
    Billionths mean(const double* scores) const;

  private:
    const Plan& plan_;
    const Operands& operands_;
    StopToken& stop_;
    std::vector<std::size_t> order_;  // required ones first, cheap ones first among them
    std::array<double, 64> scores_{};
    double weights_ = 0;
};

// True for a condition that holds, with score 1, for every pair of a block.
bool implied_by_block(const Check& check);

}  // namespace recon::match
