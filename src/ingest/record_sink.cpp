#include "ingest/record_sink.hpp"

#include "pg/numeric.hpp"
#include "pg/table.hpp"

extern "C" {
#include "utils/datetime.h"
}

namespace recon::ingest {

RecordSink::RecordSink(std::int64_t project_id, std::int64_t source_id, std::int64_t ingestion_id,
                       RejectSpool& rejects)
    : project_id_(project_id),
      source_id_(source_id),
      ingestion_id_(ingestion_id),
      rejects_(rejects),
      records_("records", {"record_id", "project_id", "source_id", "ingestion_id", "line_no", "external_id",
                           "transaction_date", "value_date", "amount", "currency", "reference", "counterparty",
                           "description", "attributes"}),
      open_records_("open_records", {"record_id", "project_id", "source_id", "reason"}),
      ids_(pg::table_oid("records_record_id_seq")) {}

namespace {

// These run inside call(), in the batch's memory.

Datum text_datum(std::string_view text) {
    return PointerGetDatum(cstring_to_text_with_len(text.data(), static_cast<int>(text.size())));
}

Datum field_datum(const Cell& cell) {
    switch (cell.kind) {
        case Cell::Kind::text: return text_datum(cell.text);
        case Cell::Kind::decimal: return pg::numeric_datum(cell.decimal);
        case Cell::Kind::date: return DateADTGetDatum(cell.day);
        default: elog(ERROR, "recon: unexpected kind of cell");
    }
}

void fill(JsonbValue& value, const Cell& cell) {
    switch (cell.kind) {
        case Cell::Kind::null: value.type = jbvNull; return;
        case Cell::Kind::boolean:
            value.type = jbvBool;
            value.val.boolean = cell.boolean;
            return;
        case Cell::Kind::decimal:
            value.type = jbvNumeric;
            value.val.numeric = DatumGetNumeric(pg::numeric_datum(cell.decimal));
            return;
        case Cell::Kind::text:
            value.type = jbvString;
            value.val.string.val = const_cast<char*>(cell.text.data());
            value.val.string.len = static_cast<int>(cell.text.size());
            return;
        case Cell::Kind::date:
        case Cell::Kind::timestamp: {
            // ISO 8601 whatever DateStyle and TimeZone say, as to_jsonb writes it.
            char* buffer = static_cast<char*>(palloc(MAXDATELEN + 1));
            int zone = 0;
            if (cell.kind == Cell::Kind::date)
                JsonEncodeDateTime(buffer, DateADTGetDatum(cell.day), DATEOID, nullptr);
            else
                JsonEncodeDateTime(buffer, TimestampTzGetDatum(cell.micros), TIMESTAMPTZOID, &zone);
            value.type = jbvString;
            value.val.string.val = buffer;
            value.val.string.len = static_cast<int>(std::strlen(buffer));
            return;
        }
    }
}

Datum attributes_datum(std::span<const Attribute> attributes, const std::vector<std::string>& keys) {
    JsonbParseState* state = nullptr;
    pushJsonbValue(&state, WJB_BEGIN_OBJECT, nullptr);
    for (const Attribute& attribute : attributes) {
        const std::string& name = keys[attribute.key];
        JsonbValue key, value;
        key.type = jbvString;
        key.val.string.val = const_cast<char*>(name.data());
        key.val.string.len = static_cast<int>(name.size());
        pushJsonbValue(&state, WJB_KEY, &key);
        fill(value, attribute.value);
        pushJsonbValue(&state, WJB_VALUE, &value);
    }
    return JsonbPGetDatum(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, nullptr)));
}

}  // namespace

void RecordSink::take(const Batch& batch) {
    for (const Record& record : batch.records)
        add(record, batch.attributes.subspan(record.first_attribute, record.attribute_count));
    for (const Reject& reject : batch.rejects) rejects_.add(reject);
}

void RecordSink::add(const Record& record, std::span<const Attribute> attributes) {
    pg::call([&] {
        MemoryContext old = MemoryContextSwitchTo(records_.memory());
        std::int64_t record_id = nextval_internal(ids_, false);
        Datum* values = records_.values();
        bool* nulls = records_.nulls();
        std::fill(nulls, nulls + 5, false);
        values[0] = Int64GetDatum(record_id);
        values[1] = Int64GetDatum(project_id_);
        values[2] = Int64GetDatum(source_id_);
        values[3] = Int64GetDatum(ingestion_id_);
        values[4] = Int64GetDatum(static_cast<std::int64_t>(record.line_no));
        for (std::size_t i = 0; i < field_count; ++i) {
            const Cell& cell = record.fields[i];
            if (cell.kind == Cell::Kind::null) continue;
            nulls[5 + i] = false;
            values[5 + i] = field_datum(cell);
        }
        if (!attributes.empty()) {
            nulls[5 + field_count] = false;
            values[5 + field_count] = attributes_datum(attributes, *keys_);
        }
        Datum* open = open_records_.values();
        std::fill(open_records_.nulls(), open_records_.nulls() + 3, false);
        open[0] = Int64GetDatum(record_id);
        open[1] = Int64GetDatum(project_id_);
        open[2] = Int64GetDatum(source_id_);
        MemoryContextSwitchTo(old);
    });
    records_.add();
    open_records_.add();
}

void RecordSink::finish() {
    records_.finish();
    open_records_.finish();
}

}  // namespace recon::ingest
