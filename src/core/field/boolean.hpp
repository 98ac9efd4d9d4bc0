// Booleans as PostgreSQL reads them.
#pragma once

#include <optional>
#include <string_view>

namespace recon::field {

// t, true, y, yes, on, 1 and f, false, n, no, off, 0; any case, unique prefixes and blanks around
// allowed.
std::optional<bool> parse_boolean(std::string_view text);

}  // namespace recon::field
