#include "pg/run_timeout.hpp"

#include <csignal>

extern "C" {
#include "storage/latch.h"
#include "utils/timeout.h"
}

namespace recon::pg {

namespace {

// Set by the handler of a signal.
volatile std::sig_atomic_t passed = 0;

void cancel() {
    passed = 1;
    InterruptPending = 1;
    QueryCancelPending = 1;
    SetLatch(MyLatch);
}

// The server has some numbers for timeouts of extensions: one is enough for a process.
TimeoutId timeout_id() {
    static const TimeoutId id = call([] { return RegisterTimeout(USER_TIMEOUT, cancel); });
    return id;
}

}  // namespace

RunTimeout::RunTimeout(int seconds) {
    passed = 0;
    TimeoutId id = timeout_id();
    if (seconds > 0) call([&] { enable_timeout_after(id, seconds * 1000); });
}

RunTimeout::~RunTimeout() {
    disable_timeout(timeout_id(), false);
}

bool RunTimeout::has_passed() const {
    return passed != 0;
}

}  // namespace recon::pg
