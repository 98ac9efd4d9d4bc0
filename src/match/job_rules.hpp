// The rules that a job runs.
#pragma once

#include <vector>

#include "core/rule/rule.hpp"
#include "pg/spi.hpp"

namespace recon::match {

struct JobRule {
    std::int64_t rule_id = 0, version = 0;
    std::string name, spec;  // as JSON
};

struct JobRules {
    std::vector<JobRule> ids;       // in the order in which they run
    std::vector<rule::Rule> rules;  // the same, with the job's confidence threshold
};

// Those of the job, or of its project where it names none, that are active now. With `lock`, none
// of them is dropped until the transaction ends.
JobRules read_job_rules(pg::Spi& spi, std::int64_t project_id, std::int64_t job_id,
                        std::optional<double> threshold, bool lock);

}  // namespace recon::match
