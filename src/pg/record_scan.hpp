// Reads rows of recon.records below the executor: those of one source with an id in given ranges,
// only the values wanted, without a copy of the row.
#pragma once

#include "pg/values.hpp"

namespace recon::pg {

class RecordScan {
  public:
    struct Range {
        std::int64_t first, last;
    };

    // Whether the table can be read so: an ordinary heap of this server.
    static bool possible();

    // `ranges`: ascending, disjoint; they outlive the scan. `wanted`: columns by attribute number.
    // Reads by the primary key, in order of the ids, or, where most of the table is wanted, the
    // table from its beginning to its end. Sees what a statement of `spi` would see now.
    RecordScan(const Spi& spi, std::int64_t project_id, std::int64_t source_id,
               std::span<const Range> ranges, std::span<const WantedValue> wanted);
    RecordScan(const RecordScan&) = delete;
    RecordScan& operator=(const RecordScan&) = delete;

    // The next rows; false at the end, which closes the scan. What was read is valid until the next
    // call.
    bool fetch();
    std::size_t rows() const { return rows_; }
    std::int64_t record_id(std::size_t row) const { return ids_[row]; }
    const RawValue& value(std::size_t row, std::size_t wanted) const {
        return values_[wanted * batch_rows + row];
    }

    struct State;

  private:
    static constexpr std::size_t batch_rows = 1000;

    bool is_wanted(std::int64_t id);
    bool next();
    void read(std::size_t row);
    bool has_room() const;
    void close();

    std::int64_t project_id_, source_id_;
    std::span<const Range> ranges_;
    std::span<const WantedValue> wanted_;
    State* state_;        // of the server's memory; nullptr once closed
    std::size_t at_ = 0;  // the range at hand
    std::size_t rows_ = 0;
    std::vector<std::int64_t> ids_;
    std::vector<RawValue> values_;  // a column after the other
};

// Attribute number of a column of recon.records.
int record_column(const char* name);

}  // namespace recon::pg
