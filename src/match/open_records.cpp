#include "match/open_records.hpp"

namespace recon::match {

namespace {

struct Range {
    std::int64_t first = 0, last = 0, source_id = 0;
};

// The ranges that hold one of the records, taken.
std::vector<Range> take_ranges(pg::Spi& spi, std::int64_t project_id,
                               std::span<const std::int64_t> record_ids) {
    pg::Rows rows = spi.query(
        "DELETE FROM recon.open_ranges g WHERE g.project_id = $1 AND EXISTS (SELECT FROM "
        "unnest($2) u(record_id) WHERE u.record_id BETWEEN g.first_id AND g.last_id) "
        "AND g.source_id IN (SELECT r.source_id FROM recon.records r WHERE r.project_id = $1 AND "
        "r.record_id = ANY ($2)) RETURNING g.first_id, g.last_id, g.source_id",
        {pg::bigint(project_id), pg::bigints(record_ids)});
    std::vector<Range> ranges;
    for (std::uint64_t i = 0; i < rows.size(); ++i)
        ranges.push_back({rows.bigint(i, 0), rows.bigint(i, 1), rows.bigint(i, 2)});
    spi.free(rows);
    return ranges;
}

void put_range(pg::Spi& spi, std::int64_t project_id, const Range& range) {
    if (range.first > range.last) return;
    spi.execute(
        "INSERT INTO recon.open_ranges (first_id, last_id, project_id, source_id) "
        "SELECT $1, $2, $3, $4 WHERE EXISTS (SELECT FROM recon.records r WHERE r.record_id "
        "BETWEEN $1 AND $2 AND r.project_id = $3)",
        {pg::bigint(range.first), pg::bigint(range.last), pg::bigint(project_id),
         pg::bigint(range.source_id)});
}

}  // namespace

void lock_matching(pg::Spi& spi, std::int64_t project_id) {
    spi.query("SELECT 1 FROM recon.projects WHERE project_id = $1 FOR NO KEY UPDATE",
              {pg::bigint(project_id)});
}

// Not as a join with the ids: with statistics that do not know the project it would go through all
// of its open records for each.
void take_open_singles(pg::Spi& spi, std::int64_t project_id, std::span<const std::int64_t> ids,
                       std::vector<std::int64_t>& taken) {
    pg::Rows singles = spi.query(
        "DELETE FROM recon.open_singles WHERE project_id = $1 AND record_id = ANY ($2) "
        "AND set_aside IS NOT TRUE RETURNING record_id",
        {pg::bigint(project_id), pg::bigints(ids)});
    for (std::uint64_t i = 0; i < singles.size(); ++i) taken.push_back(singles.bigint(i, 0));
    spi.free(singles);
}

std::vector<std::int64_t> take_open(pg::Spi& spi, std::int64_t project_id,
                                    std::vector<std::int64_t> record_ids) {
    std::sort(record_ids.begin(), record_ids.end());
    std::vector<std::int64_t> taken;
    take_open_singles(spi, project_id, record_ids, taken);
    for (const Range& range : take_ranges(spi, project_id, record_ids)) {
        Range left = range;
        auto inside = std::lower_bound(record_ids.begin(), record_ids.end(), range.first);
        for (; inside != record_ids.end() && *inside <= range.last; ++inside) {
            put_range(spi, project_id, {left.first, *inside - 1, range.source_id});
            left.first = *inside + 1;
            taken.push_back(*inside);
        }
        put_range(spi, project_id, left);
    }
    std::sort(taken.begin(), taken.end());
    return taken;
}

}  // namespace recon::match
