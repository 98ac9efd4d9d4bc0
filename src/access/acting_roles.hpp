// In whose name something is done.
#pragma once

#include "pg/server.hpp"

namespace recon::access {

// The role `user`, which is the caller, and that of the session, once where they are the same: SET
// ROLE makes nobody somebody else. As a parameter of a statement, cast by SQL:
// $1::oid[]::regrole[].
std::vector<std::int64_t> acting_roles(Oid user);

}  // namespace recon::access
