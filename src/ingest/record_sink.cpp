#include "ingest/record_sink.hpp"

namespace recon::ingest {

RecordSink::RecordSink(std::int64_t project_id, std::int64_t source_id, std::int64_t ingestion_id,
                       RejectSpool& rejects)
    : project_id_(project_id),
      source_id_(source_id),
      ingestion_id_(ingestion_id),
      rejects_(rejects),
      records_("records", {"record_id", "project_id", "source_id", "ingestion_id", "line_no",
                           "external_id", "transaction_date", "value_date", "amount", "currency",
                           "reference", "counterparty", "description", "attributes"}),
      open_records_("open_records", {"record_id", "project_id", "source_id", "reason"}, &records_),
      ids_("records_record_id_seq") {}

void RecordSink::take(const Batch& batch) {
    for (const Record& record : batch.records)
        add(record, batch.attributes.subspan(record.first_attribute, record.attribute_count));
    for (const Reject& reject : batch.rejects) rejects_.add(reject);
}

void RecordSink::add(const Record& record, std::span<const Attribute> attributes) {
    std::int64_t record_id = ids_.next();
    records_.bigint(0, record_id);
    records_.bigint(1, project_id_);
    records_.bigint(2, source_id_);
    records_.bigint(3, ingestion_id_);
    records_.bigint(4, static_cast<std::int64_t>(record.line_no));
    constexpr int first_field = 5;
    for (std::size_t i = 0; i < field_count; ++i)
        records_.cell(first_field + static_cast<int>(i), record.fields[i]);
    if (!attributes.empty())
        records_.object(first_field + static_cast<int>(field_count), attributes, *keys_);
    records_.add();
    open_records_.bigint(0, record_id);
    open_records_.bigint(1, project_id_);
    open_records_.bigint(2, source_id_);
    open_records_.add();
}

void RecordSink::finish() {
    records_.finish();
    open_records_.finish();
}

}  // namespace recon::ingest
