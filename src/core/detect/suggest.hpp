// suggest_mapping: dialect, mapping and how sure they are, from the first bytes of a file.
#pragma once

#include <string_view>

#include "core/ingest/options.hpp"
#include "core/json.hpp"

namespace recon::detect {

inline constexpr std::size_t longest_sample = std::size_t{1} << 20;  // no more is looked at
inline constexpr std::size_t longest_head = std::size_t{64} << 10;   // for "auto"

// {"dialect": options, "mapping": a mapping or null, "confidence": {...}, "notes": [...]}, in
// UTF-8. Takes any bytes, cut anywhere, also packed with gzip. parse_options() and parse_mapping()
// accept what it says. Names that are not valid text are left to column numbers.
json::Value suggest(std::string_view sample);

// Gives the options that say "auto" the values that suggest() finds in `head`, where the others
// hold as they are, and clears auto_keys. `head`: the first bytes of the input, longest_head of
// them or all there are.
void resolve(ingest::Options& options, std::string_view head);

}  // namespace recon::detect
