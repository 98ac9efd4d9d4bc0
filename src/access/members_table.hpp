// recon.project_members, for who reads it below the executor.
#pragma once

#include "pg/guard.hpp"

namespace recon::access {

struct MembersTable {
    Oid table;
    Oid index;      // by project; InvalidOid: none
    Oid by_member;  // of version 1.1; InvalidOid: none that any snapshot may use
    AttrNumber project, member, role;
};

// Learned anew when one of the tables has changed.
const MembersTable& members_table();

}  // namespace recon::access
