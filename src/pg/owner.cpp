#include "pg/owner.hpp"

#include "pg/table.hpp"

namespace recon::pg {

OwnerScope::OwnerScope() {
    GetUserIdAndSecContext(&user_, &security_context_);
    Oid owner = tables_owner();
    SetUserIdAndSecContext(owner, security_context_ | SECURITY_LOCAL_USERID_CHANGE);
    try {
        nest_level_ = call([] {
            int level = NewGUCNestLevel();
            (void)set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET,
                                    PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
            return level;
        });
    } catch (...) {
        SetUserIdAndSecContext(user_, security_context_);
        throw;
    }
    trigger_depth_ = pg::trigger_depth();
    outer_ = std::exchange(innermost_, this);
}

OwnerScope::~OwnerScope() {
    innermost_ = outer_;
    if (std::uncaught_exceptions() == exceptions_) AtEOXact_GUC(true, nest_level_);
    SetUserIdAndSecContext(user_, security_context_);
}

std::optional<int> OwnerScope::trigger_depth() {
    if (innermost_ == nullptr) return std::nullopt;
    return innermost_->trigger_depth_;
}

int trigger_depth() {
    return DatumGetInt32(DirectFunctionCall1(pg_trigger_depth, 0));
}

std::string database_encoding() {
    return GetDatabaseEncodingName();
}

std::string role_name(Oid role) {
    return call([&] { return GetUserNameFromId(role, true); }) ?: std::to_string(role);
}

bool is_superuser(Oid role) {
    return call([&] { return superuser_arg(role); });
}

bool has_privileges(Oid role, Oid of) {
    return call([&] { return has_privs_of_role(role, of); });
}

Oid find_role(const std::string& name) {
    return call([&] { return get_role_oid(name.c_str(), true); });
}

Oid role_oid(const std::string& name) {
    return call([&] { return get_role_oid(name.c_str(), false); });
}

}  // namespace recon::pg
