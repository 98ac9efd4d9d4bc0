// verify_audit: one row.
#include "access/audit_check.hpp"
#include "access/membership.hpp"
#include "pg/owner.hpp"

using namespace recon;

namespace {

access::AuditCheck check_for(std::int64_t project_id, Oid user) {
    pg::OwnerScope owner;
    pg::Spi spi(pg::Spi::read_only);
    bool exists = true;
    // Of a project that is gone, and of none (0), only superusers see the trail.
    if (!pg::is_superuser(user))
        access::require(spi, project_id, user, access::Level::viewer);
    else
        exists =
            !spi.query("SELECT FROM recon.projects WHERE project_id = $1", {pg::bigint(project_id)})
                 .empty();
    access::AuditCheck check = access::check_audit(spi, project_id);
    if (check.batches + check.entries + check.seals > 0 || project_id == 0) return check;
    if (!exists) access::project_is_missing(project_id);
    check.broken = access::Broken{"the project has no audit trail", {}, {}, {}, {}};
    return check;
}

}  // namespace

RECON_FUNCTION(recon_verify_audit) {
    pg::Arguments args(fcinfo);
    std::int64_t project_id = args.bigint(0, "project_id");
    access::AuditCheck check = check_for(project_id, GetUserId());
    pg::Value last_seal, last_hash, problem;
    access::Broken broken;
    if (check.broken) {
        broken = *check.broken;
        problem = pg::Value(broken.problem);
    }
    if (check.seals > 0) {
        last_seal = check.last_seal;
        last_hash =
            pg::Value::raw(pg::make_text(check.last_seal_hash));  // a bytea is made likewise
    }
    return pg::make_row(fcinfo, {!check.broken, check.chains, check.batches, check.entries,
                                 check.seals, check.unsealed, last_seal, last_hash, broken.chain_no,
                                 broken.batch_no, broken.audit_id, broken.seal_no, problem});
}
