#include "access/audit_seals.hpp"
#include "memo/entries.hpp"
#include "memo/function_names.hpp"
#include "ops/health/check.hpp"
#include "ops/metrics/metrics.hpp"
#include "pg/processes.hpp"
#include "stats/counters.hpp"

namespace recon::ops {

namespace {

Label here() {
    return {"datname", pg::database_name()};
}

double number(std::int64_t value) {
    return static_cast<double>(value);
}

struct ProjectFigures {
    std::int64_t project_id = 0;
    stats::Delta figures;
};

// Of all projects, or their sum, whose project_id is 0. Costs what the kept figures have as rows.
std::vector<ProjectFigures> read_figures(pg::Spi& spi, bool by_project) {
#define COLUMNS                                                                               \
    "project_id, jobs, completed_jobs, failed_jobs, running_jobs, records, matched_records, " \
    "proposed_matches, approved_matches, confidence, files, bytes"
#define SUMS                                                                                  \
    "sum(jobs)::bigint, sum(completed_jobs)::bigint, sum(failed_jobs)::bigint, "              \
    "sum(running_jobs)::bigint, sum(records)::bigint, sum(matched_records)::bigint, "         \
    "sum(proposed_matches)::bigint, sum(approved_matches)::bigint, sum(confidence)::bigint, " \
    "sum(files)::bigint, sum(bytes)::bigint FROM (SELECT " COLUMNS                            \
    " FROM recon.stats_base UNION ALL SELECT " COLUMNS " FROM recon.stats_deltas) k"
    pg::Rows rows =
        spi.query(by_project ? "SELECT project_id, " SUMS " GROUP BY project_id ORDER BY 1"
                             : "SELECT 0::bigint, " SUMS);
    std::vector<ProjectFigures> all;
    for (std::uint64_t i = 0; i < rows.size(); ++i) {
        ProjectFigures& project = all.emplace_back();
        project.project_id = rows.bigint(i, 0);
        int column = 1;
        for (const stats::Figure& figure : stats::figures) {
            project.figures.*figure.field = rows.is_null(i, column) ? 0 : rows.bigint(i, column);
            ++column;
        }
    }
    return all;
}

constexpr MetricKind jobs{"recon_jobs_current", "gauge",
                          "Jobs by status; other: pending, cancelled or timed out"};

void collect_jobs(pg::Spi& spi, MetricSink& sink) {
    stats::Delta sum = read_figures(spi, false)[0].figures;
    std::int64_t queued =
        spi.query("SELECT count(*) FROM recon.jobs WHERE status = 'queued'").bigint(0, 0);
    auto add = [&](const char* status, std::int64_t n) {
        sink.add(jobs, {here(), {"status", status}}, number(n));
    };
    add("completed", sum.completed_jobs);
    add("failed", sum.failed_jobs);
    add("running", sum.running_jobs);
    add("queued", queued);
    add("other", sum.jobs - sum.completed_jobs - sum.failed_jobs - sum.running_jobs - queued);
}

constexpr MetricKind oldest_queued{"recon_database_oldest_queued_job_seconds", "gauge",
                                   "How long the oldest queued job has been waiting; 0: there is "
                                   "none"};

constexpr MetricKind matches{"recon_matches_current", "gauge", "Live matches by status"};

void collect_matches(pg::Spi& spi, MetricSink& sink) {
    stats::Delta sum = read_figures(spi, false)[0].figures;
    sink.add(matches, {here(), {"status", "proposed"}}, number(sum.proposed_matches));
    sink.add(matches, {here(), {"status", "approved"}}, number(sum.approved_matches));
}

constexpr MetricKind projects{"recon_database_projects", "gauge",
                              "Projects of which figures are kept"};
constexpr MetricKind records{"recon_database_records", "gauge", "Records"};
constexpr MetricKind open_records{"recon_database_open_records", "gauge",
                                  "Records that are in no live match"};
constexpr MetricKind files{"recon_database_files", "gauge", "Files that were loaded"};
constexpr MetricKind file_bytes{"recon_database_file_bytes", "gauge", "Size of these files"};

constexpr MetricKind open_uploads{"recon_database_open_uploads", "gauge",
                                  "Uploads that are not complete"};
constexpr MetricKind upload_bytes{"recon_database_open_upload_bytes", "gauge",
                                  "What is held of them"};

constexpr MetricKind unsealed{"recon_database_unsealed_projects", "gauge",
                              "Projects whose audit trail has grown since its newest seal"};
constexpr MetricKind seal_age{"recon_database_newest_seal_age_seconds", "gauge",
                              "Time since the newest seal of an audit trail; 0: there is none"};

void collect_totals(pg::Spi& spi, MetricSink& sink) {
    stats::Delta sum = read_figures(spi, false)[0].figures;
    sink.add(projects, {here()},
             number(spi.query("SELECT count(*) FROM recon.stats_base").bigint(0, 0)));
    sink.add(records, {here()}, number(sum.records));
    sink.add(open_records, {here()}, number(sum.records - sum.matched_records));
    sink.add(files, {here()}, number(sum.files));
    sink.add(file_bytes, {here()}, number(sum.bytes));
    pg::Rows row = spi.query(
        "SELECT (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(queued_at)), "
        "0)::float8 FROM recon.jobs WHERE status = 'queued'), count(*), coalesce(sum(bytes), "
        "0)::bigint FROM recon.uploads WHERE status = 'open'");
    sink.add(oldest_queued, {here()}, row.real(0, 0));
    sink.add(open_uploads, {here()}, number(row.bigint(0, 1)));
    sink.add(upload_bytes, {here()}, number(row.bigint(0, 2)));
    sink.add(unsealed, {here()}, static_cast<double>(access::projects_to_seal(spi).size()));
    pg::Rows newest = spi.query(
        "SELECT coalesce(extract(epoch FROM clock_timestamp() - max((SELECT s.at FROM "
        "recon.audit_seals s WHERE s.project_id = p.project_id ORDER BY s.seal_no DESC LIMIT 1))), "
        "0)::float8 FROM recon.projects p");
    sink.add(seal_age, {here()}, newest.real(0, 0));
}

constexpr MetricKind project_records{"recon_project_records", "gauge", "Records of a project"};
constexpr MetricKind project_open{"recon_project_open_records", "gauge",
                                  "Records of a project that are in no live match"};
constexpr MetricKind project_proposed{"recon_project_proposed_matches", "gauge",
                                      "Matches of a project that wait for a decision"};
constexpr MetricKind project_approved{"recon_project_approved_matches", "gauge",
                                      "Approved matches of a project"};
constexpr MetricKind project_jobs{"recon_project_jobs", "gauge", "Jobs of a project"};
constexpr MetricKind project_failed{"recon_project_failed_jobs", "gauge",
                                    "Jobs of a project whose last run failed"};

void collect_projects(pg::Spi& spi, MetricSink& sink) {
    for (const ProjectFigures& project : read_figures(spi, true)) {
        const std::initializer_list<Label> labels = {
            here(), {"project_id", std::to_string(project.project_id)}};
        const stats::Delta& figures = project.figures;
        sink.add(project_records, labels, number(figures.records));
        sink.add(project_open, labels, number(figures.records - figures.matched_records));
        sink.add(project_proposed, labels, number(figures.proposed_matches));
        sink.add(project_approved, labels, number(figures.approved_matches));
        sink.add(project_jobs, labels, number(figures.jobs));
        sink.add(project_failed, labels, number(figures.failed_jobs));
    }
}

constexpr MetricKind relation_bytes{"recon_relation_bytes", "gauge",
                                    "Size on disk of a table of recon, with its indexes"};

void collect_relations(pg::Spi& spi, MetricSink& sink) {
    pg::Rows rows = spi.query(
        "SELECT relname, pg_catalog.pg_total_relation_size(oid) FROM pg_catalog.pg_class WHERE "
        "relnamespace = 'recon'::regnamespace AND relkind = 'r' ORDER BY 1");
    for (std::uint64_t i = 0; i < rows.size(); ++i)
        sink.add(relation_bytes, {here(), {"relation", rows.text(i, 0)}},
                 number(rows.bigint(i, 1)));
}

constexpr MetricKind memo_entries{"recon_memo_kept_answers", "gauge", "Answers that are kept"};
constexpr MetricKind memo_bytes{"recon_memo_kept_bytes", "gauge", "Size of these answers"};

void collect_memo(pg::Spi& spi, MetricSink& sink) {
    if (!memo::entries::available()) return;
    for (const char* name : memo::function_names) {
        memo::entries::Usage usage = memo::entries::usage(memo::function_oid(spi, name));
        const std::initializer_list<Label> labels = {here(), {"function", name}};
        sink.add(memo_entries, labels, static_cast<double>(usage.entries));
        sink.add(memo_bytes, labels, static_cast<double>(usage.bytes));
    }
}

constexpr MetricKind health{"recon_health_status", "gauge",
                            "The checks of recon.health_check(): 0 ok, 1 warning, 2 failed"};

void collect_health(pg::Spi&, MetricSink& sink) {
    for (const CheckResult& result : check_health())
        sink.add(health, {here(), {"check", result.name}},
                 static_cast<double>(result.finding.health));
}

constexpr MetricFamily families[] = {
    {"database", collect_totals},  {"jobs", collect_jobs},          {"matches", collect_matches},
    {"project", collect_projects}, {"relation", collect_relations}, {"memo_kept", collect_memo},
    {"health", collect_health},
};

}  // namespace

std::span<const MetricFamily> database_families() {
    return families;
}

}  // namespace recon::ops
