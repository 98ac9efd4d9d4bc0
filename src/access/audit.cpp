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

pg::Rows audit_all(pg::Spi& spi, Oid user, std::int64_t project_id, const char* action,
                   const char* resource, const char* changes, const char* result,
                   std::initializer_list<pg::Param> params) {
    std::string sql =
        std::string("WITH ") + changes +
        ", logged AS (INSERT INTO recon.audit_log (project_id, at, "
        "session_user_name, user_name, action, resource, resource_id, before, after) "
        "SELECT " +
        std::to_string(project_id) + ", e.at, pg_get_userbyid(" +
        std::to_string(GetSessionUserId()) + "), pg_get_userbyid(" + std::to_string(user) + "), '" +
        action + "', '" + resource +
        "', e.resource_id, e.before, e.after FROM entries e ORDER BY e.resource_id) " + result;
    return spi.query(sql.c_str(), params);
}

}  // namespace recon::access
