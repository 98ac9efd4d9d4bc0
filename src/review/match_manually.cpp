// match_manually.
#include "access/audit.hpp"
#include "access/project_settings.hpp"
#include "closing/closed_period.hpp"
#include "match/open_records.hpp"
#include "pg/owner.hpp"
#include "review/review.hpp"
#include "stats/counters.hpp"

using namespace recon;

namespace {

using Ids = std::vector<std::int64_t>;

constexpr std::int64_t certain = 1'000'000'000;  // the confidence, in billionths

void check_given(const Ids& a, const Ids& b) {
    if (a.empty() || b.empty())
        throw Error(sqlstate::invalid_parameter_value,
                    std::string("argument \"") + (a.empty() ? "a" : "b") + "\" must not be empty");
    Ids all = a;
    all.insert(all.end(), b.begin(), b.end());
    std::sort(all.begin(), all.end());
    auto twice = std::adjacent_find(all.begin(), all.end());
    if (twice != all.end())
        throw Error(sqlstate::invalid_parameter_value,
                    "record " + std::to_string(*twice) + " is given more than once");
}

// The one source of a side. A record of another project is not there for this one.
std::int64_t source_of(pg::Spi& spi, std::int64_t project_id, const Ids& ids, const char* side) {
    pg::Rows rows = spi.query(
        "SELECT u.record_id, r.source_id FROM unnest($2) WITH ORDINALITY u(record_id, n) "
        "LEFT JOIN recon.records r ON r.record_id = u.record_id AND r.project_id = $1 ORDER BY u.n",
        {pg::bigint(project_id), pg::bigints(ids)});
    for (std::uint64_t i = 0; i < rows.size(); ++i) {
        if (rows.is_null(i, 1))
            throw Error("42704", "record " + std::to_string(rows.bigint(i, 0)) +
                                     " does not exist in project " + std::to_string(project_id));
        if (rows.bigint(i, 1) != rows.bigint(0, 1))
            throw Error(sqlstate::invalid_parameter_value,
                        std::string("the records of side ") + side + " are of several sources",
                        "For example record " + std::to_string(rows.bigint(0, 0)) + " of source " +
                            std::to_string(rows.bigint(0, 1)) + " and record " +
                            std::to_string(rows.bigint(i, 0)) + " of source " +
                            std::to_string(rows.bigint(i, 1)) + ".");
    }
    return rows.bigint(0, 1);
}

const char* cardinality(const Ids& a, const Ids& b) {
    if (a.size() == 1) return b.size() == 1 ? "1:1" : "1:N";
    return b.size() == 1 ? "N:1" : "N:M";
}

// The difference of the amounts of both sides: none where an amount is not known or currencies
// differ. Of records of which some have no currency it is known, but in none.
struct Difference {
    std::optional<std::string> amount;
    bool is_zero = false, in_one_currency = false;
};

Difference find_difference(pg::Spi& spi, std::int64_t project_id, const Ids& a, const Ids& b) {
    pg::Rows row = spi.query(
        "SELECT d.amount::text, d.amount = 0, d.one FROM (SELECT CASE WHEN count(r.amount) = "
        "count(*) AND count(DISTINCT r.currency) <= 1 THEN sum(CASE WHEN r.record_id = ANY ($2) "
        "THEN r.amount ELSE -r.amount END) END AS amount, count(r.currency) IN (0, count(*)) AS "
        "one FROM recon.records r WHERE r.project_id = $1 AND r.record_id = ANY ($2 || $3)) d",
        {pg::bigint(project_id), pg::bigints(a), pg::bigints(b)});
    Difference difference;
    difference.amount = row.optional_text(0, 0);
    difference.is_zero = difference.amount && row.boolean(0, 1);
    difference.in_one_currency = row.boolean(0, 2);
    return difference;
}

// What is to be written off; nothing where the sides agree.
std::optional<std::string> check_write_off(pg::Spi& spi, const Difference& difference) {
    if (!difference.amount || !difference.in_one_currency)
        throw Error("55000", "the difference of the match cannot be written off",
                    difference.amount ? "Some of the records have a currency, others have none."
                                      : "It is not known: an amount is missing, or currencies "
                                        "differ.");
    if (difference.is_zero) return std::nullopt;
    review::check_write_off_limit(spi, *difference.amount, "the difference of the match");
    return difference.amount;
}

// Of a match that is approved nobody else need decide.
constexpr char insert_sql[] =
    "INSERT INTO recon.matches (project_id, record_a_id, record_b_id, cardinality, confidence, "
    "status, ambiguous, amount_difference, created_at, reviewed_by, reviewed_at, note, "
    "written_off, proposed_by, proposed_session) "
    "SELECT $1, CASE WHEN $4 = '1:1' THEN ($2)[1] END, CASE WHEN $4 = '1:1' THEN ($3)[1] END, $4, "
    "1, CASE WHEN $10 THEN 'proposed' ELSE 'approved' END, false, $7::numeric, t.now, CASE WHEN "
    "NOT $10 THEN $5::name END, CASE WHEN NOT $10 THEN t.now END, $6, $8::numeric, "
    "$9::regrole, $11::regrole FROM clock_timestamp() t(now) RETURNING match_id";

constexpr char insert_members_sql[] =
    "INSERT INTO recon.match_members (project_id, match_id, record_id, side) "
    "SELECT $1, $2, u.record_id, 'A' FROM unnest($3) u(record_id) "
    "UNION ALL SELECT $1, $2, u.record_id, 'B' FROM unnest($4) u(record_id)";

std::int64_t match_manually(std::int64_t project_id, const Ids& a, const Ids& b,
                            const std::optional<std::string>& note, bool write_off, Oid user) {
    pg::OwnerScope owner;
    pg::Spi spi;
    std::optional<field::Day> closed_until = review::lock_project(spi, project_id, user);
    std::int64_t source_a = source_of(spi, project_id, a, "A"),
                 source_b = source_of(spi, project_id, b, "B");
    if (source_a == source_b)
        throw Error(sqlstate::invalid_parameter_value,
                    "the records of both sides are of source " + std::to_string(source_a));
    Ids all = a;
    all.insert(all.end(), b.begin(), b.end());
    closing::check_new_match(spi, project_id, closed_until, all);
    Ids taken = match::take_open(spi, project_id, all);
    for (std::int64_t id : all)
        if (!std::binary_search(taken.begin(), taken.end(), id))
            review::refuse_not_open(spi, project_id, id);

    Difference difference = find_difference(spi, project_id, a, b);
    std::optional<std::string> written_off;
    if (write_off) written_off = check_write_off(spi, difference);
    bool four_eyes = access::has_four_eyes(spi, project_id);
    std::string user_name = pg::role_name(user);
    std::string_view kind = cardinality(a, b);
    std::int64_t match_id =
        spi.query(insert_sql, {pg::bigint(project_id), pg::bigints(a), pg::bigints(b),
                               pg::text(kind), pg::text(user_name), pg::text(note),
                               pg::text(difference.amount), pg::text(written_off), pg::oid(user),
                               pg::boolean(four_eyes), pg::oid(GetSessionUserId())})
            .bigint(0, 0);
    if (kind != "1:1")
        spi.execute(insert_members_sql,
                    {pg::bigint(project_id), pg::bigint(match_id), pg::bigints(a), pg::bigints(b)});
    stats::Delta change;
    change.matched_records = static_cast<std::int64_t>(all.size());
    (four_eyes ? change.proposed_matches : change.approved_matches) = 1;
    change.confidence = certain;
    stats::add(spi, project_id, change);
    std::string after =
        spi.query(
               "SELECT (to_jsonb(m) || jsonb_build_object('a', to_jsonb($3), 'b', "
               "to_jsonb($4)))::text FROM recon.matches m WHERE project_id = $1 AND match_id = $2",
               {pg::bigint(project_id), pg::bigint(match_id), pg::bigints(a), pg::bigints(b)})
            .text(0, 0);
    access::audit(spi, user, project_id, "create", "match", match_id, std::nullopt, after);
    return match_id;
}

}  // namespace

RECON_FUNCTION(recon_match_manually) {
    pg::Arguments args(fcinfo);
    std::int64_t project_id = args.bigint(0, "project_id");
    Ids a = args.bigints(1, "a"), b = args.bigints(2, "b");
    check_given(a, b);
    return Int64GetDatum(match_manually(project_id, a, b, args.optional_text(3),
                                        !args.is_null(4) && DatumGetBool(args.datum(4)),
                                        GetUserId()));
}
