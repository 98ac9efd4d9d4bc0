#include "access/audit.hpp"

#include "access/audit_chain.hpp"
#include "pg/owner.hpp"

namespace recon::access {

namespace {

constexpr std::size_t own_params = 8;

// The statement that makes the changes and writes their entries and their batch; no batch where
// there is no change. Its own parameters follow the `before` ones of `changes`, in the order of
// bind().
std::string compose(const char* changes, const char* result, std::size_t before) {
    enum { project, chain, batch, hash, session, user, action, resource };
    auto at = [&](std::size_t own) { return "$" + std::to_string(before + own + 1); };
    return std::string("WITH ") + changes +
           ", numbered AS MATERIALIZED (SELECT nextval('recon.audit_log_audit_id_seq') AS "
           "audit_id, " +
           at(project) + "::bigint AS project_id, e.at, " + at(session) +
           "::name AS session_user_name, " + at(user) + "::name AS user_name, " + at(action) +
           "::text AS action, " + at(resource) +
           "::text AS resource, e.resource_id, e.before, e.after "
           "FROM (SELECT at, resource_id, before, after FROM entries ORDER BY resource_id) e), "
           "logged AS (INSERT INTO recon.audit_log (audit_id, project_id, at, session_user_name, "
           "user_name, action, resource, resource_id, before, after, chain_no, batch_no, hash) "
           "SELECT n.*, " +
           at(chain) + ", " + at(batch) +
           ", " RECON_AUDIT_ENTRY_HASH
           " FROM numbered n RETURNING audit_id, hash), "
           "batch AS (INSERT INTO recon.audit_batches (project_id, chain_no, batch_no, entries, "
           "hash) SELECT " +
           at(project) + ", " + at(chain) + ", " + at(batch) + ", count(*), sha256(" + at(hash) +
           " || convert_to(json_build_array(" + at(project) + ", " + at(chain) + ", " + at(batch) +
           ", count(*))::text, 'UTF8') || string_agg(hash, '' ORDER BY audit_id)) FROM logged "
           "HAVING count(*) > 0) " +
           result;
}

struct Writer {
    std::string session, user;
    ChainEnd end;

    Writer(Oid role, std::int64_t project_id)
        : session(pg::role_name(GetSessionUserId())),
          user(pg::role_name(role)),
          end(take_chain(project_id)) {}

    std::array<pg::Param, own_params> bind(std::int64_t project_id, const char* action,
                                           const char* resource) const {
        return {pg::bigint(project_id),
                pg::bigint(end.chain_no),
                pg::bigint(end.batch_no + 1),
                pg::bytes(end.hash_bytes()),
                pg::text(session),
                pg::text(user),
                pg::text(action),
                pg::text(resource)};
    }
};

}  // namespace

void audit(pg::Spi& spi, Oid user, std::int64_t project_id, const char* action,
           const char* resource, std::optional<std::int64_t> resource_id,
           const std::optional<std::string>& before, const std::optional<std::string>& after) {
    static const std::string sql = compose(
        "entries AS (SELECT clock_timestamp() AS at, $1 AS resource_id, $2 AS before, $3 AS after)",
        "SELECT", 3);
    static pg::Prepared statement(sql.c_str());
    Writer writer(user, project_id);
    auto own = writer.bind(project_id, action, resource);
    spi.query(statement, {pg::bigint(resource_id), pg::jsonb(before), pg::jsonb(after), own[0],
                          own[1], own[2], own[3], own[4], own[5], own[6], own[7]});
}

pg::Rows audit_all(pg::Spi& spi, Oid user, std::int64_t project_id, const char* action,
                   const char* resource, const char* changes, const char* result,
                   std::initializer_list<pg::Param> params) {
    Writer writer(user, project_id);
    std::vector<pg::Param> all(params);
    auto own = writer.bind(project_id, action, resource);
    all.insert(all.end(), own.begin(), own.end());
    return spi.query(compose(changes, result, params.size()).c_str(),
                     std::span<const pg::Param>(all));
}

}  // namespace recon::access
