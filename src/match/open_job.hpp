// The job whose rules say why a record is open.
#pragma once

#include "match/job_rules.hpp"

namespace recon::match {

struct OpenJob {
    std::int64_t job_id = 0, other_source = 0;
    bool is_a = false;  // the record's source is the job's side A
    std::optional<double> threshold;
};

// The source of an open record; none where it is not open.
std::optional<std::int64_t> source_of_open(pg::Spi& spi, std::int64_t project_id,
                                           std::int64_t record_id);

// The job that ran last over the source, or else the one made last; none where it has no job.
std::optional<OpenJob> find_open_job(pg::Spi& spi, std::int64_t project_id, std::int64_t source_id);

}  // namespace recon::match
