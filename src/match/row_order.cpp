#include "match/row_order.hpp"

namespace recon::match {

void StoredOrder::sort(const Table& table, std::vector<std::uint32_t>& rows) {
    if (rows.size() < 2) return;
    std::size_t memory = rows.size() * 2 * sizeof(std::int64_t);
    budget_.take(memory);
    std::vector<std::int64_t> ids;
    ids.reserve(rows.size());
    for (std::uint32_t row : rows) ids.push_back(table.record_ids[row]);
    std::vector<std::uint32_t> sorted;
    sorted.reserve(rows.size());
    spi_.for_batches(
        "SELECT u.n FROM unnest($2) WITH ORDINALITY u(record_id, n) JOIN recon.records r ON "
        "r.project_id = $1 AND r.record_id = u.record_id ORDER BY r.external_id COLLATE \"C\", "
        "r.transaction_date, r.value_date, r.amount, r.currency COLLATE \"C\", r.reference COLLATE "
        "\"C\", r.counterparty COLLATE \"C\", r.description COLLATE \"C\", r.attributes::text "
        "COLLATE \"C\", r.record_id",
        {pg::bigint(project_id_), pg::bigints(ids)}, 5000, [&](const pg::Rows& batch) {
            for (std::uint64_t i = 0; i < batch.size(); ++i)
                sorted.push_back(rows[static_cast<std::size_t>(batch.bigint(i, 0)) - 1]);
        });
    if (sorted.size() != rows.size())
        throw Error(sqlstate::internal_error, "records that were read are gone");
    rows = std::move(sorted);
    budget_.give(memory);
}

}  // namespace recon::match
