// evaluate: precision and recall of a job's matches against pairs that are known to be right.
#include "access/membership.hpp"
#include "pg/owner.hpp"
#include "pg/plan_scope.hpp"
#include "pg/relation_cursor.hpp"
#include "pg/text_rows.hpp"

using namespace recon;
using access::Level;

namespace {

// "given" are the pairs of the truth relation. Confidences count in whole billionths, so that
// thresholds and bands are exact.
constexpr char evaluate_sql[] =
    "WITH truth AS MATERIALIZED (SELECT DISTINCT external_id_a, external_id_b FROM given), "
    "live AS (SELECT m.* FROM recon.matches m WHERE m.project_id = $1 AND m.job_id = $2 "
    "AND m.status IN ('proposed', 'approved')), "
    "members AS (SELECT rule_id, confidence, record_a_id, record_b_id FROM live WHERE cardinality "
    "= '1:1' UNION ALL SELECT m.rule_id, m.confidence, a.record_id, b.record_id FROM live m "
    "JOIN recon.match_members a ON a.project_id = $1 AND a.match_id = m.match_id AND a.side = 'A' "
    "JOIN recon.match_members b ON b.project_id = $1 AND b.match_id = m.match_id AND b.side = 'B' "
    "WHERE m.cardinality <> '1:1'), "
    "pairs AS (SELECT p.rule_id, round(p.confidence * 1e9)::bigint AS confidence, "
    "t.external_id_a IS NOT NULL AS correct FROM members p "
    "JOIN recon.records a ON a.project_id = $1 AND a.record_id = p.record_a_id "
    "JOIN recon.records b ON b.project_id = $1 AND b.record_id = p.record_b_id "
    "LEFT JOIN truth t ON t.external_id_a = a.external_id AND t.external_id_b = b.external_id), "
    "found AS MATERIALIZED (SELECT rule_id, confidence, count(*) AS matches, "
    "count(*) FILTER (WHERE correct) AS correct FROM pairs GROUP BY rule_id, confidence), "
    "expected AS (SELECT count(*) AS pairs FROM truth), "
    "levels AS (SELECT f.confidence, sum(sum(f.matches)) OVER down AS matches, "
    "sum(sum(f.correct)) OVER down AS correct FROM found f GROUP BY f.confidence "
    "WINDOW down AS (ORDER BY f.confidence DESC)), "
    "best AS (SELECT l.* FROM levels l, expected e "
    "ORDER BY 2 * l.correct::double precision / (l.matches + e.pairs)::double precision DESC, "
    "l.confidence DESC LIMIT 1), "
    "lines AS (SELECT 1 AS line, 'all' AS scope, NULL::bigint AS rule_id, NULL::bigint AS low, "
    "NULL::bigint AS high, coalesce(sum(matches), 0) AS matches, coalesce(sum(correct), 0) AS "
    "correct FROM found "
    "UNION ALL SELECT 2, 'rule', rule_id, NULL, NULL, sum(matches), sum(correct) FROM found GROUP "
    "BY rule_id "
    "UNION ALL SELECT 3, 'band', NULL, confidence / $3 * $3, least(confidence / $3 * $3 + $3, "
    "1000000000), sum(matches), sum(correct) FROM found GROUP BY confidence / $3 "
    "UNION ALL SELECT 4, 'threshold', NULL, confidence, 1000000000, matches, correct FROM best) "
    "SELECT l.scope, l.rule_id, l.low / 1e9::double precision, l.high / 1e9::double precision, "
    "l.matches::bigint, l.correct::bigint, e.pairs, "
    "l.correct::double precision / nullif(l.matches, 0)::double precision, "
    "l.correct::double precision / nullif(e.pairs, 0)::double precision, "
    "2 * l.correct::double precision / nullif(l.matches + e.pairs, 0)::double precision "
    "FROM lines l, expected e ORDER BY l.line, l.low DESC, l.rule_id";
constexpr int columns = 10;
constexpr std::int64_t band_width = 50'000'000;  // billionths

constexpr const char* id_columns[] = {"external_id_a", "external_id_b"};
// As long as an external_id can be by default; a longer one matches none.
constexpr std::size_t longest_id = std::size_t{1} << 20;

void check_columns(const pg::NamedRelation& truth) {
    constexpr char hint[] =
        "The truth is a relation, for instance a view, with the columns external_id_a and "
        "external_id_b of type text.";
    for (const char* column : id_columns) {
        char category = pg::column_category(truth, column);
        if (category == 0)
            throw Error(sqlstate::undefined_column,
                        "column \"" + std::string(column) + "\" of relation " + truth.name +
                            " does not exist",
                        {}, hint);
        if (category != TYPCATEGORY_STRING && category != TYPCATEGORY_NUMERIC)
            throw Error("42804",
                        "column \"" + std::string(column) + "\" of relation " + truth.name +
                            " is neither text nor a number",
                        {}, hint);
    }
}

// Read with the caller's rights: its SELECT privilege, its row-level security, and no functions of
// a view run as anybody else because of us.
void read_truth(const pg::NamedRelation& truth, Oid user, pg::TextRows& given) {
    const ingest::SelectedColumn selected[] = {{id_columns[0], false}, {id_columns[1], false}};
    pg::ReadAs reader{user, "reading relation " + truth.name};
    pg::RelationCursor cursor(truth, reader, selected, longest_id);
    while (cursor.fetch())
        for (std::size_t row = 0; row < cursor.rows(); ++row) {
            pg::RelationCursor::Value a = cursor.value(row, 0), b = cursor.value(row, 1);
            if (!a.null && !b.null) given.add({a.text, b.text});
        }
    cursor.close();
}

void evaluate(pg::ResultSet& result, std::int64_t job_id, Oid relation, Oid user) {
    pg::OwnerScope owner;
    pg::Spi spi;
    std::int64_t project_id =
        access::require_object(spi, access::Object::job, job_id, user, Level::viewer);
    pg::NamedRelation truth = pg::name_relation(relation);
    check_columns(truth);
    pg::TextRows given(spi, "given", {id_columns[0], id_columns[1]});
    read_truth(truth, user, given);
    given.finish();
    // A run adds many matches at once, of which there are no statistics yet.
    pg::PlanScope plan({"enable_nestloop", "jit"});
    pg::Rows lines = spi.query(
        evaluate_sql, {pg::bigint(project_id), pg::bigint(job_id), pg::bigint(band_width)});
    for (std::uint64_t row = 0; row < lines.size(); ++row) {
        std::array<pg::Value, columns> values;
        for (int i = 0; i < columns; ++i)
            if (!lines.is_null(row, i))
                values[static_cast<std::size_t>(i)] = pg::Value::raw(lines.datum(row, i));
        result.add(values);
    }
}

}  // namespace

RECON_FUNCTION(recon_evaluate) {
    pg::Arguments args(fcinfo);
    std::int64_t job_id = args.bigint(0, "job_id");
    if (args.is_null(1)) throw Error("22004", "argument \"truth\" must not be null");
    pg::ResultSet rows(fcinfo);
    evaluate(rows, job_id, DatumGetObjectId(args.datum(1)), GetUserId());
    return 0;
}
