// One load: whatever door the records come through, they go this way and end in one report.
//
// A load begins with records staged in temporary files: nothing is locked, nothing is written. A
// small one stays so; when its input has ended, the source is locked, it is found out which records
// are known already, and the new ones are written. A larger one locks the source on its way and
// from then on writes at once what is certainly new (record_sink.hpp); it does so in a
// subtransaction, which is undone where the load turns out to fail or to repeat an earlier one.
#pragma once

#include "core/ingest/engine.hpp"
#include "ingest/codec.hpp"
#include "ingest/fingerprint.hpp"
#include "ingest/key_run_builder.hpp"
#include "ingest/key_spool.hpp"
#include "ingest/progress.hpp"
#include "ingest/record_sink.hpp"
#include "ingest/record_store.hpp"
#include "ingest/resolve.hpp"
#include "ingest/source.hpp"
#include "pg/subtransaction.hpp"

namespace recon::ingest {

struct Report {
    std::int64_t ingestion_id = 0;
    const char* status = "completed";  // or "duplicate", "failed"
    Counts counts;
    std::uint64_t updated = 0;             // of counts.loaded
    std::optional<std::uint64_t> missing;  // known records that did not come; relations only
    std::uint64_t newly_missing = 0;       // of them, those that came the time before
    double elapsed_ms = 0;
};

class Load {
  public:
    // With the owner's rights; `user` is the caller, and may load into the source. `overrides` are
    // this load's options; `file_name` is empty where there is no file.
    Load(pg::Spi& spi, const Source& source, Door door, const json::Value& overrides,
         std::string file_name, Oid user);

    // Others who brought what is loaded; the caller counts anyway.
    void brought_by(std::vector<std::int64_t> roles) { brought_by_ = std::move(roles); }

    // How many bytes will be fed, where that is known.
    void expect(std::uint64_t bytes) { progress_.expect(bytes); }

    // False once the load is over its limit of rejects: nothing more is wanted.
    bool feed(std::string_view bytes);

    // In place of feed(), for a relation: the names of its columns, then its rows.
    void begin_columns(std::vector<std::string> names, std::vector<std::string> types = {});
    bool reject(const Reject& reject);
    bool add(std::span<const csv::Field> fields, const csv::Place& place);

    // Likewise, for rejects of an earlier load: their bytes.
    bool retry(const csv::Place& place);
    void retries(std::int64_t ingestion_id);  // first: waits for other loads into the source

    // Writes what is new and the report. A load over its limit is undone but for its rejects, with
    // a WARNING.
    Report finish();

    std::int64_t ingestion_id() const { return ingestion_id_; }
    std::string_view column_of(Field field) const { return engine_.column_of(field); }
    // On which the record at hand starts; 0 before the first one.
    const std::uint64_t& line() const { return engine_.line(); }

  private:
    // What became of it, on the way to the report.
    struct Outcome {
        Report report;
        std::optional<std::int64_t> file_id;
        std::optional<std::string> message;  // of a failed load
        Resolution resolution;
    };

    bool end_part();
    bool pays_to_store_directly();
    void store_directly();
    bool wants_more() const;
    bool over_limit(const Counts& counts) const;
    void lock_source();
    bool find_duplicate_file();
    void resolve_records();
    void write_records();
    void write_rejects();
    void resolve_rejects();
    void remember_attribute_keys();
    void begin_ingestion();
    void end_ingestion();
    void add_file();
    void add_to_stats();
    void make_store();
    void make_key_run(std::uint64_t entries);
    Progress::Figures figures() const;
    bool has_file() const;

    pg::Spi& spi_;
    const Source& source_;
    const Door door_;
    std::string file_name_;
    Oid user_;
    std::string user_name_;
    json::Value given_options_;
    Options options_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    TimestampTz started_at_ = GetCurrentTimestamp();
    std::int64_t ingestion_id_;
    std::int64_t retry_of_ = 0;
    std::vector<std::int64_t> brought_by_;
    ServerCodec codec_;
    Progress progress_;  // also where long loops ask whether to stop
    RecordSink sink_;
    Engine engine_;
    Fingerprint fingerprint_;
    bool locked_ = false, begun_ = false;
    std::int64_t update_no_ = 0;                // of this load, should it update records
    std::optional<std::uint64_t> known_guess_;  // known records before the lock
    Outcome outcome_;
    std::optional<RecordStore> store_;
    KeySpool fresh_keys_;  // until it is known that the load stays
    std::optional<KeyRunBuilder> key_run_;
    std::vector<std::string> column_types_;  // of a relation
    pg::Spool lines_;                        // of a retry, what is loaded or known
    std::optional<pg::Subtransaction> undo_;
};

// The row of recon.ingest_report that every door returns.
Datum report_row(FunctionCallInfo fcinfo, const Report& report);

}  // namespace recon::ingest
