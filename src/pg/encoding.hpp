// Texts between the database's encoding and UTF-8, which the core works in. In a database of UTF8,
// or of SQL_ASCII, whose bytes are taken as they are, nothing is converted.
#pragma once

#include <string>
#include <string_view>

namespace recon::pg {

bool converts_text();

std::string to_utf8(std::string_view text);
// Throws 22P05 for a character that the database's encoding lacks.
std::string from_utf8(std::string_view text);

}  // namespace recon::pg
