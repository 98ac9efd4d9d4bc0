// A limit on the time of what a background worker does: after it, the statement at hand is
// cancelled.
#pragma once

#include "pg/guard.hpp"

namespace recon::pg {

class RunTimeout {
  public:
    explicit RunTimeout(int seconds);  // 0: none
    ~RunTimeout();
    RunTimeout(const RunTimeout&) = delete;
    RunTimeout& operator=(const RunTimeout&) = delete;

    bool has_passed() const;
};

}  // namespace recon::pg
