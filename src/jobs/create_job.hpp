// A new job, for create_job and run_project.
#pragma once

#include "pg/spi.hpp"

namespace recon::jobs {

struct NewJob {
    std::int64_t project_id = 0;
    std::string name;
    std::int64_t source_a = 0, source_b = 0;
    std::optional<std::vector<std::int64_t>> rules;
    std::optional<double> threshold;
    std::string settings = "{}";  // JSON
};

// Returns its id. With the owner's rights, once `user` is seen to have his. 42704 for sources and
// rules that are not of the project.
std::int64_t create_job(pg::Spi& spi, const NewJob& job, Oid user);

}  // namespace recon::jobs
