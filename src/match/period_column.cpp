#include "match/period_column.hpp"

#include <unordered_set>

#include "closing/closed_period.hpp"

namespace recon::match {

// Those without dates, by the date of their load.
void PeriodColumn::add_undated(Table& table, std::size_t first) {
    pg::Rows rows = spi_.query(
        "SELECT r.record_id FROM recon.records r WHERE r.project_id = $1 AND r.record_id = ANY "
        "($2) AND " RECON_RECORD_DATE " <= date '2000-01-01' + $3::int",
        {pg::bigint(source_.project_id), pg::bigints(undated_), pg::bigint(*source_.closed_until)});
    std::unordered_set<std::int64_t> closed;
    for (std::uint64_t i = 0; i < rows.size(); ++i) closed.insert(rows.bigint(i, 0));
    spi_.free(rows);
    Column& column = table.columns.back();
    for (std::size_t row = first; row < table.rows(); ++row)
        if (closed.contains(table.record_ids[row])) column.days[row] = day(true);
}

}  // namespace recon::match
