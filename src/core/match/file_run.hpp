// One rule over rows that memory does not hold: part by part.
#pragma once

#include <functional>

#include "core/match/partition.hpp"
#include "core/match/rule_run.hpp"

namespace recon::match {

// Parts by keys are matched one after the other; where those are still too large, by ranges, and
// assigned together. Rows of the result are numbers of all rows. `done` gets the result of each
// part, before the next one is read. 53400 where a part cannot be made small enough.
void run_rule_in_files(const Splitting& how, const std::function<void(RuleResult&&)>& done);

}  // namespace recon::match
