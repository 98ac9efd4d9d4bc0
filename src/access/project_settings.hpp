// What the extension itself reads of a project's settings: the setting "pairs" of run_project.
#pragma once

#include <string>

#include "core/json.hpp"

namespace recon::access {

// 22023 where "pairs" is anything else than an array of pairs of different names; returns how many
// there are, 0 where the settings have none. Other keys are the user's own.
std::size_t check_pairs(const json::Value& settings);

std::string pair_path(std::size_t pair, std::size_t side);  // "$.pairs[0][1]"

}  // namespace recon::access
