#include "review/review.hpp"

#include "match/open_records.hpp"
#include "pg/settings.hpp"

namespace recon::review {

std::optional<field::Day> lock_project(pg::Spi& spi, std::int64_t project_id, Oid user) {
    access::require(spi, project_id, user, access::Level::reviewer);
    access::enter_project(project_id);
    match::lock_matching(spi, project_id);
    // Waiting may have taken long: what was asked before is asked again.
    return access::lock_active(spi, project_id, user, access::Level::reviewer);
}

std::vector<std::int64_t> find_projects(pg::Spi& spi, Kind kind,
                                        const std::vector<std::int64_t>& ids, Oid user) {
    pg::Rows rows = spi.query(
        kind == Kind::match
            ? "SELECT m.project_id, u.id FROM unnest($1) WITH ORDINALITY u(id, n) LEFT JOIN "
              "recon.matches m ON m.match_id = u.id ORDER BY u.n"
            : "SELECT r.project_id, u.id FROM unnest($1) WITH ORDINALITY u(id, n) LEFT JOIN "
              "recon.records r ON r.record_id = u.id ORDER BY u.n",
        {pg::bigints(ids)});
    std::vector<std::int64_t> projects;
    for (std::uint64_t i = 0; i < rows.size(); ++i) {
        bool exists = !rows.is_null(i, 0);
        std::int64_t project_id = exists ? rows.bigint(i, 0) : 0;
        auto known = std::lower_bound(projects.begin(), projects.end(), project_id);
        if (exists && known != projects.end() && *known == project_id) continue;
        if (!exists || access::level_of(project_id, user) == access::Level::none)
            throw Error("42704", (kind == Kind::match ? "match " : "record ") +
                                     std::to_string(rows.bigint(i, 1)) + " does not exist");
        projects.insert(known, project_id);
    }
    spi.free(rows);
    return projects;
}

void refuse_not_open(pg::Spi& spi, std::int64_t project_id, std::int64_t record_id) {
    std::string record = "record " + std::to_string(record_id);
    pg::Rows match = spi.query(
        "SELECT m.match_id, m.status FROM recon.match_records x JOIN recon.matches m "
        "ON m.project_id = x.project_id AND m.match_id = x.match_id WHERE x.project_id = $1 "
        "AND x.record_id = $2 AND m.status IN ('proposed', 'approved')",
        {pg::bigint(project_id), pg::bigint(record_id)});
    if (!match.empty())
        throw Error("55000", record + " is not open",
                    "It is in match " + match.text(0, 0) + ", which is " + match.text(0, 1) + ".",
                    "Take that match apart with recon.unmatch first.");
    pg::Rows open_case = spi.query(
        "SELECT status FROM recon.exception_cases WHERE project_id = $1 AND record_id = $2 AND "
        "status IN ('accepted', 'written_off')",
        {pg::bigint(project_id), pg::bigint(record_id)});
    if (open_case.empty()) throw Error("55000", record + " is not open");
    throw Error("55000",
                record + " is " + (open_case.text(0, 0) == "accepted" ? "accepted" : "written off"),
                "Such a record is left out of matches until it is open again.",
                "Set its status to \"open\" with recon.set_exception_status.");
}

void check_write_off_limit(pg::Spi& spi, const std::string& amount, const std::string& what) {
    std::string limit = pg::settings::write_off_limit;
    pg::Rows allowed =
        spi.query("SELECT abs($1::numeric) <= $2::numeric",
                  {pg::text(std::string_view(amount)), pg::text(std::string_view(limit))});
    if (!allowed.boolean(0, 0))
        throw Error(sqlstate::configuration_limit_exceeded,
                    what + " is more than may be written off",
                    "It is " + amount + "; \"recon.write_off_limit\" is " + limit + ".");
}

}  // namespace recon::review
