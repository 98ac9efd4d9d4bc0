// Work done with the rights of the extension's owner, after the caller's rights were checked.
#pragma once

#include "pg/guard.hpp"

namespace recon::pg {

// While it lives, the current user is the owner of recon's tables, row-level security does not
// apply, and search_path is pinned. The previous user comes back on every way out; the setting on
// the normal one, the transaction's abort does it on the others.
class OwnerScope {
  public:
    OwnerScope();
    ~OwnerScope();
    OwnerScope(const OwnerScope&) = delete;
    OwnerScope& operator=(const OwnerScope&) = delete;

    // How many trigger functions the innermost one that lives was made in; none where none lives.
    static std::optional<int> trigger_depth();

  private:
    static inline OwnerScope* innermost_ = nullptr;
    OwnerScope* outer_ = nullptr;
    int trigger_depth_ = 0;
    Oid user_ = InvalidOid;
    int security_context_ = 0;
    int nest_level_ = 0;
    int exceptions_ = std::uncaught_exceptions();
};

// How many trigger functions are running, each within the statement of the one before.
int trigger_depth();

std::string database_encoding();

bool is_superuser(Oid role);
bool has_privileges(Oid role, Oid of);  // as a member that inherits
// The role itself and those that it may have the privileges of: has_privileges is still to be
// asked.
std::vector<Oid> privileged_roles(Oid role);

// A role's name, or its number where it is gone.
std::string role_name(Oid role);

// InvalidOid where there is no such role.
Oid find_role(const std::string& name);

// 42704 where there is no such role.
Oid role_oid(const std::string& name);

}  // namespace recon::pg
