// Candidates found with parallel workers.
#pragma once

#include <string>
#include <vector>

#include "core/match/candidate_finder.hpp"
#include "core/progress.hpp"
#include "core/rule/rule.hpp"

namespace recon::match {

// Shares the comparing of pairs with parallel workers where it is long enough to pay; the
// candidates are the same, in the same order, as those found by one process.
class ParallelSearch final : public CandidateFinder {
  public:
    // `specs`: the JSON of each of the rules, which outlive this.
    ParallelSearch(const std::vector<rule::Rule>& rules, std::vector<std::string> specs,
                   MemoryBudget& budget, Progress& progress)
        : rules_(rules), specs_(std::move(specs)), budget_(budget), progress_(progress) {}

    void find(const Plan& plan, const Index& index, double comparisons, CandidateSink& sink,
              Below& below, Reservation& memory, StopToken& stop) override;

  private:
    const std::vector<rule::Rule>& rules_;
    std::vector<std::string> specs_;
    MemoryBudget& budget_;
    Progress& progress_;
};

}  // namespace recon::match
