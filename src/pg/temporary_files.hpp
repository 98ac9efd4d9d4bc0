// Temporary files that nobody will remove any more. The server removes its own at the end of their
// transaction, and after a crash when it starts again, but not where only a process crashed and
// remove_temp_files_after_crash is off.
#pragma once

#include "pg/guard.hpp"

namespace recon::pg {

// Removes files of processes that are gone, in pgsql_tmp of every tablespace, and returns how many:
// at most `most`. Only plain files by the server's own names, at least an hour old; what parallel
// workers share lies in directories, and stays.
std::uint64_t remove_orphaned_files(std::uint64_t most);

}  // namespace recon::pg
