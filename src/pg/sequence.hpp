// The next ids of one of recon's sequences.
#pragma once

#include "pg/guard.hpp"
#include "pg/table.hpp"

namespace recon::pg {

class Sequence {
  public:
    explicit Sequence(const char* name) : oid_(table_oid(name)) {}

    // Rights are not checked: ids are taken for rows whose writing was.
    std::int64_t next() {
        return call([&] { return nextval_internal(oid_, false); });
    }

  private:
    Oid oid_;
};

}  // namespace recon::pg
