// Bytes kept aside in a temporary file of the server, read back once in the order in which they
// were written.
#pragma once

#include "pg/guard.hpp"

namespace recon::pg {

class Spool {
  public:
    // Belongs to the subtransaction in which it is made, and goes with it.
    Spool();
    void write(const void* bytes, std::size_t size);
    void rewind();
    void read(void* bytes, std::size_t size);
    void close();

  private:
    BufFile* file_;
};

}  // namespace recon::pg
