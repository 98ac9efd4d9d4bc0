#include "ops/page_summaries.hpp"

extern "C" {
#include "storage/lmgr.h"
#include "utils/fmgroids.h"
#include "utils/syscache.h"
}

namespace recon::ops {

namespace {

constexpr char find_sql[] =
    "SELECT i.indexrelid, i.indrelid FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c "
    "ON c.oid = i.indexrelid JOIN pg_catalog.pg_am a ON a.oid = c.relam WHERE a.amname = 'brin' "
    "AND c.relnamespace = 'recon'::pg_catalog.regnamespace AND i.indisvalid ORDER BY c.relname";

// The ranges that had no summary; none where a VACUUM, or another that summarises, holds the table.
std::uint64_t summarize(Oid index, Oid table) {
    if (!ConditionalLockRelationOid(table, ShareUpdateExclusiveLock)) return 0;
    std::int32_t ranges = 0;
    if (SearchSysCacheExists1(INDEXRELID, ObjectIdGetDatum(index)))
        ranges =
            DatumGetInt32(OidFunctionCall1(F_BRIN_SUMMARIZE_NEW_VALUES, ObjectIdGetDatum(index)));
    UnlockRelationOid(table, ShareUpdateExclusiveLock);
    return static_cast<std::uint64_t>(ranges);
}

}  // namespace

void PageSummaries::find(pg::Spi& spi) {
    pg::Rows rows = spi.query(find_sql);
    for (std::uint64_t i = rows.size(); i-- > 0;) due_.push_back({rows.oid(i, 0), rows.oid(i, 1)});
    spi.free(rows);
    found_ = true;
}

std::uint64_t PageSummaries::step(pg::Spi& spi, Oid, bool& more) {
    if (!found_) find(spi);
    std::uint64_t ranges = 0;
    if (!due_.empty()) {
        const Index due = due_.back();
        ranges = pg::call([&] { return summarize(due.index, due.table); });
        due_.pop_back();
    }
    more = !due_.empty();
    return ranges;
}

}  // namespace recon::ops
