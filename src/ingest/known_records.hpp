// What a source has loaded, by key: sorted runs of entries in recon.fingerprints, an LSM tree in a
// table (O'Neil et al. 1996). A load reads what it needs of them in the order of the keys, and adds
// one run (key_run_builder.hpp).
#pragma once

#include "core/sorter.hpp"
#include "ingest/key_entry.hpp"
#include "pg/spi.hpp"

namespace recon::ingest {

struct KeyRun {
    std::int64_t run_no = 0, entries = 0;
    std::int32_t pages = 0;
};

// Entries of one run in ascending order, a few pages at a time.
class RunReader {
  public:
    // `wanted`: the pages to read; empty means all.
    RunReader(pg::Spi& spi, std::int64_t project_id, std::int64_t source_id, const KeyRun& run,
              std::vector<bool> wanted = {});
    const KeyEntry* front();  // nullptr at the end
    void pop() { ++at_; }

  private:
    bool read_pages();

    pg::Spi& spi_;
    std::int64_t project_id_, source_id_;
    KeyRun run_;
    std::vector<bool> wanted_;
    std::int32_t next_page_ = 0;
    std::vector<KeyEntry> entries_;
    std::size_t at_ = 0;
};

class KnownRecords {
  public:
    // Of a source that this transaction has locked.
    KnownRecords(pg::Spi& spi, std::int64_t project_id, std::int64_t source_id);
    // Some of its runs, the newest first.
    KnownRecords(pg::Spi& spi, std::int64_t project_id, std::int64_t source_id,
                 std::vector<KeyRun> runs)
        : spi_(spi), project_id_(project_id), source_id_(source_id), runs_(std::move(runs)) {}

    bool empty() const { return runs_.empty(); }
    std::uint64_t entries() const;
    const std::vector<KeyRun>& runs() const { return runs_; }

    // Prepares reading: everything, or what may hold one of the keys.
    void open_all();
    void open_for(Sorter<KeyEntry>& keys);  // sorted; rewinds them

    // The entries in ascending order of the keys; of the same key, the newest first, and those of
    // one run by record id. nullptr at the end.
    const KeyEntry* front();
    void pop();

  private:
    std::size_t first_reader();

    pg::Spi& spi_;
    std::int64_t project_id_, source_id_;
    std::vector<KeyRun> runs_;  // the newest first
    std::vector<RunReader> readers_;
    std::size_t at_ = SIZE_MAX;  // the reader whose front is next
};

}  // namespace recon::ingest
