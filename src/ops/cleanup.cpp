#include "ops/cleanup.hpp"
#include "ingest/uploads.hpp"
#include "stats/counters.hpp"
namespace recon::ops {
std::size_t task_count() {
    return 2;
}
const char* task_name(std::size_t task) {
    return task == 0 ? "expired uploads" : "changes of figures added up";
}
std::uint64_t clean_batch(std::size_t task, pg::Spi& spi, Oid user, bool&) {
    return task == 0 ? ingest::expire_uploads(spi, std::nullopt, user)
                     : static_cast<std::uint64_t>(stats::compact_all(spi));
}
}  // namespace recon::ops
