#include "match/job_rules.hpp"

#include "match/rule_spec.hpp"

namespace recon::match {

namespace {

#define RECON_JOB_RULES                                                                           \
    "SELECT r.rule_id, r.version::bigint, r.spec, r.name FROM recon.rules r "                     \
    "JOIN recon.jobs j ON j.project_id = r.project_id WHERE j.project_id = $1 AND j.job_id = $2 " \
    "AND r.active "                                                                               \
    "AND (j.rules IS NULL OR r.rule_id = ANY (j.rules)) ORDER BY r.priority, r.rule_id"
constexpr char lock_rules_sql[] = RECON_JOB_RULES " FOR KEY SHARE OF r";
constexpr char read_rules_sql[] = RECON_JOB_RULES;
#undef RECON_JOB_RULES

}  // namespace

JobRules read_job_rules(pg::Spi& spi, std::int64_t project_id, std::int64_t job_id,
                        std::optional<double> threshold, bool lock) {
    JobRules result;
    pg::Rows rows = spi.query(lock ? lock_rules_sql : read_rules_sql,
                              {pg::bigint(project_id), pg::bigint(job_id)});
    for (std::uint64_t i = 0; i < rows.size(); ++i) {
        result.ids.push_back(
            {rows.bigint(i, 0), rows.bigint(i, 1), rows.text(i, 3), rows.text(i, 2)});
        result.rules.push_back(read_rule(rows.datum(i, 2)));
        rule::Rule& rule = result.rules.back();
        rule.threshold = std::max(rule.threshold, threshold.value_or(0));
    }
    return result;
}

}  // namespace recon::match
