// Opening recon's own tables. Every raw access goes through open_table(), so that no path can reach
// a table whose rows are elsewhere (distributed by another extension), where raw access would
// silently read or write the wrong place.
#pragma once

#include "pg/guard.hpp"

namespace recon::pg {

// The OID of recon.<name>; 55000 where the extension is not installed in this database.
Oid table_oid(const char* name);
Oid tables_owner();
// How often the server told of a change of one of the tables asked for: what was learned of them
// before the last one may hold no more.
std::uint64_t table_changes();

// Waits until no other transaction holds the same lock, or, for a shared one, holds or awaits it
// alone, and holds it to the end of this one. It has nothing to do with the table's and its rows'
// own locks.
enum class ObjectLock : std::uint8_t { alone, shared };
void lock_object(Oid table, std::int64_t id, ObjectLock how = ObjectLock::alone);
// The same, alone, without waiting: false where another transaction holds it.
bool try_lock_object(Oid table, std::int64_t id);

// Whether rows may be read below the executor: an ordinary heap, not partitioned, not distributed.
// Whether they may be appended, too: without triggers other than those of foreign keys and recon's
// own, which are for what others change.
bool is_readable_heap(Relation relation);
bool is_plain_heap(Relation relation);

// What follows runs inside call().
Oid primary_key(Relation relation);  // its index
Relation open_table(Oid table, LOCKMODE mode);

}  // namespace recon::pg
