#include "ingest/record_sink.hpp"

#include "ingest/record_store.hpp"
#include "pg/record_tuple.hpp"

namespace recon::ingest {

namespace {

constexpr std::size_t keys_in_memory = 64 * 1024;  // 2 MiB of them
constexpr std::int64_t ids_at_once = 1000;         // the increment of the sequence

}  // namespace

RecordSink::RecordSink(std::int64_t project_id, std::int64_t source_id, std::int64_t ingestion_id)
    : keys(keys_file_, keys_in_memory),
      project_id_(project_id),
      source_id_(source_id),
      ingestion_id_(ingestion_id),
      former_("records", pg::record_columns),
      sequence_("records_record_id_seq") {}

std::int64_t RecordSink::next_id() {
    if (next_id_ == end_id_) {
        next_id_ = sequence_.next();
        end_id_ = next_id_ + ids_at_once;
    }
    std::int64_t id = next_id_++;
    if (ids.empty() || ids.back().last + 1 != id)
        ids.push_back({id, id});
    else
        ids.back().last = id;
    return id;
}

void RecordSink::take(const Record& record) {
    if (!key_maker_) {
        key_maker_.emplace(*attribute_keys_);
        attributes_.emplace(*attribute_keys_);
    }
    std::int64_t record_id = next_id();
    RecordKey key = (*key_maker_)(record);
    std::uint64_t content = key.has_external_id ? std::max<std::uint64_t>(key.content, 1) : 0;
    filter.prefetch(key.high);
    bool closed = is_closed(record);
    keys.add({key.high, key.low, content, closed ? record_id | KeyEntry::closed : record_id});
    tuple_.clear();
    pg::Bytes& out = store_ != nullptr ? store_->batch() : tuple_;
    std::size_t before = out.size();
    std::span<char> tuple = form(record_id, record, out);
    bool seen = filter.add(key.high, key.low);
    if (store_ != nullptr && !seen && !closed) {
        store_->insert_formed(tuple);
    } else {
        stage.add(record_id, record, {tuple.data(), tuple.size()});
        out.resize(before);
    }
}

bool RecordSink::is_closed(const Record& record) const {
    if (!closed_until_) return false;
    for (Field date : {Field::transaction_date, Field::value_date})
        if (const Cell& cell = record.field(date); cell.kind != Cell::Kind::null)
            return cell.day <= *closed_until_;
    return loaded_on_ <= *closed_until_;
}

void RecordSink::take(const Reject& reject) {
    rejects.add(reject);
    if (!note_rejected_ids_ || !reject.external_id) return;
    RecordKey key = KeyMaker::of_external_id(*reject.external_id);
    keys.add({key.high, key.low, 1, KeyEntry::no_record});
}

std::span<char> RecordSink::form(std::int64_t record_id, const Record& record, pg::Bytes& out) {
    former_.begin(out);
    former_.bigint(record_id);
    former_.bigint(project_id_);
    former_.bigint(source_id_);
    former_.bigint(ingestion_id_);
    former_.bigint(static_cast<std::int64_t>(record.line_no));
    for (const Cell& cell : record.fields) former_.cell(cell);
    if (record.attributes.empty()) {
        former_.null();
    } else {
        object_.clear();
        attributes_->pack(record.attributes, object_);
        former_.text({object_.data(), object_.size()});
    }
    return former_.finish();
}

void RecordSink::open_files() {
    stage.open();
    keys_file_.open();
    rejects.open();
}

void RecordSink::end() {
    stage.end();
    filter.release();
    keys.sort();
}

void RecordSink::close() {
    stage.close();
    rejects.close();
    keys_file_.close();
}

}  // namespace recon::ingest
