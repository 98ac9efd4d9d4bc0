// A commit that takes long once others see it, for test/tap/memo.pl.
#include "pg/function.hpp"

extern "C" {
#include "access/xact.h"
}

using namespace recon;

namespace {

int delay_ms = 0;

void after_commit(XactEvent event, void*) {
    if (event == XACT_EVENT_COMMIT && delay_ms > 0) pg_usleep(1000L * delay_ms);
    if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT) delay_ms = 0;
}

}  // namespace

// Of this transaction.
RECON_FUNCTION(recon_test_delay_after_commit) {
    static bool registered = false;
    if (!registered) pg::call([] { RegisterXactCallback(after_commit, nullptr); });
    registered = true;
    delay_ms = static_cast<int>(PG_GETARG_INT32(0));
    return 0;
}
