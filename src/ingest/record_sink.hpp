// Typed batches of the engine to recon.records and recon.open_records, rejects to the spool.
#pragma once

#include "core/ingest/batch.hpp"
#include "ingest/reject_spool.hpp"
#include "pg/sequence.hpp"
#include "pg/writer.hpp"

namespace recon::ingest {

class RecordSink final : public Sink {
  public:
    RecordSink(std::int64_t project_id, std::int64_t source_id, std::int64_t ingestion_id,
               RejectSpool& rejects);

    // The names that Attribute::key counts in; they must live as long as the sink.
    void use_keys(const std::vector<std::string>& keys) { keys_ = &keys; }
    void take(const Batch& batch) override;
    void finish();

  private:
    void add(const Record& record, std::span<const Attribute> attributes);

    std::int64_t project_id_, source_id_, ingestion_id_;
    RejectSpool& rejects_;
    const std::vector<std::string>* keys_ = nullptr;
    pg::Writer records_, open_records_;
    pg::Sequence ids_;
};

}  // namespace recon::ingest
