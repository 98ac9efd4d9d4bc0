#include "review/four_eyes.hpp"

#include "access/acting_roles.hpp"
#include "access/project_settings.hpp"
#include "pg/owner.hpp"

namespace recon::review {

namespace {

// What of the matches ($2) is of the roles ($3), whether these made a match or loaded what a record
// is or was. Whoever loaded little is found by his loads, which come first.
constexpr char own_sql[] =
    "WITH chosen AS MATERIALIZED (SELECT m.* FROM recon.matches m WHERE m.project_id = $1 AND "
    "m.match_id = ANY ($2) AND m.status = 'proposed'), "
    "loads AS MATERIALIZED (SELECT i.ingestion_id, (SELECT r FROM unnest(i.loaded_by) r WHERE r = "
    "ANY ($3::oid[]) LIMIT 1) AS role FROM recon.ingestions i WHERE i.project_id = $1 AND "
    "i.loaded_by::oid[] && $3::oid[]), "
    "members AS MATERIALIZED (SELECT c.match_id, u.record_id FROM chosen c, LATERAL (VALUES "
    "(c.record_a_id), (c.record_b_id)) u(record_id) WHERE u.record_id IS NOT NULL AND EXISTS "
    "(SELECT FROM loads) "
    "UNION ALL SELECT c.match_id, x.record_id FROM chosen c JOIN recon.match_members x ON "
    "x.project_id = $1 AND x.match_id = c.match_id WHERE EXISTS (SELECT FROM loads)) "
    "SELECT match_id, deed, record_id, role::oid FROM ("
    "SELECT c.match_id, 'matched it by hand' AS deed, NULL::bigint AS record_id, CASE WHEN "
    "c.proposed_by = ANY ($3::oid[]) THEN c.proposed_by ELSE c.proposed_session END AS role FROM "
    "chosen c WHERE c.proposed_by = ANY ($3::oid[]) OR c.proposed_session = ANY ($3::oid[]) "
    "UNION ALL SELECT c.match_id, 'ran the job that proposed it', NULL, (SELECT r FROM "
    "unnest(j.run_by) r WHERE r = ANY ($3::oid[]) LIMIT 1) FROM chosen c JOIN recon.job_runs j ON "
    "j.project_id = $1 AND j.job_id = c.job_id AND j.created_at = c.created_at WHERE "
    "j.run_by::oid[] && $3::oid[] "
    "UNION ALL SELECT m.match_id, 'loaded record ', m.record_id, l.role FROM members m JOIN "
    "recon.records r ON r.project_id = $1 AND r.record_id = m.record_id JOIN loads l ON "
    "l.ingestion_id = r.ingestion_id "
    "UNION ALL SELECT m.match_id, 'loaded record ', m.record_id, l.role FROM members m JOIN "
    "recon.record_versions v ON v.project_id = $1 AND v.record_id = m.record_id JOIN loads l ON "
    "l.ingestion_id = v.ingestion_id) own ORDER BY match_id, record_id NULLS FIRST, deed LIMIT 1";

}  // namespace

void check_four_eyes(pg::Spi& spi, std::int64_t project_id,
                     const std::vector<std::int64_t>& match_ids, Oid user) {
    if (!access::has_four_eyes(spi, project_id)) return;
    std::vector<std::int64_t> roles = access::acting_roles(user);
    pg::Rows own =
        spi.query(own_sql, {pg::bigint(project_id), pg::bigints(match_ids), pg::bigints(roles)});
    if (own.empty()) return;
    std::string deed = own.text(0, 1);
    if (!own.is_null(0, 2)) deed += own.text(0, 2) + " of it";
    throw Error(
        "42501",
        "match " + own.text(0, 0) + " cannot be approved by role \"" + pg::role_name(user) + "\"",
        "Role \"" + pg::role_name(own.oid(0, 3)) + "\" " + deed +
            ", and the project has \"four_eyes\" on.",
        "Let another reviewer approve it, in a session of his own.");
}

}  // namespace recon::review
