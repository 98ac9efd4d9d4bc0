// What the settings of the session bound.
#pragma once

#include "core/match/engine.hpp"
#include "pg/settings.hpp"

namespace recon::match {

inline Limits limits_set() {
    Limits limits;
    limits.max_comparisons = static_cast<std::uint64_t>(pg::settings::max_comparisons);
    limits.max_exact_candidates = static_cast<std::uint64_t>(pg::settings::max_exact_candidates);
    limits.group_budget = static_cast<std::uint64_t>(pg::settings::group_budget);
    limits.all_groups_budget =
        std::uint64_t{1000} * static_cast<std::uint64_t>(pg::settings::job_group_budget);
    return limits;
}

}  // namespace recon::match
