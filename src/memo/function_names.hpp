// The memoized functions as SQL knows them.
#pragma once

#include "memo/memo.hpp"
#include "pg/spi.hpp"

namespace recon::memo {

inline constexpr std::array<const char*, function_count> function_names = {
    "get_projects",      "get_project", "get_reconciliation_jobs", "get_project_data_sources",
    "get_project_stats", "get_users"};  // in the order of Function

// InvalidOid where it is not there.
inline Oid function_oid(pg::Spi& spi, const char* name) {
    pg::Rows row = spi.query(
        "SELECT p.oid FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = "
        "p.pronamespace WHERE n.nspname = 'recon' AND p.proname = $1",
        {pg::text(name)});
    return row.empty() ? InvalidOid : row.oid(0, 0);
}

}  // namespace recon::memo
