#include "access/acting_roles.hpp"

namespace recon::access {

std::vector<std::int64_t> acting_roles(Oid user) {
    std::vector<std::int64_t> roles = {static_cast<std::int64_t>(user)};
    if (Oid session = GetSessionUserId(); session != user)
        roles.push_back(static_cast<std::int64_t>(session));
    return roles;
}

}  // namespace recon::access
