#include "ingest/missing_records.hpp"

namespace recon::ingest {

namespace {

constexpr std::size_t ids_at_once = 10000, ids_in_memory = 64 * 1024;
constexpr long rows_at_once = 1000;

// Ids collected for one statement.
class Batch {
  public:
    Batch(pg::Spi& spi, const Synchronisation& sync, const char* sql)
        : spi_(spi), sync_(sync), sql_(sql) {}

    void add(std::int64_t id) {
        ids_.push_back(id);
        ++count_;
        if (ids_.size() == ids_at_once) flush();
    }
    void flush() {
        if (ids_.empty()) return;
        spi_.execute(sql_, {pg::bigint(sync_.project_id), pg::bigints(ids_),
                            pg::bigint(sync_.source_id), pg::bigint(sync_.ingestion_id)});
        ids_.clear();
    }
    std::uint64_t count() const { return count_; }

  private:
    pg::Spi& spi_;
    const Synchronisation& sync_;
    const char* sql_;
    std::vector<std::int64_t> ids_;
    std::uint64_t count_ = 0;
};

}  // namespace

std::uint64_t write_missing(pg::Spi& spi, const Synchronisation& sync, pg::Spool& missing) {
    pg::Spool file;
    Sorter<std::int64_t> ids(file, ids_in_memory);
    pg::SpoolReader reader(missing);
    std::vector<std::int64_t> some;
    while (reader.left() > 0) {
        some.resize(std::min<std::uint64_t>(reader.left() / sizeof(std::int64_t), ids_at_once));
        reader.read(some.data(), some.size() * sizeof(std::int64_t));
        for (std::int64_t id : some) ids.add(id);
    }
    ids.sort();
    Batch fresh(spi, sync,
                "INSERT INTO recon.missing_records (record_id, project_id, source_id, "
                "missing_since, ingestion_id) SELECT record_id, $1, $3, clock_timestamp(), $4 "
                "FROM unnest($2) u(record_id)");
    Batch back(spi, sync,
               "DELETE FROM recon.missing_records WHERE project_id = $1 AND record_id = ANY ($2) "
               "AND source_id = $3");
    std::int64_t id = 0;
    bool more = ids.next(id);
    spi.for_batches(
        "SELECT record_id FROM recon.missing_records WHERE project_id = $1 AND source_id = $2 "
        "ORDER BY record_id",
        {pg::bigint(sync.project_id), pg::bigint(sync.source_id)}, rows_at_once,
        [&](const pg::Rows& rows) {
            for (std::uint64_t i = 0; i < rows.size(); ++i) {
                std::int64_t known = rows.bigint(i, 0);
                for (; more && id < known; more = ids.next(id)) fresh.add(id);
                if (more && id == known)
                    more = ids.next(id);
                else
                    back.add(known);
            }
        });
    for (; more; more = ids.next(id)) fresh.add(id);
    fresh.flush();
    back.flush();
    file.close();
    return fresh.count();
}

}  // namespace recon::ingest
