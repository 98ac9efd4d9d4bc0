// A job made ready to run: its row, rules and the open records of both sides. run_job and
// preview_job share it.
#pragma once

#include "core/match/engine.hpp"
#include "match/job_rules.hpp"
#include "match/records.hpp"

namespace recon::jobs {

using match::JobRule;

struct Job {
    std::int64_t job_id = 0, project_id = 0, source_a = 0, source_b = 0;
    Oid user = InvalidOid;          // the caller
    bool four_eyes = false;         // of the project: no rule approves
    std::vector<JobRule> rule_ids;  // in the order in which they run
    std::vector<rule::Rule> rules;  // the same, with the job's confidence threshold

    template <class M>
    bool approves(const M& match) const {
        return match.approved && !four_eyes;
    }
    template <class M>
    const char* status_of(const M& match) const {
        return approves(match) ? "approved" : "proposed";
    }
};

// Whether rows are locked for a run, or just read.
enum class Purpose { run, preview };

// 42704 where `user` does not see the job, 42501 where he may not run it (a preview is reading),
// 55000 where its project is archived or a source disabled, 22023 where it has no rules to run.
Job open_job(pg::Spi& spi, std::int64_t job_id, Oid user, Purpose purpose);

// What matching a job gives: rows count in the tables.
struct Matched {
    match::Table a, b;
    match::Result result;
    std::int64_t updates_a = 0, updates_b = 0;  // SourceFields::updates, from before the reading
};
// Warns where an assignment is not proven best, or records were left out.
Matched match_job(pg::Spi& spi, const Job& job, StopToken& stop, Progress& progress);

// The share of the highest possible total confidence that the assignments may have missed, in the
// components that were too large for an exact one; 0 where all are proven best.
double assignment_gap(const match::Result& result);

// The text of recon.results.match_type for a match that rules made.
const char* match_type(const rule::Rule& rule, match::Billionths confidence);

inline double to_double(match::Billionths confidence) {
    return static_cast<double>(confidence) / 1e9;
}

}  // namespace recon::jobs
