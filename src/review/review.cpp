#include "review/review.hpp"

#include "match/open_records.hpp"

namespace recon::review {

void lock_project(pg::Spi& spi, std::int64_t project_id, Oid user) {
    access::require(spi, project_id, user, access::Level::reviewer);
    match::lock_matching(spi, project_id);
    // Waiting may have taken long: what was asked before is asked again.
    access::lock_active(spi, project_id, user, access::Level::reviewer);
}

}  // namespace recon::review
