// Pages that were appended are summarised in the indexes of ranges of pages (BRIN), of which a load
// leaves more than autovacuum takes requests for.
#pragma once

#include "ops/cleanup.hpp"

namespace recon::ops {

class PageSummaries final : public CleanupTask {
  public:
    const char* name() const override { return "ranges of pages summarised"; }
    bool removes() const override { return false; }
    // One index a batch.
    std::uint64_t step(pg::Spi& spi, Oid user, bool& more) override;

  private:
    struct Index {
        Oid index, table;
    };
    void find(pg::Spi& spi);

    bool found_ = false;
    std::vector<Index> due_;
};

}  // namespace recon::ops
