#include "access/audit.hpp"

#include "pg/owner.hpp"

namespace recon::access {

void audit(pg::Spi& spi, Oid user, std::int64_t project_id, const char* action,
           const char* resource, std::optional<std::int64_t> resource_id,
           const std::optional<std::string>& before, const std::optional<std::string>& after) {
    std::string session = pg::role_name(GetSessionUserId()), current = pg::role_name(user);
    spi.execute(
        "INSERT INTO recon.audit_log (project_id, at, session_user_name, user_name, action, "
        "resource, resource_id, "
        "before, after) VALUES ($1, clock_timestamp(), $2::name, $3::name, $4, $5, $6, $7, $8)",
        {pg::bigint(project_id), pg::text(session), pg::text(current), pg::text(action),
         pg::text(resource), pg::bigint(resource_id), pg::jsonb(before), pg::jsonb(after)});
}

}  // namespace recon::access
