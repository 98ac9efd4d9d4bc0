// balance_proof: that what two sources come to is what is matched and what is open.
#include "access/membership.hpp"
#include "closing/closed_period.hpp"
#include "pg/owner.hpp"
#include "pg/plan_scope.hpp"

using namespace recon;

namespace {

void check_source(pg::Spi& spi, std::int64_t project_id, std::int64_t source_id) {
    pg::Rows source =
        spi.query("SELECT 1 FROM recon.data_sources WHERE project_id = $1 AND source_id = $2",
                  {pg::bigint(project_id), pg::bigint(source_id)});
    if (source.empty())
        throw Error("42704", "source " + std::to_string(source_id) + " does not exist in project " +
                                 std::to_string(project_id));
}

// $1: the project; $2, $3: the sources; $4: the day. Facts are what a side's records come to by
// parts. Those of the closing balance come from the records alone, those of what is matched and
// what is open from the matches and the open records alone, so that they prove one another.
constexpr char proof_sql[] =
    "WITH day AS (SELECT date '2000-01-01' + $4::int AS as_of), "
    "start AS (SELECT max(c.closed_until) AS before FROM recon.closed_periods c, day "
    "WHERE c.project_id = $1 AND c.closed_until < day.as_of), "
    "rec AS MATERIALIZED (SELECT r.record_id, r.source_id = $2 AS of_a, r.amount, "
    "r.currency, " RECON_RECORD_DATE
    " AS dated FROM recon.records r WHERE r.project_id = $1 AND r.source_id IN ($2, $3)), "
    "member AS MATERIALIZED (SELECT m.match_id, m.written_off, x.side, r.record_id, r.source_id, "
    "r.currency, " RECON_RECORD_DATE
    " AS dated FROM recon.matches m JOIN recon.match_records x ON x.project_id = m.project_id AND "
    "x.match_id = m.match_id JOIN recon.records r ON r.project_id = x.project_id AND r.record_id = "
    "x.record_id WHERE m.project_id = $1 AND m.status IN ('proposed', 'approved')), "
    "match AS (SELECT match_id, max(dated) AS dated, bool_or(source_id = $2) AND "
    "bool_or(source_id = $3) AS of_both, bool_or(source_id = $2 AND side = 'A') AS a_first, "
    "max(currency) AS currency, max(written_off) AS written_off FROM member GROUP BY match_id), "
    "fact AS ("
    "SELECT CASE WHEN dated <= before THEN 'opening' ELSE 'movements' END AS part, of_a, "
    "currency, amount, 1 AS records FROM rec, start, day WHERE dated <= as_of "
    "UNION ALL "
    "SELECT 'brought forward', s.source_id = $2, nullif(b.key, ''), b.value::numeric, 0 FROM "
    "recon.projects p JOIN recon.data_sources s ON s.project_id = p.project_id, "
    "jsonb_each_text(coalesce(p.settings -> 'opening_balances' -> s.name, '{}')) b "
    "WHERE p.project_id = $1 AND s.source_id IN ($2, $3) "
    "UNION ALL "
    "SELECT CASE WHEN m.dated > as_of THEN 'open' WHEN m.of_both THEN 'matched' ELSE 'elsewhere' "
    "END, rec.of_a, rec.currency, rec.amount, 1 FROM rec JOIN member u ON u.record_id = "
    "rec.record_id JOIN match m ON m.match_id = u.match_id, day WHERE rec.dated <= as_of "
    "UNION ALL "
    "SELECT 'written off', true, currency, CASE WHEN a_first THEN written_off ELSE -written_off "
    "END, 0 FROM match, day WHERE of_both AND written_off IS NOT NULL AND dated <= as_of "
    "UNION ALL "
    "SELECT 'open', rec.of_a, rec.currency, rec.amount, 1 FROM rec JOIN recon.open_records o ON "
    "o.record_id = rec.record_id, day WHERE o.project_id = $1 AND o.source_id IN ($2, $3) AND "
    "rec.dated <= as_of), "
    "side AS (SELECT currency, of_a, "
    "coalesce(sum(amount) FILTER (WHERE part = 'brought forward'), 0) AS brought, "
    "coalesce(sum(amount) FILTER (WHERE part IN ('brought forward', 'opening')), 0) AS opening, "
    "coalesce(sum(amount) FILTER (WHERE part = 'movements'), 0) AS movements, "
    "coalesce(sum(amount) FILTER (WHERE part IN ('brought forward', 'opening', 'movements')), 0) "
    "AS closing, "
    "coalesce(sum(amount) FILTER (WHERE part = 'matched'), 0) AS matched, "
    "coalesce(sum(amount) FILTER (WHERE part = 'elsewhere'), 0) AS elsewhere, "
    "coalesce(sum(amount) FILTER (WHERE part = 'written off'), 0) AS written_off, "
    "coalesce(sum(amount) FILTER (WHERE part = 'open'), 0) AS open, "
    "coalesce(sum(records) FILTER (WHERE part IN ('opening', 'movements')), 0) AS records, "
    "coalesce(sum(records) FILTER (WHERE part IN ('matched', 'elsewhere')), 0) AS matched_records, "
    "coalesce(sum(records) FILTER (WHERE part = 'open'), 0) AS open_records, "
    "count(*) FILTER (WHERE amount IS NULL AND part IN ('opening', 'movements')) AS no_amount "
    "FROM fact GROUP BY currency, of_a), "
    "both_sides AS (SELECT c.currency, "
    "coalesce(a.opening, 0) AS a_opening, coalesce(a.movements, 0) AS a_movements, "
    "coalesce(a.closing, 0) AS a_closing, coalesce(a.matched, 0) AS a_matched, "
    "coalesce(a.elsewhere, 0) AS a_elsewhere, coalesce(a.open, 0) AS a_open, "
    "coalesce(a.records, 0) AS a_records, coalesce(a.matched_records, 0) AS a_matched_records, "
    "coalesce(a.open_records, 0) AS a_open_records, coalesce(a.no_amount, 0) AS a_no_amount, "
    "coalesce(a.brought, 0) AS a_brought, coalesce(a.written_off, 0) AS written_off, "
    "coalesce(b.opening, 0) AS b_opening, coalesce(b.movements, 0) AS b_movements, "
    "coalesce(b.closing, 0) AS b_closing, coalesce(b.matched, 0) AS b_matched, "
    "coalesce(b.elsewhere, 0) AS b_elsewhere, coalesce(b.open, 0) AS b_open, "
    "coalesce(b.records, 0) AS b_records, coalesce(b.matched_records, 0) AS b_matched_records, "
    "coalesce(b.open_records, 0) AS b_open_records, coalesce(b.no_amount, 0) AS b_no_amount, "
    "coalesce(b.brought, 0) AS b_brought "
    "FROM (SELECT DISTINCT currency FROM side) c "
    "LEFT JOIN side a ON a.of_a AND a.currency IS NOT DISTINCT FROM c.currency "
    "LEFT JOIN side b ON NOT b.of_a AND b.currency IS NOT DISTINCT FROM c.currency), "
    "explained AS (SELECT *, a_closing - b_closing AS difference, a_open - b_open AS by_open, "
    "a_matched - b_matched AS by_matches, a_elsewhere - b_elsewhere AS by_others FROM both_sides) "
    "SELECT currency, a_opening, a_movements, a_closing, a_matched, a_elsewhere, a_open, "
    "a_records, a_matched_records, a_open_records, a_no_amount, b_opening, b_movements, "
    "b_closing, b_matched, b_elsewhere, b_open, b_records, b_matched_records, b_open_records, "
    "b_no_amount, difference, by_open, by_matches, written_off, by_others, "
    "difference - by_open - by_matches - by_others, "
    "a_closing = a_brought + a_matched + a_elsewhere + a_open AND a_records = a_matched_records + "
    "a_open_records AND b_closing = b_brought + b_matched + b_elsewhere + b_open AND b_records = "
    "b_matched_records + b_open_records AND difference = by_open + by_matches + by_others "
    "FROM explained ORDER BY currency COLLATE \"C\" NULLS LAST";
constexpr int proof_columns = 28;

void prove(pg::ResultSet& rows, std::int64_t project_id, std::int64_t source_a,
           std::int64_t source_b, field::Day as_of, Oid user) {
    pg::OwnerScope owner;
    pg::Spi spi(pg::Spi::read_only);
    access::require(spi, project_id, user, access::Level::viewer);
    check_source(spi, project_id, source_a);
    check_source(spi, project_id, source_b);
    if (source_a == source_b)
        throw Error(sqlstate::invalid_parameter_value, "the two sources must differ");
    // Whole tables are joined, whatever statistics say, or do not say yet.
    pg::PlanScope plan({"enable_nestloop", "jit"});
    pg::Rows proof = spi.query(proof_sql, {pg::bigint(project_id), pg::bigint(source_a),
                                           pg::bigint(source_b), pg::bigint(as_of)});
    for (std::uint64_t i = 0; i < proof.size(); ++i) {
        std::vector<pg::Value> row;
        for (int column = 0; column < proof_columns; ++column)
            row.push_back(proof.is_null(i, column) ? pg::Value()
                                                   : pg::Value::raw(proof.datum(i, column)));
        rows.add(row);
    }
}

}  // namespace

RECON_FUNCTION(recon_balance_proof) {
    pg::Arguments args(fcinfo);
    std::int64_t project_id = args.bigint(0, "project_id"), source_a = args.bigint(1, "source_a"),
                 source_b = args.bigint(2, "source_b");
    field::Day as_of = args.date(3, "as_of");
    pg::ResultSet rows(fcinfo);
    prove(rows, project_id, source_a, source_b, as_of, GetUserId());
    return 0;
}
