// What a load writes to recon.records: new records at once, and what was found of each staged one.
#pragma once

#include "core/ingest/options.hpp"
#include "ingest/record_sink.hpp"
#include "ingest/record_updates.hpp"
#include "ingest/reject_spool.hpp"
#include "ingest/resolve.hpp"
#include "ingest/stage.hpp"
#include "pg/tuple_batch.hpp"

namespace recon::ingest {

class RecordStore {
  public:
    struct Target {
        std::int64_t project_id, source_id, ingestion_id, update_no;
        std::optional<field::Day> closed_until;
        Oid user;
    };

    // `id_column`: the input's column of external_id, for messages. It and all others outlive this.
    RecordStore(pg::Spi& spi, const Target& target, const Options& options,
                std::string_view id_column, RejectSpool& rejects, StopToken& stop);

    // A new record: given, or formed at the end of batch().
    void insert(std::string_view tuple);
    void insert_formed(std::span<char> tuple);
    pg::Bytes& batch() { return batch_.bytes(); }

    // The staged records: writes the new ones and the updates, and rejects what is to be rejected.
    // `write` false: only the latter. Throws Error 23505 where "on_duplicate" says so.
    void run(Stage& stage, Resolution& resolution, bool write);

    // Ends writing. The records with these ids are open.
    void finish(std::span<const IdRange> ids);

    // Also spools the lines of what is loaded or known, for rejects tried again.
    void note_lines(pg::Spool& lines) { lines_ = &lines; }

    std::uint64_t stored() const { return stored_; }  // so far, new ones and updates

  private:
    void flush();
    void reject(const StagedRecord& record, const Finding& finding);

    pg::Spi& spi_;
    Target target_;
    const Options& options_;
    std::string_view id_column_;
    RejectSpool& rejects_;
    StopToken& stop_;
    pg::Spool* lines_ = nullptr;
    std::optional<pg::Writer> records_;
    std::optional<RecordUpdates> updates_;
    pg::TupleBatch batch_;
    std::size_t batch_rows_;
    std::uint64_t stored_ = 0;
};

}  // namespace recon::ingest
