// run_job and preview_job.
#include "jobs/run_job.hpp"
#include "pg/owner.hpp"

using namespace recon;

namespace {

// A row for each pair; of N:M, one for each record.
void add_group(pg::ResultSet& rows, const jobs::Job& job, const jobs::Matched& matched,
               const match::GroupMatch& group) {
    const rule::Rule& rule = job.rules[group.rule];
    auto add = [&](const pg::Value& a, const pg::Value& b) {
        rows.add({job.job_id, a, b, pg::Value(), jobs::match_type(rule, group.confidence),
                  jobs::to_double(group.confidence), job.status_of(group),
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
                  jobs::to_double(match.confidence), job.status_of(match),
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
    return pg::make_row(fcinfo, jobs::run(args.bigint(0, "job_id"), GetUserId()).row());
}

RECON_FUNCTION(recon_preview_job) {
    pg::Arguments args(fcinfo);
    std::int64_t job_id = args.bigint(0, "job_id");
    pg::ResultSet rows(fcinfo);
    preview(rows, job_id, GetUserId());
    return 0;
}
