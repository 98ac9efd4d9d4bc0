#include "match/row_order.hpp"

#include "core/match/reservation.hpp"
#include "pg/record_scan.hpp"

namespace recon::match {

namespace {

using Rows = std::vector<std::uint32_t>;

// By the server, whatever the records have.
void sort_by_content(pg::Spi& spi, std::int64_t project_id, const Table& table, Rows& rows) {
    std::vector<std::int64_t> ids;
    ids.reserve(rows.size());
    for (std::uint32_t row : rows) ids.push_back(table.record_ids[row]);
    Rows sorted;
    sorted.reserve(rows.size());
    spi.for_batches(
        "SELECT u.n FROM unnest($2) WITH ORDINALITY u(record_id, n) JOIN recon.records r ON "
        "r.project_id = $1 AND r.record_id = u.record_id ORDER BY r.external_id COLLATE \"C\", "
        "r.transaction_date, r.value_date, r.amount, r.currency COLLATE \"C\", r.reference COLLATE "
        "\"C\", r.counterparty COLLATE \"C\", r.description COLLATE \"C\", r.attributes::text "
        "COLLATE \"C\", r.record_id",
        {pg::bigint(project_id), pg::bigints(ids)}, 5000, [&](const pg::Rows& batch) {
            for (std::uint64_t i = 0; i < batch.size(); ++i)
                sorted.push_back(rows[static_cast<std::size_t>(batch.bigint(i, 0)) - 1]);
        });
    if (sorted.size() != rows.size())
        throw Error(sqlstate::internal_error, "records that were read are gone");
    rows = std::move(sorted);
}

struct Key {
    std::uint64_t begin = 0;
    std::uint32_t length = 0;  // none: NULL, which comes last
    std::uint32_t row = 0;
};
constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

// The external ids of rows, read once.
class ExternalIds {
  public:
    ExternalIds(const pg::Spi& spi, const SourceFields& source, const Table& table,
                const Rows& rows, Reservation& memory) {
        memory.take(rows.size() * (sizeof(Key) + 2 * sizeof(std::int64_t)));
        keys_.resize(rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i) keys_[i] = {0, none, rows[i]};
        auto id = [&](const Key& key) { return table.record_ids[key.row]; };
        std::sort(keys_.begin(), keys_.end(),
                  [&](const Key& x, const Key& y) { return id(x) < id(y); });
        std::vector<pg::RecordScan::Range> ranges;
        ranges.reserve(keys_.size());
        for (const Key& key : keys_) ranges.push_back({id(key), id(key)});
        const pg::WantedValue wanted{pg::record_column("external_id"), {}, pg::ValueKind::text};
        pg::RecordScan scan(spi, source.project_id, source.source_id, ranges, {&wanted, 1});
        std::size_t found = 0, held = 0;
        while (scan.fetch()) {
            found += scan.rows();
            for (std::size_t i = 0; i < scan.rows(); ++i) {
                const pg::RawValue& value = scan.value(i, 0);
                if (value.null) continue;
                auto at = std::lower_bound(
                    keys_.begin(), keys_.end(), scan.record_id(i),
                    [&](const Key& key, std::int64_t wanted_id) { return id(key) < wanted_id; });
                at->begin = arena_.size();
                at->length = static_cast<std::uint32_t>(value.length);
                arena_.append(value.text, static_cast<std::size_t>(value.length));
            }
            memory.take(arena_.capacity() - held);
            held = arena_.capacity();
        }
        if (found != rows.size())
            throw Error(sqlstate::internal_error, "records that were read are gone");
    }

    // Ties stand side by side.
    std::vector<Key>& sorted() {
        std::sort(keys_.begin(), keys_.end(), [&](const Key& x, const Key& y) {
            if (x.length == none || y.length == none) return x.length < y.length;
            return text(x) < text(y);
        });
        return keys_;
    }
    bool equal(const Key& x, const Key& y) const {
        return x.length == y.length && (x.length == none || text(x) == text(y));
    }

  private:
    std::string_view text(const Key& key) const {
        return std::string_view(arena_).substr(key.begin, key.length);
    }

    std::vector<Key> keys_;
    std::string arena_;
};

}  // namespace

// By external_id, which the records are seldom without; the server sorts those that it leaves tied.
// Their places, one after the other, take them in the order that it gives over all of them.
void StoredOrder::sort(const SourceFields& source, const Table& table, Rows& rows) {
    if (rows.size() < 2) return;
    Reservation memory(budget_);
    memory.take(rows.size() * 2 * sizeof(std::int64_t));
    if (!pg::RecordScan::possible()) {
        sort_by_content(spi_, source.project_id, table, rows);
        return;
    }
    ExternalIds ids(spi_, source, table, rows, memory);
    std::vector<Key>& keys = ids.sorted();
    Rows tied;
    auto is_tied = [&](std::size_t i) {
        return (i > 0 && ids.equal(keys[i - 1], keys[i])) ||
               (i + 1 < keys.size() && ids.equal(keys[i], keys[i + 1]));
    };
    for (std::size_t i = 0; i < keys.size(); ++i) {
        rows[i] = keys[i].row;
        if (is_tied(i)) tied.push_back(keys[i].row);
    }
    if (tied.empty()) return;
    sort_by_content(spi_, source.project_id, table, tied);
    for (std::size_t i = 0, next = 0; i < keys.size(); ++i)
        if (is_tied(i)) rows[i] = tied[next++];
}

}  // namespace recon::match
