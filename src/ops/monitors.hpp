// Who may look after the whole server.
#pragma once

#include "pg/owner.hpp"

namespace recon::ops {

// 42501 where the current user is neither a superuser nor has the privileges of pg_monitor.
inline void require_monitor(const char* function, const char* to_do) {
    Oid user = GetUserId();
    if (pg::is_superuser(user) || pg::has_privileges(user, ROLE_PG_MONITOR)) return;
    throw Error("42501", "permission denied for function " + std::string(function),
                "Only superusers and roles with privileges of the \"pg_monitor\" role may " +
                    std::string(to_do) + ".");
}

}  // namespace recon::ops
