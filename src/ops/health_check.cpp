// recon.health_check().
#include "ops/health/check.hpp"
#include "ops/monitors.hpp"
#include "pg/owner.hpp"

using namespace recon;

RECON_FUNCTION(recon_health_check) {
    ops::require_monitor("health_check", "ask for it");
    pg::ResultSet rows(fcinfo);
    pg::OwnerScope owner;
    for (const ops::CheckResult& result : ops::check_health()) {
        const ops::Finding& finding = result.finding;
        rows.add({result.name, ops::health_text(finding.health), finding.detail,
                  finding.hint.empty() ? pg::Value() : pg::Value(finding.hint)});
    }
    return 0;
}
