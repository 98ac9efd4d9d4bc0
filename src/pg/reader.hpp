// Work done with the rights of the role that named a relation: reading it, and whatever code the
// relation brings along (functions of a view, expressions, output functions of types).
#pragma once

#include "pg/guard.hpp"

namespace recon::pg {

struct ReadAs {
    Oid role = InvalidOid;
    std::string context;  // a line of CONTEXT for every error on the way
};

// While it lives, the role is the current user in a security-restricted operation: no code that
// runs in it can become the caller or a superuser, or leave prepared statements, cursors or
// temporary objects behind. Nothing can be written, row-level security applies, names are found in
// pg_catalog alone, and values turn to the same text whatever the caller's settings say. Settings
// that the code changes change back.
//
// Short spans only: what recon itself writes must be outside.
class ReaderScope {
  public:
    explicit ReaderScope(const ReadAs& as);  // which outlives it
    ~ReaderScope();
    ReaderScope(const ReaderScope&) = delete;
    ReaderScope& operator=(const ReaderScope&) = delete;

  private:
    Oid user_ = InvalidOid;
    int security_context_ = 0;
    bool read_only_ = XactReadOnly;
    int nest_level_ = 0;
    int exceptions_ = std::uncaught_exceptions();
    ErrorContextCallback callback_{};
};

// The search_path under which expressions are checked and evaluated.
inline constexpr char reader_search_path[] = "pg_catalog, pg_temp";

bool role_exists(Oid role);

}  // namespace recon::pg
