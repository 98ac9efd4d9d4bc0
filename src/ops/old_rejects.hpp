// Rejects of loads that ended long ago. The load itself stays, with the number of its rejects and
// the time of their removal.
#pragma once

#include "ops/cleanup.hpp"

namespace recon::ops {

class OldRejects final : public CleanupTask {
  public:
    const char* name() const override { return "old rejects"; }
    std::uint64_t step(pg::Spi& spi, Oid user, bool& more) override;

  private:
    struct Load {
        std::int64_t project_id = 0, ingestion_id = 0;
    };

    void find(pg::Spi& spi);
    std::int64_t remove_some(pg::Spi& spi, Oid user, std::int64_t most);

    bool found_ = false;
    std::vector<Load> due_;       // the oldest last
    std::int64_t last_line_ = 0;  // of the load at hand: up to it, all are removed
};

}  // namespace recon::ops
