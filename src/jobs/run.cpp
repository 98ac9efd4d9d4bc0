// run_job and preview_job.
#include "access/audit.hpp"
#include "jobs/match_store.hpp"
#include "jobs/progress.hpp"
#include "pg/owner.hpp"
#include "stats/counters.hpp"

using namespace recon;

namespace {

struct Report {
    std::int64_t total = 0;
    jobs::Stored stored;
    double elapsed_ms = 0;
};

Report run(std::int64_t job_id, Oid user) {
    auto start = std::chrono::steady_clock::now();
    pg::OwnerScope owner;
    pg::Spi spi;
    jobs::Job job = jobs::open_job(spi, job_id, user, jobs::Purpose::run);
    std::string status =
        spi.query(
               "UPDATE recon.jobs SET started_at = clock_timestamp() WHERE project_id = $1 AND "
               "job_id = $2 RETURNING status",
               {pg::bigint(job.project_id), pg::bigint(job_id)})
            .text(0, 0);
    jobs::RunProgress progress(job.project_id, job_id);
    jobs::Matched matched = jobs::match_job(spi, job, progress, progress);
    Report report;
    report.total = static_cast<std::int64_t>(matched.a.rows() + matched.b.rows());
    report.stored = jobs::store(spi, job, matched, progress);
    report.elapsed_ms =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    const jobs::Stored& stored = report.stored;
    spi.execute(
        "UPDATE recon.jobs SET status = 'completed', runs = runs + 1, total_records = $3, "
        "matched_records = $4, unmatched_records = $3 - $4, matches = $5, proposed = $6, approved "
        "= $7, "
        "processing_time_ms = $8, assignment_gap = $9, finished_at = clock_timestamp() WHERE "
        "project_id = $1 AND job_id = $2",
        {pg::bigint(job.project_id), pg::bigint(job_id), pg::bigint(report.total),
         pg::bigint(stored.matched_records), pg::bigint(stored.matches),
         pg::bigint(stored.proposed), pg::bigint(stored.approved), pg::real(report.elapsed_ms),
         pg::real(jobs::assignment_gap(matched.result))});
    stats::Delta change;
    change.count_status(status, -1);
    change.count_status("completed", 1);
    change.matched_records = stored.matched_records;
    change.proposed_matches = stored.proposed;
    change.approved_matches = stored.approved;
    change.confidence = stored.confidence;
    stats::add(spi, job.project_id, change);
    std::string after =
        spi.query(
               "SELECT to_jsonb(j)::text FROM recon.jobs j WHERE project_id = $1 AND job_id = $2",
               {pg::bigint(job.project_id), pg::bigint(job_id)})
            .text(0, 0);
    access::audit(spi, user, job.project_id, "run", "job", job_id, std::nullopt, after);
    return report;
}

// A row for each pair; of N:M, one for each record.
void add_group(pg::ResultSet& rows, const jobs::Job& job, const jobs::Matched& matched,
               const match::GroupMatch& group) {
    const rule::Rule& rule = job.rules[group.rule];
    auto add = [&](const pg::Value& a, const pg::Value& b) {
        rows.add({job.job_id, a, b, pg::Value(), jobs::match_type(rule, group.confidence),
                  jobs::to_double(group.confidence), group.approved ? "approved" : "proposed",
                  job.rule_ids[group.rule].rule_id, group.ambiguous});
    };
    const match::Result& result = matched.result;
    if (rule.cardinality == rule::Cardinality::many_to_many) {
        for (std::uint32_t row : result.rows_a(group)) add(matched.a.record_ids[row], pg::Value());
        for (std::uint32_t row : result.rows_b(group)) add(pg::Value(), matched.b.record_ids[row]);
        return;
    }
    for (std::uint32_t row_a : result.rows_a(group))
        for (std::uint32_t row_b : result.rows_b(group))
            add(matched.a.record_ids[row_a], matched.b.record_ids[row_b]);
}

void preview(pg::ResultSet& rows, std::int64_t job_id, Oid user) {
    pg::OwnerScope owner;
    pg::Spi spi(pg::Spi::read_only);
    jobs::Job job = jobs::open_job(spi, job_id, user, jobs::Purpose::preview);
    pg::Interrupts interrupts;
    NoProgress progress;
    jobs::Matched matched = jobs::match_job(spi, job, interrupts, progress);
    const pg::Value none;
    const match::Result& result = matched.result;
    for (const match::Match& match : result.matches)
        rows.add({job_id, matched.a.record_ids[match.a], matched.b.record_ids[match.b], none,
                  jobs::match_type(job.rules[match.rule], match.confidence),
                  jobs::to_double(match.confidence), match.approved ? "approved" : "proposed",
                  job.rule_ids[match.rule].rule_id, match.ambiguous});
    for (const match::GroupMatch& group : result.groups) add_group(rows, job, matched, group);
    for (std::size_t row = 0; row < matched.a.rows(); ++row)
        if (result.matched_a[row] == 0)
            rows.add({job_id, matched.a.record_ids[row], none, none, "unmatched", none, "unmatched",
                      none, none});
    for (std::size_t row = 0; row < matched.b.rows(); ++row)
        if (result.matched_b[row] == 0)
            rows.add({job_id, none, matched.b.record_ids[row], none, "unmatched", none, "unmatched",
                      none, none});
}

}  // namespace

RECON_FUNCTION(recon_run_job) {
    pg::Arguments args(fcinfo);
    std::int64_t job_id = args.bigint(0, "job_id");
    Report report = run(job_id, GetUserId());
    const jobs::Stored& stored = report.stored;
    return pg::make_row(fcinfo, {job_id, "completed", report.total, stored.matched_records,
                                 report.total - stored.matched_records, stored.matches,
                                 stored.proposed, stored.approved, report.elapsed_ms});
}

RECON_FUNCTION(recon_preview_job) {
    pg::Arguments args(fcinfo);
    std::int64_t job_id = args.bigint(0, "job_id");
    pg::ResultSet rows(fcinfo);
    preview(rows, job_id, GetUserId());
    return 0;
}
