// Metaphone (L. Philips, "Hanging on the Metaphone", 1990) with the rules of PostgreSQL's
// fuzzystrmatch: the code of the whole text, 0 for "th" and X for "sh".
#pragma once

#include <string>
#include <string_view>

namespace recon::similarity {

// Empty for a text without a letter.
std::string metaphone(std::string_view text);

}  // namespace recon::similarity
