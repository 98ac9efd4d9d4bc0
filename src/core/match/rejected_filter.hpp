// Rejected pairs among the candidates of a rule.
#pragma once

#include <span>
#include <vector>

#include "core/match/candidates.hpp"
#include "core/match/rejected.hpp"

namespace recon::match {

// Leaves rejected pairs out of the candidates, and remembers their classes.
class RejectedFilter final : public CandidateSink {
  public:
    // `rejected` may be null; plan, index and sink must outlive it.
    RejectedFilter(const Rejected* rejected, const Plan& plan, const Index& index,
                   CandidateSink& sink);
    void add(std::span<const Candidate> candidates) override;

    const std::vector<std::uint32_t>& left_a() const { return left_a_; }  // classes
    const std::vector<std::uint32_t>& left_b() const { return left_b_; }

  private:
    const Rejected* rejected_ = nullptr;
    const Index& index_;
    CandidateSink& sink_;
    const std::int64_t *ids_a_ = nullptr, *ids_b_ = nullptr;  // by row
    std::vector<Candidate> kept_;
    std::vector<std::uint32_t> left_a_, left_b_;
};

}  // namespace recon::match
