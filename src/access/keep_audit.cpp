// The trigger of the audit trail's tables, which are only added to: it refuses everything else, to
// superusers, too. Whoever takes the trigger away is found out by verify_audit.
#include "pg/trigger.hpp"

using namespace recon;

RECON_FUNCTION(recon_keep_audit) {
    pg::TriggerCall trigger(fcinfo, pg::TriggerCall::Moments::all);
    throw Error("55000",
                std::string("cannot change or delete rows of table \"") + trigger.table() + "\"",
                "The audit trail is only added to.");
}
