#include "match/open_job.hpp"

namespace recon::match {

namespace {

pg::Prepared source_of_open_sql(
    "SELECT source_id FROM recon.open_records WHERE project_id = $1 AND record_id = $2");
pg::Prepared last_job_sql(
    "SELECT job_id, source_a, source_b, confidence_threshold FROM recon.jobs "
    "WHERE project_id = $1 AND $2 IN (source_a, source_b) "
    "ORDER BY finished_at DESC NULLS LAST, job_id DESC LIMIT 1");

}  // namespace

std::optional<std::int64_t> source_of_open(pg::Spi& spi, std::int64_t project_id,
                                           std::int64_t record_id) {
    pg::Rows row = spi.query(source_of_open_sql, {pg::bigint(project_id), pg::bigint(record_id)});
    if (row.empty()) return std::nullopt;
    return row.bigint(0, 0);
}

std::optional<OpenJob> find_open_job(pg::Spi& spi, std::int64_t project_id,
                                     std::int64_t source_id) {
    pg::Rows job = spi.query(last_job_sql, {pg::bigint(project_id), pg::bigint(source_id)});
    if (job.empty()) return std::nullopt;
    OpenJob found;
    found.job_id = job.bigint(0, 0);
    found.is_a = job.bigint(0, 1) == source_id;
    found.other_source = job.bigint(0, found.is_a ? 2 : 1);
    if (!job.is_null(0, 3)) found.threshold = job.real(0, 3);
    return found;
}

}  // namespace recon::match
