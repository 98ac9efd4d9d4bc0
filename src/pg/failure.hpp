// An error as plain values, for those that go on after it.
#pragma once

#include "pg/guard.hpp"

namespace recon::pg {

inline constexpr char lock_not_available[] = "55P03";

// What made a transaction, or a part of one, fail.
struct Failure {
    std::string sqlstate, message, detail, hint, context;
};

// Of the exception at hand, in a handler; the server's report is taken off its stack.
Failure current_failure();

}  // namespace recon::pg
