// A subtransaction. It is ended by commit() or rollback(); an error that passes by leaves that to the abort of the
// transaction around it. rollback() is the one place where a ServerError may be swallowed before it, because it also
// releases what the server held when it failed.
#pragma once

#include "pg/guard.hpp"

namespace recon::pg {

class Subtransaction {
  public:
    Subtransaction();
    Subtransaction(const Subtransaction&) = delete;
    Subtransaction& operator=(const Subtransaction&) = delete;

    void commit();
    void rollback();

  private:
    void leave();
    MemoryContext context_;
    ResourceOwner owner_;
};

}  // namespace recon::pg
