// Which records of a load are new, which are known, and what becomes of the known ones.
#pragma once

#include "core/ingest/options.hpp"
#include "core/field/date.hpp"
#include "ingest/known_records.hpp"
#include "pg/spool.hpp"

namespace recon::ingest {

enum class Verdict : std::uint32_t {
    known,     // the same content is there
    conflict,  // its external_id is there with other content
    update,    // likewise, and it takes that record's place
    approved,  // likewise, but the record is in an approved match
    closed,    // it is dated in the closed period, or the record is that it would take the place of
};

// Of a record that is not simply new.
struct Finding {
    std::int64_t record_id = 0;  // as staged
    std::int64_t known_id = 0;   // the record that is there; 0: none
    Verdict verdict = Verdict::known;

    bool operator<(const Finding& other) const { return record_id < other.record_id; }
};

class Resolution {
  public:
    Resolution() : findings(findings_file_, 16 * 1024) {}

    std::uint64_t fresh = 0, known = 0, conflicts = 0, updates = 0, approved = 0, closed = 0;
    Sorter<Finding> findings;  // sorted, by the staged id
    pg::Spool missing;         // ids (bigint) of known records that did not come
    std::uint64_t missing_count = 0;

    void open_files();  // as RecordSink::open_files()
    void close();

  private:
    pg::Spool findings_file_;
};

struct ResolveOptions {
    bool update = false;        // known external_ids with other content take the record's place
    bool find_missing = false;  // look for what did not come, too
    std::int64_t retry_of = 0;  // the load whose rejects are tried again
    std::optional<field::Day> closed_until;  // of the project
};

// `keys` are the load's, sorted; the entries that are to be added go to `fresh`. The source is
// locked by this transaction, and where records are to be updated, its project against runs that
// store.
void resolve(pg::Spi& spi, std::int64_t project_id, const ResolveOptions& options,
             KnownRecords& known, Sorter<KeyEntry>& keys, KeyOutput& fresh, Resolution& result,
             StopToken& stop);

}  // namespace recon::ingest
