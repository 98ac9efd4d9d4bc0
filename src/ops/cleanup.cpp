#include "ops/cleanup.hpp"

#include "access/audit_seals.hpp"
#include "ingest/uploads.hpp"
#include "ops/old_jobs.hpp"
#include "ops/old_rejects.hpp"
#include "ops/page_summaries.hpp"
#include "pg/temporary_files.hpp"
#include "stats/recount.hpp"

namespace recon::ops {

namespace {

// One a batch: each may have gigabytes of chunks.
class ExpiredUploads final : public CleanupTask {
  public:
    const char* name() const override { return "expired uploads"; }
    std::uint64_t step(pg::Spi& spi, Oid user, bool& more) override {
        std::uint64_t removed = ingest::expire_uploads(spi, std::nullopt, user, 1);
        more = removed > 0;
        return removed;
    }
};

// One project a batch.
class Deltas final : public CleanupTask {
  public:
    const char* name() const override { return "changes of figures added up"; }
    bool removes() const override { return false; }
    std::uint64_t step(pg::Spi& spi, Oid, bool& more) override {
        if (!found_) due_ = stats::projects_to_compact(spi);
        found_ = true;
        std::uint64_t removed = 0;
        if (!due_.empty()) {
            stats::recount_if_missing(spi, due_.back());
            removed = static_cast<std::uint64_t>(stats::compact(spi, due_.back()));
            due_.pop_back();
        }
        more = !due_.empty();
        return removed;
    }

  private:
    bool found_ = false;
    std::vector<std::int64_t> due_;
};

class TemporaryFiles final : public CleanupTask {
  public:
    const char* name() const override { return "orphaned temporary files"; }
    std::uint64_t step(pg::Spi&, Oid, bool& more) override {
        constexpr std::uint64_t most = 1000;
        std::uint64_t removed = pg::remove_orphaned_files(most);
        more = removed == most;
        return removed;
    }
};

// Some projects a batch.
class AuditSeals final : public CleanupTask {
  public:
    const char* name() const override { return "audit chains sealed"; }
    bool removes() const override { return false; }
    std::uint64_t step(pg::Spi& spi, Oid, bool& more) override {
        constexpr int most = 100;
        if (!found_) due_ = access::projects_to_seal(spi);
        found_ = true;
        std::int64_t sealed = 0;
        for (int i = 0; i < most && !due_.empty(); ++i) {
            sealed += access::seal(spi, due_.back());
            due_.pop_back();
        }
        more = !due_.empty();
        return static_cast<std::uint64_t>(sealed);
    }

  private:
    bool found_ = false;
    std::vector<std::int64_t> due_;
};

}  // namespace

std::vector<std::unique_ptr<CleanupTask>> cleanup_tasks() {
    std::vector<std::unique_ptr<CleanupTask>> tasks;
    tasks.push_back(std::make_unique<ExpiredUploads>());
    tasks.push_back(std::make_unique<OldJobs>());
    tasks.push_back(std::make_unique<OldRejects>());
    tasks.push_back(std::make_unique<TemporaryFiles>());
    tasks.push_back(std::make_unique<PageSummaries>());
    // Last: also what the others changed.
    tasks.push_back(std::make_unique<Deltas>());
    tasks.push_back(std::make_unique<AuditSeals>());
    return tasks;
}

}  // namespace recon::ops
