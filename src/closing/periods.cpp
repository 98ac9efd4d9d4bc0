// close_period and reopen_period.
#include "access/audit.hpp"
#include "access/membership.hpp"
#include "closing/closed_period.hpp"
#include "pg/owner.hpp"
#include "pg/report.hpp"

using namespace recon;
using field::Day;

namespace {

// The project's row, for an owner who has the project to himself until the transaction ends: what
// loads, runs or reviews in it is over, and what comes after waits.
class OwnedProject {
  public:
    OwnedProject(pg::Spi& spi, std::int64_t project_id, Oid user)
        : spi_(spi), project_id_(project_id), user_(user) {
        access::require(spi, project_id, user, access::Level::owner);
        access::enter_project_alone(project_id);
        pg::Rows row = spi.query(
            "SELECT name, (closed_until - date '2000-01-01')::bigint FROM recon.projects "
            "WHERE project_id = $1 FOR NO KEY UPDATE",
            {pg::bigint(project_id)});
        access::require(spi, project_id, user, access::Level::owner);
        name_ = row.text(0, 0);
        if (!row.is_null(0, 1)) closed_until_ = static_cast<Day>(row.bigint(0, 1));
    }

    std::optional<Day> closed_until() const { return closed_until_; }
    std::string what() const { return "project \"" + name_ + "\""; }

    void set(std::optional<Day> until, const char* action) {
        std::optional<std::int64_t> day;
        if (until) day = *until;
        // What was closed after it is open again.
        spi_.execute(
            "DELETE FROM recon.closed_periods WHERE project_id = $1 AND ($2 IS NULL OR "
            "closed_until > date '2000-01-01' + $2::int)",
            {pg::bigint(project_id_), pg::bigint(day)});
        spi_.execute(
            "INSERT INTO recon.closed_periods (project_id, closed_until, closed_by) SELECT $1, "
            "date '2000-01-01' + $2::int, $3::name WHERE $2 IS NOT NULL ON CONFLICT DO NOTHING",
            {pg::bigint(project_id_), pg::bigint(day), pg::text(pg::role_name(user_))});
        spi_.execute(
            "UPDATE recon.projects SET closed_until = date '2000-01-01' + $2::int, updated_at = "
            "clock_timestamp() WHERE project_id = $1",
            {pg::bigint(project_id_), pg::bigint(day)});
        access::audit(spi_, user_, project_id_, action, "period", std::nullopt,
                      json_of(closed_until_), json_of(until));
    }

  private:
    static std::string json_of(std::optional<Day> until) {
        return "{\"closed_until\": " + (until ? "\"" + field::to_text(*until) + "\"" : "null") +
               "}";
    }

    pg::Spi& spi_;
    std::int64_t project_id_;
    Oid user_;
    std::string name_;
    std::optional<Day> closed_until_;
};

// What nobody decides on any more.
constexpr char proposed_sql[] =
    "SELECT count(*) FROM (SELECT FROM recon.matches m JOIN recon.match_records x ON x.project_id "
    "= m.project_id AND x.match_id = m.match_id JOIN recon.records r ON r.project_id = "
    "x.project_id AND r.record_id = x.record_id WHERE m.project_id = $1 AND m.status = 'proposed' "
    "GROUP BY m.match_id HAVING max(" RECON_RECORD_DATE
    ") <= date '2000-01-01' + $2::int AND ($3 IS NULL OR max(" RECON_RECORD_DATE
    ") > date '2000-01-01' + $3::int)) p";

void notice_proposed(pg::Spi& spi, std::int64_t project_id, std::optional<Day> before, Day until) {
    std::optional<std::int64_t> after;
    if (before) after = *before;
    std::int64_t count =
        spi.query(proposed_sql, {pg::bigint(project_id), pg::bigint(until), pg::bigint(after)})
            .bigint(0, 0);
    if (count == 0) return;
    bool one = count == 1;
    pg::notice(std::to_string(count) + (one ? " match" : " matches") + " of the period " +
                   (one ? "is" : "are") + " proposed and can no longer be decided on",
               "To decide on them, reopen the period with recon.reopen_period.");
}

void close_period(std::int64_t project_id, Day until, Oid user) {
    pg::OwnerScope owner;
    pg::Spi spi;
    OwnedProject project(spi, project_id, user);
    std::optional<Day> before = project.closed_until();
    if (before == until) return;
    if (before && *before > until)
        throw Error("55000",
                    project.what() + " is closed until " + field::to_text(*before) + " already", {},
                    "To have it closed until an earlier day, use recon.reopen_period.");
    project.set(until, "close");
    notice_proposed(spi, project_id, before, until);
}

void reopen_period(std::int64_t project_id, std::optional<Day> until, Oid user) {
    pg::OwnerScope owner;
    pg::Spi spi;
    OwnedProject project(spi, project_id, user);
    std::optional<Day> before = project.closed_until();
    if (before == until) return;
    if (!before || (until && *until > *before))
        throw Error("55000",
                    before
                        ? project.what() + " is closed until " + field::to_text(*before) + " only"
                        : project.what() + " has no closed period",
                    {}, "A period is closed with recon.close_period.");
    project.set(until, "reopen");
}

}  // namespace

RECON_FUNCTION(recon_close_period) {
    pg::Arguments args(fcinfo);
    std::int64_t project_id = args.bigint(0, "project_id");
    close_period(project_id, args.date(1, "until"), GetUserId());
    PG_RETURN_VOID();
}

RECON_FUNCTION(recon_reopen_period) {
    pg::Arguments args(fcinfo);
    std::int64_t project_id = args.bigint(0, "project_id");
    std::optional<Day> until;
    if (!args.is_null(1)) until = args.date(1, "until");
    reopen_period(project_id, until, GetUserId());
    PG_RETURN_VOID();
}
