// A subtransaction. It is ended by commit() or rollback(), or rolled back where an exception passes
// by: a handler outside, such as an EXCEPTION block of PL/pgSQL, aborts the innermost
// subtransaction and takes it for its own. rollback() is the one place where a ServerError may be
// swallowed before it, because it also releases what the server held when it failed.
#pragma once

#include "pg/failure.hpp"

namespace recon::pg {

class Subtransaction {
  public:
    Subtransaction();
    ~Subtransaction();
    Subtransaction(const Subtransaction&) = delete;
    Subtransaction& operator=(const Subtransaction&) = delete;

    void commit();
    void rollback();

  private:
    void leave();
    MemoryContext context_;
    ResourceOwner owner_;
    bool open_ = true;
};

// Runs `body` in a subtransaction, and commits it; or rolls it back and says why. A cancel, a
// timeout or a termination is passed on.
std::optional<Failure> attempt(const std::function<void()>& body);

}  // namespace recon::pg
