// American Soundex (R. C. Russell and M. K. Odell, 1918) as the US National Archives use it: the
// first letter and three digits, where letters of one digit in a row count once, also with H or W
// between them. (PostgreSQL's fuzzystrmatch counts them twice there: its soundex('Ashcraft') is
// A226, not A261.)
#pragma once

#include <string>
#include <string_view>

namespace recon::similarity {

// Four characters; empty for a text without a letter.
std::string soundex(std::string_view text);

}  // namespace recon::similarity
