#include "jobs/rejections.hpp"

namespace recon::jobs {

namespace {

// By ids, however old the planner's statistics are.
pg::Prepared rejections_sql(
    "SELECT j.match_id, array_agg(r.record_id) FILTER (WHERE r.source_id = $2), "
    "array_agg(r.record_id) FILTER (WHERE r.source_id = $3) FROM recon.rejections j "
    "JOIN recon.match_records x ON x.project_id = j.project_id AND x.match_id = j.match_id "
    "JOIN recon.records r ON r.project_id = x.project_id AND r.record_id = x.record_id "
    "WHERE j.project_id = $1 AND (j.source_a, j.source_b) IN (($2, $3), ($3, $2)) "
    "GROUP BY j.match_id");

using Ids = std::vector<std::int64_t>;

// In order.
Ids read_open_singles(pg::Spi& spi, std::int64_t project_id, const Ids& ids) {
    Ids open;
    pg::Rows rows = spi.query(
        "SELECT record_id FROM recon.open_singles WHERE project_id = $1 AND record_id = ANY ($2)",
        {pg::bigint(project_id), pg::bigints(ids)});
    for (std::uint64_t i = 0; i < rows.size(); ++i) open.push_back(rows.bigint(i, 0));
    spi.free(rows);
    std::sort(open.begin(), open.end());
    return open;
}

}  // namespace

match::Rejected read_rejections(pg::Spi& spi, const Job& job) {
    match::Rejected rejected;
    pg::Rows rows = spi.query(rejections_sql, {pg::bigint(job.project_id), pg::bigint(job.source_a),
                                               pg::bigint(job.source_b)});
    if (rows.empty()) return rejected;
    std::vector<std::pair<Ids, Ids>> matches;
    Ids ids;
    for (std::uint64_t i = 0; i < rows.size(); ++i) {
        auto& [a, b] = matches.emplace_back(pg::read_bigints(rows.datum(i, 1), "a"),
                                            pg::read_bigints(rows.datum(i, 2), "b"));
        ids.insert(ids.end(), a.begin(), a.end());
        ids.insert(ids.end(), b.begin(), b.end());
    }
    spi.free(rows);
    const Ids open = read_open_singles(spi, job.project_id, ids);
    auto is_open = [&](std::int64_t id) {
        return std::binary_search(open.begin(), open.end(), id);
    };
    for (auto& [a, b] : matches)
        if (std::ranges::all_of(a, is_open) && std::ranges::all_of(b, is_open))
            rejected.add(std::move(a), std::move(b));
    return rejected;
}

}  // namespace recon::jobs
