// One load: whatever door the bytes come through, they go this way and end in one report.
#pragma once

#include "core/ingest/engine.hpp"
#include "ingest/codec.hpp"
#include "ingest/fingerprint.hpp"
#include "ingest/record_sink.hpp"
#include "ingest/source.hpp"
#include "pg/subtransaction.hpp"

namespace recon::ingest {

struct Report {
    std::int64_t ingestion_id = 0;
    const char* status = "completed";  // or "failed"
    Counts counts;
    double elapsed_ms = 0;
};

class Load {
  public:
    // With the owner's rights; `user` is the caller, and may load into the source. `overrides` are
    // this load's options.
    Load(pg::Spi& spi, const Source& source, const json::Value& overrides, std::string file_name,
         Oid user);

    // False once the load is over its limit of rejects: nothing more is wanted.
    bool feed(std::string_view bytes);

    // Writes what is left and the report. A load over its limit is undone but for its rejects, with
    // a WARNING.
    Report finish();

  private:
    std::int64_t begin_ingestion();
    bool over_limit_early() const;
    void remember_attribute_keys();
    std::int64_t add_file(const char* status);
    void end_ingestion(const Report& report, const std::optional<std::string>& message);

    pg::Spi& spi_;
    const Source& source_;
    std::string file_name_;
    Oid user_;
    std::string user_name_;
    Options options_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    RejectSpool rejects_;
    std::optional<pg::Subtransaction> undo_;  // only where a limit of rejects may undo the load
    std::int64_t ingestion_id_;
    ServerCodec codec_;
    pg::Interrupts interrupts_;
    RecordSink sink_;
    Engine engine_;
    Fingerprint fingerprint_;
};

}  // namespace recon::ingest
