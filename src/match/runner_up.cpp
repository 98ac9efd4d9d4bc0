#include "match/runner_up.hpp"

#include <cmath>

#include "core/match/nearest.hpp"
#include "pg/encoding.hpp"

namespace recon::match {

namespace {

// What the conditions leave of the other source, as far as SQL can say it of canonical fields: so
// that few records are read. A range is a value and how far from it; NULL where none is known.
constexpr char possible_sql[] =
    "SELECT r.record_id FROM recon.records r, recon.matches made JOIN recon.rules own "
    "ON own.project_id = made.project_id AND own.rule_id = made.rule_id "
    "WHERE made.project_id = $1 AND made.match_id = $3 "
    "AND r.project_id = $1 AND r.source_id = $2 AND r.record_id <> $4 "
    "AND ($5 IS NULL OR r.amount BETWEEN $5::numeric - $6::numeric AND $5::numeric + $6::numeric) "
    "AND ($7 IS NULL OR r.transaction_date BETWEEN $7::date + $8::integer AND $7::date + "
    "$9::integer) "
    "AND ($10 IS NULL OR r.value_date BETWEEN $10::date + $11::integer AND $10::date + "
    "$12::integer) "
    "AND ($13 IS NULL OR r.external_id = $13) AND ($14 IS NULL OR r.currency = $14) "
    "AND ($15 IS NULL OR r.reference = $15) AND ($16 IS NULL OR r.counterparty = $16) "
    "AND ($17 IS NULL OR r.description = $17) "
    "AND NOT EXISTS (SELECT FROM recon.match_records x JOIN recon.matches m "
    "ON m.project_id = x.project_id AND m.match_id = x.match_id "
    "LEFT JOIN recon.rules q ON q.project_id = m.project_id AND q.rule_id = m.rule_id "
    "WHERE x.project_id = $1 AND x.record_id = r.record_id AND m.status IN ('proposed', "
    "'approved') AND (m.created_at < made.created_at OR (m.created_at = made.created_at "
    "AND (q.priority, q.rule_id) < (own.priority, own.rule_id)))) ORDER BY r.record_id";

using Text = std::optional<std::string>;

struct DateRange {
    Text day;
    std::int64_t low = 0, high = 0;
};

struct Possible {
    Text amount, width;
    DateRange transaction_date, value_date;
    Text external_id, currency, reference, counterparty, description;
};

Text* text_limit(Possible& possible, const std::string& field) {
    if (field == "external_id") return &possible.external_id;
    if (field == "currency") return &possible.currency;
    if (field == "reference") return &possible.reference;
    if (field == "counterparty") return &possible.counterparty;
    return field == "description" ? &possible.description : nullptr;
}

// How far from `amount` another can be: |a - b| <= p max(|a|, |b|) holds up to |a| p / (1 - p).
Text amount_width(const rule::Condition& condition, const std::string& amount) {
    if (condition.op == rule::Op::equal) return "0";
    double abs = condition.abs ? std::stod(field::to_text(*condition.abs)) : 0, share = 0;
    if (condition.pct) {
        double p = std::stod(field::to_text(*condition.pct)) / 100;
        if (p >= 1) return std::nullopt;
        share = std::fabs(std::stod(amount)) * p / (1 - p);
    }
    char buffer[64];
    // Above any rounding of the steps here.
    std::snprintf(buffer, sizeof buffer, "%.17g", std::max(abs, share) * (1 + 1e-12));
    return buffer;
}

// `value`: of the record that is asked for, as the condition's text shows it.
void add_limit(Possible& possible, const rule::Condition& condition, const std::string& field,
               const std::string& value, bool of_b) {
    bool equal = condition.op == rule::Op::equal && condition.normalize.empty();
    bool within = condition.op == rule::Op::within;
    if (condition.optional || !(equal || within)) return;
    if (Text* text = text_limit(possible, field)) {
        *text = value;
    } else if (field == "amount") {
        possible.width = amount_width(condition, value);
        if (possible.width) possible.amount = value;
    } else if (field == "transaction_date" || field == "value_date") {
        if (condition.business) return;
        DateRange& range = field == "value_date" ? possible.value_date : possible.transaction_date;
        std::int64_t low = condition.days_low.value_or(0), high = condition.days_high.value_or(0);
        // The window is for B's date less A's.
        range = {value, of_b ? low : -high, of_b ? high : -low};
    }
}

}  // namespace

std::optional<RunnerUp> find_runner_up(Explaining& context, const Made& made,
                                       const Explained& record, const Explained& partner,
                                       const rule::Rule& rule) {
    bool of_b = partner.side == Side::b;
    const Table& a = of_b ? record.table : partner.table;
    const Table& b = of_b ? partner.table : record.table;
    PairResult pair = explain(a, 0, b, 0, rule, context.calendars);
    Possible possible;
    for (std::size_t i = 0; i < rule.match.size(); ++i) {
        const ConditionResult& line = pair.conditions[i];
        // Without a value, a condition that is not optional holds for nobody.
        bool is_known = of_b ? line.a_known : line.b_known;
        if (!is_known && !rule.match[i].optional) return std::nullopt;
        if (is_known)
            add_limit(possible, rule.match[i], of_b ? rule.match[i].b : rule.match[i].a,
                      pg::from_utf8(of_b ? line.value_a : line.value_b), of_b);
    }
    const DateRange &day = possible.transaction_date, &value_day = possible.value_date;
    pg::Rows rows = context.spi.query(
        possible_sql,
        {pg::bigint(made.project_id), pg::bigint(partner.source.source_id),
         pg::bigint(made.match_id), pg::bigint(partner.record_id), pg::text(possible.amount),
         pg::text(possible.width), pg::text(day.day), pg::bigint(day.low), pg::bigint(day.high),
         pg::text(value_day.day), pg::bigint(value_day.low), pg::bigint(value_day.high),
         pg::text(possible.external_id), pg::text(possible.currency), pg::text(possible.reference),
         pg::text(possible.counterparty), pg::text(possible.description)});
    std::vector<std::int64_t> ids;
    for (std::uint64_t i = 0; i < rows.size(); ++i) ids.push_back(rows.bigint(i, 0));
    context.spi.free(rows);
    if (ids.empty()) return std::nullopt;
    Table others = read_records(context.spi, partner.source, ids, partner.fields, context.budget,
                                context.texts, context.interrupts);
    std::vector<Neighbour> best =
        NearestRows(of_b ? record.table : others, of_b ? others : record.table,
                    of_b ? Single::a : Single::b, context.calendars, context.budget,
                    context.interrupts)
            .under(rule, 1);
    if (best.empty() || !best[0].holds) return std::nullopt;
    return RunnerUp{others.record_ids[best[0].row], best[0].score};
}

}  // namespace recon::match
