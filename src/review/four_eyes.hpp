// Four eyes: in a project that has the setting on, nobody approves what is his own.
#pragma once

#include "pg/spi.hpp"

namespace recon::review {

// For whoever holds the project's lock and is about to approve these matches, as `user`. 42501 for
// the first match, by id, that is still proposed and that this role or the session's proposed,
// matched by hand, or loaded a record of. Superusers are no exception.
void check_four_eyes(pg::Spi& spi, std::int64_t project_id,
                     const std::vector<std::int64_t>& match_ids, Oid user);

}  // namespace recon::review
