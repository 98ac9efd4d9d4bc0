// Messages to the client that are no errors.
#pragma once

#include "pg/guard.hpp"

namespace recon::pg {

void notice(const std::string& message, const std::string& hint);
void warning(const std::string& message, const std::string& detail, const std::string& hint);

}  // namespace recon::pg
