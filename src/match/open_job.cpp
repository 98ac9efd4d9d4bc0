#include "match/open_job.hpp"

namespace recon::match {

std::optional<OpenJob> find_open_job(pg::Spi& spi, std::int64_t project_id,
                                     std::int64_t source_id) {
    pg::Rows job = spi.query(
        "SELECT job_id, source_a, source_b, confidence_threshold FROM recon.jobs "
        "WHERE project_id = $1 AND $2 IN (source_a, source_b) "
        "ORDER BY finished_at DESC NULLS LAST, job_id DESC LIMIT 1",
        {pg::bigint(project_id), pg::bigint(source_id)});
    if (job.empty()) return std::nullopt;
    OpenJob found;
    found.job_id = job.bigint(0, 0);
    found.is_a = job.bigint(0, 1) == source_id;
    found.other_source = job.bigint(0, found.is_a ? 2 : 1);
    if (!job.is_null(0, 3)) found.threshold = job.real(0, 3);
    return found;
}

}  // namespace recon::match
