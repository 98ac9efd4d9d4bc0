#include "pg/owner.hpp"

#include "pg/table.hpp"

extern "C" {
#include "catalog/pg_auth_members.h"
#include "utils/catcache.h"
}

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

std::vector<Oid> privileged_roles(Oid role) {
    List* found = call([&] {
        List* roles = list_make1_oid(role);
        // Whoever owns the database is a member of it without a row.
        if (role != ROLE_PG_DATABASE_OWNER) roles = lappend_oid(roles, ROLE_PG_DATABASE_OWNER);
        for (int i = 0; i < list_length(roles); ++i) {
            CatCList* of =
                SearchSysCacheList1(AUTHMEMMEMROLE, ObjectIdGetDatum(list_nth_oid(roles, i)));
            for (int j = 0; j < of->n_members; ++j) {
                HeapTuple tuple = &of->members[j]->tuple;
                roles = list_append_unique_oid(
                    roles, reinterpret_cast<Form_pg_auth_members>(GETSTRUCT(tuple))->roleid);
            }
            ReleaseSysCacheList(of);
        }
        return roles;
    });
    std::vector<Oid> roles;
    for (int i = 0; i < list_length(found); ++i) roles.push_back(list_nth_oid(found, i));
    list_free(found);
    return roles;
}

Oid find_role(const std::string& name) {
    return call([&] { return get_role_oid(name.c_str(), true); });
}

Oid role_oid(const std::string& name) {
    return call([&] { return get_role_oid(name.c_str(), false); });
}

}  // namespace recon::pg
