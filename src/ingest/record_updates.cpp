#include "ingest/record_updates.hpp"

#include "access/audit.hpp"
#include "pg/plan_scope.hpp"
#include "pg/record_tuple.hpp"

namespace recon::ingest {

namespace {

constexpr char update_sql[] =
    "UPDATE recon.records r SET ingestion_id = u.ingestion_id, line_no = u.line_no, "
    "external_id = u.external_id, transaction_date = u.transaction_date, value_date = "
    "u.value_date, amount = u.amount, currency = u.currency, reference = u.reference, "
    "counterparty = u.counterparty, description = u.description, attributes = u.attributes "
    "FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) AS "
    "u(record_id, project_id, source_id, ingestion_id, line_no, external_id, transaction_date, "
    "value_date, amount, currency, reference, counterparty, description, attributes) "
    "WHERE r.record_id = u.record_id AND r.project_id = u.project_id";

// By the matches' ids: the index of a project's proposed matches would be read for each.
constexpr char withdraw_sql[] =
    "old AS (SELECT m.match_id, m.status, m.reviewed_at, m.note FROM recon.matches m "
    "WHERE m.project_id = $1 AND coalesce(m.status, '') = 'proposed' AND m.match_id IN (SELECT "
    "x.match_id FROM recon.match_records x WHERE x.project_id = $1 AND x.record_id = ANY ($2)) "
    "FOR NO KEY UPDATE), "
    "changed AS (UPDATE recon.matches m SET status = 'unmatched', reviewed_at = "
    "clock_timestamp(), note = concat_ws(E'\\n', m.note, $3) FROM old o "
    "WHERE m.project_id = $1 AND m.match_id = o.match_id "
    "RETURNING m.match_id, m.confidence, m.status, m.reviewed_at, m.note, "
    "jsonb_build_object('status', o.status, 'reviewed_at', o.reviewed_at, 'note', o.note) AS "
    "before), "
    "entries AS (SELECT reviewed_at AS at, match_id AS resource_id, before, "
    "jsonb_build_object('status', status, 'reviewed_at', reviewed_at, 'note', note) AS after "
    "FROM changed)";

}  // namespace

RecordUpdates::RecordUpdates(pg::Spi& spi, Oid user, std::int64_t project_id,
                             std::int64_t ingestion_id, std::int64_t update_no)
    : spi_(spi),
      user_(user),
      project_id_(project_id),
      ingestion_id_(ingestion_id),
      update_no_(update_no),
      writer_("records", pg::record_columns, update_sql) {}

void RecordUpdates::add(std::int64_t known_id, const StagedRecord& record) {
    // One record can change several times in a load, one after the other.
    if (ids_.size() == pg::Writer::batch_rows || in_batch_.contains(known_id)) flush();
    pg::set_record_id(record.tuple, known_id);
    ids_.push_back(known_id);
    in_batch_.insert(known_id);
    tuples_.push_back(pg::as_tuple(record.tuple));
}

void RecordUpdates::flush() {
    if (ids_.empty()) return;
    pg::PlanScope plan = pg::PlanScope::by_ids(ids_.size());
    keep_versions();
    withdraw_matches();
    spi_.execute(
        "UPDATE recon.open_singles SET reason = NULL WHERE project_id = $1 AND record_id = ANY "
        "($2) AND reason IS NOT NULL",
        {pg::bigint(project_id_), pg::bigints(ids_)});
    writer_.write(tuples_);
    ids_.clear();
    in_batch_.clear();
    tuples_.clear();
}

void RecordUpdates::keep_versions() {
    spi_.execute(
        "INSERT INTO recon.record_versions (project_id, record_id, source_id, ingestion_id, "
        "line_no, external_id, transaction_date, value_date, amount, currency, reference, "
        "counterparty, description, attributes, replaced_by, replaced_at, update_no) "
        "SELECT project_id, record_id, source_id, ingestion_id, line_no, external_id, "
        "transaction_date, value_date, amount, currency, reference, counterparty, description, "
        "attributes, $3, clock_timestamp(), $4 FROM recon.records "
        "WHERE project_id = $1 AND record_id = ANY ($2)",
        {pg::bigint(project_id_), pg::bigints(ids_), pg::bigint(ingestion_id_),
         pg::bigint(update_no_)});
}

// Proposed on the ground of what the record was. All members are open again.
void RecordUpdates::withdraw_matches() {
    std::string note =
        "withdrawn: a record was updated by ingestion " + std::to_string(ingestion_id_);
    pg::Rows withdrawn =
        access::audit_all(spi_, user_, project_id_, "withdraw", "match", withdraw_sql,
                          "SELECT match_id, round(confidence * 1e9)::bigint FROM changed",
                          {pg::bigint(project_id_), pg::bigints(ids_), pg::text(note)});
    if (withdrawn.empty()) return;
    std::vector<std::int64_t> matches;
    for (std::uint64_t i = 0; i < withdrawn.size(); ++i) {
        matches.push_back(withdrawn.bigint(i, 0));
        change_.confidence -= withdrawn.bigint(i, 1);
    }
    spi_.free(withdrawn);
    // Only now: while it waited for a match, others may have changed its members.
    change_.proposed_matches -= static_cast<std::int64_t>(matches.size());
    change_.matched_records -= static_cast<std::int64_t>(spi_.execute(
        "INSERT INTO recon.open_singles (record_id, project_id, source_id, reason) "
        "SELECT r.record_id, r.project_id, r.source_id, 'match withdrawn: record updated' FROM "
        "recon.match_records x JOIN recon.records r ON r.project_id = $1 AND r.record_id = "
        "x.record_id WHERE x.project_id = $1 AND x.match_id = ANY ($2)",
        {pg::bigint(project_id_), pg::bigints(matches)}));
}

void RecordUpdates::finish() {
    flush();
    writer_.finish();
    stats::add(spi_, project_id_, change_);
}

}  // namespace recon::ingest
