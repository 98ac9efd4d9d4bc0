#include "jobs/rejections.hpp"

namespace recon::jobs {

match::Rejected read_rejections(pg::Spi& spi, const Job& job) {
    match::Rejected rejected;
    pg::Rows rows = spi.query(
        "SELECT j.match_id, array_agg(r.record_id) FILTER (WHERE r.source_id = $2), "
        "array_agg(r.record_id) FILTER (WHERE r.source_id = $3) FROM recon.rejections j "
        "JOIN recon.match_records x ON x.project_id = j.project_id AND x.match_id = j.match_id "
        "JOIN recon.records r ON r.project_id = x.project_id AND r.record_id = x.record_id "
        "LEFT JOIN recon.open_singles o ON o.project_id = x.project_id AND o.record_id = "
        "x.record_id WHERE j.project_id = $1 AND (j.source_a, j.source_b) IN (($2, $3), ($3, $2)) "
        "GROUP BY j.match_id HAVING count(o.record_id) = count(*)",
        {pg::bigint(job.project_id), pg::bigint(job.source_a), pg::bigint(job.source_b)});
    for (std::uint64_t i = 0; i < rows.size(); ++i)
        rejected.add(pg::read_bigints(rows.datum(i, 1), "a"),
                     pg::read_bigints(rows.datum(i, 2), "b"));
    spi.free(rows);
    return rejected;
}

}  // namespace recon::jobs
