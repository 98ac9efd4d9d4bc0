// Adds a run to what a source knows. It takes in the newer runs that are not more than twice its
// size; so the number of runs is logarithmic, and each entry is written a logarithmic number of
// times.
#pragma once

#include "ingest/known_records.hpp"

namespace recon::ingest {

class RunWriter;

class KeyRunBuilder final : public KeyOutput {
  public:
    // The run will have at least `entries`.
    KeyRunBuilder(pg::Spi& spi, std::int64_t project_id, std::int64_t source_id,
                  std::uint64_t entries);
    ~KeyRunBuilder() override;

    void add(const KeyEntry& entry) override;
    void finish();

  private:
    void write(const KeyEntry& entry);

    pg::Spi& spi_;
    std::int64_t project_id_, source_id_, run_no_;
    std::vector<std::int64_t> absorbed_;  // their numbers
    std::optional<KnownRecords> old_;     // what they hold
    std::unique_ptr<RunWriter> writer_;   // from the first entry on
    KeyEntry last_;
    bool any_ = false;
};

}  // namespace recon::ingest
