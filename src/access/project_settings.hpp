// What the extension itself reads of a project's settings. Other keys are the user's own.
#pragma once

#include <cstdint>
#include <string>

#include "core/json.hpp"
#include "pg/spi.hpp"

namespace recon::access {

// 22023 where a setting that the extension reads is not as it must be:
//   pairs               for run_project: an array of pairs of different names
//   four_eyes           boolean: whoever proposed a match or loaded its records does not approve it
//   exception_due_days  whole days, 0 or more: until when an exception is to be cleared
//   ageing_buckets      whole days, 0 or more, ascending: the last one of each bucket of ages
//   opening_balances    of names of sources, of currencies ("" for none): a decimal number as text
void check_settings(const json::Value& settings);

// The same for "pairs" alone; returns how many there are, 0 where the settings have none.
std::size_t check_pairs(const json::Value& settings);

std::string pair_path(std::size_t pair, std::size_t side);  // "$.pairs[0][1]"

// Whether the project has four_eyes on.
bool has_four_eyes(pg::Spi& spi, std::int64_t project_id);

}  // namespace recon::access
