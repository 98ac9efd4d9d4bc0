// report_html: a job's state as one page that needs nothing else.
#include "access/membership.hpp"
#include "pg/encoding.hpp"
#include "pg/owner.hpp"
#include "pg/plan_scope.hpp"
#include "report/figures.hpp"
#include "report/html.hpp"
#include "report/sections.hpp"
#include "report/style.hpp"

using namespace recon;
using namespace recon::report;

namespace recon::report {

std::string heading(const char* id, const char* title) {
    return std::string("<h2 id=\"") + id + "\">" + title + "</h2>\n";
}

std::string note(const std::string& html) {
    return "<p class=\"note\">" + html + "</p>\n";
}

std::string user_text(const pg::Rows& rows, std::uint64_t row, int column) {
    if (rows.is_null(row, column)) return {};
    return isolated(pg::to_utf8(rows.text(row, column)));
}

std::string currency(const pg::Rows& rows, std::uint64_t row, int rank_column, int limit) {
    if (rows.bigint(row, rank_column) > limit) return "other currencies";
    if (rows.is_null(row, rank_column + 1)) return "no currency";
    return user_text(rows, row, rank_column + 1);
}

std::string legend(std::initializer_list<std::pair<const char*, std::string>> kinds) {
    std::string html = "<ul class=\"legend\">";
    for (const auto& [kind, name] : kinds)
        html += std::string("<li><svg viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect class=\"") +
                kind + "\" width=\"10\" height=\"10\"/></svg>" + name + "</li>";
    return html + "</ul>\n";
}

pg::Rows ask(pg::Spi& spi, const char* sql, const Subject& subject, int limit) {
    return spi.query(
        sql, {pg::bigint(subject.project_id), pg::bigint(subject.job_id),
              pg::bigint(subject.source_a), pg::bigint(subject.source_b), pg::bigint(limit)});
}

}  // namespace recon::report

namespace {

// Sources may be gone with the project only, so they are there.
Subject find_subject(pg::Spi& spi, std::int64_t project_id, std::int64_t job_id) {
    pg::Rows job =
        spi.query("SELECT source_a, source_b FROM recon.jobs WHERE project_id = $1 AND job_id = $2",
                  {pg::bigint(project_id), pg::bigint(job_id)});
    if (job.empty()) throw Error("42704", "job " + std::to_string(job_id) + " does not exist");
    return {project_id, job_id, job.bigint(0, 0), job.bigint(0, 1), {}, {}};
}

std::string key_figure(const std::string& figure, const std::string& what) {
    return "<div><b>" + figure + "</b><span>" + what + "</span></div>";
}

std::string header(const pg::Rows& job, const Subject& subject) {
    std::string html =
        "<header><h1>" + user_text(job, 0, 2) + "</h1>\n<p class=\"lead\">" + user_text(job, 0, 0);
    if (!job.is_null(0, 1) && !job.text(0, 1).empty()) html += " &middot; " + user_text(job, 0, 1);
    html += "</p>\n<p class=\"lead\">" + subject.name_a + " (A) against " + subject.name_b +
            " (B) &middot; job " + std::to_string(subject.job_id) + ", " + escaped(job.text(0, 3));
    if (!job.is_null(0, 6)) html += " &middot; last run " + job.text(0, 6) + " UTC";
    html += " &middot; created by " + user_text(job, 0, 8);
    if (!job.is_null(0, 10)) html += " &middot; confidence at least " + job.text(0, 10);
    return html + "</p></header>\n";
}

std::string summary_of(const Summary& summary) {
    std::int64_t matched = summary.approved + summary.proposed;
    std::string html = "<div class=\"key\">";
    html += key_figure(count(summary.records), "records of both sources");
    html += key_figure(percent(matched, summary.records), count(matched) + " in matches");
    html += key_figure(count(summary.proposed), "of these in proposed matches");
    html += key_figure(count(summary.open), "records open");
    html += "</div>\n";
    if (summary.proved)
        return html +
               "<p class=\"verdict good\">&#x2713; Totals prove: in each source and currency, what "
               "was loaded is what is matched and what is open.</p>\n";
    return html +
           "<p class=\"verdict bad\">&#x2717; Totals do not prove: see the lines marked "
           "below.</p>\n";
}

std::string make_page(pg::Spi& spi, std::int64_t project_id, std::int64_t job_id, Oid user) {
    Subject subject = find_subject(spi, project_id, job_id);
    pg::Rows job = ask(spi, job_sql, subject, 1);
    if (job.empty()) throw Error("42704", "job " + std::to_string(job_id) + " does not exist");
    subject.name_a = user_text(job, 0, 4);
    subject.name_b = user_text(job, 0, 5);
    std::string body;
    Summary summary = add_totals(body, spi, subject);
    add_matches(body, spi, subject);
    add_exceptions(body, spi, subject);
    add_rejects(body, spi, subject);
    add_review(body, spi, subject);
    add_loads(body, spi, subject);
    std::string title = escaped(pg::to_utf8(job.text(0, 2)));
    // In a title there are no tags.
    for (std::size_t at; (at = title.find('<')) != std::string::npos;)
        title.erase(at, title.find('>', at) - at + 1);
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src "
           "data:; style-src "
           "'unsafe-inline'\">\n<link rel=\"icon\" href=\"data:,\">\n<title>" +
           title + " &ndash; reconciliation</title>\n<style>" + style_sheet +
           "</style>\n</head>\n<body>\n<main>\n" + header(job, subject) + summary_of(summary) +
           body + "<footer>Generated " + job.text(0, 11) + " UTC for " +
           isolated(pg::to_utf8(pg::role_name(user))) + " by recon. Ages are as of " +
           job.text(0, 12) + "; times are UTC.</footer>\n</main>\n</body>\n</html>\n";
}

}  // namespace

RECON_FUNCTION(recon_report_html) {
    std::int64_t job_id = pg::Arguments(fcinfo).bigint(0, "job_id");
    Oid user = GetUserId();
    std::string page;
    {
        pg::OwnerScope owner;
        pg::Spi spi(pg::Spi::read_only);
        std::int64_t project_id =
            access::require_object(spi, access::Object::job, job_id, user, access::Level::viewer);
        pg::PlanScope plan({"jit"});
        page = make_page(spi, project_id, job_id, user);
    }
    return pg::call([&] { return pg::make_text(page); });
}
