// The memoized reads of rows: get_projects, get_project, get_reconciliation_jobs,
// get_project_data_sources, get_users. What is kept are all rows; which of them the caller may see
// is asked at each call.
#include <unordered_set>

#include "access/membership.hpp"
#include "memo/memo.hpp"
#include "pg/owner.hpp"
#include "pg/settings.hpp"
#include "pg/stored_rows.hpp"

using namespace recon;
using access::Level;

namespace {

struct Read {
    memo::Function function;
    memo::Kind kind;
    const char* table;
    const int* ttl;
    const char* sql;  // an id and a row; with a parameter where it is of one project
};

constexpr Read projects{memo::Function::projects, memo::Kind::projects, "projects",
                        &pg::settings::ttl_projects,
                        "SELECT p.project_id, p FROM recon.projects p WHERE $1 = 0 ORDER BY 1"};
constexpr Read project{memo::Function::project, memo::Kind::project, "projects",
                       &pg::settings::ttl_project,
                       "SELECT p.project_id, p FROM recon.projects p WHERE project_id = $1"};
constexpr Read jobs{memo::Function::jobs, memo::Kind::jobs, "jobs", &pg::settings::ttl_jobs,
                    "SELECT j.job_id, j FROM recon.jobs j WHERE project_id = $1 ORDER BY 1"};
constexpr Read sources{
    memo::Function::sources, memo::Kind::sources, "data_sources", &pg::settings::ttl_sources,
    "SELECT s.source_id, s FROM recon.data_sources s WHERE project_id = $1 ORDER BY 1"};
constexpr Read users{memo::Function::users, memo::Kind::users, "users", &pg::settings::ttl_users,
                     "SELECT u.user_id, u FROM recon.users u WHERE $1 = 0 ORDER BY 1"};

// Calls each(id, row).
template <class F>
void read_rows(FunctionCallInfo fcinfo, const Read& read, std::int64_t project_id, F&& each) {
    memo::Query query{read.function,
                      fcinfo->flinfo->fn_oid,
                      {read.kind, project_id},
                      pg::shape_of(pg::row_type_of(read.table)),
                      *read.ttl};
    memo::Lookup lookup(query);
    if (!lookup.hit()) {
        std::vector<std::uint64_t> words;
        {
            pg::OwnerScope owner;
            pg::Spi spi(pg::Spi::read_only);
            pg::append_rows(spi.query(read.sql, {pg::bigint(project_id)}), words);
        }
        lookup.store(std::as_bytes(std::span(words)));
    }
    pg::for_rows(lookup.words(), each);
}

void require_viewer(std::int64_t project_id, Oid user) {
    if (access::level_of(project_id, user) == Level::none) access::project_is_missing(project_id);
}

// The rows of one project, for its members.
Datum rows_of_project(FunctionCallInfo fcinfo, const Read& read) {
    std::int64_t project_id = pg::Arguments(fcinfo).bigint(0, "project_id");
    Oid user = GetUserId();
    pg::StoredRowSet rows(fcinfo);
    require_viewer(project_id, user);
    // A superuser is a member of projects that do not exist, too.
    bool exists = true;
    if (pg::is_superuser(user)) {
        pg::OwnerScope owner;
        pg::Spi spi(pg::Spi::read_only);
        exists =
            !spi.query("SELECT FROM recon.projects WHERE project_id = $1", {pg::bigint(project_id)})
                 .empty();
    }
    if (!exists) access::project_is_missing(project_id);
    read_rows(fcinfo, read, project_id,
              [&](std::int64_t, std::span<const std::uint64_t> row) { rows.add(row); });
    return 0;
}

}  // namespace

RECON_FUNCTION(recon_get_projects) {
    Oid user = GetUserId();
    pg::StoredRowSet rows(fcinfo);
    read_rows(fcinfo, projects, 0, [&](std::int64_t id, std::span<const std::uint64_t> row) {
        if (access::level_of(id, user) != Level::none) rows.add(row);
    });
    return 0;
}

RECON_FUNCTION(recon_get_project) {
    std::int64_t project_id = pg::Arguments(fcinfo).bigint(0, "project_id");
    require_viewer(project_id, GetUserId());
    Datum result = 0;
    bool found = false;
    read_rows(fcinfo, project, project_id, [&](std::int64_t, std::span<const std::uint64_t> row) {
        result = pg::stored_row(row);
        found = true;
    });
    if (!found) access::project_is_missing(project_id);
    return result;
}

RECON_FUNCTION(recon_get_reconciliation_jobs) {
    return rows_of_project(fcinfo, jobs);
}

RECON_FUNCTION(recon_get_project_data_sources) {
    return rows_of_project(fcinfo, sources);
}

RECON_FUNCTION(recon_get_users) {
    Oid user = GetUserId();
    pg::StoredRowSet rows(fcinfo);
    bool all = pg::is_superuser(user);
    std::unordered_set<std::int64_t> visible;
    if (!all) {
        pg::OwnerScope owner;
        pg::Spi spi(pg::Spi::read_only);
        for (std::int64_t id : access::visible_users(spi, user)) visible.insert(id);
    }
    read_rows(fcinfo, users, 0, [&](std::int64_t id, std::span<const std::uint64_t> row) {
        if (all || visible.count(id) != 0) rows.add(row);
    });
    return 0;
}
