// approve_matches, reject_matches, unmatch and unmatch_matches.
#include "access/audit.hpp"
#include "closing/closed_period.hpp"
#include "pg/owner.hpp"
#include "pg/plan_scope.hpp"
#include "review/four_eyes.hpp"
#include "review/review.hpp"
#include "stats/counters.hpp"

using namespace recon;

namespace {

// A decision, as SQL and messages name it.
struct Decision {
    const char* action;  // in the audit trail
    const char* status;  // of the match from then on
    bool of_approved;    // also on an approved match, not just on a proposed one
    bool keeps;          // the records stay matched
    bool bars;           // no run makes the match again
    const char* reason;  // why they are open from then on
};
constexpr Decision approve{"approve", "approved", false, true, false, nullptr};
constexpr Decision reject{"reject", "rejected", false, false, true, "match rejected"};
constexpr Decision unmatch{"unmatch", "unmatched", true, false, false, "unmatched"};

[[noreturn]] void refuse(std::int64_t match_id, const std::string& status,
                         const Decision& decision) {
    std::string hint;
    if (status == "approved")
        hint = "An approved match is taken apart with recon.unmatch.";
    else
        hint =
            "Its records were opened again: run the job, or match them with recon.match_manually.";
    throw Error("55000", "match " + std::to_string(match_id) + " is " + status,
                "Only a proposed" + std::string(decision.of_approved ? " or approved" : "") +
                    " match can be " + decision.status + ".",
                hint);
}

// Changes those of the matches that are not yet what they are to be. What that makes of the
// figures, with the ids of the matches changed, is in count_sql.
constexpr char decide_sql[] =
    "old AS (SELECT m.match_id, m.status, m.reviewed_by, m.reviewed_at, m.note "
    "FROM recon.matches m WHERE m.project_id = $1 AND m.match_id = ANY ($2) AND m.status <> "
    "$3), "
    "changed AS (UPDATE recon.matches m SET status = $3, reviewed_by = $4::name, "
    "reviewed_at = clock_timestamp(), note = coalesce($5, m.note) FROM old o "
    "WHERE m.project_id = $1 AND m.match_id = o.match_id "
    "RETURNING m.match_id, m.confidence, m.status, m.reviewed_by, m.reviewed_at, m.note, "
    "o.status AS old_status, jsonb_build_object('status', o.status, 'reviewed_by', o.reviewed_by, "
    "'reviewed_at', o.reviewed_at, 'note', o.note) AS before), "
    "entries AS (SELECT c.reviewed_at AS at, c.match_id AS resource_id, c.before, "
    "jsonb_build_object('status', c.status, 'reviewed_by', c.reviewed_by, 'reviewed_at', "
    "c.reviewed_at, 'note', c.note) AS after FROM changed c)";

constexpr char count_sql[] =
    "SELECT count(*), count(*) FILTER (WHERE old_status = 'approved'), "
    "coalesce(sum(round(confidence * 1e9)), 0)::bigint, coalesce(array_agg(match_id), '{}') "
    "FROM changed";

constexpr char reopen_sql[] =
    "INSERT INTO recon.open_singles (record_id, project_id, source_id, reason) "
    "SELECT r.record_id, r.project_id, r.source_id, $3 FROM recon.match_records x "
    "JOIN recon.records r ON r.project_id = x.project_id AND r.record_id = x.record_id "
    "WHERE x.project_id = $1 AND x.match_id = ANY ($2)";

constexpr char bar_sql[] =
    "INSERT INTO recon.rejections (match_id, project_id, source_a, source_b) SELECT x.match_id, "
    "$1, max(r.source_id) FILTER (WHERE x.side = 'A'), max(r.source_id) FILTER (WHERE x.side = "
    "'B') FROM recon.match_records x JOIN recon.records r ON r.project_id = x.project_id AND "
    "r.record_id = x.record_id WHERE x.project_id = $1 AND x.match_id = ANY ($2) GROUP BY "
    "x.match_id ON CONFLICT (match_id, project_id) DO NOTHING";

std::int64_t decide_in(pg::Spi& spi, std::int64_t project_id,
                       const std::vector<std::int64_t>& match_ids, const Decision& decision,
                       const std::optional<std::string>& note, Oid user) {
    std::optional<field::Day> closed_until = review::lock_project(spi, project_id, user);
    // Recon's functions wait for the project, but not whoever changes matches directly.
    spi.query(
        "SELECT count(*) FROM (SELECT FROM recon.matches WHERE project_id = $1 AND match_id = ANY "
        "($2) ORDER BY match_id FOR NO KEY UPDATE) locked",
        {pg::bigint(project_id), pg::bigints(match_ids)});
    pg::Rows other = spi.query(
        "SELECT match_id, status FROM recon.matches WHERE project_id = $1 AND match_id = ANY ($2) "
        "AND status NOT IN ('proposed', $3) AND NOT ($4 AND status = 'approved') "
        "ORDER BY match_id LIMIT 1",
        {pg::bigint(project_id), pg::bigints(match_ids), pg::text(decision.status),
         pg::boolean(decision.of_approved)});
    if (!other.empty()) refuse(other.bigint(0, 0), other.text(0, 1), decision);
    if (decision.keeps) review::check_four_eyes(spi, project_id, match_ids, user);

    closing::check_matches(spi, project_id, closed_until, match_ids, decision.status);

    std::string user_name = pg::role_name(user);
    pg::Rows changed =
        access::audit_all(spi, user, project_id, decision.action, "match", decide_sql, count_sql,
                          {pg::bigint(project_id), pg::bigints(match_ids),
                           pg::text(decision.status), pg::text(user_name), pg::text(note)});
    std::int64_t count = changed.bigint(0, 0), were_approved = changed.bigint(0, 1);
    if (count == 0) return 0;
    stats::Delta change;
    change.proposed_matches = were_approved - count;
    if (decision.keeps) {
        change.approved_matches = count;
    } else {
        change.approved_matches = -were_approved;
        change.confidence = -changed.bigint(0, 2);
        std::vector<std::int64_t> ids = pg::read_bigints(changed.datum(0, 3), "match_ids");
        change.matched_records = -static_cast<std::int64_t>(spi.execute(
            reopen_sql, {pg::bigint(project_id), pg::bigints(ids), pg::text(decision.reason)}));
        if (decision.bars) spi.execute(bar_sql, {pg::bigint(project_id), pg::bigints(ids)});
    }
    stats::add(spi, project_id, change);
    return count;
}

// How many matches changed. One project after the other, always in the same order.
std::int64_t decide(const std::vector<std::int64_t>& match_ids, const Decision& decision,
                    const std::optional<std::string>& note) {
    Oid user = GetUserId();
    pg::OwnerScope owner;
    pg::PlanScope plan = pg::PlanScope::by_ids(match_ids.size());
    pg::Spi spi;
    std::int64_t count = 0;
    for (std::int64_t project_id : review::find_projects(spi, review::Kind::match, match_ids, user))
        count += decide_in(spi, project_id, match_ids, decision, note, user);
    return count;
}

}  // namespace

RECON_FUNCTION(recon_approve_matches) {
    pg::Arguments args(fcinfo);
    return Int64GetDatum(decide(args.bigints(0, "match_ids"), approve, args.optional_text(1)));
}

RECON_FUNCTION(recon_reject_matches) {
    pg::Arguments args(fcinfo);
    return Int64GetDatum(decide(args.bigints(0, "match_ids"), reject, args.optional_text(1)));
}

RECON_FUNCTION(recon_unmatch) {
    pg::Arguments args(fcinfo);
    return BoolGetDatum(decide({args.bigint(0, "match_id")}, unmatch, args.optional_text(1)) > 0);
}

RECON_FUNCTION(recon_unmatch_matches) {
    pg::Arguments args(fcinfo);
    return Int64GetDatum(decide(args.bigints(0, "match_ids"), unmatch, args.optional_text(1)));
}
