// A rule turned into one that measures how near values are, beyond the bounds of its conditions.
#pragma once

#include "core/match/plan.hpp"

namespace recon::match {

// The same conditions in the same order, none of them required: texts by their similarity without a
// least one, numbers and times falling in a straight line from 1 to 0 far outside of what is
// allowed. `plan` is the rule's.
rule::Rule relax(const Plan& plan);

}  // namespace recon::match
