// Records of a load on their way to recon.records: as tuples, with the bytes they came from. They
// wait in a temporary file until it is known which of them are new.
#pragma once

#include "core/ingest/batch.hpp"
#include "pg/packed.hpp"
#include "pg/spool.hpp"

namespace recon::ingest {

struct StagedRecord {
    std::int64_t record_id = 0;
    std::uint64_t line_no = 0, byte_offset = 0;
    std::span<char> tuple;  // aligned as the server wants it
    std::string_view raw;
};

class Stage {
  public:
    // `record` gives place and raw bytes only.
    void add(std::int64_t record_id, const Record& record, std::string_view tuple);
    void end();  // nothing more is added
    std::uint64_t count() const { return count_; }
    void open() { spool_.open(); }

    void close();

  private:
    friend class StageReader;
    void write();

    pg::Spool spool_;
    pg::Bytes buffer_;
    std::uint64_t count_ = 0;
};

// From the first record on, in the order in which they were added.
class StageReader {
  public:
    explicit StageReader(Stage& stage) : spool_(stage.spool_) {}

    // The next block; what the last one held is gone then. False at the end.
    bool read_block();
    bool next(StagedRecord& record);  // of the block; false where it is done with

  private:
    pg::Spool& spool_;
    std::uint64_t position_ = 0;  // in the spool, of what is not read yet
    pg::Bytes block_;
    std::size_t at_ = 0;
};

}  // namespace recon::ingest
