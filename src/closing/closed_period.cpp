#include "closing/closed_period.hpp"

namespace recon::closing {

namespace {

constexpr char first_closed_sql[] =
    "SELECT m.match_id, to_char(max(" RECON_RECORD_DATE
    "), 'YYYY-MM-DD') FROM recon.matches m JOIN recon.match_records x ON x.project_id = "
    "m.project_id AND x.match_id = m.match_id JOIN recon.records r ON r.project_id = x.project_id "
    "AND r.record_id = x.record_id WHERE m.project_id = $1 AND m.match_id = ANY ($2) AND m.status "
    "<> $3 GROUP BY m.match_id HAVING max(" RECON_RECORD_DATE
    ") <= date '2000-01-01' + $4::int ORDER BY m.match_id LIMIT 1";

constexpr char latest_date_sql[] =
    "SELECT max(" RECON_RECORD_DATE
    ") <= date '2000-01-01' + $3::int, to_char(max(" RECON_RECORD_DATE
    "), 'YYYY-MM-DD') FROM recon.records r WHERE r.project_id = $1 AND "
    "r.record_id = ANY ($2)";

[[noreturn]] void refuse(const std::string& what, const std::string& latest, field::Day until) {
    throw Error("55000", what + " of the period closed until " + field::to_text(until),
                "Its latest record is dated " + latest + ".",
                "An owner of the project can reopen the period with recon.reopen_period.");
}

}  // namespace

void check_matches(pg::Spi& spi, std::int64_t project_id, std::optional<field::Day> closed_until,
                   std::span<const std::int64_t> match_ids, std::string_view status) {
    if (!closed_until) return;
    pg::Rows closed = spi.query(first_closed_sql, {pg::bigint(project_id), pg::bigints(match_ids),
                                                   pg::text(status), pg::bigint(*closed_until)});
    if (!closed.empty())
        refuse("match " + closed.text(0, 0) + " is", closed.text(0, 1), *closed_until);
}

void check_new_match(pg::Spi& spi, std::int64_t project_id, std::optional<field::Day> closed_until,
                     std::span<const std::int64_t> record_ids) {
    if (!closed_until) return;
    pg::Rows latest = spi.query(latest_date_sql, {pg::bigint(project_id), pg::bigints(record_ids),
                                                  pg::bigint(*closed_until)});
    if (!latest.is_null(0, 0) && latest.boolean(0, 0))
        refuse("the match would be", latest.text(0, 1), *closed_until);
}

}  // namespace recon::closing
