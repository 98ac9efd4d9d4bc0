// What processes the server has, and who may connect.
#pragma once

#include "pg/guard.hpp"

namespace recon::pg {

struct Processes {
    int connections = 0;  // of clients
    int workers = 0;      // background workers, parallel ones among them
};
Processes count_processes();  // of this moment, without a lock
int connection_capacity();    // for roles that are no superusers
int worker_capacity();        // max_worker_processes

// Whether a process with this number is a backend or worker of the server.
bool is_backend(int pid);

// As a background worker that connects as the role would be asked.
struct ConnectRights {
    bool exists = false, login = false, connect = false;
};
ConnectRights connect_rights(Oid role);  // to this database
ConnectRights connect_rights(Oid role, Oid database);

// Those that one may connect to and that are no templates.
std::vector<Oid> connectable_databases();

// Of a database, for this transaction; `busy` where a session that connects would wait, for a DROP
// DATABASE or the end of a copy.
enum class Access { none, busy, open };
Access access_to(Oid database);

std::string database_name(Oid database = MyDatabaseId);  // empty where it is gone

bool has_extension();     // this database
bool extension_exists();  // the same, in a transaction of its own

}  // namespace recon::pg
