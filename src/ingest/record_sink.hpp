// The first half of a load: typed records to tuples with their keys, rejects to a spool.
//
// At first all records are staged. Once the source is locked and what it knows is in the filter, a
// record whose key the filter has never met is certainly new and is stored at once; the others, few
// as a rule, go on being staged.
#pragma once

#include "core/ingest/key_filter.hpp"
#include "core/ingest/record_key.hpp"
#include "ingest/known_records.hpp"
#include "ingest/reject_spool.hpp"
#include "ingest/stage.hpp"
#include "pg/sequence.hpp"
#include "pg/tuple_former.hpp"

namespace recon::ingest {

class RecordStore;

// Record ids in a row.
struct IdRange {
    std::int64_t first = 0, last = 0;
};

class RecordSink final : public Sink {
  public:
    RecordSink(std::int64_t project_id, std::int64_t source_id, std::int64_t ingestion_id);

    // The names that Attribute::key counts in; they must live as long as the sink.
    void use_attributes(const std::vector<std::string>& names) { attribute_keys_ = &names; }

    void take(const Record& record) override;
    void take(const Reject& reject) override;

    // Records dated until that day, and those of no date on a load's day until then, are found out
    // by resolve().
    void note_closed(field::Day closed_until, field::Day loaded_on) {
        closed_until_ = closed_until;
        loaded_on_ = loaded_on;
    }

    // A reject with an external_id adds its key, too, so that its record does not count as missing.
    void note_rejected_ids() { note_rejected_ids_ = true; }

    // From now on, records that are certainly new go to the store. The filter has the keys of all
    // known records by then.
    void store_directly(RecordStore& store) { store_ = &store; }

    void open_files();  // all spools, before a subtransaction that they are to outlive
    void end();         // nothing more comes: the keys are sorted then
    void close();

    Stage stage;
    Sorter<KeyEntry> keys;  // of all records, staged or stored, and those noted of rejects
    KeyFilter filter;
    RejectSpool rejects;
    std::vector<IdRange> ids;  // given to records, ascending

  private:
    std::int64_t next_id();
    bool is_closed(const Record& record) const;
    std::span<char> form(std::int64_t record_id, const Record& record, pg::Bytes& out);

    std::int64_t project_id_, source_id_, ingestion_id_;
    const std::vector<std::string>* attribute_keys_ = nullptr;
    std::optional<KeyMaker> key_maker_;           // both from the first record on,
    std::optional<pg::ObjectPacker> attributes_;  // when the attributes are known
    pg::Spool keys_file_;
    pg::TupleFormer former_;
    pg::Bytes object_, tuple_;
    pg::Sequence sequence_;
    std::int64_t next_id_ = 0, end_id_ = 0;  // ids taken from the sequence and not yet given
    RecordStore* store_ = nullptr;
    bool note_rejected_ids_ = false;
    std::optional<field::Day> closed_until_;
    field::Day loaded_on_ = 0;
};

}  // namespace recon::ingest
